// SPDX-License-Identifier: Apache-2.0
import Units

/// A source with given values, for tests: keys of sections are joined by dots, an alternative is the
/// name of its choice, a list has `key.count` elements `key.0`, `key.1`, …
///
/// Values are texts as in scenario files. Problems are kept with their full key.
struct TestSource: ParameterSource {
  private let values: [String: String]
  private var prefix = ""
  private(set) var problems: [String] = []

  init(_ values: [String: String]) { self.values = values }

  func isGiven(_ key: String) -> Bool { values[prefix + key] != nil }

  mutating func problem(_ key: String, _ message: String) {
    problems.append("\(prefix)\(key): \(message)")
  }

  mutating func quantity(
    _ key: String, _ dimension: Dimension, default fallback: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double {
    let standard = fallback ?? range.lowerBound
    guard let text = values[prefix + key] else { return standard }
    guard let value = try? parseQuantity(text, as: dimension) else {
      problem(key, "not a quantity: \(text)")
      return standard
    }
    guard range.contains(value) else {
      problem(key, "out of range: \(text)")
      return standard
    }
    return value
  }

  mutating func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double {
    let standard = fallback ?? range.lowerBound
    guard let text = values[prefix + key] else { return standard }
    guard let value = Double(text), range.contains(value) else {
      problem(key, "out of range: \(text)")
      return standard
    }
    return value
  }

  mutating func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int {
    let standard = fallback ?? range.lowerBound
    guard let text = values[prefix + key] else { return standard }
    guard let value = Int(text), range.contains(value) else {
      problem(key, "out of range: \(text)")
      return standard
    }
    return value
  }

  mutating func flag(_ key: String, default fallback: Bool, about: String) -> Bool {
    values[prefix + key].map { $0 == "true" } ?? fallback
  }

  mutating func choice(
    _ key: String, default fallback: String?, of names: [String], about: String
  ) -> String {
    values[prefix + key] ?? fallback ?? names[0]
  }

  mutating func text(_ key: String, default fallback: String?, about: String) -> String {
    values[prefix + key] ?? fallback ?? ""
  }

  mutating func quantities(
    _ key: String, _ dimension: Dimension, default fallback: [Double],
    in range: ClosedRange<Double>, about: String
  ) -> [Double] {
    guard let text = values[prefix + key] else { return fallback }
    return text.split(separator: " ").compactMap { Double($0) }
  }

  mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default fallback: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)] { fallback.map { (name: $0.0, value: $0.1) } }

  mutating func section<Result>(
    _ key: String, about: String, _ read: (inout TestSource) -> Result
  ) -> Result {
    let outer = prefix
    prefix += key + "."
    defer { prefix = outer }
    return read(&self)
  }

  mutating func path(_ key: String, default fallback: String?, about: String) -> String {
    text(key, default: fallback, about: about)
  }
  mutating func paths(_ key: String, default fallback: [String], about: String) -> [String] {
    fallback
  }
  mutating func texts(_ key: String, default fallback: [String], about: String) -> [String] {
    fallback
  }
  mutating func integers(
    _ key: String, default fallback: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int] { fallback }
  mutating func instant(_ key: String, default fallback: SimTime?, about: String) -> SimTime {
    time(key, default: fallback, about: about)
  }
  mutating func exclusive<Result>(
    default fallback: String?, of alternatives: [Alternative<TestSource, Result>]
  ) -> Result {
    let chosen = alternatives.first { $0.name == fallback } ?? alternatives[0]
    return section(chosen.name, about: chosen.about, chosen.read)
  }

  mutating func list<Element>(
    _ key: String, count: ClosedRange<Int>, about: String,
    _ read: (inout TestSource) -> Element
  ) -> [Element] {
    let given = values["\(prefix)\(key).count"].flatMap { Int($0) } ?? count.lowerBound
    return (0..<given).map { index in section("\(key).\(index)", about: about, read) }
  }

  mutating func alternative<Result>(
    _ key: String, default fallback: String?, of alternatives: [Alternative<TestSource, Result>],
    about: String
  ) -> Result {
    let name = values[prefix + key] ?? fallback
    guard let chosen = alternatives.first(where: { $0.name == name }) else {
      problem(key, "no such choice: \(name ?? "")")
      return section(key, about: about, alternatives[0].read)
    }
    return section(key, about: about, chosen.read)
  }

  mutating func alternatives<Result>(
    _ key: String, default fallback: [String], of alternatives: [Alternative<TestSource, Result>],
    about: String
  ) -> [Result] {
    fallback.compactMap { name in
      alternatives.first { $0.name == name }.map { section(key, about: about, $0.read) }
    }
  }
}
