// SPDX-License-Identifier: Apache-2.0
import CHDF5

/// How numbers are stored: always little-endian, whatever the machine.
public enum NumberType: Sendable, Hashable {
  case float32, float64, int8, uint8, int32, int64, uint64

  /// Bytes of one number.
  public var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .float32, .int32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Whether it holds fractions, and so NaN.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The library's identifier of the type in memory; predefined, never closed.
  var memoryID: hid_t {
    switch self {
    case .float32: fs_native_float()
    case .float64: fs_native_double()
    case .int8: fs_native_int8()
    case .uint8: fs_native_uint8()
    case .int32: fs_native_int32()
    case .int64: fs_native_int64()
    case .uint64: fs_native_uint64()
    }
  }

  /// The library's identifier of the type in the file; predefined, never closed.
  var fileID: hid_t {
    switch self {
    case .float32: fs_file_float()
    case .float64: fs_file_double()
    case .int8: fs_file_int8()
    case .uint8: fs_file_uint8()
    case .int32: fs_file_int32()
    case .int64: fs_file_int64()
    case .uint64: fs_file_uint64()
    }
  }
}

/// A number that can stand in a dataset or an attribute.
public protocol Storable: BitwiseCopyable, Sendable {
  /// Its form in memory and in the file.
  static var numberType: NumberType { get }
  /// Any value; what buffers are filled with before they are read into.
  static var blank: Self { get }
}

extension Float: Storable {
  /// IEEE 754 single precision.
  public static var numberType: NumberType { .float32 }
  /// Zero.
  public static var blank: Float { 0 }
}

extension Double: Storable {
  /// IEEE 754 double precision.
  public static var numberType: NumberType { .float64 }
  /// Zero.
  public static var blank: Double { 0 }
}

extension Int8: Storable {
  /// One signed byte.
  public static var numberType: NumberType { .int8 }
  /// Zero.
  public static var blank: Int8 { 0 }
}

extension UInt8: Storable {
  /// One unsigned byte.
  public static var numberType: NumberType { .uint8 }
  /// Zero.
  public static var blank: UInt8 { 0 }
}

extension Int32: Storable {
  /// Four signed bytes.
  public static var numberType: NumberType { .int32 }
  /// Zero.
  public static var blank: Int32 { 0 }
}

extension Int64: Storable {
  /// Eight signed bytes.
  public static var numberType: NumberType { .int64 }
  /// Zero.
  public static var blank: Int64 { 0 }
}

extension UInt64: Storable {
  /// Eight unsigned bytes.
  public static var numberType: NumberType { .uint64 }
  /// Zero.
  public static var blank: UInt64 { 0 }
}
