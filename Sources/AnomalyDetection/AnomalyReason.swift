// SPDX-License-Identifier: Apache-2.0
public import Units

/// Why a sample is unusual: the plainest observation that is new about it.
public enum AnomalyReason: Sendable, Equatable, Codable {
  /// The level lies far from every level seen.
  case level(value: Double, nearest: Double, history: SimTime)
  /// The value left the 99 % forecast interval, and by an error unlike any before.
  case forecast(value: Double, mean: Double, bound: Double, runLength: Int)
  /// The value differs from the earlier days at this time of day as it never did.
  case season(deviation: Double, days: Int)
  /// The mean of the last samples lies far from every such mean.
  case mean(value: Double, nearest: Double, window: SimTime, history: SimTime)
  /// The course of the last samples resembles nothing seen.
  case shape(distance: Double, farthest: Double, window: SimTime, history: SimTime)

  /// The kind alone, for tables and JSON.
  public var kind: String {
    switch self {
    case .level: "level"
    case .forecast: "forecast"
    case .season: "season"
    case .mean: "mean"
    case .shape: "shape"
    }
  }

  /// The reason in words.
  ///
  /// - Parameter format: writes a value of the metric, with its unit.
  /// - Returns: one sentence without a full stop.
  public func text(_ format: (Double) -> String) -> String {
    switch self {
    case .level(let value, let nearest, let history):
      return
        "level \(format(value)) never seen in \(span(history)); nearest seen \(format(nearest))"
    case .forecast(let value, let mean, let bound, let runLength):
      let side = value > bound ? "above" : "below"
      let samples = runLength == 1 ? "1 sample" : "\(runLength) samples"
      return "\(side) the 99 % forecast bound for \(samples): \(format(value)), "
        + "forecast \(format(mean)), bound \(format(bound))"
    case .season(let deviation, let days):
      let side = deviation > 0 ? "above" : "below"
      return "\(format(abs(deviation))) \(side) the last \(days) days at this time of day, "
        + "as never before"
    case .mean(let value, let nearest, let window, let history):
      return "mean \(format(value)) of the last \(span(window)) never seen in \(span(history)); "
        + "nearest seen \(format(nearest))"
    case .shape(let distance, let farthest, let window, let history):
      return "shape of the last \(span(window)) unlike anything seen in \(span(history)): "
        + "\(format(distance)) from the most similar, \(format(farthest)) at most so far"
    }
  }
}

/// A length of time in the largest unit of which there are at least two, or one exactly.
private func span(_ time: SimTime) -> String {
  let units: [(name: String, length: SimTime)] = [
    ("days", .days(1)), ("h", .hours(1)), ("min", .minutes(1)),
  ]
  for unit in units {
    if time == unit.length { return unit.name == "days" ? "1 day" : "1 \(unit.name)" }
    if time >= unit.length * 2 { return "\(time / unit.length) \(unit.name)" }
  }
  return "\(time / .seconds(1)) s"
}
