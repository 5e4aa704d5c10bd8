// SPDX-License-Identifier: Apache-2.0

/// Mean and variance of everything that each series has shown, for intervals before there are
/// residuals to learn from.
struct SpreadTracker: Sendable, Codable {
  private var counts: ContiguousArray<Float>
  private var means: ContiguousArray<Double>
  private var squares: ContiguousArray<Double>

  init(seriesCount: Int) {
    counts = ContiguousArray(repeating: 0, count: seriesCount)
    means = ContiguousArray(repeating: 0, count: seriesCount)
    squares = means
  }

  /// Values seen of a series (saturates at 2²⁴, which is far beyond any use of it).
  @inline(__always)
  func count(_ series: Int) -> Float { counts[series] }

  /// Updates mean and sum of squares (Welford 1962).
  mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    for series in values.indices where !values[series].isNaN {
      counts[series] += 1
      let difference = values[series] - means[series]
      means[series] += difference / Double(counts[series])
      squares[series] += difference * (values[series] - means[series])
    }
  }

  /// The mean of everything seen; 0 before the first value.
  @inline(__always)
  func mean(_ series: Int) -> Double { means[series] }

  /// The standard deviation of everything seen; 0 before the second value.
  @inline(__always)
  func deviation(_ series: Int) -> Double {
    counts[series] > 1 ? (squares[series] / Double(counts[series])).squareRoot() : 0
  }

  /// A standard deviation that rather overstates than understates what may come.
  ///
  /// Four pseudo-observations of a prior stand beside the seen values; the prior's deviation is a
  /// quarter of the range of values that can occur, or, when that is infinite, the mean magnitude
  /// (at least 1). The result is widened by √(1 + 4/n') for the mean's own uncertainty.
  func wide(_ series: Int, bounds: ClosedRange<Double>) -> Double {
    let range = bounds.upperBound - bounds.lowerBound
    let prior = range.isFinite ? range / 4 : max(1, abs(means[series]))
    let count = Double(counts[series])
    let variance = (squares[series] + 4 * prior * prior) / (count + 4)
    return (variance * (1 + 4 / (count + 1))).squareRoot()
  }
}
