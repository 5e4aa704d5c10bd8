// SPDX-License-Identifier: Apache-2.0

/// One series followed by an ARIMA model: filter state and the last values.
///
/// A missing value is replaced by its forecast for the sake of later differences, but the filter
/// is not told it: differences across a gap count as missing.
struct ArimaState: Sendable, Codable {
  private let polynomials: ArmaPolynomials
  private let mean: Double
  private let variance: Double
  private var filter: ArmaFilter
  /// The last values (newest first) that differencing needs, and which of them were missing.
  private var recent: ContiguousArray<Double>
  private var isFilledIn: ContiguousArray<Bool>
  private var seen = 0
  /// Steps since the last value that was not missing.
  private var gap = 0
  /// The filter after the last value, while a gap lasts.
  private var filterBeforeGap: ArmaFilter?

  /// The state before the first value; nil if the parameters are not stationary.
  init?(order: ArimaOrder, parameters: ArimaParameters) {
    polynomials = ArmaPolynomials(order, parameters)
    mean = parameters.mean
    variance = parameters.variance
    guard let filter = ArmaFilter(ar: polynomials.ar, ma: polynomials.ma) else { return nil }
    self.filter = filter
    let count = polynomials.integration.count
    recent = ContiguousArray(repeating: 0, count: count)
    isFilledIn = ContiguousArray(repeating: true, count: count)
  }

  /// Whether enough values were seen to difference the next one.
  var isReady: Bool { seen >= recent.count }

  /// Takes the next value; NaN is missing.
  mutating func observe(_ value: Double) {
    let isMissing = value.isNaN
    if isMissing, seen == 0 { return }
    if isMissing, gap == 0 { filterBeforeGap = filter }
    if !isMissing { filterBeforeGap = nil }
    let filled = isMissing ? (isReady ? meanForecast(1) : recent.first ?? 0) : value
    if isReady {
      let known = zip(polynomials.integration, isFilledIn).allSatisfy { $0 == 0 || !$1 }
      filter.observe(isMissing || !known ? .nan : filled - integrated(recent) - mean)
    }
    if !recent.isEmpty {
      for index in stride(from: recent.count - 1, to: 0, by: -1) {
        recent[index] = recent[index - 1]
        isFilledIn[index] = isFilledIn[index - 1]
      }
      recent[0] = filled
      isFilledIn[0] = isMissing
    }
    seen += 1
    gap = isMissing ? gap + 1 : 0
  }

  private func integrated(_ newestFirst: ContiguousArray<Double>) -> Double {
    var sum = 0.0
    for index in newestFirst.indices { sum += polynomials.integration[index] * newestFirst[index] }
    return sum
  }

  /// The expected value `horizon` steps ahead.
  func meanForecast(_ horizon: Int) -> Double {
    let r = filter.dimension
    var state = filter.a
    var levels = recent
    var result = 0.0
    for _ in 0..<horizon {
      let next = state[0]
      result = next + mean + integrated(levels)
      for i in 0..<r { state[i] = state[i + 1] + filter.phi[i] * next }
      guard !levels.isEmpty else { continue }
      for index in stride(from: levels.count - 1, to: 0, by: -1) {
        levels[index] = levels[index - 1]
      }
      levels[0] = result
    }
    return result
  }

  /// The variance of the forecast `horizon` steps ahead, parameters taken as known.
  ///
  /// Innovations since the last value: `σ² Σ ψ_j²` over the integrated process, through a gap as
  /// well, plus what the filter did not know of the state at that value (zero once it has settled).
  func varianceForecast(_ horizon: Int) -> Double {
    let steps = horizon + gap
    let psi = integratedResponse(steps)
    var sum = psi.reduce(0) { $0 + $1 * $1 }
    let known = filterBeforeGap ?? filter
    if !known.isSteady { sum += stateUncertainty(steps, of: known) }
    return variance * sum
  }

  /// ψ₀ … ψ_{n−1}: the response of the series to one innovation.
  private func integratedResponse(_ count: Int) -> [Double] {
    let (ar, ma, integration) = (polynomials.ar, polynomials.ma, polynomials.integration)
    var response = [Double](repeating: 0, count: count)
    var integratedResponse = response
    for j in 0..<count {
      var value = j == 0 ? 1 : j <= ma.count ? ma[j - 1] : 0
      for i in 0..<min(j, ar.count) { value += ar[i] * response[j - 1 - i] }
      response[j] = value
      for i in 0..<min(j, integration.count) {
        value += integration[i] * integratedResponse[j - 1 - i]
      }
      integratedResponse[j] = value
    }
    return integratedResponse
  }

  /// `g (P − θθᵀ) gᵀ`, g being the row by which the state enters the integrated forecast.
  private func stateUncertainty(_ horizon: Int, of filter: ArmaFilter) -> Double {
    let r = filter.dimension
    // rows[k] = Z Tᵏ of the differenced process; the integrated rows follow the same recursion.
    var row = [Double](repeating: 0, count: r)
    row[0] = 1
    var integrated: [[Double]] = []
    for k in 0..<horizon {
      if k > 0 {
        // (Z Tᵏ)[0] = Σ row[i] φ_i; (Z Tᵏ)[i+1] = row[i].
        let first = (0..<r).reduce(0.0) { $0 + row[$1] * filter.phi[$1] }
        row = [first] + row.dropLast()
      }
      var total = row
      for (lag, weight) in polynomials.integration.enumerated() where weight != 0 && lag < k {
        for i in 0..<r { total[i] += weight * integrated[k - 1 - lag][i] }
      }
      integrated.append(total)
    }
    guard let g = integrated.last else { return 0 }
    var sum = 0.0
    for i in 0..<r where g[i] != 0 {
      for k in 0..<r {
        let excess = filter.covariance[i * (r + 1) + k] - filter.theta[i] * filter.theta[k]
        sum += g[i] * excess * g[k]
      }
    }
    return max(0, sum)
  }
}
