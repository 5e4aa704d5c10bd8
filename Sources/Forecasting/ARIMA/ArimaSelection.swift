// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Stepwise choice of an ARIMA order by AICc (Hyndman & Khandakar 2008, doi:10.18637/jss.v027.i03).
///
/// Seasonal differences by the strength of seasonality, differences by repeated KPSS tests, then
/// a walk over (p, q, P, Q, mean) from four starting orders to the best neighbour until none is
/// better. Orders whose polynomials have a root within 1 % of the unit circle are not accepted.
public enum ArimaSelection {
  /// The chosen model.
  public struct Result: Sendable {
    /// The fit, with `Effort.thorough`.
    public var fit: ArimaFit
    /// Every order that was tried, with its AICc (infinite: not accepted), in order of trial.
    public var tried: [(order: ArimaOrder, aicc: Double)]
  }

  /// Largest p and q.
  static let maximumOrder = 5
  /// Largest P and Q.
  static let maximumSeasonalOrder = 2
  /// Longest season that is modelled: state and cost grow with it. Use a day profile beyond.
  public static let longestSeason = 48

  /// Chooses and fits; nil when the series is too short or constant.
  public static func select(_ values: [Double], season: Int = 1) -> Result? {
    let seen = values.count { !$0.isNaN }
    let useSeason = season > 1 && season <= longestSeason && seen >= 2 * season + 10
    let period = useSeason ? season : 1
    let seasonalDifferences = useSeason && Stationarity.isStronglySeasonal(values, season) ? 1 : 0
    var differenced = ArmaPolynomials.differenced(
      values,
      ArmaPolynomials.integration(
        of: ArimaOrder(0, 0, 0, seasonal: (0, seasonalDifferences, 0), season: period)))
    var differences = 0
    while differences < 2, Stationarity.kpssRejects(differenced) {
      differenced = ArmaPolynomials.differenced(differenced, [1])
      differences += 1
    }
    var walk = OrderWalk(
      values: values, d: differences, seasonalD: seasonalDifferences, season: period)
    guard let best = walk.run(),
      let fit = ArimaFit(values, order: best, effort: .thorough)
    else { return nil }
    return Result(fit: fit, tried: walk.tried)
  }
}

/// The walk over orders; remembers what was tried.
private struct OrderWalk {
  let values: [Double]
  let d: Int
  let seasonalD: Int
  let season: Int
  var tried: [(order: ArimaOrder, aicc: Double)] = []

  /// A mean (drift) is allowed unless differencing has removed it twice.
  private var mayHaveMean: Bool { d + seasonalD <= 1 }

  mutating func run() -> ArimaOrder? {
    var best: (order: ArimaOrder, aicc: Double)?
    let P = season > 1 ? 1 : 0
    let starts = [
      order(2, 2, P, P, mayHaveMean), order(0, 0, 0, 0, mayHaveMean),
      order(1, 0, P, 0, mayHaveMean), order(0, 1, 0, P, mayHaveMean),
      order(0, 0, 0, 0, false),
    ]
    for start in starts { consider(start, &best) }
    guard best != nil else { return nil }
    while let neighbour = improve(&best) { _ = neighbour }
    return best?.order
  }

  /// Moves to the first better neighbour; nil when there is none.
  private mutating func improve(_ best: inout (order: ArimaOrder, aicc: Double)?) -> ArimaOrder? {
    guard let current = best?.order else { return nil }
    let (p, q) = (current.autoregressive, current.movingAverage)
    let (P, Q) = (current.seasonalAutoregressive, current.seasonalMovingAverage)
    let mean = current.hasMean
    var neighbours: [ArimaOrder?] = []
    if season > 1 {
      for (dP, dQ) in [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)] {
        neighbours.append(order(p, q, P + dP, Q + dQ, mean))
      }
    }
    for (dp, dq) in [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)] {
      neighbours.append(order(p + dp, q + dq, P, Q, mean))
    }
    if mayHaveMean { neighbours.append(order(p, q, P, Q, !mean)) }
    for neighbour in neighbours {
      consider(neighbour, &best)
      if let found = best?.order, found != current { return found }
    }
    return nil
  }

  private func order(_ p: Int, _ q: Int, _ P: Int, _ Q: Int, _ mean: Bool) -> ArimaOrder? {
    let plain = 0...ArimaSelection.maximumOrder
    let seasonal = 0...(season > 1 ? ArimaSelection.maximumSeasonalOrder : 0)
    guard plain.contains(p), plain.contains(q), seasonal.contains(P), seasonal.contains(Q) else {
      return nil
    }
    return ArimaOrder(p, d, q, seasonal: (P, seasonalD, Q), season: season, hasMean: mean)
  }

  private mutating func consider(
    _ candidate: ArimaOrder?, _ best: inout (order: ArimaOrder, aicc: Double)?
  ) {
    guard let candidate, !tried.contains(where: { $0.order == candidate }) else { return }
    var aicc = Double.infinity
    if let fit = ArimaFit(values, order: candidate, effort: .quick), fit.isWellInside {
      aicc = fit.aicc
    }
    tried.append((candidate, aicc))
    if aicc < best?.aicc ?? .infinity { best = (candidate, aicc) }
  }
}

extension ArimaFit {
  /// Whether all roots of all four polynomials are more than 1 % outside the unit circle.
  var isWellInside: Bool {
    // φ(z/1.01) has its roots outside the circle exactly when φ's are outside the larger one.
    func isInside(_ coefficients: [Double], _ sign: Double) -> Bool {
      var scaled = coefficients.enumerated().map { sign * $1 * pow(1.01, Double($0 + 1)) }
      while let partial = scaled.last {
        guard abs(partial) < 1 else { return false }
        let rest = scaled.dropLast()
        scaled = rest.indices.map {
          (rest[$0] + partial * rest[rest.count - 1 - $0]) / (1 - partial * partial)
        }
      }
      return true
    }
    return isInside(parameters.autoregressive, 1) && isInside(parameters.movingAverage, -1)
      && isInside(parameters.seasonalAutoregressive, 1)
      && isInside(parameters.seasonalMovingAverage, -1)
  }
}
