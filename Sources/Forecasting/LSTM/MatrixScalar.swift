// SPDX-License-Identifier: Apache-2.0
import COpenBLAS
import Foundation

/// A number type of the LSTM: `Double` to train and to compare, `Float` for speed.
public protocol MatrixScalar: BinaryFloatingPoint, Sendable {
  /// C ← `alpha`·op(A)·op(B) + `beta`·C, all row-major, on the calling thread.
  ///
  /// op(A) is `rows × inner`, op(B) is `inner × columns`; the strides are those of the stored
  /// matrices, in elements.
  static func multiply(
    rows: Int, columns: Int, inner: Int,
    a: UnsafePointer<Self>, aStride: Int, transposeA: Bool,
    b: UnsafePointer<Self>, bStride: Int, transposeB: Bool,
    into c: UnsafeMutablePointer<Self>, cStride: Int, beta: Self)

  /// e to the power of this number.
  var exponential: Self { get }
  /// The hyperbolic tangent of this number.
  var hyperbolicTangent: Self { get }
}

/// Makes BLAS use the calling thread only: sums keep their order, and results their bits.
private let singleThreaded: Void = openblas_set_num_threads(1)

/// BLAS' letter for a matrix as it is or transposed.
private func letter(_ transposed: Bool) -> CChar { transposed ? 84 : 78 }

extension Double: MatrixScalar {
  /// See ``MatrixScalar``.
  public static func multiply(
    rows: Int, columns: Int, inner: Int,
    a: UnsafePointer<Double>, aStride: Int, transposeA: Bool,
    b: UnsafePointer<Double>, bStride: Int, transposeB: Bool,
    into c: UnsafeMutablePointer<Double>, cStride: Int, beta: Double
  ) {
    singleThreaded
    // Row-major C = op(A)·op(B) is column-major Cᵀ = op(B)ᵀ·op(A)ᵀ of the same memory.
    var (m, n, k) = (CInt(columns), CInt(rows), CInt(inner))
    var (lda, ldb, ldc) = (CInt(bStride), CInt(aStride), CInt(cStride))
    var (first, second) = (letter(transposeB), letter(transposeA))
    var (one, beta) = (1 as Self, beta)
    dgemm_(&first, &second, &m, &n, &k, &one, b, &lda, a, &ldb, &beta, c, &ldc)
  }

  /// See ``MatrixScalar``.
  public var exponential: Double { exp(self) }
  /// See ``MatrixScalar``.
  public var hyperbolicTangent: Double { tanh(self) }
}

extension Float: MatrixScalar {
  /// See ``MatrixScalar``.
  public static func multiply(
    rows: Int, columns: Int, inner: Int,
    a: UnsafePointer<Float>, aStride: Int, transposeA: Bool,
    b: UnsafePointer<Float>, bStride: Int, transposeB: Bool,
    into c: UnsafeMutablePointer<Float>, cStride: Int, beta: Float
  ) {
    singleThreaded
    // Row-major C = op(A)·op(B) is column-major Cᵀ = op(B)ᵀ·op(A)ᵀ of the same memory.
    var (m, n, k) = (CInt(columns), CInt(rows), CInt(inner))
    var (lda, ldb, ldc) = (CInt(bStride), CInt(aStride), CInt(cStride))
    var (first, second) = (letter(transposeB), letter(transposeA))
    var (one, beta) = (1 as Self, beta)
    sgemm_(&first, &second, &m, &n, &k, &one, b, &lda, a, &ldb, &beta, c, &ldc)
  }

  /// See ``MatrixScalar``.
  public var exponential: Float { exp(self) }
  /// See ``MatrixScalar``.
  public var hyperbolicTangent: Float { tanh(self) }
}
