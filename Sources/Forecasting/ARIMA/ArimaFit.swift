// SPDX-License-Identifier: Apache-2.0
import Foundation
import Numerics

/// A fitted ARIMA model: order, maximum-likelihood parameters and how well they do.
public struct ArimaFit: Sendable, Equatable {
  /// The order.
  public let order: ArimaOrder
  /// Maximum-likelihood parameters; the variance is the ML value (not corrected for k).
  public let parameters: ArimaParameters
  /// Exact Gaussian log-likelihood of the differenced series.
  public let logLikelihood: Double
  /// Differenced values that were not missing.
  public let count: Int

  /// Akaike's criterion, −2 ln L + 2k.
  public var aic: Double { -2 * logLikelihood + 2 * Double(order.parameterCount) }
  /// Akaike's criterion with the correction for short series, + 2k(k+1)/(n−k−1).
  public var aicc: Double {
    let k = Double(order.parameterCount)
    let rest = Double(count) - k - 1
    return rest > 0 ? aic + 2 * k * (k + 1) / rest : .infinity
  }
  /// Schwarz's criterion, −2 ln L + k ln n.
  public var bic: Double {
    -2 * logLikelihood + Double(order.parameterCount) * log(Double(count))
  }

  /// How hard the optimum is searched.
  public enum Effort: Sendable {
    /// From one start: for comparing many orders.
    case quick
    /// From several starts, because near-cancelling roots make local optima.
    case thorough
    /// Like thorough, for forecasts: the mode of the likelihood times `invertiblePrior`.
    ///
    /// The likelihood of a short series often has its maximum at a moving-average root of 1 (the
    /// "pile-up", Sargan & Bhargava 1983, doi:10.2307/1912253). Such a model takes the mean as known
    /// and never learns of a new level.
    case invertible
  }

  /// Maximises the exact likelihood of `values` (NaN: missing).
  ///
  /// Stationarity and invertibility are built in (`StationaryTransform`); variance and mean are
  /// concentrated out, so the search is over the p+q+P+Q coefficients alone. Differenced values
  /// next to a gap count as missing. Returns nil when there are too few values for the order, or
  /// when the differenced series is constant (there is nothing to fit).
  public init?(_ values: [Double], order: ArimaOrder, effort: Effort = .thorough) {
    let series = ArmaPolynomials.differenced(values, ArmaPolynomials.integration(of: order))
    guard let problem = ArimaProblem(series, order: order) else { return nil }
    self.init(problem, effort: effort)
  }

  /// Weight of the prior Π (1 − r²) over the partial autocorrelations r of the moving-average
  /// parts, which vanishes on the border (boundary-avoiding: Chung et al. 2013,
  /// doi:10.1007/s11336-013-9328-2).
  static let invertiblePrior = 1.0

  init?(_ problem: ArimaProblem, effort: Effort) {
    var problem = problem
    problem.borderPrior = effort == .invertible ? Self.invertiblePrior : 0
    guard let best = problem.optimum(effort), let likelihood = problem.likelihood(best) else {
      return nil
    }
    order = problem.order
    count = likelihood.count
    var parameters = problem.parameters(best)
    parameters.mean = problem.scale * likelihood.mean + problem.shift
    parameters.variance = problem.scale * problem.scale * likelihood.variance
    self.parameters = parameters
    logLikelihood =
      likelihood.logLikelihood(variance: likelihood.variance)
      - Double(likelihood.count) * log(problem.scale)
  }

  /// A model with known parameters, not fitted to anything: its likelihood is 0 of no values.
  public init(order: ArimaOrder, parameters: ArimaParameters) {
    self.order = order
    self.parameters = parameters
    logLikelihood = 0
    count = 0
  }

  /// The exact log-likelihood of `values` at given parameters; nil if they are not stationary.
  public static func logLikelihood(
    _ values: [Double], order: ArimaOrder, parameters: ArimaParameters
  ) -> Double? {
    let polynomials = ArmaPolynomials(order, parameters)
    let series = ArmaPolynomials.differenced(values, polynomials.integration)
    return ArmaLikelihood(
      series, ar: polynomials.ar, ma: polynomials.ma, mean: parameters.mean
    )?.logLikelihood(variance: parameters.variance)
  }
}

/// A differenced series, scaled to unit size, and the order that is fitted to it.
struct ArimaProblem: Sendable {
  let order: ArimaOrder
  /// `(differenced − shift) / scale`.
  let series: [Double]
  let shift: Double
  let scale: Double
  /// Weight of the prior that keeps moving averages away from the border.
  var borderPrior = 0.0

  init?(_ differenced: [Double], order: ArimaOrder) {
    let seen = differenced.filter { !$0.isNaN }
    guard seen.count > order.parameterCount + 1 else { return nil }
    let center = order.hasMean ? mean(seen) : 0
    let size = mean(seen.map { ($0 - center) * ($0 - center) }).squareRoot()
    // Below this share of the largest value the variation is rounding noise.
    let largest = seen.reduce(0) { max($0, abs($1)) }
    guard size.isFinite, size > 1e-10 * largest, size > 1e-150 else { return nil }
    self.order = order
    shift = center
    scale = size
    series = differenced.map { ($0 - center) / size }
  }

  /// The coefficients that unconstrained numbers stand for.
  func parameters(_ x: [Double]) -> ArimaParameters {
    var result = ArimaParameters()
    var start = 0
    func next(_ count: Int) -> [Double] {
      defer { start += count }
      return StationaryTransform.coefficients(x[start..<start + count])
    }
    result.autoregressive = next(order.autoregressive)
    result.movingAverage = next(order.movingAverage).map { -$0 }
    result.seasonalAutoregressive = next(order.seasonalAutoregressive)
    result.seasonalMovingAverage = next(order.seasonalMovingAverage).map { -$0 }
    return result
  }

  func likelihood(_ x: [Double]) -> ArmaLikelihood? {
    let polynomials = ArmaPolynomials(order, parameters(x))
    return ArmaLikelihood(
      series, ar: polynomials.ar, ma: polynomials.ma, mean: order.hasMean ? nil : 0)
  }

  /// The best point found; nil if the likelihood is undefined at all starts.
  func optimum(_ effort: ArimaFit.Effort) -> [Double]? {
    guard order.coefficientCount > 0 else { return [] }
    guard effort != .quick else {
      let found = search(from: HannanRissanen.start(series, order: order))
      return found.value < Minimizer.undefined ? leftBorder(found).point : nil
    }
    let looks = ArimaStarts.candidates(series, order: order).map {
      (point: $0, value: objective($0) ?? .infinity)
    }
    var best: Minimum?
    for start in ArimaStarts.best(looks, count: Self.searches) {
      let found = Minimizer.bfgs(value, from: start, step: 0.1, tolerance: Self.roughly)
      if found.value < best?.value ?? Minimizer.undefined { best = found }
    }
    guard let rough = best else { return nil }
    return leftBorder(search(from: rough.point)).point
  }

  /// Starts that are searched from.
  private static let searches = 4
  /// Gradient at which a first search ends: good enough to tell optima apart.
  private static let roughly = 0.05

  /// A long first step can land on the flat border of the region, where the likelihood has a
  /// local maximum of its own (the "pile-up" at a unit root): look once more from just inside.
  private func leftBorder(_ found: Minimum) -> Minimum {
    guard found.point.contains(where: { abs($0) > Self.nearBorder }) else { return found }
    let inside = found.point.map { min(max($0, -Self.wellInside), Self.wellInside) }
    let other = search(from: inside)
    return other.value < found.value ? other : found
  }

  /// Partial autocorrelations of tanh 3.5 = 0.998 are at the border, tanh 2 = 0.964 are not.
  private static let nearBorder = 3.5
  private static let wellInside = 2.0

  /// Line searches give up where the gradient is inexact: a new start at the same place, with a
  /// fresh Hessian, then often goes on. Ends when that gains nothing.
  private func search(from start: [Double]) -> Minimum {
    var current = Minimizer.bfgs(value, from: start, step: 0.1, tolerance: 1e-3)
    for _ in 0..<3 {
      let next = Minimizer.bfgs(value, from: current.point, step: 0.01, tolerance: 1e-4)
      let gain = current.value - next.value
      if gain > 0 { current = next }
      if gain < 1e-5 { break }
    }
    return current
  }

  /// What is minimised: −ln of likelihood and prior, up to a constant.
  private func objective(_ x: [Double]) -> Double? {
    guard let found = likelihood(x)?.objective else { return nil }
    guard borderPrior > 0 else { return found }
    var start = order.autoregressive
    var penalty = 0.0
    for (count, others) in [
      (order.movingAverage, order.seasonalAutoregressive), (order.seasonalMovingAverage, 0),
    ] {
      // r = tanh x, so −ln (1 − r²) = 2 ln cosh x.
      for value in x[start..<start + count] { penalty += 2 * log(cosh(value)) }
      start += count + others
    }
    return found + borderPrior * penalty
  }

  private func value(_ x: UnsafeBufferPointer<Double>) -> Double {
    objective(Array(x)) ?? .nan
  }
}
