// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Platt scaling: p' = 1 / (1 + exp(-(slope · logit(p) + intercept))).
///
/// Monotone, so the order of the probabilities (and every alarm curve) stays as it was.
/// Source: Platt, "Probabilistic outputs for support vector machines", 1999; on log-odds as in
/// Kull et al., AISTATS 2017.
public struct PlattScaling: Sendable, Equatable, Codable {
  /// Factor of the log-odds, > 0.
  public var slope = 1.0
  /// Addend of the log-odds.
  public var intercept = 0.0

  /// No change.
  public init() {}

  /// Probabilities closer to 0 or 1 than this are treated as being so close.
  private static let smallest = 1e-7
  /// Weight of the assumption "slope 1, intercept 0", in squared log-odds: about that of a dozen
  /// labels, so that a held-out part without overloads can't move the scale far.
  private static let priorWeight = 3.0

  /// The scaling that minimises the log loss of `probabilities` for 0/1 `labels`.
  ///
  /// Newton's method on the two parameters, with a weak normal prior around no change.
  public init(fitting probabilities: [Double], labels: [Float]) {
    precondition(probabilities.count == labels.count, "one label a probability")
    let odds = probabilities.map { Self.logOdds($0) }
    for _ in 0..<50 {
      var gradient = (Self.priorWeight * (slope - 1), Self.priorWeight * intercept)
      var curvature = (Self.priorWeight, 0.0, Self.priorWeight)
      for (odd, label) in zip(odds, labels) {
        let p = Self.probability(slope * odd + intercept)
        let residual = p - Double(label)
        let weight = p * (1 - p)
        gradient.0 += residual * odd
        gradient.1 += residual
        curvature.0 += weight * odd * odd
        curvature.1 += weight * odd
        curvature.2 += weight
      }
      let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1
      let slopeStep = (curvature.2 * gradient.0 - curvature.1 * gradient.1) / determinant
      let interceptStep = (curvature.0 * gradient.1 - curvature.1 * gradient.0) / determinant
      slope = max(slope - slopeStep, 0.1)
      intercept -= interceptStep
      if abs(slopeStep) + abs(interceptStep) < 1e-9 { break }
    }
    if !(slope.isFinite && intercept.isFinite) { self = PlattScaling() }
  }

  /// The scaled probability.
  public func callAsFunction(_ probability: Double) -> Double {
    Self.probability(slope * Self.logOdds(probability) + intercept)
  }

  private static func logOdds(_ probability: Double) -> Double {
    let p = min(max(probability, smallest), 1 - smallest)
    return log(p / (1 - p))
  }

  private static func probability(_ logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }
}

/// Whether probabilities mean what they say: predicted against observed, in ten bins.
public struct ReliabilityTable: Sendable, Equatable, Codable {
  /// One bin of predicted probabilities.
  public struct Bin: Sendable, Equatable, Codable {
    /// Predictions in the bin.
    public var count = 0
    /// Their mean predicted probability; 0 when there are none.
    public var predicted = 0.0
    /// The share of them that came true; 0 when there are none.
    public var observed = 0.0
  }

  /// Ten bins of equal width from 0 to 1.
  public private(set) var bins = [Bin](repeating: Bin(), count: 10)

  /// The table of `probabilities` in [0, 1] and their outcomes, 0 or 1.
  ///
  /// - Precondition: one label a probability.
  public init(probabilities: [Double], labels: [Float]) {
    precondition(probabilities.count == labels.count, "one label a probability")
    for (probability, label) in zip(probabilities, labels) {
      let bin = min(max(Int(probability * 10), 0), 9)
      bins[bin].count += 1
      bins[bin].predicted += probability
      bins[bin].observed += Double(label)
    }
    for bin in bins.indices where bins[bin].count > 0 {
      bins[bin].predicted /= Double(bins[bin].count)
      bins[bin].observed /= Double(bins[bin].count)
    }
  }

  /// Mean distance of observed from predicted over the bins, weighted by count; 0 is perfect.
  ///
  /// Source: Naeini, Cooper, Hauskrecht, AAAI 2015 (expected calibration error).
  public var expectedCalibrationError: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    guard total > 0 else { return 0 }
    return bins.reduce(0) {
      $0 + Double($1.count) / Double(total) * abs($1.predicted - $1.observed)
    }
  }
}
