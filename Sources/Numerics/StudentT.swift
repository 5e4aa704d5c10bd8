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
