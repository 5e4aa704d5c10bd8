// SPDX-License-Identifier: Apache-2.0

/// The order (p,d,q)(P,D,Q)[s] of a seasonal ARIMA model.
///
/// `φ(B) Φ(Bˢ) ((1−B)ᵈ(1−Bˢ)ᴰ y_t − μ) = θ(B) Θ(Bˢ) ε_t`, moving-average signs positive as in R.
/// Source: Box & Jenkins 1970; Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 9.
public struct ArimaOrder: Sendable, Hashable, Codable {
  /// Number of autoregressive coefficients (p).
  public var autoregressive: Int
  /// Number of differences (d).
  public var differences: Int
  /// Number of moving-average coefficients (q).
  public var movingAverage: Int
  /// Number of seasonal autoregressive coefficients (P).
  public var seasonalAutoregressive: Int
  /// Number of seasonal differences (D).
  public var seasonalDifferences: Int
  /// Number of seasonal moving-average coefficients (Q).
  public var seasonalMovingAverage: Int
  /// Steps in a season (s); 1 when there is none.
  public var season: Int
  /// Whether the differenced series has a mean μ (with one difference: a drift).
  public var hasMean: Bool

  /// An order; without `hasMean` there is a mean exactly when nothing is differenced.
  ///
  /// - Precondition: no number is negative, `season` ≥ 1, and a seasonal part has a season ≥ 2.
  public init(
    _ p: Int, _ d: Int, _ q: Int, seasonal: (P: Int, D: Int, Q: Int) = (0, 0, 0), season: Int = 1,
    hasMean: Bool? = nil
  ) {
    let isSeasonal = seasonal != (0, 0, 0)
    precondition(min(p, d, q, seasonal.P, seasonal.D, seasonal.Q) >= 0, "a negative order")
    precondition(season >= (isSeasonal ? 2 : 1), "season \(season)")
    autoregressive = p
    differences = d
    movingAverage = q
    seasonalAutoregressive = seasonal.P
    seasonalDifferences = seasonal.D
    seasonalMovingAverage = seasonal.Q
    self.season = season
    self.hasMean = hasMean ?? (d + seasonal.D == 0)
  }

  /// Coefficients to estimate, without mean and variance.
  var coefficientCount: Int {
    autoregressive + movingAverage + seasonalAutoregressive + seasonalMovingAverage
  }
  /// All estimated numbers, the variance included (k of the information criteria).
  var parameterCount: Int { coefficientCount + (hasMean ? 1 : 0) + 1 }
  /// Values that differencing uses up.
  var lostValues: Int { differences + seasonalDifferences * season }
}

extension ArimaOrder: CustomStringConvertible {
  /// `(p,d,q)` or `(p,d,q)(P,D,Q)[s]`.
  public var description: String {
    let plain = "(\(autoregressive),\(differences),\(movingAverage))"
    guard season > 1 else { return plain }
    return plain
      + "(\(seasonalAutoregressive),\(seasonalDifferences),\(seasonalMovingAverage))[\(season)]"
  }
}

/// The parameters of an ARIMA model.
public struct ArimaParameters: Sendable, Equatable, Codable {
  /// φ₁ … φ_p.
  public var autoregressive: [Double] = []
  /// θ₁ … θ_q, positive sign convention.
  public var movingAverage: [Double] = []
  /// Φ₁ … Φ_P.
  public var seasonalAutoregressive: [Double] = []
  /// Θ₁ … Θ_Q.
  public var seasonalMovingAverage: [Double] = []
  /// Mean of the differenced series; 0 when the order has none.
  public var mean = 0.0
  /// Variance of the innovations.
  public var variance = 1.0

  /// White noise of variance 1.
  public init() {}
}
