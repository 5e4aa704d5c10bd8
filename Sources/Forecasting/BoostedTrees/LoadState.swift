// SPDX-License-Identifier: Apache-2.0

/// What is remembered of many series for their features: the last week, running sums and counters.
///
/// Everything is relative to a capacity per series and held in fixed point (1/65 536 of the
/// capacity), so that sums over sliding windows are exact: a state that followed a series for a year
/// equals one that was built from its last week, and a spike of 1e12 leaves no rounding error behind.
/// Values are limited to 0 … 64 times the capacity. A missing value (NaN) counts as the last known
/// one; until a first value is known, a series has no state at all.
///
/// Layout: `[slot, series]`, so that a step touches memory in one run per slot. One step costs O(1)
/// a series; the memory is 4 bytes a step of the last week and series.
package struct LoadState: Sendable, Codable {
  /// A load of exactly the capacity.
  static let one: Int32 = 1 << 16
  /// The largest load remembered: 64 capacities, so that its square sums over 2¹⁶ steps in an Int64.
  static let largest: Int32 = 64 << 16
  /// After this many steps the long-run sums are halved: they forget slowly and can't overflow.
  static let longRunLimit: Int32 = 1 << 16

  let seriesCount: Int
  let stepsPerDay: Int
  /// Lengths of the sliding windows in steps; 15 min, 30 min, 1 h, 3 h, 6 h and 1 day for 288 a day.
  let windows: [Int]
  /// Length of a block of the maxima, one hour.
  let blockLength: Int
  /// Slots of the ring: a week and one step on either side of the longest look-back.
  let ringLength: Int

  private(set) var capacities: [Double]
  /// Steps observed since the start.
  private(set) var step = 0
  /// Relative loads `[slot, series]`; the value of step `k` is in slot `k % ringLength`.
  private(set) var ring: [Int32]
  /// Steps since the first known value of each series, at most `ringLength`.
  private(set) var seen: [Int32]
  /// Sums, sums of squares and overload counts of the windows, `[window, series]`.
  private(set) var sums: [Int64]
  private(set) var squares: [Int64]
  private(set) var overCounts: [Int32]
  /// The same from the first value on, halved together from time to time.
  private(set) var longRun: LongRunSums
  /// Maxima of the last `stepsPerDay / blockLength + 1` blocks, `[block % blocks, series]`.
  private(set) var blockMaxima: [Int32]
  /// Steps since the last overload, since the last onset, between the last two onsets, and length
  /// of the present overload; each at most `ringLength`.
  private(set) var sinceOverload: [Int32]
  private(set) var sinceOnset: [Int32]
  private(set) var onsetInterval: [Int32]
  private(set) var overloadRun: [Int32]

  struct LongRunSums: Sendable, Codable {
    var count: [Int32]
    var sum: [Int64]
    var squares: [Int64]
  }

  var blockCount: Int { stepsPerDay / blockLength + 1 }

  package init(capacities: [Double], stepsPerDay: Int) {
    precondition(stepsPerDay >= 1, "\(stepsPerDay) steps a day")
    precondition(
      capacities.allSatisfy { $0 > 0 && $0.isFinite }, "a capacity is not positive and finite")
    let series = capacities.count
    self.capacities = capacities
    seriesCount = series
    self.stepsPerDay = stepsPerDay
    windows = [96, 48, 24, 8, 4, 1].map { max(1, stepsPerDay / $0) }
    blockLength = max(1, stepsPerDay / 24)
    ringLength = 7 * stepsPerDay + 2
    ring = [Int32](repeating: 0, count: ringLength * series)
    seen = [Int32](repeating: 0, count: series)
    sums = [Int64](repeating: 0, count: windows.count * series)
    squares = sums
    overCounts = [Int32](repeating: 0, count: windows.count * series)
    longRun = LongRunSums(
      count: seen, sum: [Int64](repeating: 0, count: series),
      squares: [Int64](repeating: 0, count: series))
    blockMaxima = [Int32](
      repeating: 0, count: (stepsPerDay / max(1, stepsPerDay / 24) + 1) * series)
    sinceOverload = [Int32](repeating: Int32(ringLength), count: series)
    sinceOnset = sinceOverload
    onsetInterval = sinceOverload
    overloadRun = seen
  }

  /// Forgets everything about one series and gives it a capacity: a new VM in its place.
  package mutating func reset(series: Int, capacity: Double) {
    precondition(capacity > 0 && capacity.isFinite, "capacity \(capacity)")
    capacities[series] = capacity
    seen[series] = 0
    for window in windows.indices {
      sums[window * seriesCount + series] = 0
      squares[window * seriesCount + series] = 0
      overCounts[window * seriesCount + series] = 0
    }
    longRun.count[series] = 0
    longRun.sum[series] = 0
    longRun.squares[series] = 0
    for block in 0..<blockCount { blockMaxima[block * seriesCount + series] = 0 }
    sinceOverload[series] = Int32(ringLength)
    sinceOnset[series] = Int32(ringLength)
    onsetInterval[series] = Int32(ringLength)
    overloadRun[series] = 0
  }

  /// The load in fixed point; a load over the capacity is never rounded to it, nor the reverse.
  static func fixedPoint(_ value: Double, capacity: Double) -> Int32 {
    let scaled = value / capacity * Double(one)
    let limited = min(max(scaled, 0), Double(largest))
    let rounded = Int32(limited.rounded())
    return value > capacity ? max(rounded, one + 1) : min(rounded, one)
  }

  /// Takes the next value of every series.
  package mutating func observe(_ values: [Double]) {
    precondition(values.count == seriesCount, "\(values.count) values for \(seriesCount) series")
    store(values)
    slideWindows()
    raiseBlockMaxima()
    countOverloads()
    step += 1
  }

  /// Puts the values into their slot and counts the steps of each series.
  private mutating func store(_ values: [Double]) {
    let slot = step % ringLength * seriesCount
    let previous = (step + ringLength - 1) % ringLength * seriesCount
    let limit = Int32(ringLength)
    for series in 0..<seriesCount {
      let value = values[series]
      if value.isNaN {
        ring[slot + series] = seen[series] > 0 ? ring[previous + series] : 0
        if seen[series] > 0 { seen[series] = min(seen[series] + 1, limit) }
      } else {
        ring[slot + series] = Self.fixedPoint(value, capacity: capacities[series])
        seen[series] = min(seen[series] + 1, limit)
      }
    }
  }

  /// Adds the newest value to every window and takes the one that leaves out.
  private mutating func slideWindows() {
    let newest = step % ringLength * seriesCount
    for (index, length) in windows.enumerated() {
      let oldest = (step + ringLength - length) % ringLength * seriesCount
      let row = index * seriesCount
      for series in 0..<seriesCount {
        let entering = Int64(ring[newest + series])
        // A series that is not older than the window has nothing to give back yet.
        let leaving = seen[series] > Int32(length) ? Int64(ring[oldest + series]) : 0
        sums[row + series] &+= entering - leaving
        squares[row + series] &+= entering * entering - leaving * leaving
        overCounts[row + series] +=
          (entering > Int64(Self.one) ? 1 : 0) - (leaving > Int64(Self.one) ? 1 : 0)
      }
    }
  }

  /// Renews the maximum of the present hour.
  private mutating func raiseBlockMaxima() {
    let newest = step % ringLength * seriesCount
    let row = step / blockLength % blockCount * seriesCount
    let starts = step % blockLength == 0
    for series in 0..<seriesCount {
      let value = ring[newest + series]
      blockMaxima[row + series] = starts ? value : max(blockMaxima[row + series], value)
    }
  }

  /// Long-run sums and the counters around overloads.
  private mutating func countOverloads() {
    let newest = step % ringLength * seriesCount
    let limit = Int32(ringLength)
    for series in 0..<seriesCount where seen[series] > 0 {
      let value = Int64(ring[newest + series])
      let over = value > Int64(Self.one)
      let onset = over && overloadRun[series] == 0
      longRun.count[series] += 1
      longRun.sum[series] += value
      longRun.squares[series] += value * value
      if longRun.count[series] == Self.longRunLimit {
        longRun.count[series] /= 2
        longRun.sum[series] /= 2
        longRun.squares[series] /= 2
      }
      if onset { onsetInterval[series] = min(sinceOnset[series] + 1, limit) }
      sinceOnset[series] = onset ? 0 : min(sinceOnset[series] + 1, limit)
      sinceOverload[series] = over ? 0 : min(sinceOverload[series] + 1, limit)
      overloadRun[series] = over ? min(overloadRun[series] + 1, limit) : 0
    }
  }
}
