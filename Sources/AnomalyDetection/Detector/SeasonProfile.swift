// SPDX-License-Identifier: Apache-2.0

/// The values of the last days by time of day: what a metric usually is at this hour.
struct SeasonProfile: Sendable, Equatable, Codable {
  /// Days that are looked back.
  let days: Int
  /// Slots of a day.
  let slots: Int
  /// The latest values, `[day, slot]`, a ring of days for each slot; as many days as have begun.
  private var values: [Float] = []
  private var written: [Int32]

  /// A profile that has seen nothing.
  init(days: Int, slots: Int) {
    self.days = days
    self.slots = slots
    written = [Int32](repeating: 0, count: slots)
  }

  /// How much `value` is above (below: negative) the middle of the earlier days in this slot: 0
  /// between the two middle values of an even number. nil with fewer than two days, of which one
  /// alone may have been the odd one.
  func deviation(of value: Double, slot: Int) -> Double? {
    let count = min(Int(written[slot]), days)
    guard count >= 2 else { return nil }
    let sorted = (0..<count).map { values[$0 * slots + slot] }.sorted()
    let low = Double(sorted[(count - 1) / 2])
    let high = Double(sorted[count / 2])
    return value > high ? value - high : value < low ? value - low : 0
  }

  /// Remembers the value of a slot; it replaces the oldest one.
  mutating func insert(_ value: Double, slot: Int) {
    let day = Int(written[slot]) % days
    if day * slots == values.count {
      values.reserveCapacity(values.count + slots)
      values.append(contentsOf: repeatElement(0, count: slots))
    }
    values[day * slots + slot] = Float(value)
    // Counting on from `days` keeps the position in the ring and cannot overflow.
    written[slot] += 1
    if written[slot] >= Int32(2 * days) { written[slot] -= Int32(days) }
  }
}
