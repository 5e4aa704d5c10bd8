// SPDX-License-Identifier: Apache-2.0

// The C library's functions behind one name, so that no other file of this module has to choose
// between Foundation and the platform's library.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Elementary functions of a real number.
@usableFromInline
enum Elementary {
  /// e to the power `x`.
  @usableFromInline static func exp(_ x: Double) -> Double { exponential(x) }
  /// The natural logarithm.
  static func log(_ x: Double) -> Double { logarithm(x) }
  /// The cosine of `x` radians.
  static func cos(_ x: Double) -> Double { cosine(x) }
  /// `base` to the power `exponent`.
  @usableFromInline static func pow(_ base: Double, _ exponent: Double) -> Double {
    raised(base, exponent)
  }
}

private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
private func cosine(_ x: Double) -> Double { cos(x) }
private func raised(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
