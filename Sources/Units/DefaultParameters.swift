// SPDX-License-Identifier: Apache-2.0

/// A source that gives every parameter its default; what tests and embedders start from.
///
/// A required parameter (no default) gets the lower end of its range.
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
  /// The default.
  public mutating func path(_ key: String, default fallback: String?, about: String) -> String {
    fallback ?? ""
  }
  /// The default.
  public mutating func paths(_ key: String, default fallback: [String], about: String) -> [String] {
    fallback
  }
  /// The default.
  public mutating func instant(_ key: String, default fallback: SimTime?, about: String) -> SimTime
  {
    fallback ?? .zero
  }
  /// The default.
  public mutating func texts(_ key: String, default fallback: [String], about: String) -> [String] {
    fallback
  }
  /// The default.
  public mutating func integers(
    _ key: String, default fallback: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int] { fallback }
  /// The default.
  public mutating func quantities(
    _ key: String, _ dimension: Dimension, default fallback: [Double],
    in range: ClosedRange<Double>, about: String
  ) -> [Double] { fallback }
  /// The default.
  public mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default fallback: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)] { fallback.map { (name: $0.0, value: $0.1) } }
  /// Never.
  public func isGiven(_ key: String) -> Bool { false }
  /// The section with all its defaults.
  public mutating func section<Result>(
    _ key: String, about: String, _ read: (inout DefaultParameters) -> Result
  ) -> Result { read(&self) }
  /// As few elements as are allowed.
  public mutating func list<Element>(
    _ key: String, count: ClosedRange<Int>, about: String,
    _ read: (inout DefaultParameters) -> Element
  ) -> [Element] { (0..<count.lowerBound).map { _ in read(&self) } }
  /// The default alternative, or the first one when none is the default.
  ///
  /// - Precondition: there is at least one alternative, and the default is one of them.
  public mutating func alternative<Result>(
    _ key: String, default fallback: String?,
    of alternatives: [Alternative<DefaultParameters, Result>], about: String
  ) -> Result {
    let chosen = alternatives.first { $0.name == fallback } ?? alternatives[0]
    return chosen.read(&self)
  }
  /// The default alternatives.
  public mutating func alternatives<Result>(
    _ key: String, default fallback: [String],
    of alternatives: [Alternative<DefaultParameters, Result>], about: String
  ) -> [Result] {
    fallback.compactMap { name in
      alternatives.first { $0.name == name }.map { $0.read(&self) }
    }
  }
  /// The default alternative, or the first one when none is the default.
  ///
  /// - Precondition: there is at least one alternative, and the default is one of them.
  public mutating func exclusive<Result>(
    default fallback: String?, of alternatives: [Alternative<DefaultParameters, Result>]
  ) -> Result {
    let chosen = alternatives.first { $0.name == fallback } ?? alternatives[0]
    return chosen.read(&self)
  }
  /// Defaults have no problems to report.
  public mutating func problem(_ key: String, _ message: String) {}
}
