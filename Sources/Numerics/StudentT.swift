// SPDX-License-Identifier: Apache-2.0
import CGSL

/// The value that a Student's t variable stays below with probability `probability`.
///
/// - Parameters:
///   - probability: In (0, 1).
///   - degreesOfFreedom: Positive.
/// - Returns: The quantile (GSL's `gsl_cdf_tdist_Pinv`).
public func studentTQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
  precondition(probability > 0 && probability < 1 && degreesOfFreedom > 0)
  return gsl_cdf_tdist_Pinv(probability, degreesOfFreedom)
}

/// The probability that a Student's t variable is above `value` (GSL's `gsl_cdf_tdist_Q`).
///
/// - Parameters:
///   - value: Any number; infinities have the limits' probabilities.
///   - degreesOfFreedom: Positive.
/// - Returns: a probability.
public func studentTProbability(above value: Double, degreesOfFreedom: Double) -> Double {
  precondition(degreesOfFreedom > 0)
  guard value.isFinite else { return value.isNaN ? .nan : value > 0 ? 0 : 1 }
  return gsl_cdf_tdist_Q(value, degreesOfFreedom)
}
