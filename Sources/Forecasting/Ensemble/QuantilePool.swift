// SPDX-License-Identifier: Apache-2.0

/// The last residuals of many cells, with their quantiles at the levels of ``ExpertTable`` kept
/// ready.
///
/// A cell changes less often than it is asked, and its nine quantiles are one line of memory where
/// its values are sixteen: worked out at every change, they make a forecast of many series one
/// sequential read.
struct QuantilePool: Sendable, Codable {
  private var pool: ResidualPool
  /// `[cell, level]`; NaN while a cell has too few values to be believed.
  private var quantiles: ContiguousArray<Float>

  /// Empty cells that keep `capacity` values each.
  init(cellCount: Int, capacity: Int) {
    pool = ResidualPool(cellCount: cellCount, capacity: capacity)
    quantiles = ContiguousArray(repeating: .nan, count: cellCount * ExpertTable.levels.count)
  }

  /// Residuals held by a cell.
  @inline(__always)
  func count(_ cell: Int) -> Int { pool.count(cell) }

  /// Takes a finite residual, dropping the oldest one of a full cell.
  mutating func insert(_ residual: Float, cell: Int) {
    pool.insert(residual, cell: cell)
    guard pool.count(cell) >= minimumSample else { return }
    quantiles.withUnsafeMutableBufferPointer { all in
      guard let start = all.baseAddress else { return }
      pool.writeQuantiles(cell: cell, into: start + cell * ExpertTable.levels.count)
    }
  }

  /// Writes `offset` plus a cell's quantiles; NaN when it has fewer values than are believed.
  @inline(__always)
  func writeQuantiles(cell: Int, offset: Float, into target: UnsafeMutablePointer<Float>) {
    let levels = ExpertTable.levels.count
    quantiles.withUnsafeBufferPointer { all in
      for level in 0..<levels { target[level] = all[cell * levels + level] + offset }
    }
  }
}

/// Values below which an empirical distribution is not believed.
let minimumSample = 12
