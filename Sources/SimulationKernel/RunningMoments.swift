// SPDX-License-Identifier: Apache-2.0

/// Count, mean, variance and extremes of observations, in one pass and constant memory.
///
/// Source: Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products",
/// Technometrics 4(3), 1962, doi:10.1080/00401706.1962.10490022; merging by Chan, Golub and
/// LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
/// Merge parts in a fixed order: rounding makes the last bits depend on it.
public struct RunningMoments: Sendable, Hashable, Codable {
  /// The number of observations.
  public private(set) var count = 0
  /// Their mean; 0 if there are none.
  public private(set) var mean = 0.0
  /// The least observation; infinity if there are none.
  public private(set) var minimum = Double.infinity
  /// The greatest observation; −infinity if there are none.
  public private(set) var maximum = -Double.infinity
  /// The sum of squared deviations from the mean.
  private var squares = 0.0

  /// No observations.
  public init() {}

  /// Adds one observation.
  public mutating func add(_ observation: Double) {
    count += 1
    let deviation = observation - mean
    mean += deviation / Double(count)
    squares += deviation * (observation - mean)
    minimum = min(minimum, observation)
    maximum = max(maximum, observation)
  }

  /// Adds the observations of another part.
  public mutating func merge(_ other: RunningMoments) {
    if other.count == 0 { return }
    if count == 0 {
      self = other
      return
    }
    let total = Double(count + other.count)
    let difference = other.mean - mean
    let share = Double(other.count) / total
    squares += other.squares + difference * difference * Double(count) * share
    mean += difference * share
    count += other.count
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }

  /// The unbiased estimate of the variance (divisor n − 1); NaN below two observations.
  public var variance: Double { count < 2 ? .nan : squares / Double(count - 1) }

  /// The variance of the observations themselves (divisor n); NaN if there are none.
  public var populationVariance: Double { count < 1 ? .nan : squares / Double(count) }

  /// The square root of ``variance``.
  public var standardDeviation: Double { variance.squareRoot() }

  /// The standard error of the mean, for independent observations.
  public var standardError: Double { (variance / Double(count)).squareRoot() }
}
