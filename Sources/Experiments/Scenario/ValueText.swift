// SPDX-License-Identifier: Apache-2.0
import Units

/// Why a text is not the value that a parameter asks for.
struct ValueProblem: Error {
  var code: ScenarioProblem.Code
  var message: String

  init(_ code: ScenarioProblem.Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

// MARK: - Reading

/// Reads a number with its unit and checks its range.
func readQuantity(_ text: String, _ dimension: Dimension, in range: ClosedRange<Double>)
  throws(ValueProblem) -> Double
{
  let value: Double
  do {
    value = try parseQuantity(text, as: dimension)
  } catch {
    switch error {
    case .notANumber:
      throw ValueProblem(.wrongType, "expected \(dimension.expectation), found \(quoted(text))")
    case .missingUnit:
      let unit = dimension.units[0].suffix
      throw ValueProblem(.missingUnit, "needs a unit, e.g. \(quoted("\(text) \(unit)"))")
    case .unknownUnit(let unit, _, let nearest):
      let known = listed(dimension.units.map(\.suffix))
      let hint = nearest.map { "; did you mean \"\($0)\"? Known: \(known)" } ?? "; known: \(known)"
      throw ValueProblem(.unknownUnit, "no unit \(quoted(unit)) of \(dimension.noun)\(hint)")
    }
  }
  guard range.contains(value) else {
    let isLow = value < range.lowerBound
    let limit = quantityText(isLow ? range.lowerBound : range.upperBound, dimension)
    throw ValueProblem(
      .outOfRange,
      "expected \(dimension.article) of \(isLow ? "at least" : "at most") \(limit), "
        + "found \(quoted(text))")
  }
  return value
}

/// Reads a plain number and checks its range.
func readNumber(_ text: String, _ isPlain: Bool, in range: ClosedRange<Double>)
  throws(ValueProblem) -> Double
{
  guard isPlain, isDecimal(text), let value = Double(text), value.isFinite else {
    throw ValueProblem(.wrongType, "expected a number, found \(quoted(text))")
  }
  guard range.contains(value) else {
    let isLow = value < range.lowerBound
    let limit = numberText(isLow ? range.lowerBound : range.upperBound)
    throw ValueProblem(
      .outOfRange,
      "expected a number of \(isLow ? "at least" : "at most") \(limit), found \(quoted(text))")
  }
  return value
}

/// Reads a whole number and checks its range.
func readInteger(_ text: String, _ isPlain: Bool, in range: ClosedRange<Int>)
  throws(ValueProblem) -> Int
{
  guard isPlain, let value = Int(text) else {
    let noun = range.lowerBound >= 0 ? "a count" : "a whole number"
    throw ValueProblem(.wrongType, "expected \(noun), found \(quoted(text))")
  }
  guard range.contains(value) else {
    let limit = value < range.lowerBound ? range.lowerBound : range.upperBound
    let side = value < range.lowerBound ? "at least" : "at most"
    let noun = range.lowerBound >= 0 ? "a count" : "a whole number"
    throw ValueProblem(
      .outOfRange, "expected \(noun) of \(side) \(limit), found \(quoted(text))")
  }
  return value
}

/// What ``readInstant(_:)`` understands, in words.
let instantExpectation = "a time of day, e.g. \"02:00\", or a time since the start, e.g. \"26 h\""

/// Reads `02:00`, `02:00:30`, `1d 02:00`, or a time since the start such as `26 h`.
func readInstant(_ text: String) throws(ValueProblem) -> SimTime {
  let mostDays = 3650
  guard text.contains(":") else {
    return .seconds(
      try readQuantity(text, .time, in: 0...SimTime.days(mostDays).seconds))
  }
  let problem = ValueProblem(
    .wrongType, "expected \(instantExpectation), found \(quoted(text))")
  var clock = Substring(text)
  var days = 0
  if let mark = clock.firstIndex(of: "d") {
    guard let number = Int(clock[..<mark]), (0...mostDays).contains(number) else { throw problem }
    days = number
    clock = clock[clock.index(after: mark)...].drop { $0 == " " }
  }
  let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
  guard (2...3).contains(parts.count), parts.allSatisfy({ isDecimal($0) }),
    let hours = Int(parts[0]), (0..<24).contains(hours),
    let minutes = Int(parts[1]), (0..<60).contains(minutes),
    let seconds = parts.count == 3 ? Double(parts[2]) : 0, seconds >= 0, seconds < 60
  else { throw problem }
  return .days(days) + .hours(hours) + .minutes(minutes) + .seconds(seconds)
}

/// Whether a text is a number as people write it: no `nan`, `inf` or hexadecimal.
private func isDecimal(_ text: some StringProtocol) -> Bool {
  text.utf8.contains { (0x30...0x39).contains($0) }
    && text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
}

// MARK: - Words

/// What a whole number of that range is called in messages.
func integerExpectation(_ range: ClosedRange<Int>) -> String {
  let noun = range.lowerBound >= 0 ? "a count" : "a whole number"
  return "\(noun) of at least \(range.lowerBound)"
}

/// The problem of a name that stands for nothing.
func unknownName(_ name: String, what: String, known: [String]) -> ValueProblem {
  let hint =
    nearestName(to: name, in: known).map { "did you mean \"\($0)\"? Known" } ?? "known"
  return ValueProblem(
    .unknownName, "no \(what) \(quoted(name)); \(hint): \(listed(known))")
}

/// Names separated by commas; a long list ends in an ellipsis.
func listed(_ names: [String]) -> String {
  let most = 12
  return names.prefix(most).joined(separator: ", ") + (names.count > most ? ", …" : "")
}

/// A key as a noun for one thing: `policies` → `policy`, `racks` → `rack`.
func singular(_ key: String) -> String {
  if key.hasSuffix("ies") { return key.dropLast(3) + "y" }
  return key.hasSuffix("s") && !key.hasSuffix("ss") ? String(key.dropLast()) : key
}

extension Dimension {
  /// What it is called, without an article.
  var noun: String {
    switch self {
    case .time: "time"
    case .power: "power"
    case .energy: "energy"
    case .temperature: "temperature"
    case .temperatureDifference: "temperature difference"
    case .data: "data"
    case .dataRate: "data rate"
    case .cores: "cores"
    case .frequency: "frequency"
    case .fraction: "share"
    case .airFlow: "air flow"
    case .carbonIntensity: "carbon intensity"
    case .energyPrice: "energy price"
    }
  }

  /// What it is called, with its article.
  var article: String {
    switch self {
    case .data: "an amount of data"
    case .cores: "a number of cores"
    case .energy, .airFlow, .energyPrice: "an \(noun)"
    default: "a \(noun)"
    }
  }

  /// What a value looks like, for messages.
  var expectation: String { "\(article), e.g. \"\(example)\"" }
}

// MARK: - Printing

/// A value in the unit that makes its number shortest among those that read back as the same
/// value; of equally short ones, the first of `Dimension.units`.
package func quantityText(_ value: Double, _ dimension: Dimension) -> String {
  if dimension == .cores { return "\(numberText(value)) \(value == 1 ? "core" : "cores")" }
  var best: (number: String, unit: String)?
  for unit in dimension.units where value != 0 || unit.factor == 1 || dimension == .fraction {
    let number = numberText(value / unit.factor)
    guard number.count < best?.number.count ?? .max,
      let back = try? parseQuantity("\(number) \(unit.suffix)", as: dimension), back == value
    else { continue }
    best = (number, unit.suffix)
  }
  return best.map { "\($0.number) \($0.unit)" } ?? numberText(value)
}

/// A text as a YAML scalar: plain where that is safe, in double quotes elsewhere.
package func yamlScalar(_ text: String) -> String {
  let isSafe =
    text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || " -_./+".unicodeScalars.contains($0)
    } && text.first.map { $0.isLetter || $0 == "/" || $0 == "." } ?? false && text.last != " "
    && !["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
  return isSafe ? text : jsonQuoted(text)
}
