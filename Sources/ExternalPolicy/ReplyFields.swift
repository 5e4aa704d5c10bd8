// SPDX-License-Identifier: Apache-2.0
import Units

/// Reads the keys of one JSON object strictly: what is missing, of another kind, out of range or
/// unknown is a ``ReplyProblem`` with the key's path and what was expected.
struct ReplyFields {
  private let members: [JSONNode.Member]
  private let path: String
  private var asked: [String] = []

  /// - Parameters:
  ///   - node: What should be an object.
  ///   - path: The way to it; empty for the whole line.
  /// - Throws: ``ReplyProblem`` when it is none.
  init(_ node: JSONNode, path: String) throws(ReplyProblem) {
    guard case .object(let members) = node else {
      throw ReplyProblem(key: path, message: "expected an object, found \(node.summary)")
    }
    self.members = members
    self.path = path
  }

  /// Path of one of the keys.
  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value of a key; nil when it is not there or null.
  mutating func value(_ key: String) -> JSONNode? {
    asked.append(key)
    let value = members.first { $0.key == key }?.value
    return value == .null ? nil : value
  }

  /// Reports the first key that nobody has asked for.
  func finish() throws(ReplyProblem) {
    guard let unknown = members.first(where: { !asked.contains($0.key) }) else { return }
    throw ReplyProblem(
      key: path(of: unknown.key),
      message: "unknown key\(hint(unknown.key, asked)); known: \(asked.joined(separator: ", "))")
  }

  private func missing(_ key: String, _ expected: String) -> ReplyProblem {
    // A misspelt key is the usual reason why one is missing.
    let others = members.map(\.key).filter { !asked.contains($0) }
    let near = nearestName(to: key, in: others).map { " (is \"\($0)\" meant to be it?)" } ?? ""
    return ReplyProblem(key: path(of: key), message: "missing; expected \(expected)\(near)")
  }

  private func wrong(_ key: String, _ expected: String, _ found: JSONNode) -> ReplyProblem {
    ReplyProblem(key: path(of: key), message: "expected \(expected), found \(found.summary)")
  }

  private func hint(_ name: String, _ known: [String]) -> String {
    nearestName(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// A number in a range; required unless there is a default.
  mutating func number(
    _ key: String, in range: ClosedRange<Double>, default fallback: Double? = nil
  ) throws(ReplyProblem) -> Double {
    let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
    guard let node = value(key) else {
      guard let fallback else { throw missing(key, expected) }
      return fallback
    }
    let number: Double
    switch node {
    case .integer(let value): number = Double(value)
    case .number(let value): number = value
    default: throw wrong(key, expected, node)
    }
    guard range.contains(number) else { throw wrong(key, expected, node) }
    return number
  }

  /// A whole number from 0 on; nil when it is not there and need not be.
  mutating func wholeNumber(_ key: String, isRequired: Bool = true) throws(ReplyProblem) -> Int64? {
    let expected = "a whole number from 0 on"
    guard let node = value(key) else {
      if isRequired { throw missing(key, expected) }
      return nil
    }
    guard case .integer(let number) = node, number >= 0 else { throw wrong(key, expected, node) }
    return number
  }

  /// true or false.
  mutating func flag(_ key: String, default fallback: Bool) throws(ReplyProblem) -> Bool {
    guard let node = value(key) else { return fallback }
    guard case .flag(let flag) = node else { throw wrong(key, "true or false", node) }
    return flag
  }

  /// A text without a NUL, which log files could not hold.
  mutating func text(_ key: String, _ expected: String = "a text") throws(ReplyProblem) -> String {
    guard let node = value(key) else { throw missing(key, expected) }
    guard case .text(let text) = node, !text.utf8.contains(0) else {
      throw wrong(key, expected, node)
    }
    return text
  }

  /// One of a few names.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, of type: Choice.Type
  ) throws(ReplyProblem) -> Choice where Choice.RawValue == String {
    let known = Choice.allCases.map(\.rawValue)
    let name = try text(key, "one of \(known.joined(separator: ", "))")
    guard let choice = Choice(rawValue: name) else {
      throw ReplyProblem(
        key: path(of: key),
        message: """
          expected one of \(known.joined(separator: ", ")), found "\(name)"\(hint(name, known))
          """)
    }
    return choice
  }

  /// The position of something by its name; nil when it is not there and need not be.
  mutating func position(_ key: String, in names: NameTable, isRequired: Bool = true)
    throws(ReplyProblem) -> Int?
  {
    guard isRequired || value(key) != nil else { return nil }
    let name = try text(key, "the name of a \(names.kind)")
    return try names.position(of: name, key: path(of: key))
  }

  /// Positions of several by their names; none when the key is not there.
  mutating func positions(_ key: String, in names: NameTable) throws(ReplyProblem) -> [Int] {
    guard let node = value(key) else { return [] }
    let expected = "a list of names of \(names.kind)s"
    guard case .list(let elements) = node else { throw wrong(key, expected, node) }
    var positions: [Int] = []
    for (index, element) in elements.enumerated() {
      guard case .text(let name) = element else { throw wrong(key, expected, element) }
      positions.append(try names.position(of: name, key: "\(path(of: key))[\(index)]"))
    }
    return positions
  }
}

/// The names of one kind of thing in the inventory.
struct NameTable: Sendable {
  /// What it names: VM, host, rack.
  let kind: String
  let names: [String]
  private let positions: [String: Int]

  init(_ kind: String, _ names: [String]) {
    self.kind = kind
    self.names = names
    positions = Dictionary(
      names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  func position(of name: String, key: String) throws(ReplyProblem) -> Int {
    if let position = positions[name] { return position }
    let near = nearestName(to: name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
    throw ReplyProblem(
      key: key, message: "expected the name of a \(kind), found \"\(name)\"\(near)")
  }
}
