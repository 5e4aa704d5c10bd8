// SPDX-License-Identifier: Apache-2.0
import CGSL

/// The standard normal distribution.
public enum StandardNormal {
  /// The value below which a standard normal variable lies with probability `level`.
  ///
  /// - Precondition: `level` is in (0, 1).
  public static func quantile(_ level: Double) -> Double {
    precondition(level > 0 && level < 1, "level \(level) is not in (0, 1)")
    return gsl_cdf_ugaussian_Pinv(level)
  }

  /// The probability that a standard normal variable is at most `value`.
  public static func probability(below value: Double) -> Double { gsl_cdf_ugaussian_P(value) }
}
