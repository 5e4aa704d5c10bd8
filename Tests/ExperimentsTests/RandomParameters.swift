// SPDX-License-Identifier: Apache-2.0
import Experiments
import Units

/// SplitMix64 (Steele, Lea, Flood 2014): enough randomness for tests, the same everywhere.
struct TestRandom: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}

/// A source that makes up a valid value for whatever is asked, and keeps a record of it.
struct RandomParameters: ParameterSource {
  var random: TestRandom
  /// What was made up, mapping by mapping.
  var frames: [[ResolvedEntry]] = [[]]
  /// What specifications complained about.
  var problems: [String] = []

  init(seed: UInt64) { random = TestRandom(state: seed) }

  private mutating func record(_ key: String, _ node: ResolvedNode) {
    frames[frames.count - 1].append(ResolvedEntry(key: key, node: node))
  }
  private mutating func nested<Result>(_ read: (inout Self) -> Result) -> (Result, [ResolvedEntry])
  {
    frames.append([])
    let result = read(&self)
    return (result, frames.removeLast())
  }
  private mutating func pick(_ range: ClosedRange<Double>) -> Double {
    let ends = [range.lowerBound, range.upperBound]
    if random.chance(0.2) { return ends[Int.random(in: 0...1, using: &random)] }
    let width = min(range.upperBound - range.lowerBound, Double.greatestFiniteMagnitude)
    return range.lowerBound + Double.random(in: 0...1, using: &random) * width
  }

  mutating func quantity(
    _ key: String, _ dimension: Dimension, default fallback: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double {
    let value = pick(range)
    record(key, .scalar(quantityText(value, dimension)))
    return value
  }
  mutating func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double {
    let value = pick(range)
    record(key, .scalar("\(value)"))
    return value
  }
  mutating func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int {
    let value = key == "version" ? 1 : Int.random(in: range, using: &random)
    record(key, .scalar("\(value)"))
    return value
  }
  mutating func flag(_ key: String, default fallback: Bool, about: String) -> Bool {
    let value = random.chance(0.5)
    record(key, .scalar("\(value)"))
    return value
  }
  mutating func choice(
    _ key: String, default fallback: String?, of names: [String], about: String
  ) -> String {
    let value = names[Int.random(in: names.indices, using: &random)]
    record(key, .scalar(yamlScalar(value)))
    return value
  }
  mutating func text(_ key: String, default fallback: String?, about: String) -> String {
    let value = randomText()
    record(key, .scalar(yamlScalar(value)))
    return value
  }
  private mutating func randomText() -> String {
    let alphabet = Array("ab Z09_-.,:#&*!|>'\"%@`{}[]?\\/\n\t~é漢🙂\u{85}\u{2028}\u{0}\u{FEFF}".unicodeScalars)
    var text = ""
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      text.unicodeScalars.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
    }
    return text
  }
  mutating func path(_ key: String, default fallback: String?, about: String) -> String {
    text(key, default: fallback, about: about)
  }
  mutating func paths(_ key: String, default fallback: [String], about: String) -> [String] {
    texts(key, default: fallback, about: about)
  }
  mutating func instant(_ key: String, default fallback: SimTime?, about: String) -> SimTime {
    let value = SimTime(
      nanoseconds: Int64.random(in: 0...SimTime.days(40).nanoseconds, using: &random))
    record(key, .scalar(yamlScalar(value.description)))
    return value
  }
  mutating func quantities(
    _ key: String, _ dimension: Dimension, default fallback: [Double],
    in range: ClosedRange<Double>, about: String
  ) -> [Double] {
    let values = fallback.map { _ in pick(range) }
    record(key, .list(values.map { .scalar(quantityText($0, dimension)) }))
    return values
  }
  mutating func texts(_ key: String, default fallback: [String], about: String) -> [String] {
    // Imports are files; they have tests of their own.
    let count = key == "import" ? 0 : Int.random(in: 0...3, using: &random)
    let values = (0..<count).map { _ in randomText() }
    if key != "import" { record(key, .list(values.map { .scalar(yamlScalar($0)) })) }
    return values
  }
  mutating func integers(
    _ key: String, default fallback: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int] {
    let values = (0..<3).map { _ in Int.random(in: range, using: &random) }
    record(key, .list(values.map { .scalar("\($0)") }))
    return values
  }
  mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default fallback: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)] {
    let rows = names.filter { _ in random.chance(0.5) }.map { (name: $0, value: pick(range)) }
    let entries = rows.map {
      ResolvedEntry(key: $0.name, node: .scalar(quantityText($0.value, dimension)))
    }
    record(key, .mapping(entries))
    return rows
  }
  /// Half of the optional keys are given; the others must not be recorded when they are asked for.
  mutating func isGiven(_ key: String) -> Bool { true }

  mutating func section<Result>(_ key: String, about: String, _ read: (inout Self) -> Result)
    -> Result
  {
    let (result, entries) = nested(read)
    record(key, .mapping(entries))
    return result
  }
  mutating func list<Element>(
    _ key: String, count: ClosedRange<Int>, about: String, _ read: (inout Self) -> Element
  ) -> [Element] {
    let most = min(count.upperBound, count.lowerBound + 2)
    var elements: [Element] = []
    var nodes: [ResolvedNode] = []
    for _ in 0..<Int.random(in: count.lowerBound...most, using: &random) {
      let (element, entries) = nested(read)
      elements.append(element)
      nodes.append(.mapping(entries))
    }
    record(key, .list(nodes))
    return elements
  }
  mutating func alternative<Result>(
    _ key: String, default fallback: String?, of alternatives: [Alternative<Self, Result>],
    about: String
  ) -> Result {
    let chosen = alternatives[Int.random(in: alternatives.indices, using: &random)]
    let (result, entries) = nested(chosen.read)
    record(key, .model(chosen.name, entries))
    return result
  }
  mutating func alternatives<Result>(
    _ key: String, default fallback: [String], of alternatives: [Alternative<Self, Result>],
    about: String
  ) -> [Result] {
    var nodes: [ResolvedNode] = []
    let results = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      let chosen = alternatives[Int.random(in: alternatives.indices, using: &random)]
      let (result, entries) = nested(chosen.read)
      nodes.append(.model(chosen.name, entries))
      return result
    }
    record(key, .list(nodes))
    return results
  }
  mutating func exclusive<Result>(default fallback: String?, of alternatives: [Alternative<Self, Result>])
    -> Result
  {
    let chosen = alternatives[Int.random(in: alternatives.indices, using: &random)]
    let (result, entries) = nested(chosen.read)
    record(chosen.name, .mapping(entries))
    return result
  }
  mutating func problem(_ key: String, _ message: String) { problems.append("\(key): \(message)") }
}
