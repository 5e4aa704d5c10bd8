// SPDX-License-Identifier: Apache-2.0
public import Units

/// A value that changes in steps over calendar time: carbon intensity, a price, weather.
///
/// Each value holds from its time until the next one's. Beyond the last step the series begins
/// again, so that a year serves for any date; ``clock(startingAt:)`` says where a run starts in it.
public struct StepSeries<Value: Sendable>: Sendable {
  /// Seconds from the series' begin at which each value starts to hold, ascending from 0.
  public let offsets: [Int64]
  /// The values.
  public let values: [Value]
  /// Length of the series in seconds.
  public let period: Int64
  /// The series' begin in seconds since 1970-01-01T00:00:00Z; nil when it stands for any year.
  public let startEpochSeconds: Int64?

  /// A series.
  ///
  /// - Precondition: as many offsets as values, at least one; offsets ascend from 0 to less than
  ///   `period`.
  public init(offsets: [Int64], values: [Value], period: Int64, startEpochSeconds: Int64?) {
    precondition(offsets.count == values.count && offsets.first == 0 && period > offsets.last ?? 0)
    precondition(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 })
    self.offsets = offsets
    self.values = values
    self.period = period
    self.startEpochSeconds = startEpochSeconds
  }

  /// The same value at all times.
  public init(constant value: Value) {
    self.init(offsets: [0], values: [value], period: .max, startEpochSeconds: nil)
  }

  /// Whether the value never changes.
  public var isConstant: Bool { values.count == 1 }

  /// The moment of the series at which a run starts, in seconds from its begin.
  ///
  /// A run within the series starts at its own date. One outside starts at the same month, day and
  /// time of the series' (first) year. Without a date the run starts at the series' begin.
  public func clock(startingAt epochSeconds: Int64?) -> Int64 {
    guard let epochSeconds, !isConstant else { return 0 }
    guard let begin = startEpochSeconds else { return CivilTime.secondOfCommonYear(epochSeconds) }
    let offset = epochSeconds - begin
    if (0..<period).contains(offset) { return offset }
    let difference =
      CivilTime.secondOfCommonYear(epochSeconds) - CivilTime.secondOfCommonYear(begin)
    return positive(difference, modulo: min(period, 365 * CivilTime.day))
  }

  /// Index of the value that holds `time` after a start at `clock`.
  public func index(at time: SimTime, clock: Int64) -> Int {
    if isConstant { return 0 }
    let whole = CivilTime.floorDivide(time.nanoseconds, 1_000_000_000)
    let wanted = positive(clock + whole, modulo: period)
    var low = 0
    var high = offsets.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if offsets[middle] <= wanted { low = middle } else { high = middle }
    }
    return low
  }

  /// The value that holds `time` after a start at `clock`.
  public func value(at time: SimTime, clock: Int64) -> Value {
    values[index(at: time, clock: clock)]
  }

  /// The first time after `time` at which the value may change; nil when it never does.
  public func nextChange(after time: SimTime, clock: Int64) -> SimTime? {
    if isConstant { return nil }
    let whole = CivilTime.floorDivide(time.nanoseconds, 1_000_000_000)
    let position = positive(clock + whole, modulo: period)
    let next = index(at: time, clock: clock) + 1
    let distance = (next < offsets.count ? offsets[next] : period) - position
    return SimTime(nanoseconds: (whole + distance) * 1_000_000_000)
  }

  private func positive(_ value: Int64, modulo period: Int64) -> Int64 {
    let remainder = value % period
    return remainder < 0 ? remainder + period : remainder
  }
}
