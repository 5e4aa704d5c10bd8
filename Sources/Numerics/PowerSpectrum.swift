// SPDX-License-Identifier: Apache-2.0
import CGSL

/// The squared magnitudes of a series' discrete Fourier transform (GSL's mixed-radix
/// `gsl_fft_real_transform`, any length).
///
/// With X_k = Σ_t x_t·e^(−2πikt/n), the result is |X_k|² for k = 0 … ⌊n/2⌋; the other half of the
/// spectrum of a real series mirrors it. Parseval: n·Σx² = |X_0|² + 2·Σ|X_k|², the last term once
/// only when n is even.
///
/// - Parameter values: The series, finite. Lengths with large prime factors cost more time.
/// - Returns: ⌊n/2⌋ + 1 values; none for an empty series or when there is no memory.
public func powerSpectrum(_ values: [Double]) -> [Double] {
  let count = values.count
  guard count > 1 else { return values.map { $0 * $0 } }
  _ = Minimizer.errorHandlerIsOff
  guard let table = gsl_fft_real_wavetable_alloc(count) else { return [] }
  defer { gsl_fft_real_wavetable_free(table) }
  guard let workspace = gsl_fft_real_workspace_alloc(count) else { return [] }
  defer { gsl_fft_real_workspace_free(workspace) }
  var data = values
  guard gsl_fft_real_transform(&data, 1, count, table, workspace) == Int32(GSL_SUCCESS)
  else { return [] }
  // Half-complex order: X_0, then real and imaginary parts in turn; for even n X_{n/2} is real.
  return (0...count / 2).map { frequency in
    if frequency == 0 { return data[0] * data[0] }
    let real = data[2 * frequency - 1]
    let imaginary = 2 * frequency < count ? data[2 * frequency] : 0
    return real * real + imaginary * imaginary
  }
}
