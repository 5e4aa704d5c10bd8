// SPDX-License-Identifier: Apache-2.0
import Yams

/// Limits that keep any input cheap; far above what a scenario needs.
package enum YAMLLimits {
  /// Longest text in bytes.
  package static let bytes = 1 << 20
  /// Deepest nesting of mappings and lists.
  package static let depth = 32
  /// Most places that look like an alias. Below it an alias bomb cannot grow by more than 3^(8/3).
  package static let aliases = 8
}

/// Reads one YAML document into a tree with locations.
///
/// Anchors, aliases and merge keys are refused: a scenario says each thing where it applies, and
/// `import` serves for sharing. An empty text is an empty mapping.
///
/// - Throws: ``ScenarioError`` with the location of every syntax problem that could be found.
package func parseYAML(_ bytes: some Collection<UInt8>, source: String) throws(ScenarioError)
  -> SourceNode
{
  let text = try decodeUTF8(bytes, source: source)
  try refuseManyAliases(text, source: source)
  let root = SourceLocation(source: source, line: 1, column: 1)
  do {
    // No resolver rules: scalars stay text, and no regular expressions run on hostile input.
    let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
    let node = try parser.singleRoot()
    var conversion = TreeConversion(source: source)
    // Anchors are weakly held by nodes; the parser owns them.
    let tree = withExtendedLifetime(parser) { node.map { conversion.convert($0, depth: 0) } }
    guard conversion.problems.isEmpty else { throw ScenarioError(problems: conversion.problems) }
    return tree ?? SourceNode(.mapping([]), at: root)
  } catch let error as ScenarioError {
    throw error
  } catch {
    throw ScenarioError(problems: [syntaxProblem(error, text: text, source: source)])
  }
}

private func decodeUTF8(_ bytes: some Collection<UInt8>, source: String) throws(ScenarioError)
  -> String
{
  func refuse(_ message: String, line: Int, column: Int) -> ScenarioError {
    let location = SourceLocation(source: source, line: line, column: column)
    return ScenarioError(problems: [
      ScenarioProblem(code: .syntax, location: location, path: "", message: message)
    ])
  }
  guard bytes.count <= YAMLLimits.bytes else {
    throw refuse("longer than 1 MiB; not a scenario", line: 1, column: 1)
  }
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  // The repaired text shows where the first invalid byte stands.
  let repaired = String(decoding: bytes, as: UTF8.self)
  let before = repaired.unicodeScalars.prefix { $0 != "\u{FFFD}" }
  let line = before.count { $0 == "\n" } + 1
  let column = before.reversed().prefix { $0 != "\n" }.count + 1
  throw refuse("not UTF-8 text", line: line, column: column)
}

/// Refuses a text in which `*name` stands in more places than a text by hand would have.
///
/// The tree below an alias is shared, but hashing a mapping's keys walks it, so a bomb must not
/// reach the composer.
private func refuseManyAliases(_ text: String, source: String) throws(ScenarioError) {
  var line = 1
  var column = 0
  var previous: UInt8 = 0x20
  var found = 0
  for byte in text.utf8 {
    column += 1
    if byte == 0x2A, " \t\n\r[{,:?-".utf8.contains(previous) { found += 1 }
    if found > YAMLLimits.aliases {
      let location = SourceLocation(source: source, line: line, column: column)
      throw ScenarioError(problems: [
        ScenarioProblem(code: .syntax, location: location, path: "", message: aliasMessage)
      ])
    }
    if byte == 0x0A { (line, column) = (line + 1, 0) }
    previous = byte
  }
}

private let aliasMessage =
  "YAML anchors (&name) and aliases (*name) are not supported; write the values out"

/// Turns the composer's tree into ours, refusing what scenarios do not use.
private struct TreeConversion {
  let source: String
  var problems: [ScenarioProblem] = []

  mutating func refuse(_ message: String, at location: SourceLocation) {
    problems.append(
      ScenarioProblem(code: .syntax, location: location, path: "", message: message))
  }

  mutating func convert(_ node: Node, depth: Int) -> SourceNode {
    let location = location(of: node)
    let nothing = SourceNode(.mapping([]), at: location)
    if node.anchor != nil {
      refuse(aliasMessage, at: location)
      return nothing
    }
    guard [Tag(.implicit), Tag(.str), Tag(.seq), Tag(.map)].contains(node.tag) else {
      refuse("YAML tags (!name) are not supported", at: location)
      return nothing
    }
    if depth > YAMLLimits.depth {
      refuse("nested deeper than \(YAMLLimits.depth) levels", at: location)
      return nothing
    }
    switch node {
    case .scalar(let scalar):
      return SourceNode(.scalar(scalar.string, isPlain: scalar.style == .plain), at: location)
    case .sequence(let sequence):
      return SourceNode(.sequence(sequence.map { convert($0, depth: depth + 1) }), at: location)
    case .mapping(let mapping):
      return SourceNode(
        .mapping(mapping.compactMap { convert($0.key, $0.value, depth: depth) }), at: location)
    case .alias:
      refuse(aliasMessage, at: location)
      return nothing
    }
  }

  mutating func convert(_ key: Node, _ value: Node, depth: Int) -> SourceNode.Entry? {
    let keyLocation = location(of: key)
    guard case .scalar(let scalar) = key, key.anchor == nil else {
      refuse("a key must be a plain name", at: keyLocation)
      return nil
    }
    if scalar.string == "<<" {
      refuse("YAML merge keys (<<) are not supported; write the values out", at: keyLocation)
      return nil
    }
    return SourceNode.Entry(
      key: scalar.string, keyLocation: keyLocation, value: convert(value, depth: depth + 1))
  }

  func location(of node: Node) -> SourceLocation {
    SourceLocation(source: source, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}

/// Puts a parser's error into the form of every other problem.
private func syntaxProblem(_ error: any Error, text: String, source: String) -> ScenarioProblem {
  func problem(_ message: String, line: Int = 1, column: Int = 1) -> ScenarioProblem {
    let location = SourceLocation(source: source, line: line, column: column)
    return ScenarioProblem(code: .syntax, location: location, path: "", message: message)
  }
  switch error as? YamlError {
  case .scanner(let context, let message, let mark, _),
    .parser(let context, let message, let mark, _),
    .composer(let context, let message, let mark, _):
    let place = context.map { " (\($0.text) at line \($0.mark.line))" } ?? ""
    return problem("not valid YAML: \(message)\(place)", line: mark.line, column: mark.column)
  case .duplicatedKeysInMapping(let duplicates, let context):
    let names = duplicates.map(quoted).joined(separator: ", ")
    let mark = context.mark
    return problem("duplicate key \(names)", line: mark.line, column: mark.column)
  case .reader(let message, let offset, _, _):
    let before = text.prefix(offset ?? 0)
    return problem(
      "not valid YAML: \(message)", line: before.count { $0.isNewline } + 1,
      column: before.reversed().prefix { !$0.isNewline }.count + 1)
  default:
    return problem("not valid YAML: \(error)")
  }
}
