// SPDX-License-Identifier: Apache-2.0

/// A point in simulated time, or a length of it, as a whole number of nanoseconds.
///
/// Integers make ties exact and sums free of drift; the range is ±292 years. Arithmetic traps on
/// overflow as `Int64` does, so input that could overflow is range-checked where it is read.
@frozen
public struct SimTime: Sendable, Hashable, Comparable, AdditiveArithmetic, Codable {
  /// Nanoseconds since the start of the run (or the length in nanoseconds).
  public var nanoseconds: Int64

  /// A time of that many nanoseconds.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The start of a run; an empty length.
  @inlinable public static var zero: SimTime { SimTime(nanoseconds: 0) }
  /// Later than anything that can happen.
  @inlinable public static var distantFuture: SimTime { SimTime(nanoseconds: .max) }

  /// A length of `value` seconds, rounded to the nearest nanosecond.
  ///
  /// - Precondition: `value` is finite and within ±9.2e9 s.
  @inlinable
  public static func seconds(_ value: Double) -> SimTime {
    SimTime(nanoseconds: Int64((value * 1e9).rounded()))
  }
  /// A length of `value` seconds.
  @inlinable
  public static func seconds(_ value: Int) -> SimTime {
    SimTime(nanoseconds: Int64(value) * 1_000_000_000)
  }
  /// A length of `value` milliseconds.
  @inlinable
  public static func milliseconds(_ value: Int) -> SimTime {
    SimTime(nanoseconds: Int64(value) * 1_000_000)
  }
  /// A length of `value` minutes.
  @inlinable
  public static func minutes(_ value: Int) -> SimTime { .seconds(value * 60) }
  /// A length of `value` hours.
  @inlinable
  public static func hours(_ value: Int) -> SimTime { .seconds(value * 3600) }
  /// A length of `value` days of 24 h.
  @inlinable
  public static func days(_ value: Int) -> SimTime { .seconds(value * 86_400) }

  /// The time in seconds, exact to 1 ns for times below 104 days.
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

  /// Order by size.
  @inlinable
  public static func < (left: SimTime, right: SimTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  /// The sum.
  @inlinable
  public static func + (left: SimTime, right: SimTime) -> SimTime {
    SimTime(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  /// The difference.
  @inlinable
  public static func - (left: SimTime, right: SimTime) -> SimTime {
    SimTime(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  /// The quantity scaled by a number.
  @inlinable
  public static func * (left: SimTime, right: Int) -> SimTime {
    SimTime(nanoseconds: left.nanoseconds * Int64(right))
  }
  /// How often `right` fits into `left`, rounded towards zero.
  ///
  /// - Precondition: `right` is not zero.
  @inlinable
  public static func / (left: SimTime, right: SimTime) -> Int {
    Int(left.nanoseconds / right.nanoseconds)
  }
  /// What remains after `left / right`.
  @inlinable
  public static func % (left: SimTime, right: SimTime) -> SimTime {
    SimTime(nanoseconds: left.nanoseconds % right.nanoseconds)
  }

  /// The first multiple of `step` that is not before this time.
  @inlinable
  public func roundedUp(to step: SimTime) -> SimTime {
    let remainder = self % step
    return remainder == .zero ? self : self - remainder + step
  }
}

extension SimTime: CustomStringConvertible {
  /// `1d 02:03:04.5`, with only the parts that are needed; sub-second digits are exact.
  public var description: String {
    guard nanoseconds >= 0 else { return "-\(SimTime(nanoseconds: -nanoseconds))" }
    let whole = nanoseconds / 1_000_000_000
    let fraction = nanoseconds % 1_000_000_000
    func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    var text = whole >= 86_400 ? "\(whole / 86_400)d " : ""
    text += "\(padded(whole / 3600 % 24)):\(padded(whole / 60 % 60)):\(padded(whole % 60))"
    if fraction > 0 {
      var digits = String(fraction)
      digits = String(repeating: "0", count: 9 - digits.count) + digits
      while digits.last == "0" { digits.removeLast() }
      text += ".\(digits)"
    }
    return text
  }
}
