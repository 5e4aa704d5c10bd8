// SPDX-License-Identifier: Apache-2.0

/// All shapes seen so far in bounded memory: at most ``capacity`` of them such that every shape
/// seen lies within ``radius`` of one that is kept.
///
/// A shape is a short run of values less their mean; two shapes are as far apart as they are where
/// they differ most (maximum norm). The same algorithm as ``ValueCover``, in more dimensions.
struct ShapeCover: Sendable, Equatable, Codable {
  /// Most shapes kept.
  let capacity: Int
  /// Values in a shape.
  let length: Int
  /// How far a shape that was seen can be from the nearest kept one.
  private(set) var radius: Float = 0
  /// Number of shapes kept.
  private(set) var count = 0
  /// The kept shapes, `[shape, value]`.
  private var values: [Float] = []

  /// An empty cover.
  init(capacity: Int, length: Int) {
    self.capacity = capacity
    self.length = length
  }

  /// How far `shape` is at least from everything seen, exactly where that is more than `bound`;
  /// nil when nothing was seen.
  ///
  /// O(capacity × length), less where a near shape was seen lately.
  func distance(to shape: [Float], beyond bound: Float) -> Float? {
    guard count > 0 else { return nil }
    return max(0, nearest(to: shape) { $0 - radius <= bound } - radius)
  }

  /// Remembers a shape of finite values.
  mutating func insert(_ shape: [Float]) {
    if count > 0, nearest(to: shape, isEnough: { $0 <= radius }) <= radius { return }
    values += shape
    count += 1
    while count > capacity { thin() }
  }

  /// How far the nearest kept shape is, or one that is near enough: the latest are looked at first,
  /// and a shape is left where it differs too much to be the nearest.
  private func nearest(to shape: [Float], isEnough: (Float) -> Bool) -> Float {
    var least = Float.greatestFiniteMagnitude
    values.withUnsafeBufferPointer { kept in
      shape.withUnsafeBufferPointer { wanted in
        var start = kept.count
        while start > 0 {
          start -= length
          var distance: Float = 0
          var index = 0
          while index < length, distance < least {
            distance = max(distance, abs(kept[start + index] - wanted[index]))
            index += 1
          }
          guard distance < least else { continue }
          least = distance
          if isEnough(least) { return }
        }
      }
    }
    return least
  }

  /// Doubles the radius and keeps shapes, oldest first, that are farther than it from the kept.
  private mutating func thin() {
    radius = radius > 0 ? 2 * radius : smallestGap()
    var kept = ShapeCover(capacity: capacity, length: length)
    for index in 0..<count {
      let shape = self[index]
      if kept.count > 0, kept.nearest(to: shape, isEnough: { $0 <= radius }) <= radius { continue }
      kept.values += shape
      kept.count += 1
    }
    values = kept.values
    count = kept.count
  }

  private subscript(index: Int) -> [Float] {
    Array(values[index * length..<(index + 1) * length])
  }

  private func smallestGap() -> Float {
    var least = Float.greatestFiniteMagnitude
    for left in 1..<max(2, count) {
      for right in 0..<left {
        var distance: Float = 0
        for index in 0..<length {
          distance = max(
            distance, abs(values[left * length + index] - values[right * length + index]))
        }
        least = min(least, distance)
      }
    }
    return max(least, Float.leastNormalMagnitude)
  }
}
