// SPDX-License-Identifier: Apache-2.0

/// Starting values for the likelihood search: regression on lagged values and lagged residuals of
/// a long autoregression (Hannan & Rissanen 1982, doi:10.1093/biomet/69.1.81).
enum HannanRissanen {
  /// A point for ``ArimaProblem``; zeros where the regression fails. Seasonal parts start at the
  /// autocorrelation at the season.
  static func start(_ series: [Double], order: ArimaOrder) -> [Double] {
    let center = mean(series.filter { !$0.isNaN })
    let values = series.map { $0.isNaN ? 0 : $0 - center }
    let (p, q) = (order.autoregressive, order.movingAverage)
    var coefficients = [Double](repeating: 0, count: p + q)
    if p + q > 0 {
      let residuals =
        q > 0 ? longResiduals(values, lags: min(20, max(p + q, values.count / 10))) : []
      if let found = regress(values, residuals, p: p, q: q) { coefficients = found }
    }
    let seasonal = autocorrelation(values, lag: order.season)
    let seasonalStart = StationaryTransform.unconstrained([min(max(seasonal, -0.9), 0.9)])[0]
    func seasonalPart(_ count: Int, _ sign: Double) -> [Double] {
      (0..<count).map { $0 == 0 ? sign * seasonalStart : 0 }
    }
    return StationaryTransform.unconstrained(Array(coefficients[..<p]))
      + StationaryTransform.unconstrained(coefficients[p...].map { -$0 })
      + seasonalPart(order.seasonalAutoregressive, 1)
      + seasonalPart(order.seasonalMovingAverage, order.seasonalAutoregressive > 0 ? 0 : -1)
  }

  /// Residuals of the autoregression of `lags` coefficients by the Yule–Walker equations.
  private static func longResiduals(_ values: [Double], lags: Int) -> [Double] {
    let covariances = (0...lags).map { lag in
      stride(from: lag, to: values.count, by: 1)
        .reduce(0.0) { $0 + values[$1] * values[$1 - lag] }
    }
    let ar = levinson(covariances)
    return values.indices.map { time in
      var error = values[time]
      for lag in 0..<min(time, ar.count) { error -= ar[lag] * values[time - 1 - lag] }
      return error
    }
  }

  /// Levinson–Durbin recursion.
  private static func levinson(_ covariances: [Double]) -> [Double] {
    var ar: [Double] = []
    var variance = covariances[0]
    for k in 1..<max(covariances.count, 1) {
      guard variance > 0 else { break }
      let partial =
        ar.indices.reduce(covariances[k]) { $0 - ar[$1] * covariances[k - 1 - $1] } / variance
      let previous = ar
      for j in previous.indices { ar[j] -= partial * previous[previous.count - 1 - j] }
      ar.append(partial)
      variance *= 1 - partial * partial
    }
    return ar
  }

  /// Least squares of each value on p lagged values and q lagged residuals.
  private static func regress(_ values: [Double], _ residuals: [Double], p: Int, q: Int)
    -> [Double]?
  {
    let size = p + q
    let first = max(p, q) + (q > 0 ? min(20, values.count / 10) : 0)
    guard values.count > first + 2 * size else { return nil }
    var matrix = [Double](repeating: 0, count: size * size)
    var vector = [Double](repeating: 0, count: size)
    var row = vector
    for time in first..<values.count {
      for lag in 0..<p { row[lag] = values[time - 1 - lag] }
      for lag in 0..<q { row[p + lag] = residuals[time - 1 - lag] }
      for i in 0..<size {
        vector[i] += row[i] * values[time]
        for k in 0..<size { matrix[i * size + k] += row[i] * row[k] }
      }
    }
    for i in 0..<size { matrix[i * size + i] *= 1 + 1e-9 }
    guard solve(&matrix, &vector), vector.allSatisfy(\.isFinite) else { return nil }
    return vector
  }

  private static func autocorrelation(_ values: [Double], lag: Int) -> Double {
    guard lag > 1, values.count > lag else { return 0 }
    let variance = values.reduce(0) { $0 + $1 * $1 }
    guard variance > 0 else { return 0 }
    return (lag..<values.count).reduce(0.0) { $0 + values[$1] * values[$1 - lag] } / variance
  }
}
