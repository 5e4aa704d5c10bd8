// SPDX-License-Identifier: Apache-2.0

/// A physical quantity stored as one `Double` in its SI-like base unit.
///
/// Only operators that make physical sense exist: like adds to like, a number scales a quantity,
/// and the few products between quantities (`Watts × SimTime → Joules`) are written out below.
/// Inside numeric kernels the bare `value` may be used.
public protocol Quantity: Sendable, Hashable, Comparable, AdditiveArithmetic, Codable {
  /// The number in the base unit named by the type.
  var value: Double { get set }
  /// A quantity of `value` base units.
  init(_ value: Double)
}

extension Quantity {
  /// Nothing of it.
  @inlinable public static var zero: Self { Self(0) }
  /// Order by size.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
  /// The sum.
  @inlinable
  public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
  /// The difference.
  @inlinable
  public static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
  /// Adds in place.
  @inlinable
  public static func += (left: inout Self, right: Self) { left.value += right.value }
  /// Subtracts in place.
  @inlinable
  public static func -= (left: inout Self, right: Self) { left.value -= right.value }
  /// The quantity scaled by a number.
  @inlinable
  public static func * (left: Self, right: Double) -> Self { Self(left.value * right) }
  /// The quantity scaled by a number.
  @inlinable
  public static func * (left: Double, right: Self) -> Self { Self(left * right.value) }
  /// The quantity divided by a number.
  @inlinable
  public static func / (left: Self, right: Double) -> Self { Self(left.value / right) }
  /// The ratio of two like quantities, a bare number.
  @inlinable
  public static func / (left: Self, right: Self) -> Double { left.value / right.value }
}

/// Power in watts.
@frozen
public struct Watts: Quantity {
  /// Watts.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
  /// The energy of this power held for `duration`.
  @inlinable
  public static func * (left: Watts, right: SimTime) -> Joules {
    Joules(left.value * right.seconds)
  }
}

/// Energy in joules.
@frozen
public struct Joules: Quantity {
  /// Joules.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
  /// The same energy in kilowatt-hours, for people.
  @inlinable public var kilowattHours: Double { value / 3.6e6 }
}

/// A temperature on the Celsius scale.
///
/// Not a `Quantity`: adding two temperatures has no meaning. Differences are in kelvins (`Double`).
@frozen
public struct Celsius: Sendable, Hashable, Comparable, Codable {
  /// Degrees Celsius.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
  /// Kelvins above absolute zero.
  @inlinable public var kelvins: Double { value + 273.15 }
  /// Order by size.
  @inlinable
  public static func < (left: Celsius, right: Celsius) -> Bool { left.value < right.value }
  /// The difference in kelvins.
  @inlinable
  public static func - (left: Celsius, right: Celsius) -> Double { left.value - right.value }
  /// This temperature moved by `right` kelvins.
  @inlinable
  public static func + (left: Celsius, right: Double) -> Celsius { Celsius(left.value + right) }
}

/// An amount of data in bytes (fractions arise in flow models).
@frozen
public struct Bytes: Quantity {
  /// Bytes.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
  /// `value` binary gigabytes.
  @inlinable
  public static func gibibytes(_ value: Double) -> Bytes { Bytes(value * 1_073_741_824) }
  /// `value` binary megabytes.
  @inlinable
  public static func mebibytes(_ value: Double) -> Bytes { Bytes(value * 1_048_576) }
  /// The rate at which this amount passes in `right`.
  @inlinable
  public static func / (left: Bytes, right: SimTime) -> BytesPerSecond {
    BytesPerSecond(left.value / right.seconds)
  }
}

/// A data rate in bytes per second.
@frozen
public struct BytesPerSecond: Quantity {
  /// Bytes per second.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
  /// A rate given as networks give it, in bits per second.
  @inlinable
  public static func bitsPerSecond(_ value: Double) -> BytesPerSecond { BytesPerSecond(value / 8) }
  /// The amount that passes in `duration`.
  @inlinable
  public static func * (left: BytesPerSecond, right: SimTime) -> Bytes {
    Bytes(left.value * right.seconds)
  }
}

/// Computing capacity or load in cores (1 = one core fully used).
@frozen
public struct Cores: Quantity {
  /// Cores.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
}

/// A frequency in hertz.
@frozen
public struct Hertz: Quantity {
  /// Hertz.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
}

/// A share of a whole; 1 is all of it.
@frozen
public struct Fraction: Quantity {
  /// 0…1 where it is a share; efficiencies and ratios may exceed 1.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
}

/// A volume flow in cubic metres per second.
@frozen
public struct CubicMetresPerSecond: Quantity {
  /// Cubic metres per second.
  public var value: Double
  /// A quantity of `value` base units.
  @inlinable public init(_ value: Double) { self.value = value }
}
