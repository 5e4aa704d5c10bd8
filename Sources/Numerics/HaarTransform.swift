// SPDX-License-Identifier: Apache-2.0
import CGSL

/// The orthonormal Haar wavelet transform (GSL's `gsl_wavelet_haar`) of series up to some length.
///
/// Layout of the n = 2^J coefficients: the details of scale j, of which scale 1 is the finest, stand
/// at n/2^j ..< n/2^(j−1); the approximation of the whole series is the first. Haar's blocks don't
/// overlap, so the first n/2^j coefficients are the transform of the approximation at scale j.
///
/// It holds GSL's workspace and is meant to be made for a batch of series, then thrown away.
public final class HaarTransform {
  private let wavelet: UnsafeMutablePointer<gsl_wavelet>
  private let workspace: UnsafeMutablePointer<gsl_wavelet_workspace>
  /// Longest series that can be transformed.
  public let maximumLength: Int

  /// A transform; nil when there is no memory.
  ///
  /// - Precondition: `maximumLength ≥ 1`.
  public init?(maximumLength: Int) {
    precondition(maximumLength >= 1, "a transform of \(maximumLength) values")
    _ = Minimizer.errorHandlerIsOff
    guard let wavelet = gsl_wavelet_alloc(cgsl_wavelet_haar(), 2) else { return nil }
    guard let workspace = gsl_wavelet_workspace_alloc(maximumLength) else {
      gsl_wavelet_free(wavelet)
      return nil
    }
    self.wavelet = wavelet
    self.workspace = workspace
    self.maximumLength = maximumLength
  }

  deinit {
    gsl_wavelet_free(wavelet)
    gsl_wavelet_workspace_free(workspace)
  }

  /// Replaces the first `count` values by their coefficients.
  ///
  /// - Precondition: `count` is a power of two, at most `values.count` and ``maximumLength``.
  public func forward(_ values: inout [Double], count: Int) {
    check(values, count)
    _ = gsl_wavelet_transform_forward(wavelet, &values, 1, count, workspace)
  }

  /// Replaces the first `count` coefficients by the values that have them.
  ///
  /// - Precondition: As for ``forward(_:count:)``.
  public func inverse(_ coefficients: inout [Double], count: Int) {
    check(coefficients, count)
    _ = gsl_wavelet_transform_inverse(wavelet, &coefficients, 1, count, workspace)
  }

  private func check(_ values: [Double], _ count: Int) {
    precondition(
      count >= 1 && count & (count - 1) == 0 && count <= values.count && count <= maximumLength,
      "\(count) of \(values.count) values, at most \(maximumLength)")
  }
}
