// SPDX-License-Identifier: Apache-2.0

/// What alarms find and what they cost as their threshold falls: the receiver operating
/// characteristic of a score.
///
/// Moments with equal scores are raised together; between two scores the curve is straight, as if
/// the moments of a tie were drawn by lot (Fawcett, Pattern Recognition Letters 27(8) 2006).
public struct AlarmCurve: Sendable, Equatable {
  /// What an alarm threshold gives.
  public struct Rates: Sendable, Equatable, Codable {
    /// Moments with an alarm.
    public var alarms: Double
    /// Share of the events that had an alarm; 0 without events.
    public var truePositiveRate: Double
    /// Share of the other moments that had one; 0 without such.
    public var falsePositiveRate: Double
    /// Share of the alarms that an event followed; 0 without alarms.
    public var precision: Double
  }

  /// Moments with an event.
  public let eventCount: Int
  /// Moments in all.
  public let count: Int
  /// Alarms and events found at each score, from the highest down; starts with (0, 0).
  private var steps: [(alarms: Int, found: Int)] = [(0, 0)]

  /// The curve of scores, the higher the likelier.
  ///
  /// - Precondition: one label a score; scores are not NaN.
  public init(scores: [Double], isEvent: [Bool]) {
    precondition(scores.count == isEvent.count, "one label a score")
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    count = scores.count
    var found = 0
    for (rank, index) in order.enumerated() {
      if isEvent[index] { found += 1 }
      let isLast = rank + 1 == order.count || scores[order[rank + 1]] < scores[index]
      if isLast { steps.append((rank + 1, found)) }
    }
    eventCount = found
  }

  /// The probability that an event has a higher score than another moment, ties counting half
  /// (Mann and Whitney 1947); nil without events, or with nothing else.
  public var area: Double? {
    let others = count - eventCount
    guard eventCount > 0, others > 0 else { return nil }
    var sum = 0.0
    for (before, after) in zip(steps, steps.dropFirst()) {
      let missed = Double((after.alarms - after.found) - (before.alarms - before.found))
      sum += missed * Double(before.found + after.found) / 2
    }
    return sum / Double(eventCount) / Double(others)
  }

  /// What this many alarms give, 0 … ``count``.
  public func rates(alarms: Double) -> Rates {
    let alarms = min(max(alarms, 0), Double(count))
    let next = steps.firstIndex { Double($0.alarms) >= alarms } ?? steps.count - 1
    var found = Double(steps[next].found)
    if next > 0 {
      let (low, high) = (steps[next - 1], steps[next])
      let share = (alarms - Double(low.alarms)) / Double(high.alarms - low.alarms)
      found = Double(low.found) + share * Double(high.found - low.found)
    }
    return Rates(
      alarms: alarms,
      truePositiveRate: eventCount > 0 ? found / Double(eventCount) : 0,
      falsePositiveRate: count > eventCount ? (alarms - found) / Double(count - eventCount) : 0,
      precision: alarms > 0 ? found / alarms : 0)
  }

  /// The curve at `pieces` + 1 numbers of alarms, closer together where there are few.
  public func sampled(pieces: Int = 200) -> [Rates] {
    (0...pieces).map { piece in
      let share = Double(piece) / Double(pieces)
      return rates(alarms: share * share * Double(count))
    }
  }

  /// Equal when all steps are.
  public static func == (left: AlarmCurve, right: AlarmCurve) -> Bool {
    left.count == right.count && left.eventCount == right.eventCount
      && left.steps.elementsEqual(right.steps, by: ==)
  }
}
