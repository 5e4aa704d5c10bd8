// SPDX-License-Identifier: Apache-2.0

/// Tests by which the numbers of differences are chosen.
enum Stationarity {
  /// Critical value of the KPSS level test at 5 % (Kwiatkowski et al. 1992, table 1).
  static let kpssCritical = 0.463
  /// Strength of seasonality above which a seasonal difference is taken (Wang, Smith & Hyndman
  /// 2006; threshold as in R forecast's `nsdiffs`).
  static let seasonalStrength = 0.64

  /// Whether the KPSS test rejects "stationary around a level" at 5 %, with a Bartlett window of
  /// ⌊3√n/13⌋ lags. Constant and very short series are not rejected.
  static func kpssRejects(_ series: [Double]) -> Bool {
    let values = series.filter { !$0.isNaN }
    guard values.count > 10 else { return false }
    let center = mean(values)
    let errors = values.map { $0 - center }
    let n = Double(values.count)
    var partial = 0.0
    var squares = 0.0
    for error in errors {
      partial += error
      squares += partial * partial
    }
    let lags = Int(3 * n.squareRoot() / 13)
    var longRun = errors.reduce(0) { $0 + $1 * $1 } / n
    for lag in stride(from: 1, through: lags, by: 1) {
      let covariance = (lag..<errors.count).reduce(0.0) { $0 + errors[$1] * errors[$1 - lag] } / n
      longRun += 2 * (1 - Double(lag) / Double(lags + 1)) * covariance
    }
    guard longRun > 0 else { return false }
    return squares / (n * n * longRun) > kpssCritical
  }

  /// Whether 1 − var(remainder)/var(detrended) exceeds ``seasonalStrength``, for a trend by a
  /// centred moving average over a season and a season by the mean of each phase.
  static func isStronglySeasonal(_ series: [Double], _ season: Int) -> Bool {
    guard series.count >= 2 * season + 2 else { return false }
    var detrended: [(phase: Int, value: Double)] = []
    let half = season / 2
    for time in half..<series.count - half {
      let window = series[time - half...time + half].filter { !$0.isNaN }
      guard !series[time].isNaN, !window.isEmpty else { continue }
      detrended.append((time % season, series[time] - mean(Array(window))))
    }
    var sums = [Double](repeating: 0, count: season)
    var counts = sums
    for (phase, value) in detrended {
      sums[phase] += value
      counts[phase] += 1
    }
    let remainder = detrended.map { $0.value - sums[$0.phase] / counts[$0.phase] }
    let total = populationVariance(detrended.map(\.value))
    return total > 0 && 1 - populationVariance(remainder) / total > seasonalStrength
  }

  private static func populationVariance(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let center = mean(values)
    return mean(values.map { ($0 - center) * ($0 - center) })
  }
}
