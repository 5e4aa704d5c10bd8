// SPDX-License-Identifier: Apache-2.0
import Experiments
import Units

/// Reads a tree of another simulator's keys and collects what is wrong with it.
struct TopologyReader {
  /// The problems so far, in the order of the file.
  private(set) var problems: [ScenarioProblem] = []

  /// A mapping with its place in the tree.
  struct Object {
    /// Dotted path from the root; empty for the root.
    var path: String
    var location: SourceLocation
    fileprivate var entries: [SourceNode.Entry]

    /// The value of a key; nil when it is absent or null.
    subscript(_ key: String) -> SourceNode? {
      entries.first { $0.key == key }.flatMap { $0.value.isEmptyValue ? nil : $0.value }
    }

    /// The path of one of its keys.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
  }

  mutating func note(
    _ code: ScenarioProblem.Code, _ location: SourceLocation, _ path: String, _ message: String
  ) {
    problems.append(
      ScenarioProblem(code: code, location: location, path: path, message: message))
  }

  /// A mapping whose keys are among the known ones.
  ///
  /// - Parameters:
  ///   - node: the mapping.
  ///   - path: its dotted path.
  ///   - known: the keys that are read or that change nothing here (names, vendors).
  ///   - refused: keys that other simulators know and Foreshadow doesn't, each with a hint.
  /// - Returns: the mapping, or nil, with a problem, when the node is none.
  mutating func object(
    _ node: SourceNode, _ path: String, known: [String], refused: [String: String] = [:]
  ) -> Object? {
    guard let entries = node.entries else {
      note(.wrongType, node.location, path, "expected an object, found \(node.summary)")
      return nil
    }
    let object = Object(path: path, location: node.location, entries: entries)
    for entry in entries where !known.contains(entry.key) {
      let place = object.path(of: entry.key)
      if let hint = refused[entry.key] {
        guard !entry.value.isEmptyValue else { continue }
        note(.inconsistent, entry.keyLocation, place, "has no counterpart: \(hint)")
      } else {
        let hint = nearestName(to: entry.key, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
        note(.unknownKey, entry.keyLocation, place, "unknown key\(hint)")
      }
    }
    return object
  }

  /// The list at a key, each element with its path; empty, with a problem, when there is none.
  mutating func list(_ object: Object, _ key: String) -> [(node: SourceNode, path: String)] {
    let path = object.path(of: key)
    guard let value = object[key] else {
      note(.missingKey, object.location, path, "is missing")
      return []
    }
    guard case .sequence(let nodes) = value.content, !nodes.isEmpty else {
      note(.wrongType, value.location, path, "expected a list, found \(value.summary)")
      return []
    }
    return nodes.enumerated().map { ($1, "\(path)[\($0)]") }
  }

  /// The count at a key, or `fallback` when it is absent; without one it must be there.
  mutating func count(_ object: Object, _ key: String, default fallback: Int? = nil) -> Int? {
    let expected = "a count from 1 to \(Self.greatestCount)"
    guard let value = required(object, key, unless: fallback != nil) else { return fallback }
    guard case .scalar(let text, _) = value.content, let number = Int(text),
      (1...Self.greatestCount).contains(number)
    else {
      note(
        .outOfRange, value.location, object.path(of: key),
        "expected \(expected), found \(value.summary)")
      return nil
    }
    return number
  }

  /// The quantity at a key in watts, bytes or hertz, within a range.
  mutating func quantity(
    _ object: Object, _ key: String, _ kind: OpenDCQuantity, default fallback: Double? = nil,
    in range: ClosedRange<Double>
  ) -> Double? {
    guard let value = required(object, key, unless: fallback != nil) else { return fallback }
    guard case .scalar(let text, _) = value.content, let number = kind.value(of: text) else {
      note(
        .wrongType, value.location, object.path(of: key),
        "expected a number with or without a unit, e.g. \(kind.example), found \(value.summary)")
      return nil
    }
    guard range.contains(number) else {
      note(.outOfRange, value.location, object.path(of: key), "\(value.summary) is out of range")
      return nil
    }
    return number
  }

  /// The plain number at a key, within a range.
  mutating func number(
    _ object: Object, _ key: String, default fallback: Double, in range: ClosedRange<Double>
  ) -> Double? {
    let value = object[key]
    var number: Double? = fallback
    if let value {
      number = if case .scalar(let text, _) = value.content { Double(text) } else { nil }
    }
    guard let number, range.contains(number) else {
      note(
        .outOfRange, value?.location ?? object.location, object.path(of: key),
        "expected a number from \(range.lowerBound) to \(range.upperBound), found "
          + (value?.summary ?? "OpenDC's default \(fallback)"))
      return nil
    }
    return number
  }

  /// The truth value at a key.
  mutating func flag(_ object: Object, _ key: String, default fallback: Bool) -> Bool? {
    guard let value = object[key] else { return fallback }
    if case .scalar(let text, _) = value.content, let flag = Bool(text) { return flag }
    note(
      .wrongType, value.location, object.path(of: key),
      "expected true or false, found \(value.summary)")
    return nil
  }

  /// The text at a key; nil when there is none.
  func text(_ object: Object, _ key: String) -> String? {
    guard case .scalar(let text, _) = object[key]?.content else { return nil }
    return text
  }

  private mutating func required(_ object: Object, _ key: String, unless isOptional: Bool)
    -> SourceNode?
  {
    let value = object[key]
    if value == nil, !isOptional {
      note(.missingKey, object.location, object.path(of: key), "is missing")
    }
    return value
  }

  /// Keeps products of three counts far from overflow; more than any data center has.
  private static let greatestCount = 100_000
}
