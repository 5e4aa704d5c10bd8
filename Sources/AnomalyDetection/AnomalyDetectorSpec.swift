// SPDX-License-Identifier: Apache-2.0
public import Units

/// What an anomaly detector is told. The defaults are the one set that all published scores use.
public struct AnomalyDetectorSpec: Sendable, Equatable, Codable {
  /// Combined novelty that scores 0.5, from which on there is an alarm. In units of the metric's
  /// range: a level alone alarms when it is `5·threshold` of the range beyond all seen (if young
  /// evidence does not weaken it), and less is enough where forecast, mean and shape agree.
  public var threshold: Double
  /// Samples in which only something much newer alarms again.
  public var refractorySamples: Int
  /// Samples of the rolling mean and of a shape.
  public var windowSamples: Int
  /// Earlier days that a time of day is compared with.
  public var seasonDays: Int
  /// Weight of the newest value in the forecast.
  public var smoothing: Double
  /// Distinct values, and distinct shapes, that are remembered.
  public var memorySize: Int
  /// How long the range of the metric is remembered at least (at most twice as long).
  public var rangeMemory: SimTime
  /// No alarms before this much has been seen.
  public var warmUp: SimTime

  /// Reads the parameters.
  public init(from source: inout some ParameterSource) {
    threshold = source.number(
      "threshold", default: 0.02, in: 0.0001...1,
      about: "Novelty, as a share of the metric's range, from which on there is an alarm.")
    refractorySamples = source.integer(
      "refractorySamples", default: 100, in: 0...100_000,
      about: "Samples after an alarm in which only something much newer alarms again.")
    windowSamples = source.integer(
      "windowSamples", default: 12, in: 2...1000, about: "Samples of the rolling mean and shape.")
    seasonDays = source.integer(
      "seasonDays", default: 7, in: 2...60,
      about: "Earlier days that a time of day is compared with.")
    smoothing = source.number(
      "smoothing", default: 0.03, in: 0.0001...1,
      about: "Weight of the newest value in the one-step forecast.")
    memorySize = source.integer(
      "memorySize", default: 128, in: 8...10_000,
      about: "Distinct values, and distinct shapes, that are remembered.")
    rangeMemory = source.time(
      "rangeMemory", default: .days(28), in: .hours(1) ... .days(3650),
      about: "How long the range of the metric is remembered at least.")
    warmUp = source.time(
      "warmUp", default: .days(1), about: "No alarms before this much has been seen.")
  }

  /// The defaults.
  public init() {
    var source = DefaultParameters()
    self.init(from: &source)
  }
}

/// The anomaly detectors that a scenario or command can name.
public enum AnomalyDetectorCatalog {
  /// Every detector: its name, what it does, and how its parameters are read.
  public static func alternatives<Source: ParameterSource>()
    -> [Alternative<Source, AnomalyDetectorSpec>]
  {
    [
      Alternative(
        "novelty",
        about: "distance of level, forecast error, time of day, mean and shape to all seen so far"
      ) { AnomalyDetectorSpec(from: &$0) }
    ]
  }
}
