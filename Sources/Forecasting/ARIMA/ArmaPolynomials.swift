// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The multiplied-out lag polynomials of an ARIMA model.
///
/// `w_t = Σ ar[j]·w_{t−1−j} + ε_t + Σ ma[j]·ε_{t−1−j}` for the differenced series w, and
/// `y_t = Σ integration[j]·y_{t−1−j} + w_t`.
struct ArmaPolynomials: Sendable, Equatable, Codable {
  var ar: [Double]
  var ma: [Double]
  var integration: [Double]

  init(_ order: ArimaOrder, _ parameters: ArimaParameters) {
    let season = order.season
    ar = Self.product(
      parameters.autoregressive, parameters.seasonalAutoregressive, season: season, sign: -1)
    ma = Self.product(
      parameters.movingAverage, parameters.seasonalMovingAverage, season: season, sign: 1)
    integration = Self.integration(of: order)
  }

  /// The coefficients of `(1 + sign·Σ a_j Bʲ)(1 + sign·Σ b_j B^{sj})` after the leading one, again
  /// with `sign` in front.
  static func product(_ a: [Double], _ b: [Double], season: Int, sign: Double) -> [Double] {
    var result = [Double](repeating: 0, count: a.count + b.count * season)
    for i in 0...a.count {
      for j in 0...b.count where i + j > 0 {
        let left = i == 0 ? 1 : sign * a[i - 1]
        let right = j == 0 ? 1 : sign * b[j - 1]
        result[i + j * season - 1] += sign * left * right
      }
    }
    return result
  }

  /// δ of `(1−B)ᵈ(1−Bˢ)ᴰ = 1 − Σ δ_j Bʲ`.
  static func integration(of order: ArimaOrder) -> [Double] {
    var result: [Double] = []
    for _ in 0..<order.differences { result = product(result, [1], season: 1, sign: -1) }
    for _ in 0..<order.seasonalDifferences {
      result = product(result, [1], season: order.season, sign: -1)
    }
    return result
  }

  /// The differenced series; NaN where any of the values it is made of is missing.
  static func differenced(_ values: [Double], _ integration: [Double]) -> [Double] {
    guard !integration.isEmpty else { return values }
    guard values.count > integration.count else { return [] }
    let lags = integration.indices.filter { integration[$0] != 0 }
    return (integration.count..<values.count).map { time in
      lags.reduce(values[time]) { $0 - integration[$1] * values[time - 1 - $1] }
    }
  }
}

/// Unconstrained numbers ↔ coefficients of a stationary autoregression, by way of its partial
/// autocorrelations (Monahan 1984, doi:10.1093/biomet/71.2.403).
enum StationaryTransform {
  /// Partial autocorrelations stay this far from ±1, so that variances stay finite. At the border
  /// a likelihood of n values is off by about n times this.
  static let margin = 1e-7

  /// Coefficients of the autoregression with partial autocorrelations tanh(x).
  static func coefficients(_ x: ArraySlice<Double>) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(x.count)
    for value in x {
      let partial = (1 - margin) * tanh(value)
      let previous = result
      for j in previous.indices {
        result[j] = previous[j] - partial * previous[previous.count - 1 - j]
      }
      result.append(partial)
    }
    return result
  }

  /// The numbers that ``coefficients(_:)`` maps to these; coefficients outside the stationary
  /// region are drawn into it.
  static func unconstrained(_ coefficients: [Double]) -> [Double] {
    var current = coefficients
    var result = [Double](repeating: 0, count: coefficients.count)
    for k in stride(from: coefficients.count - 1, through: 0, by: -1) {
      let partial = min(max(current[k], -0.97), 0.97)
      result[k] = atanh(partial / (1 - margin))
      let scale = 1 - partial * partial
      current = (0..<k).map { (current[$0] + partial * current[k - 1 - $0]) / scale }
    }
    return result
  }
}
