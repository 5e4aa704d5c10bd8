// SPDX-License-Identifier: Apache-2.0
import Numerics

/// The mean of differences taken pair by pair, with its 95 % confidence interval.
public struct PairedDifference: Sendable, Hashable {
  /// Mean difference.
  public var mean: Double
  /// Half the width of the interval: Student's t with n − 1 degrees of freedom; NaN for one pair.
  public var halfWidth: Double
  /// Mean of the second sample, for relative statements.
  public var baselineMean: Double
  /// Standard deviation of the differences; NaN for one pair.
  public var deviation: Double
  /// Number of pairs.
  public var count: Int

  /// Lower end of the interval.
  public var lower: Double { mean - halfWidth }
  /// Upper end of the interval.
  public var upper: Double { mean + halfWidth }
  /// The difference as a share of the baseline; NaN when that is 0.
  public var relative: Double { baselineMean == 0 ? .nan : mean / baselineMean }
  /// The mean in standard deviations of the differences (Cohen's d for pairs); NaN when they do
  /// not differ from each other.
  public var effectSize: Double { deviation > 0 ? mean / deviation : .nan }

  /// The probability of a mean at least this high if there was no difference: Student's one-sided
  /// test. Differences that are all the same leave no doubt: 0, or 1 where they are not positive.
  /// NaN for one pair.
  public var probabilityOfNoIncrease: Double {
    guard count > 1, mean.isFinite else { return .nan }
    guard deviation > 0 else { return mean > 0 ? 0 : 1 }
    return studentTProbability(
      above: mean / (deviation / Double(count).squareRoot()),
      degreesOfFreedom: Double(count - 1))
  }

  /// Differences of samples that belong together pair by pair.
  public init(_ values: [Double], minus baseline: [Double]) {
    let differences = zip(values, baseline).map { $0 - $1 }
    count = differences.count
    let number = Double(count)
    let average = differences.reduce(0, +) / number
    mean = average
    baselineMean = baseline.reduce(0, +) / number
    guard count > 1 else {
      halfWidth = .nan
      deviation = .nan
      return
    }
    deviation = sampleVariance(differences, mean: average).squareRoot()
    halfWidth =
      studentTQuantile(0.975, degreesOfFreedom: number - 1) * deviation / number.squareRoot()
  }
}

/// Two samples whose members do not belong together: Welch's test of unequal variances.
public struct WelchTest: Sendable, Hashable {
  /// Mean of the first sample minus mean of the second.
  public var difference: Double
  /// The probability of a difference at least this high if the means were equal; NaN when a
  /// sample has one member.
  public var probabilityOfNoIncrease: Double

  /// Compares `values` with `baseline` (Welch, Biometrika 34, 1947).
  public init(_ values: [Double], against baseline: [Double]) {
    let means = [values, baseline].map { $0.reduce(0, +) / Double($0.count) }
    difference = means[0] - means[1]
    guard values.count > 1, baseline.count > 1 else {
      probabilityOfNoIncrease = .nan
      return
    }
    let shares = zip([values, baseline], means).map {
      sampleVariance($0, mean: $1) / Double($0.count)
    }
    let variance = shares[0] + shares[1]
    guard variance > 0 else {
      probabilityOfNoIncrease = difference > 0 ? 0 : 1
      return
    }
    let freedom =
      variance * variance
      / (shares[0] * shares[0] / Double(values.count - 1)
        + shares[1] * shares[1] / Double(baseline.count - 1))
    probabilityOfNoIncrease = studentTProbability(
      above: difference / variance.squareRoot(), degreesOfFreedom: freedom)
  }
}

/// The unbiased variance of a sample of at least two.
func sampleVariance(_ values: [Double], mean: Double) -> Double {
  values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
}
