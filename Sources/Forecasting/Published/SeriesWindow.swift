// SPDX-License-Identifier: Apache-2.0

/// The last values of many series. A missing value is taken to repeat the one before it.
struct SeriesWindow: Sendable, Codable {
  let seriesCount: Int
  /// Most values kept of a series.
  let length: Int
  /// `[series, slot]`, a ring each.
  private var values: ContiguousArray<Double>
  /// Values since, and with, the first of each series.
  private var ages: ContiguousArray<Int>
  private var slot = 0

  init(seriesCount: Int, length: Int) {
    self.seriesCount = seriesCount
    self.length = length
    values = ContiguousArray(repeating: 0, count: seriesCount * length)
    ages = ContiguousArray(repeating: 0, count: seriesCount)
  }

  mutating func append(_ row: UnsafeBufferPointer<Double>) {
    let before = (slot + length - 1) % length
    for series in 0..<seriesCount {
      let start = series * length
      guard !row[series].isNaN || ages[series] > 0 else { continue }
      values[start + slot] = row[series].isNaN ? values[start + before] : row[series]
      ages[series] += 1
    }
    slot = (slot + 1) % length
  }

  /// Values kept of a series.
  func count(_ series: Int) -> Int { min(ages[series], length) }

  /// The newest value; 0 where none was seen.
  func last(_ series: Int) -> Double {
    ages[series] > 0 ? values[series * length + (slot + length - 1) % length] : 0
  }

  /// Writes the newest `count` values, oldest first.
  ///
  /// - Precondition: `count` is at most what is kept and what `target` has room for.
  func copy(_ series: Int, newest count: Int, into target: inout [Double]) {
    let start = series * length
    var place = (slot + length - count) % length
    for index in 0..<count {
      target[index] = values[start + place]
      place += 1
      if place == length { place = 0 }
    }
  }
}
