// SPDX-License-Identifier: Apache-2.0
import CGSL

/// Sobol's sequence (GSL's `gsl_qrng_sobol`: Antonov and Saleev 1979, Bratley and Fox 1988): points
/// that fill the unit cube evenly whatever their number is.
public enum SobolSequence {
  /// Most dimensions that GSL has direction numbers for.
  public static let mostDimensions = 40

  /// The first points after the origin.
  ///
  /// - Parameters:
  ///   - count: Number of points.
  ///   - dimensions: 1 … ``mostDimensions``.
  /// - Returns: Points with coordinates in [0, 1); none when GSL has no memory.
  public static func points(count: Int, dimensions: Int) -> [[Double]] {
    precondition((1...mostDimensions).contains(dimensions) && count >= 0)
    guard let generator = gsl_qrng_alloc(cgsl_qrng_sobol(), UInt32(dimensions)) else { return [] }
    defer { gsl_qrng_free(generator) }
    return (0..<count).map { _ in
      var point = [Double](repeating: 0, count: dimensions)
      _ = gsl_qrng_get(generator, &point)
      return point
    }
  }
}
