// SPDX-License-Identifier: Apache-2.0

/// Single values of a sorted order, without sorting.
package enum OrderStatistics {
  /// Puts the value that would be at `rank` if all were sorted there, smaller or equal ones before it,
  /// larger or equal ones behind it (Hoare's FIND, 1961, doi:10.1145/366622.366647).
  ///
  /// Linear on average, where sorting for one quantile took most of the time of training.
  static func select(_ values: UnsafeMutableBufferPointer<Float>, rank: Int) {
    var low = 0
    var high = values.count - 1
    while low < high {
      let pivot = median(values[low], values[(low + high) / 2], values[high])
      var left = low
      var right = high
      while left <= right {
        while values[left] < pivot { left += 1 }
        while pivot < values[right] { right -= 1 }
        guard left <= right else { break }
        values.swapAt(left, right)
        left += 1
        right -= 1
      }
      if rank <= right {
        high = right
      } else if rank >= left {
        low = left
      } else {
        return
      }
    }
  }

  private static func median(_ a: Float, _ b: Float, _ c: Float) -> Float {
    max(min(a, b), min(max(a, b), c))
  }

  /// The linearly interpolated quantile of values, which are put in another order.
  ///
  /// - Precondition: there is a value, and none is NaN.
  package static func quantile(
    reordering values: UnsafeMutableBufferPointer<Float>, _ level: Double
  ) -> Float {
    let position = level * Double(values.count - 1)
    let rank = Int(position)
    select(values, rank: rank)
    guard rank + 1 < values.count else { return values[rank] }
    var above = values[rank + 1]
    for index in rank + 1..<values.count { above = min(above, values[index]) }
    return values[rank] + Float(position - Double(rank)) * (above - values[rank])
  }
}
