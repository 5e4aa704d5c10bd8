// SPDX-License-Identifier: Apache-2.0

/// When forecasts are put aside to be judged by the value that comes, for one horizon.
///
/// Judging every step would cost a forecast a step, and forecasts a few steps apart are judged by
/// almost the same value. So: often while there is little experience, then every seven steps, and
/// never more than ``mostPending`` forecasts waiting at once. Intervals share no factor with an hour
/// of five-minute steps: scheduled jobs make some minutes of the hour unlike the others, and all
/// of them have to be judged in their turn.
struct JudgementSchedule: Sendable, Codable {
  /// Steps during which forecasts are put aside often: a day of five-minute steps.
  static let eagerSteps = 288
  /// Usual distance between forecasts that are put aside.
  static let usualInterval = 7
  /// Forecasts that wait at once, at most.
  static let mostPending = 24

  let horizon: Int
  /// The steps of the waiting forecasts, oldest first, and the slot of the oldest one.
  private(set) var waiting: [Int] = []
  private var oldestSlot = 0

  /// Steps between forecasts that are put aside, usually and at the beginning.
  let interval: Int
  private let eagerInterval: Int

  init(horizon: Int) {
    self.horizon = horizon
    eagerInterval = (horizon + Self.mostPending - 1) / Self.mostPending
    var interval = max(eagerInterval, Self.usualInterval)
    while interval % 2 == 0 || interval % 3 == 0 { interval += 1 }
    self.interval = interval
  }

  /// Memory slots that waiting forecasts need.
  var slotCount: Int { horizon / eagerInterval + 2 }

  /// The slot of the forecast whose value is that of `step`; nil if none waits for it.
  mutating func due(at step: Int) -> Int? {
    guard let first = waiting.first, first + horizon <= step else { return nil }
    let slot = oldestSlot
    waiting.removeFirst()
    oldestSlot = (oldestSlot + 1) % slotCount
    return first + horizon == step ? slot : nil
  }

  /// The slot for a forecast made after `step`; nil if none is to be put aside.
  mutating func putAside(after step: Int) -> Int? {
    let interval = step < Self.eagerSteps ? eagerInterval : interval
    guard step % interval == 0, waiting.count < slotCount else { return nil }
    waiting.append(step)
    return (oldestSlot + waiting.count - 1) % slotCount
  }
}
