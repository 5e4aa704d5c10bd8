// SPDX-License-Identifier: Apache-2.0

/// Where a configurable model reads its parameters from: a scenario file, a command line, a test.
///
/// A model states each parameter once, in its initialiser, with key, default, valid range and a
/// sentence about it. From that one statement come decoding, range checks, the JSON Schema, the
/// printed defaults and the reference documentation (a source that only lists what it is asked
/// for). Sources never throw: they collect every problem and return the default meanwhile.
///
/// Values are in the base unit of their dimension (``Dimension/units``).
public protocol ParameterSource {
  /// A number that must carry a unit of `dimension` where the dimension asks for one.
  mutating func quantity(
    _ key: String, _ dimension: Dimension, default: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double
  /// A plain number.
  mutating func number(
    _ key: String, default: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double
  /// A whole number.
  mutating func integer(
    _ key: String, default: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int
  /// true or false.
  mutating func flag(_ key: String, default: Bool, about: String) -> Bool
  /// One of a fixed list of names.
  mutating func choice(
    _ key: String, default: String?, of names: [String], about: String
  ) -> String
  /// Free text.
  mutating func text(_ key: String, default: String?, about: String) -> String
}

extension ParameterSource {
  /// A length of time. The default range is 0 … 10 years.
  public mutating func time(
    _ key: String, default fallback: SimTime?,
    in range: ClosedRange<SimTime> = .zero ... .days(3650), about: String
  ) -> SimTime {
    let bounds = range.lowerBound.seconds...range.upperBound.seconds
    return .seconds(
      quantity(key, .time, default: fallback.map(\.seconds), in: bounds, about: about))
  }
  /// A share between 0 and 1, written `0.95` or `95 %`.
  public mutating func fraction(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double> = 0...1, about: String
  ) -> Double {
    quantity(key, .fraction, default: fallback, in: range, about: about)
  }
}

/// A source that gives every parameter its default; what tests and embedders use.
public struct DefaultParameters: ParameterSource {
  /// A source without values.
  public init() {}
  /// The default.
  public mutating func quantity(
    _ key: String, _ dimension: Dimension, default fallback: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double { fallback ?? range.lowerBound }
  /// The default.
  public mutating func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double { fallback ?? range.lowerBound }
  /// The default.
  public mutating func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int { fallback ?? range.lowerBound }
  /// The default.
  public mutating func flag(_ key: String, default fallback: Bool, about: String) -> Bool {
    fallback
  }
  /// The default.
  public mutating func choice(
    _ key: String, default fallback: String?, of names: [String], about: String
  ) -> String { fallback ?? names.first ?? "" }
  /// The default.
  public mutating func text(_ key: String, default fallback: String?, about: String) -> String {
    fallback ?? ""
  }
}
