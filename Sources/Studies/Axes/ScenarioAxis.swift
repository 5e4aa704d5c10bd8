// SPDX-License-Identifier: Apache-2.0
import Experiments
import Units

/// A key of a scenario with the values that it is to take.
public struct ScenarioAxis: Sendable, Hashable {
  /// The values.
  public enum Values: Sendable, Hashable {
    /// Values as a scenario writes them.
    case list([String])
    /// Numbers from `low` to `high`, each followed by `unit`; without a step any number between.
    case range(low: Double, high: Double, step: Double?, unit: String)
  }

  /// Dotted path of the key, as `--set` takes it.
  public let path: String
  /// The values.
  public let values: Values

  /// Most values of a range with a step.
  private static let mostLevels = 100_000

  /// Reads `path=2..40` (whole numbers), `path=18..27 °C:0.5` (with a step), `path=0.5..1.5` (any
  /// number between; ends with a point have no step of their own) or `path=a,b,c`.
  ///
  /// The end of a path that belongs to one key only stands for it: `racks.count` for
  /// `dataCenter.racks.count`.
  ///
  /// - Throws: ``StudyError`` that says what was expected.
  public init(_ text: String) throws(StudyError) {
    guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
      throw StudyError("expected path=A..B or path=a,b,c, found \"\(text)\"")
    }
    path = Self.fullPath(trimmed(text[..<mark]))
    let written = trimmed(text[text.index(after: mark)...])
    if let dots = written.firstRange(of: "..") {
      values = try Self.range(
        low: written[..<dots.lowerBound], rest: written[dots.upperBound...], written)
    } else {
      let list = Self.items(of: written)
      guard !list.contains("") else { throw StudyError("\(path): a value is empty") }
      if let twice = list.first(where: { value in list.count { $0 == value } > 1 }) {
        throw StudyError("\(path): the value \(twice) is there twice")
      }
      values = .list(list)
    }
  }

  /// The parts between commas that stand in no brackets: `{ a: 1, b: 2 }` is one value.
  private static func items(of text: String) -> [String] {
    var depth = 0
    return text.split(omittingEmptySubsequences: false) { letter in
      if "[{(".contains(letter) { depth += 1 }
      if "]})".contains(letter) { depth -= 1 }
      return letter == "," && depth <= 0
    }.map(trimmed)
  }

  private static func range(
    low: Substring, rest: Substring, _ written: String
  ) throws(StudyError) -> Values {
    let wrong = StudyError("expected A..B, A..B UNIT or A..B:STEP, found \"\(written)\"")
    let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let end = trimmed(parts[0])
    let digits = end.prefix { $0.isNumber || "+-.eE".contains($0) }
    let unit = trimmed(end[digits.endIndex...])
    guard let first = Double(trimmed(low)), let last = Double(digits), first.isFinite,
      last.isFinite
    else { throw wrong }
    guard first < last else { throw StudyError("\(written): A is not below B") }
    var step: Double?
    if parts.count > 1 {
      guard let given = Double(trimmed(parts[1])), given > 0, given.isFinite else { throw wrong }
      step = given
    } else if !low.contains("."), !digits.contains(".") {
      step = 1
    }
    if let step, (last - first) / step >= Double(mostLevels) {
      throw StudyError("\(written): more than \(mostLevels) values")
    }
    return .range(low: first, high: last, step: step, unit: unit)
  }

  /// The one key whose path ends like this, or the path as it is.
  private static func fullPath(_ written: String) -> String {
    let known = ScenarioFile.keyPaths.map { $0.replacing("[]", with: "") }
    guard !known.contains(written) else { return written }
    var found: [String] = []
    for path in known where path.hasSuffix("." + written) && !found.contains(path) {
      found.append(path)
    }
    return found.count == 1 ? found[0] : written
  }

  /// All values in order; nil when there is no step.
  public var levels: [String]? {
    switch values {
    case .list(let list): return list
    case .range(let low, let high, let step, let unit):
      guard let step else { return nil }
      // Half a millionth of a step: what rounding can take from a last value that is meant.
      let count = Int(((high - low) / step + 5e-7).rounded(.down)) + 1
      return (0..<count).map { Self.text(low + Double($0) * step, unit) }
    }
  }

  /// The value at a place between 0 (included) and 1 (excluded).
  public func value(at place: Double) -> String {
    if let levels { return levels[min(levels.count - 1, Int(place * Double(levels.count)))] }
    guard case .range(let low, let high, _, let unit) = values else { return "" }
    return Self.text(low + place * (high - low), unit)
  }

  /// A number without the dust of additions, with its unit.
  private static func text(_ value: Double, _ unit: String) -> String {
    let rounded = (value * 1e9).rounded() / 1e9
    var text = (abs(rounded) < 1e6 ? rounded : value).description
    if text.hasSuffix(".0") { text.removeLast(2) }
    return unit.isEmpty ? text : "\(text) \(unit)"
  }

  /// The override that gives the key a value.
  ///
  /// - Throws: ``StudyError`` when the path is none.
  public func setting(_ value: String) throws(StudyError) -> ScenarioOverride {
    guard let override = ScenarioOverride("\(path)=\(value)") else {
      throw StudyError("\"\(path)\" is not the path of a key")
    }
    return override
  }
}

/// A text without the spaces around it.
func trimmed(_ text: some StringProtocol) -> String {
  let start = text.drop { $0 == " " }
  return String(start.reversed().drop { $0 == " " }.reversed())
}
