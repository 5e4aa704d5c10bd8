// SPDX-License-Identifier: Apache-2.0

/// Everything a number has been so far, in bounded memory: at most ``capacity`` representatives
/// such that every value seen lies within ``radius`` of one of them.
///
/// The smallest and the largest value are always kept exactly. While there is room the radius is
/// 0 and nothing is lost; each time there is none it doubles, which is the doubling algorithm for
/// incremental clustering (Charikar, Chekuri, Feder, Motwani, STOC 1997). Far-off single values
/// (a glitch) cost one representative and leave the radius alone.
struct ValueCover: Sendable, Equatable, Codable {
  /// Most representatives kept.
  let capacity: Int
  /// How far a value that was seen can be from the nearest representative.
  private(set) var radius = 0.0
  /// The representatives, ascending.
  private(set) var values: [Double] = []

  /// An empty cover.
  init(capacity: Int) {
    self.capacity = capacity
    values.reserveCapacity(capacity + 1)
  }

  /// Whether nothing has been seen.
  var isEmpty: Bool { values.isEmpty }

  /// The representative nearest to `value` and how far `value` is at least from everything seen:
  /// exact outside the seen extremes, less ``radius`` between them. nil when nothing was seen.
  ///
  /// O(log capacity).
  func nearest(to value: Double) -> (value: Double, distance: Double)? {
    guard let first = values.first, let last = values.last else { return nil }
    if value < first { return (first, first - value) }
    if value > last { return (last, value - last) }
    let upper = lowerBound(of: value)
    let above = values[upper]
    let below = upper > 0 ? values[upper - 1] : above
    let closest = value - below < above - value ? below : above
    return (closest, max(0, abs(value - closest) - radius))
  }

  /// Remembers a finite value.
  mutating func insert(_ value: Double) {
    let position = lowerBound(of: value)
    if position < values.count {
      if values[position] == value { return }
      let isInside = position > 0
      if isInside, min(values[position] - value, value - values[position - 1]) <= radius { return }
    }
    values.insert(value, at: position)
    while values.count > capacity { thin() }
  }

  /// Doubles the radius and drops what the remaining values stand for.
  private mutating func thin() {
    radius = radius > 0 ? 2 * radius : smallestGap()
    var kept = [values[0]]
    kept.reserveCapacity(capacity + 1)
    for value in values.dropFirst().dropLast() where value - kept[kept.count - 1] > radius {
      kept.append(value)
    }
    kept.append(values[values.count - 1])
    values = kept
  }

  private func smallestGap() -> Double {
    zip(values.dropFirst(), values).map { $0 - $1 }.min() ?? 0
  }

  /// The first position whose value is not below `value`.
  private func lowerBound(of value: Double) -> Int {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
