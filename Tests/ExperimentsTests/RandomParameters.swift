// SPDX-License-Identifier: Apache-2.0
import Experiments
import SimulationKernel
import Units

/// A source that makes up a valid value for some of what is asked, takes the default for the rest,
/// and keeps a record of all of it.
struct RandomParameters: ParameterSource {
  /// One mapping that is being made up.
  struct Frame {
    var entries: [ResolvedEntry] = []
    /// Keys that were said not to be given.
    var absent: [String] = []
  }
  var random: RandomStream
  /// What was made up, mapping by mapping.
  var frames = [Frame()]
  /// What specifications complained about.
  var problems: [String] = []

  init(seed: UInt64) { random = RandomStream(seed: seed, purpose: "test/scenario") }

  private mutating func record(_ key: String, _ node: ResolvedNode) {
    let top = frames.count - 1
    guard !frames[top].absent.contains(key) else { return }
    frames[top].entries.append(ResolvedEntry(key: key, node: node))
  }
  private mutating func nested<Result>(_ read: (inout Self) -> Result) -> (Result, [ResolvedEntry])
  {
    frames.append(Frame())
    let result = read(&self)
    return (result, frames.removeLast().entries)
  }
  /// Whether to make a value up. Mostly the default is taken, so that values that must fit
  /// together mostly do.
  private mutating func isMadeUp(_ fallback: Any?) -> Bool {
    fallback == nil || random.bernoulli(0.05)
  }
  private mutating func pick(_ range: ClosedRange<Double>, or fallback: Double? = nil) -> Double {
    if let fallback, !isMadeUp(fallback) { return fallback }
    if random.bernoulli(0.2) {
      return random.bernoulli(0.5) ? range.lowerBound : range.upperBound
    }
    let width = min(range.upperBound - range.lowerBound, .greatestFiniteMagnitude)
    return min(range.lowerBound + random.uniform() * width, range.upperBound)
  }

  private mutating func whole(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.integer(below: range.upperBound - range.lowerBound + 1)
  }

  mutating func quantity(
    _ key: String, _ dimension: Dimension, default fallback: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double {
    let value = pick(range, or: fallback)
    record(key, .scalar(quantityText(value, dimension)))
    return value
  }
  mutating func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double {
    let value = pick(range, or: fallback)
    record(key, .scalar("\(value)"))
    return value
  }
  mutating func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int {
    var value = fallback ?? 1
    if key != "version", isMadeUp(fallback) { value = whole(range) }
    record(key, .scalar("\(value)"))
    return value
  }
  mutating func flag(_ key: String, default fallback: Bool, about: String) -> Bool {
    let value = random.bernoulli(0.5)
    record(key, .scalar("\(value)"))
    return value
  }
  mutating func choice(
    _ key: String, default fallback: String?, of names: [String], about: String
  ) -> String {
    var value = fallback ?? ""
    if isMadeUp(fallback) { value = names[random.integer(below: names.count)] }
    record(key, .scalar(yamlScalar(value)))
    return value
  }
  mutating func text(_ key: String, default fallback: String?, about: String) -> String {
    // The start of a run is a date; any other text may be anything.
    let value = key == "start" ? "2024-02-29T23:30:00-07:00" : randomText()
    record(key, .scalar(yamlScalar(value)))
    return value
  }
  /// Everything that YAML could take for something else. No byte-order mark: the YAML library drops
  /// one at the beginning of a text.
  private mutating func randomText() -> String {
    let alphabet = Array(
      "ab Z09_-.,:#&*!|>'\"%@`{}[]?\\/\n\t~é漢🙂\u{85}\u{2028}\u{0}".unicodeScalars)
    var text = ""
    for _ in 0..<random.integer(below: 13) {
      text.unicodeScalars.append(alphabet[random.integer(below: alphabet.count)])
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
      nanoseconds: Int64(random.integer(below: Int(SimTime.days(40).nanoseconds))))
    record(key, .scalar(yamlScalar(value.description)))
    return value
  }
  mutating func quantities(
    _ key: String, _ dimension: Dimension, default fallback: [Double],
    in range: ClosedRange<Double>, about: String
  ) -> [Double] {
    let values = fallback.map { pick(range, or: $0) }
    record(key, .list(values.map { .scalar(quantityText($0, dimension)) }))
    return values
  }
  mutating func texts(_ key: String, default fallback: [String], about: String) -> [String] {
    // An empty list often means that something required was left out.
    let values = (0...random.integer(below: 3)).map { _ in randomText() }
    record(key, .list(values.map { .scalar(yamlScalar($0)) }))
    return values
  }
  mutating func integers(
    _ key: String, default fallback: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int] {
    let values = (0..<3).map { _ in whole(range) }
    record(key, .list(values.map { .scalar("\($0)") }))
    return values
  }
  mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default fallback: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)] {
    var rows = fallback.map { (name: $0.0, value: $0.1) }
    if isMadeUp(fallback) {
      rows = names.filter { _ in random.bernoulli(0.5) }.map { (name: $0, value: pick(range)) }
    }
    let entries = rows.map {
      ResolvedEntry(key: $0.name, node: .scalar(quantityText($0.value, dimension)))
    }
    record(key, .mapping(entries))
    return rows
  }
  /// Half of the optional keys are given; the others are not recorded when they are asked for.
  mutating func isGiven(_ key: String) -> Bool {
    let top = frames.count - 1
    if frames[top].entries.contains(where: { $0.key == key }) { return true }
    if key == "import" || random.bernoulli(0.5) { frames[top].absent.append(key) }
    return !frames[top].absent.contains(key)
  }

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
    for _ in 0..<whole(count.lowerBound...most) {
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
    let chosen = alternatives[random.integer(below: alternatives.count)]
    let (result, entries) = nested(chosen.read)
    record(key, .model(chosen.name, entries))
    return result
  }
  mutating func alternatives<Result>(
    _ key: String, default fallback: [String], of alternatives: [Alternative<Self, Result>],
    about: String
  ) -> [Result] {
    var nodes: [ResolvedNode] = []
    let results = (0..<random.integer(below: 4)).map { _ in
      let chosen = alternatives[random.integer(below: alternatives.count)]
      let (result, entries) = nested(chosen.read)
      nodes.append(.model(chosen.name, entries))
      return result
    }
    record(key, .list(nodes))
    return results
  }
  mutating func exclusive<Result>(
    default fallback: String?, of alternatives: [Alternative<Self, Result>]
  )
    -> Result
  {
    let chosen = alternatives[random.integer(below: alternatives.count)]
    let (result, entries) = nested(chosen.read)
    record(chosen.name, .mapping(entries))
    return result
  }
  mutating func problem(_ key: String, _ message: String) { problems.append("\(key): \(message)") }
}
