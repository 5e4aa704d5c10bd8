// SPDX-License-Identifier: Apache-2.0
public import Units

/// The history of a value that holds between its changes: integral, mean, extremes, time above a
/// threshold.
///
/// ```swift
/// var power = TimeWeightedStatistic(100, at: .zero, threshold: 150)
/// power.set(200, at: .seconds(10))
/// power.integral(until: .seconds(30))   // 100·10 + 200·20 = 5000
/// power.timeAbove(until: .seconds(30))  // 20 s
/// ```
/// An interval is booked when it ends, with the value that held. Reading changes nothing, so the
/// figures do not depend, not even in the last bit, on how often they are read. The sum is
/// compensated (Neumaier 1974): its error does not grow with the number of changes.
public struct TimeWeightedStatistic: Sendable, Hashable, Codable {
  /// ``timeAbove(until:)`` counts values strictly greater than this.
  public let threshold: Double
  /// The value that holds now.
  public private(set) var value: Double
  /// When the period under observation began.
  public private(set) var start: SimTime

  private var since: SimTime
  private var sum = 0.0
  private var compensation = 0.0
  private var aboveThreshold = SimTime.zero
  private var least = Double.infinity
  private var greatest = -Double.infinity

  /// Begins with a value that holds from a time on.
  public init(_ value: Double, at time: SimTime, threshold: Double = .infinity) {
    self.value = value
    self.threshold = threshold
    start = time
    since = time
  }

  /// Changes the value at a time; the interval before it counts with the old value.
  ///
  /// - Precondition: `time` is not before the last change.
  public mutating func set(_ newValue: Double, at time: SimTime) {
    precondition(time >= since, "a value must not change before its last change")
    if newValue == value { return }
    book(until: time)
    value = newValue
  }

  /// Forgets the past, keeps the value: a new period begins, for example after the warm-up.
  ///
  /// - Precondition: `time` is not before the last change.
  public mutating func restart(at time: SimTime) {
    precondition(time >= since, "a period must not begin before the last change")
    self = TimeWeightedStatistic(value, at: time, threshold: threshold)
  }

  /// The integral of the value over time since ``start``, in the value's unit times seconds.
  public func integral(until time: SimTime) -> Double {
    let ended = booked(until: time)
    return (ended.sum + ended.compensation) / 1e9
  }

  /// The mean of the value over time since ``start``; the value itself if no time has passed.
  public func mean(until time: SimTime) -> Double {
    let ended = booked(until: time)
    if time == start { return value }
    return (ended.sum + ended.compensation) / Double((time - start).nanoseconds)
  }

  /// The least value that held for any length of time; the value itself if no time has passed.
  public func minimum(until time: SimTime) -> Double {
    time == start ? value : booked(until: time).least
  }

  /// The greatest value that held for any length of time; the value itself if no time has passed.
  public func maximum(until time: SimTime) -> Double {
    time == start ? value : booked(until: time).greatest
  }

  /// How long the value was greater than the threshold, exactly.
  public func timeAbove(until time: SimTime) -> SimTime { booked(until: time).aboveThreshold }

  /// A copy in which the interval that is under way has ended.
  private func booked(until time: SimTime) -> TimeWeightedStatistic {
    precondition(time >= since, "a value is known from its last change on")
    var copy = self
    copy.book(until: time)
    return copy
  }

  private mutating func book(until time: SimTime) {
    let held = time - since
    if held == .zero { return }
    since = time
    let term = value * Double(held.nanoseconds)
    let total = sum + term
    compensation += abs(sum) >= abs(term) ? (sum - total) + term : (term - total) + sum
    sum = total
    least = min(least, value)
    greatest = max(greatest, value)
    if value > threshold { aboveThreshold += held }
  }
}
