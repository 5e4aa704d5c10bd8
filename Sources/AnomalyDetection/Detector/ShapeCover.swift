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

  /// How far `shape` is at least from everything seen; nil when nothing was seen.
  ///
  /// O(capacity × length).
  func distance(to shape: [Float]) -> Float? {
    guard count > 0 else { return nil }
    return max(0, nearest(to: shape) - radius)
  }

  /// Remembers a shape of finite values.
  mutating func insert(_ shape: [Float]) {
    if count > 0, nearest(to: shape) <= radius { return }
    values += shape
    count += 1
    while count > capacity { thin() }
  }

  private func nearest(to shape: [Float]) -> Float {
    var least = Float.greatestFiniteMagnitude
    values.withUnsafeBufferPointer { kept in
      shape.withUnsafeBufferPointer { wanted in
        for start in stride(from: 0, to: kept.count, by: length) {
          var distance: Float = 0
          for index in 0..<length {
            distance = max(distance, abs(kept[start + index] - wanted[index]))
          }
          least = min(least, distance)
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
      if kept.count > 0, kept.nearest(to: shape) <= radius { continue }
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
