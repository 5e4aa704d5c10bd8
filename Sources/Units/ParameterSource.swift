// SPDX-License-Identifier: Apache-2.0

/// Where a configurable model reads its parameters from: a scenario file, a command line, a test.
///
/// A model states each parameter once, in its initialiser, with key, default, valid range and a
/// sentence about it. From that one statement come decoding, range checks, the JSON Schema, the
/// printed defaults and the reference documentation (a source that only lists what it is asked
/// for). Sources never throw: they collect every problem and return the default meanwhile.
///
/// Values are in the base unit of their dimension (``Dimension/units``). A parameter whose default
/// is nil is required. Initialisers must not branch on a value in a way that skips keys: ask for
/// every key, then decide.
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
  /// A file or folder that must exist; the result can be opened as it is.
  ///
  /// A scenario file may write it relative to itself.
  mutating func path(_ key: String, default: String?, about: String) -> String
  /// Files or folders that must exist; one alone is a list of one.
  mutating func paths(_ key: String, default: [String], about: String) -> [String]
  /// A point in the run: a time of day of the first day (`02:00`), of a later one (`1d 02:00`), or
  /// a time since the start (`26 h`). Runs start at 00:00 of day 0.
  mutating func instant(_ key: String, default: SimTime?, about: String) -> SimTime
  /// Texts in a list; a text alone is a list of one.
  mutating func texts(_ key: String, default: [String], about: String) -> [String]
  /// Whole numbers in a list; a number alone is a list of one.
  mutating func integers(
    _ key: String, default: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int]
  /// Numbers of one dimension in a list.
  mutating func quantities(
    _ key: String, _ dimension: Dimension, default: [Double], in range: ClosedRange<Double>,
    about: String
  ) -> [Double]
  /// A mapping from some of `names` to numbers of one dimension, in the order of `names`.
  mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)]
  /// Whether the user wrote this key (for parameters whose absence means something of its own).
  mutating func isGiven(_ key: String) -> Bool
  /// A nested mapping; all of it takes its defaults when the key is absent.
  mutating func section<Result>(
    _ key: String, about: String, _ read: (inout Self) -> Result
  ) -> Result
  /// A list of nested mappings; a mapping alone is a list of one. When the key is absent, there
  /// are as many elements as `count` asks for at least, each with its defaults.
  mutating func list<Element>(
    _ key: String, count: ClosedRange<Int>, about: String, _ read: (inout Self) -> Element
  ) -> [Element]
  /// One of several models, written as its name or as `{ name: { parameters } }`.
  mutating func alternative<Result>(
    _ key: String, default: String?, of alternatives: [Alternative<Self, Result>], about: String
  ) -> Result
  /// A list of models, each written as its name or as `{ name: { parameters } }`.
  mutating func alternatives<Result>(
    _ key: String, default: [String], of alternatives: [Alternative<Self, Result>], about: String
  ) -> [Result]
  /// One of several nested mappings, chosen by which of the alternatives' names is a key of the
  /// present mapping; exactly one may be. Without any, the default is chosen, with its defaults.
  mutating func exclusive<Result>(
    default: String?, of alternatives: [Alternative<Self, Result>]
  ) -> Result
  /// Reports a problem that no range can express, at `key` of the present mapping.
  mutating func problem(_ key: String, _ message: String)
}

/// One of the models that a key can name: the line by which a model is registered.
public struct Alternative<Source, Result> {
  /// The name in scenario files.
  public var name: String
  /// One sentence: what it models, and its source.
  public var about: String
  /// Reads its parameters and makes it.
  public var read: (inout Source) -> Result

  /// An alternative.
  public init(_ name: String, about: String, read: @escaping (inout Source) -> Result) {
    self.name = name
    self.about = about
    self.read = read
  }
}

extension ParameterSource {
  /// A list of nested mappings, empty when the key is absent.
  public mutating func list<Element>(
    _ key: String, about: String, _ read: (inout Self) -> Element
  ) -> [Element] {
    list(key, count: 0...100_000, about: about, read)
  }
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
