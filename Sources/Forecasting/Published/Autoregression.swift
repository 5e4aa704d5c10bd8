// SPDX-License-Identifier: Apache-2.0

/// An autoregression fitted by the Yule-Walker equations, which Levinson and Durbin's recursion
/// solves (Brockwell & Davis 1991, section 8.2, doi:10.1007/978-1-4419-0320-4).
///
/// x(t) − μ = Σ φ_i·(x(t−i) − μ) + e, with Σ_j φ_j·γ(i−j) = γ(i) for i = 1 … p and the sample
/// autocovariances γ(k) = Σ (x(t) − μ)(x(t+k) − μ)/n. Fitted like this it is always stationary, so
/// predictions never run away.
public struct Autoregression: Sendable, Equatable {
  /// μ.
  public private(set) var mean = 0.0
  /// φ_1 … φ_p.
  public private(set) var coefficients: [Double] = []

  /// Fits at most `order` coefficients; fewer to short series (a quarter of their length), none to
  /// constant ones.
  public init(fitting values: ArraySlice<Double>, order: Int) {
    guard !values.isEmpty else { return }
    let count = Double(values.count)
    mean = values.reduce(0, +) / count
    let centred = values.map { $0 - mean }
    let lags = min(order, values.count / 4)
    let covariances = (0...lags).map { lag in
      zip(centred, centred.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / count
    }
    // What rounding leaves of a constant series is no variance.
    guard covariances[0] > 1e-24 * mean * mean else { return }
    coefficients = Self.levinsonDurbin(covariances)
  }

  /// Solves the Yule-Walker equations for γ(0) … γ(p), γ(0) > 0.
  static func levinsonDurbin(_ covariances: [Double]) -> [Double] {
    var solution: [Double] = []
    var variance = covariances[0]
    for lag in covariances.indices.dropFirst() {
      // Nothing is left to explain.
      guard variance > 1e-12 * covariances[0] else { break }
      let explained = solution.indices.reduce(0) { $0 + solution[$1] * covariances[lag - 1 - $1] }
      let reflection = (covariances[lag] - explained) / variance
      let reversed = solution.reversed()
      solution = zip(solution, reversed).map { $0 - reflection * $1 } + [reflection]
      variance *= 1 - reflection * reflection
    }
    return solution
  }

  /// Predicts the values after `past`, as many as `future` has elements.
  public func predict(
    after past: ArraySlice<Double>, into future: UnsafeMutableBufferPointer<Double>
  ) {
    for step in future.indices {
      var value = mean
      for (index, coefficient) in coefficients.enumerated() {
        let back = step - 1 - index
        guard back >= 0 || past.count + back >= 0 else { break }
        value += coefficient * ((back >= 0 ? future[back] : past[past.endIndex + back]) - mean)
      }
      future[step] = value
    }
  }
}
