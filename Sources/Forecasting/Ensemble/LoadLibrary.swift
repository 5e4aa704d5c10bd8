// SPDX-License-Identifier: Apache-2.0

/// Rings of past states and of what followed them, one entry every `stride` steps over a week, and
/// one more day for looking back from the oldest of them.
///
/// Entry e was filed after step `e·stride`. Layout `[series, entry mod capacity]`: one series is
/// searched at a time.
struct LoadLibrary: Sendable, Codable {
  /// Entries that are searched: a week.
  static let searched = 504

  let seriesCount: Int
  /// Steps between entries.
  let stride: Int
  let entriesPerDay: Int
  /// Entries kept.
  let capacity: Int
  let horizons: [Int]
  private(set) var step = 0
  /// Load, fast and slow average of each entry; NaN where the load was missing.
  private(set) var loads: ContiguousArray<Float>
  private(set) var fasts: ContiguousArray<Float>
  private(set) var slows: ContiguousArray<Float>
  /// Load `horizon` steps after each entry, one array a horizon; NaN while it has not come.
  private(set) var outcomes: [ContiguousArray<Float>]
  /// The present state: last load, fast and slow average; NaN before the first value.
  private(set) var last: ContiguousArray<Float>
  private(set) var fast: ContiguousArray<Double>
  private(set) var slow: ContiguousArray<Double>

  init(seriesCount: Int, horizons: [Int], stepsPerDay: Int) {
    self.seriesCount = seriesCount
    self.horizons = horizons
    stride = max(1, 7 * stepsPerDay / Self.searched)
    entriesPerDay = max(1, stepsPerDay / stride)
    capacity = Self.searched + entriesPerDay
    loads = ContiguousArray(repeating: .nan, count: seriesCount * capacity)
    fasts = loads
    slows = loads
    outcomes = horizons.map { [loads] _ in loads }
    last = ContiguousArray(repeating: .nan, count: seriesCount)
    fast = ContiguousArray(repeating: .nan, count: seriesCount)
    slow = fast
  }

  /// Number of entries filed so far, including those that were overwritten.
  var entryCount: Int { (step + stride - 1) / stride }

  mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    for (index, horizon) in horizons.enumerated() {
      let issued = step - horizon
      guard issued >= 0, issued % stride == 0, horizon < Self.searched * stride else { continue }
      let slot = issued / stride % capacity
      for series in 0..<seriesCount {
        outcomes[index][series * capacity + slot] = Float(values[series])
      }
    }
    let isEntry = step % stride == 0
    let slot = step / stride % capacity
    for series in 0..<seriesCount {
      let value = values[series]
      if !value.isNaN {
        last[series] = Float(value)
        fast[series] =
          fast[series].isNaN
          ? value : fast[series] + AnalogExperts.fastSpeed * (value - fast[series])
        slow[series] =
          slow[series].isNaN
          ? value : slow[series] + AnalogExperts.slowSpeed * (value - slow[series])
      }
      guard isEntry else { continue }
      let cell = series * capacity + slot
      loads[cell] = Float(value)
      fasts[cell] = Float(fast[series])
      slows[cell] = Float(slow[series])
      for index in outcomes.indices { outcomes[index][cell] = .nan }
    }
    step += 1
  }
}
