// SPDX-License-Identifier: Apache-2.0

// Sample statistics of short histories, in the forms that Beloglazov & Buyya (CCPE 24(13) 2012,
// doi:10.1002/cpe.1867) use. All take `values` newest first.

/// Difference of the quartiles, each the order statistic number ⌊q·(n+1) + 0.5⌋.
func interquartileRange(_ values: UnsafeBufferPointer<Double>) -> Double {
  withSorted(values) { sorted in
    func quartile(_ share: Double) -> Double {
      let position = Int((share * Double(sorted.count + 1) + 0.5).rounded(.down))
      return sorted[min(max(position, 1), sorted.count) - 1]
    }
    return quartile(0.75) - quartile(0.25)
  }
}

/// The median of the distances from the median.
func medianAbsoluteDeviation(_ values: UnsafeBufferPointer<Double>) -> Double {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: values.count) { distances in
    let center = withSorted(values) { median(sorted: $0) }
    for index in values.indices {
      distances.initializeElement(at: index, to: abs(center - values[index]))
    }
    return withSorted(UnsafeBufferPointer(distances)) { median(sorted: $0) }
  }
}

/// The value at position (n+1)/2 of the order statistics, linear in between.
private func median(sorted: UnsafeMutableBufferPointer<Double>) -> Double {
  guard sorted.count > 1 else { return sorted.first ?? 0 }
  let position = 0.5 * Double(sorted.count + 1)
  let below = position.rounded(.down)
  let lower = sorted[Int(below) - 1]
  guard Int(below) < sorted.count else { return lower }
  return lower + (position - below) * (sorted[Int(below)] - lower)
}

/// Runs `body` with the values ascending. Insertion sort: there are at most some dozen.
private func withSorted<Result>(
  _ values: UnsafeBufferPointer<Double>, _ body: (UnsafeMutableBufferPointer<Double>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: values.count) { sorted in
    for index in values.indices {
      let value = values[index]
      var place = index
      sorted.initializeElement(at: index, to: value)
      while place > 0, sorted[place - 1] > value {
        sorted[place] = sorted[place - 1]
        place -= 1
      }
      sorted[place] = value
    }
    return body(sorted)
  }
}

/// A straight line through points.
struct Line {
  var intercept: Double
  var slope: Double

  /// Ordinary least squares through the newest `count` values at x = 1 (oldest) … `count`, by
  /// updated means and centred sums (the operation order of Commons Math's `SimpleRegression`).
  init(leastSquares values: UnsafeBufferPointer<Double>, count: Int) {
    var (meanX, meanY) = (0.0, 0.0)
    var (squares, products) = (0.0, 0.0)
    var (sumX, sumY) = (0.0, 0.0)
    for index in 0..<count {
      let x = Double(index + 1)
      let y = values[count - 1 - index]
      if index == 0 {
        (meanX, meanY) = (x, y)
      } else {
        let points = Double(index)
        let weight = points / (1 + points)
        let dx = x - meanX
        let dy = y - meanY
        squares += dx * dx * weight
        products += dx * dy * weight
        meanX += dx / (1 + points)
        meanY += dy / (1 + points)
      }
      sumX += x
      sumY += y
    }
    slope = products / squares
    intercept = (sumY - slope * sumX) / Double(count)
  }

  /// Weighted least squares through the newest values at x = 1 … `weights.count`; `weights[0]`
  /// belongs to the oldest one.
  init(weighted values: UnsafeBufferPointer<Double>, weights: [Double]) {
    let count = weights.count
    var (sum, meanX, meanY) = (0.0, 0.0, 0.0)
    for index in 0..<count {
      sum += weights[index]
      meanX += weights[index] * Double(index + 1)
      meanY += weights[index] * values[count - 1 - index]
    }
    meanX /= sum
    meanY /= sum
    var (squares, products) = (0.0, 0.0)
    for index in 0..<count {
      let dx = Double(index + 1) - meanX
      squares += weights[index] * dx * dx
      products += weights[index] * dx * (values[count - 1 - index] - meanY)
    }
    slope = squares > 0 ? products / squares : 0
    intercept = meanY - slope * meanX
  }

  func value(at x: Double) -> Double { intercept + slope * x }
}

/// Cleveland's local regression at the newest of `count` values, extrapolated from there.
///
/// Tricube weights `(1 − |x_n − x|³/(x_n − x_1)³)³` give the newest value the most say and the
/// oldest none. With `isRobust`, residuals r beyond six times their median m are left out and
/// others weighted by the bisquare `(1 − (r/6m)²)²`, in two further passes (Cleveland, JASA 74(368)
/// 1979, doi:10.1080/01621459.1979.10481038).
func localLine(
  _ values: UnsafeBufferPointer<Double>, count: Int, isRobust: Bool
) -> Line {
  let span = Double(count - 1)
  let tricube = (0..<count).map { index -> Double in
    let distance = (span - Double(index)) / span
    let rest = 1 - distance * distance * distance
    return rest * rest * rest
  }
  var line = Line(weighted: values, weights: tricube)
  guard isRobust else { return line }
  for _ in 0..<2 {
    let residuals = (0..<count).map { index in
      abs(values[count - 1 - index] - line.value(at: Double(index + 1)))
    }
    let scale = 6 * residuals.withUnsafeBufferPointer { withSorted($0) { median(sorted: $0) } }
    guard scale > 0 else { return line }
    let weights = zip(tricube, residuals).map { weight, residual -> Double in
      let part = min(1, residual / scale)
      let rest = 1 - part * part
      return weight * rest * rest
    }
    // Fewer than two points left say nothing about a slope.
    guard weights.count(where: { $0 > 0 }) > 1 else { return line }
    line = Line(weighted: values, weights: weights)
  }
  return line
}
