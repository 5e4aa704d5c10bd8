// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Quantiles at any levels from those on the grid ``ExpertTable/levels``.
///
/// Straight between two levels of the grid; beyond its ends an exponential tail through the two
/// outermost quantiles, `q(τ) = q₂ + (q₂ − q₁)·ln((1−τ₂)/(1−τ)) / ln((1−τ₁)/(1−τ₂))`.
struct LevelInterpolation: Sendable {
  /// For each level the lower of its two grid points, and the weight of the upper one (above 1 or
  /// below 0 in the tails).
  private let points: [(lower: Int, weight: Double)]

  init(levels: [Double]) {
    let grid = ExpertTable.levels
    let last = grid.count - 1
    points = levels.map { level in
      if level > grid[last] {
        let step = log((1 - grid[last - 1]) / (1 - grid[last]))
        return (last - 1, 1 + log((1 - grid[last]) / (1 - level)) / step)
      }
      if level < grid[0] {
        return (0, -log(grid[0] / level) / log(grid[1] / grid[0]))
      }
      let upper = max(1, grid.firstIndex { $0 >= level } ?? last)
      return (upper - 1, (level - grid[upper - 1]) / (grid[upper] - grid[upper - 1]))
    }
  }

  /// The quantile at the level of that index.
  @inline(__always)
  func value(_ level: Int, _ grid: (Int) -> Double) -> Double {
    let (lower, weight) = points[level]
    let low = grid(lower)
    return weight == 0 ? low : low + weight * (grid(lower + 1) - low)
  }

  /// The expected value of the distribution with these quantiles on the grid: trapezoids between
  /// the levels, the outermost quantiles in the tails.
  @inline(__always)
  static func mean(_ quantiles: UnsafePointer<Float>) -> Double {
    let grid = ExpertTable.levels
    let last = grid.count - 1
    var sum = grid[0] * Double(quantiles[0]) + (1 - grid[last]) * Double(quantiles[last])
    for index in 0..<last {
      sum += (grid[index + 1] - grid[index]) * Double(quantiles[index] + quantiles[index + 1]) / 2
    }
    return sum
  }
}
