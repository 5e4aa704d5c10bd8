// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units
import Workloads

/// How the forecasts that a policy made compare with what came.
public struct ForecastScore: Sendable, Codable {
  /// Scores of one horizon.
  public struct Horizon: Sendable, Codable {
    /// Steps ahead.
    public var steps: Int
    var count = 0.0
    var absoluteError = 0.0
    var squaredError = 0.0
    var covered90 = 0.0
    var width90 = 0.0
    var pinball95 = 0.0

    /// Mean absolute error in cores.
    public var mae: Double { absoluteError / count }
    /// Root mean squared error in cores.
    public var rmse: Double { (squaredError / count).squareRoot() }
    /// Share of values inside the central 90 % interval.
    public var coverage90: Double { covered90 / count }
    /// Mean width of that interval in cores.
    public var width: Double { width90 / count }
    /// Mean pinball loss of the 95 % quantile in cores.
    public var pinball: Double { pinball95 / count }
  }

  /// One entry a horizon, ascending.
  public private(set) var horizons: [Horizon] = []
  private var onsets = 0.0
  private var delaySeconds = 0.0
  private var delays = 0.0
  private var alarmedOnsets = 0.0
  private var quiet = 0.0
  private var alarmedQuiet = 0.0

  /// Onsets that were alarmed, of all onsets.
  public var truePositiveRate: Double { alarmedOnsets / onsets }
  /// Alarms without an onset, of all intervals without one.
  public var falsePositiveRate: Double { alarmedQuiet / quiet }
  /// Alarms with an onset, of all alarms.
  public var precision: Double { alarmedOnsets / (alarmedOnsets + alarmedQuiet) }

  /// Mean time from asking for forecasts to having them; those made before the run don't count.
  public var meanDelaySeconds: Double { delaySeconds / delays }

  /// What came in the interval that a record speaks of; nil if the run does not reach it.
  static func actual(_ record: ForecastRecord, _ demand: DemandTrace) -> ArraySlice<Float>? {
    guard record.targetStart >= .zero else { return nil }
    let sample = record.targetStart / demand.interval
    return sample < demand.sampleCount ? demand.cpuCores.row(sample) : nil
  }

  /// Compares one record with the demand of the run.
  mutating func add(_ record: ForecastRecord, demand: DemandTrace, capacities: [Double]) {
    if record.issuedAt > .zero {
      delaySeconds += (record.answeredAt - record.issuedAt).seconds
      delays += 1
    }
    guard let actual = Self.actual(record, demand) else { return }
    let position: Int
    if let known = horizons.firstIndex(where: { $0.steps == record.horizon }) {
      position = known
    } else {
      position = horizons.firstIndex { $0.steps > record.horizon } ?? horizons.count
      horizons.insert(Horizon(steps: record.horizon), at: position)
    }
    for (vm, value) in actual.enumerated() where value.isFinite {
      let truth = Double(value)
      let error = record.meanCores[vm] - truth
      let (lower, upper) = (record.lowerCores[vm], record.upperCores[vm])
      horizons[position].count += 1
      horizons[position].absoluteError += abs(error)
      horizons[position].squaredError += error * error
      horizons[position].covered90 += truth >= lower && truth <= upper ? 1 : 0
      horizons[position].width90 += upper - lower
      horizons[position].pinball95 += max(0.95 * (truth - upper), 0.05 * (upper - truth))
    }
    if !record.overloadProbability.isEmpty { scoreAlarms(record, demand, capacities, actual) }
  }

  /// An onset is an overloaded interval after one that was not: what only foresight can catch.
  private mutating func scoreAlarms(
    _ record: ForecastRecord, _ demand: DemandTrace, _ capacities: [Double],
    _ actual: ArraySlice<Float>
  ) {
    let sample = record.targetStart / demand.interval
    guard sample > 0 else { return }
    let before = Array(demand.cpuCores.row(sample - 1))
    for (vm, value) in actual.enumerated() where Double(before[vm]) <= capacities[vm] {
      let isAlarm = record.overloadProbability[vm] > record.alarmThreshold
      if Double(value) > capacities[vm] {
        onsets += 1
        alarmedOnsets += isAlarm ? 1 : 0
      } else {
        quiet += 1
        alarmedQuiet += isAlarm ? 1 : 0
      }
    }
  }
}

extension Metric {
  static let forecasts: [Metric] = ["Next", "Hour", "Day"].enumerated().flatMap {
    position, horizon in
    func value(_ path: @escaping @Sendable (ForecastScore.Horizon) -> Double)
      -> @Sendable (RunBooks) -> Double
    {
      { $0.forecasts.horizons.count > position ? path($0.forecasts.horizons[position]) : .nan }
    }
    let ahead = ["one interval", "one hour", "one day"][position]
    return [
      Metric(
        "forecastMae\(horizon)Cores", "1", .lower,
        "Mean absolute error of the load forecast \(ahead) ahead", value { $0.mae }),
      Metric(
        "forecastRmse\(horizon)Cores", "1", .lower,
        "Root mean squared error of the load forecast \(ahead) ahead", value { $0.rmse }),
      Metric(
        "forecastPinball95\(horizon)Cores", "1", .lower,
        "Pinball loss of the 95 % quantile \(ahead) ahead", value { $0.pinball }),
      Metric(
        "forecastCoverage90\(horizon)", "1", nil,
        "Share of loads inside the 90 % interval \(ahead) ahead", value { $0.coverage90 }),
      Metric(
        "forecastWidth90\(horizon)Cores", "1", .lower,
        "Mean width of the 90 % interval \(ahead) ahead", value { $0.width }),
    ]
  }
}
