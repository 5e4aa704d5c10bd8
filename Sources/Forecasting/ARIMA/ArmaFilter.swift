// SPDX-License-Identifier: Apache-2.0

/// The Kalman filter of a zero-mean ARMA process in Harvey's state-space form, in units of the
/// innovation variance.
///
/// State of dimension r = max(p, q+1): `α_t[i] = φ_{i+1} y_{t−1} + α_{t−1}[i+1] + θ_i ε_t`, so α_t[0]
/// is the value itself. `a` and `covariance` are the state's mean and covariance *before* the next
/// value is seen. Because nothing is measured with an error, the update is a shift and a rank-one
/// change: O(r²) a step, and O(r) once the covariance has settled at θθᵀ. Source: Harvey 1989,
/// Forecasting, Structural Time Series Models and the Kalman Filter, 3.3; Gardner et al. 1980.
struct ArmaFilter: Sendable, Codable {
  /// The covariance has settled when its excess over θθᵀ (a positive semidefinite matrix) has no
  /// diagonal element above this: the likelihood of n values is then off by less than n times it.
  static let settled = 1e-12

  /// State dimension.
  let dimension: Int
  /// φ₁ … φ_r, zero-padded to r+1 elements.
  private(set) var phi: ContiguousArray<Double>
  /// 1, θ₁ … θ_{r−1}, zero-padded to r+1 elements.
  private(set) var theta: ContiguousArray<Double>
  /// Mean of the state; one more element, always 0, ends the shift.
  private(set) var a: ContiguousArray<Double>
  /// Covariance `[i, k]` with a zero border, (r+1)².
  private(set) var covariance: ContiguousArray<Double>
  /// Whether `covariance` is θθᵀ for good.
  private(set) var isSteady = false

  /// A filter before the first value, in the stationary distribution.
  ///
  /// Nil when the process is not stationary enough to have a finite variance in floating point.
  init?(ar: [Double], ma: [Double]) {
    let r = max(ar.count, ma.count + 1)
    dimension = r
    phi = ContiguousArray(ar + [Double](repeating: 0, count: r + 1 - ar.count))
    theta = ContiguousArray([1] + ma + [Double](repeating: 0, count: r - ma.count))
    a = ContiguousArray(repeating: 0, count: r + 1)
    covariance = ContiguousArray(repeating: 0, count: (r + 1) * (r + 1))
    guard let first = stationaryFirstRow(ar: ar, ma: ma, dimension: r) else { return nil }
    let width = r + 1
    for k in 0..<r { covariance[k] = first[k] }
    for i in stride(from: r - 1, to: 0, by: -1) {
      for k in i..<r {
        let shifted = covariance[(i + 1) * width + k + 1] + theta[i] * theta[k]
        let mixed = phi[i] * covariance[k + 1] + phi[k] * covariance[i + 1]
        covariance[i * width + k] = phi[i] * phi[k] * first[0] + mixed + shifted
      }
    }
    for i in 0..<r { for k in 0..<i { covariance[i * width + k] = covariance[k * width + i] } }
    checkSteady()
  }

  /// The mean of the next value.
  @inline(__always) var prediction: Double { a[0] }
  /// The variance of the next value over the innovation variance, ≥ 1.
  @inline(__always) var predictionVariance: Double { covariance[0] }

  /// Takes the next value (NaN: missing), given as its deviation from the mean.
  mutating func observe(_ value: Double) {
    let r = dimension
    guard !value.isNaN else {
      let first = a[0]
      for i in 0..<r { a[i] = a[i + 1] + phi[i] * first }
      predictCovarianceBlind()
      return
    }
    let error = value - a[0]
    if isSteady {
      for i in 0..<r { a[i] = a[i + 1] + phi[i] * value + theta[i + 1] * error }
      return
    }
    let width = r + 1
    let gain = error / covariance[0]
    for i in 0..<r { a[i] = a[i + 1] + phi[i] * value + covariance[(i + 1) * width] * gain }
    updateCovariance()
    checkSteady()
  }

  /// Runs a settled filter over values without gaps and, beside it, over a series of ones whose
  /// state mean is `ones`. Returns Σ v², Σ u v, Σ u² of both innovations.
  mutating func runSteady(
    _ series: UnsafeBufferPointer<Double>, shift: Double, ones: inout ContiguousArray<Double>
  ) -> (values: Double, mixed: Double, ones: Double) {
    var sums = (values: 0.0, mixed: 0.0, ones: 0.0)
    let r = dimension
    let phi = self.phi
    let theta = self.theta
    a.withUnsafeMutableBufferPointer { a in
      ones.withUnsafeMutableBufferPointer { b in
        phi.withUnsafeBufferPointer { phi in
          theta.withUnsafeBufferPointer { theta in
            for element in series {
              let value = element - shift
              let v = value - a[0]
              let u = 1 - b[0]
              sums.values += v * v
              sums.mixed += u * v
              sums.ones += u * u
              for i in 0..<r {
                a[i] = a[i + 1] + phi[i] * value + theta[i + 1] * v
                b[i] = b[i + 1] + phi[i] + theta[i + 1] * u
              }
            }
          }
        }
      }
    }
    return sums
  }

  /// `P ← shift(P − p pᵀ/F) + θθᵀ` with p the first column.
  private mutating func updateCovariance() {
    let r = dimension
    let width = r + 1
    let theta = self.theta
    covariance.withUnsafeMutableBufferPointer { p in
      let inverse = 1 / p[0]
      for i in 0..<r {
        let scaled = p[(i + 1) * width] * inverse
        let ownTheta = theta[i]
        // Row i is made from row i+1 and column 0 below it: neither is overwritten yet.
        for k in i..<r {
          p[i * width + k] =
            p[(i + 1) * width + k + 1] - scaled * p[(k + 1) * width] + ownTheta * theta[k]
        }
      }
      for i in 1..<max(r, 1) { for k in 0..<i { p[i * width + k] = p[k * width + i] } }
    }
  }

  /// `P ← T P Tᵀ + θθᵀ`: nothing was seen.
  private mutating func predictCovarianceBlind() {
    let r = dimension
    let width = r + 1
    let old = covariance
    for i in 0..<r {
      for k in 0..<r {
        covariance[i * width + k] =
          phi[i] * phi[k] * old[0] + phi[i] * old[k + 1] + phi[k] * old[(i + 1) * width]
          + old[(i + 1) * width + k + 1] + theta[i] * theta[k]
      }
    }
    isSteady = false
    checkSteady()
  }

  private mutating func checkSteady() {
    let width = dimension + 1
    for i in 0..<dimension
    where covariance[i * width + i] - theta[i] * theta[i] > Self.settled { return }
    isSteady = true
  }
}

/// Cov(y_t, α_t[k]) of the stationary process, from its autocovariances; nil if it has none.
private func stationaryFirstRow(ar: [Double], ma: [Double], dimension: Int) -> [Double]? {
  let p = ar.count
  let theta = [1] + ma
  // ψ: response of the process to an innovation j steps back.
  var psi = [Double](repeating: 0, count: theta.count)
  for j in theta.indices {
    psi[j] = theta[j]
    for i in 0..<min(j, p) { psi[j] += ar[i] * psi[j - 1 - i] }
  }
  // γ_k − Σ φ_j γ_|k−j| = Σ_{j≥k} θ_j ψ_{j−k}, k = 0 … p.
  let size = p + 1
  var matrix = [Double](repeating: 0, count: size * size)
  var gamma = [Double](repeating: 0, count: size)
  for k in 0..<size {
    matrix[k * size + k] += 1
    for j in 0..<p { matrix[k * size + abs(k - 1 - j)] -= ar[j] }
    for j in stride(from: k, to: theta.count, by: 1) { gamma[k] += theta[j] * psi[j - k] }
  }
  guard solve(&matrix, &gamma), gamma[0].isFinite, gamma[0] > 0 else { return nil }
  return (0..<dimension).map { k in
    var sum = 0.0
    for j in stride(from: k, to: p, by: 1) { sum += ar[j] * gamma[j + 1 - k] }
    for j in stride(from: k, to: theta.count, by: 1) { sum += theta[j] * psi[j - k] }
    return sum
  }
}

/// Solves `matrix · x = vector` in place (Gaussian elimination with row exchange); false if singular.
func solve(_ matrix: inout [Double], _ vector: inout [Double]) -> Bool {
  let size = vector.count
  for column in 0..<size {
    var pivot = column
    for row in column..<size
    where abs(matrix[row * size + column]) > abs(matrix[pivot * size + column]) { pivot = row }
    guard abs(matrix[pivot * size + column]) > 1e-300 else { return false }
    if pivot != column {
      for k in 0..<size { matrix.swapAt(pivot * size + k, column * size + k) }
      vector.swapAt(pivot, column)
    }
    for row in column + 1..<max(size, column + 1) {
      let factor = matrix[row * size + column] / matrix[column * size + column]
      guard factor != 0 else { continue }
      for k in column..<size { matrix[row * size + k] -= factor * matrix[column * size + k] }
      vector[row] -= factor * vector[column]
    }
  }
  for row in stride(from: size - 1, through: 0, by: -1) {
    for k in row + 1..<max(size, row + 1) { vector[row] -= matrix[row * size + k] * vector[k] }
    vector[row] /= matrix[row * size + row]
  }
  return true
}
