// SPDX-License-Identifier: Apache-2.0

/// The coefficient of determination R² of the regression (with intercept) of each VM's history on
/// the histories of the others.
///
/// With as many values as VMs the regression is exact and R² is 1 up to rounding, so the order of
/// operations decides; it is that of a Householder QR without pivoting.
///
/// - Parameter histories: one array a VM, equally long, at least as long as there are VMs.
/// - Returns: R² per VM, or nil when a regression is exactly singular.
func multipleCorrelations(_ histories: [[Double]]) -> [Double]? {
  var result: [Double] = []
  for response in histories.indices {
    guard let value = determination(of: response, in: histories) else { return nil }
    result.append(value)
  }
  return result
}

private func determination(of response: Int, in histories: [[Double]]) -> Double? {
  let y = histories[response]
  let rows = y.count
  var columns: [[Double]] = [[Double](repeating: 1, count: rows)]
  for (index, history) in histories.enumerated() where index != response {
    columns.append(history)
  }
  guard let coefficients = leastSquares(columns, y) else { return nil }
  var residualSquares = 0.0
  for row in 0..<rows {
    var fitted = 0.0
    for column in columns.indices { fitted += columns[column][row] * coefficients[column] }
    let residual = y[row] - fitted
    residualSquares += residual * residual
  }
  return 1 - residualSquares / centredSquares(y)
}

/// Sum of squared distances from the mean, by updated moments.
private func centredSquares(_ values: [Double]) -> Double {
  var (mean, squares) = (0.0, 0.0)
  for (index, value) in values.enumerated() {
    let deviation = value - mean
    let step = deviation / Double(index + 1)
    mean += step
    squares += Double(index) * deviation * step
  }
  return squares
}

/// Solves `columns · b ≈ y` by Householder reflections; nil when a pivot of R is exactly 0.
private func leastSquares(_ columns: [[Double]], _ y: [Double]) -> [Double]? {
  var q = columns
  var y = y
  let rows = y.count
  let unknowns = min(columns.count, rows)
  var diagonal = [Double](repeating: 0, count: unknowns)
  for minor in 0..<unknowns {
    var squares = 0.0
    for row in minor..<rows { squares += q[minor][row] * q[minor][row] }
    let length = q[minor][minor] > 0 ? -squares.squareRoot() : squares.squareRoot()
    diagonal[minor] = length
    guard length != 0 else { continue }
    q[minor][minor] -= length
    for column in minor + 1..<max(minor + 1, columns.count) {
      var alpha = 0.0
      for row in minor..<rows { alpha -= q[column][row] * q[minor][row] }
      alpha /= length * q[minor][minor]
      for row in minor..<rows { q[column][row] -= alpha * q[minor][row] }
    }
  }
  guard diagonal.allSatisfy({ $0 != 0 }) else { return nil }
  for minor in 0..<unknowns {
    var product = 0.0
    for row in minor..<rows { product += y[row] * q[minor][row] }
    product /= diagonal[minor] * q[minor][minor]
    for row in minor..<rows { y[row] += product * q[minor][row] }
  }
  var b = [Double](repeating: 0, count: columns.count)
  for row in stride(from: unknowns - 1, through: 0, by: -1) {
    y[row] /= diagonal[row]
    b[row] = y[row]
    for above in 0..<row { y[above] -= y[row] * q[row][above] }
  }
  return b
}
