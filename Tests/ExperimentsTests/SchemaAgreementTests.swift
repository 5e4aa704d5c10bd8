// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing
import Units

/// A key of the schema with a document that sets it and nothing that it does not need.
struct SchemaKey {
  var path: [String]
  /// Flow-style YAML of the whole document.
  var document: String
  /// The same with the key misspelt beyond recognition.
  var misspelt: String
}

/// Lists the keys of a JSON Schema.
struct SchemaWalk {
  let schema: JSONValue
  var keys: [SchemaKey] = []

  init(_ schema: JSONValue) {
    self.schema = schema
    walk(schema, path: []) { $0 }
  }

  /// Visits a schema whose value stands inside what `wrap` adds around it.
  private mutating func walk(
    _ node: JSONValue, path: [String], _ wrap: @escaping (String) -> String
  ) {
    let node = resolved(node)
    if case .object(let properties)? = node["properties"] {
      for (key, value) in properties {
        let value = resolved(value)
        keys.append(
          SchemaKey(
            path: path + [key], document: wrap("{\(jsonQuoted(key)): \(example(value))}"),
            misspelt: wrap("{\"qqqqqqqqqq\": \(example(value))}")))
        walk(value, path: path + [key]) { wrap("{\(jsonQuoted(key)): \($0)}") }
      }
    }
    for keyword in ["oneOf", "anyOf"] {
      guard case .array(let cases)? = node[keyword] else { continue }
      for one in cases where one["required"] == nil { walk(one, path: path, wrap) }
    }
    if let items = node["items"] { walk(items, path: path + ["[]"]) { wrap("[\($0)]") } }
  }

  private func resolved(_ node: JSONValue) -> JSONValue {
    guard case .string(let reference)? = node["$ref"] else { return node }
    return schema["definitions"]?[String(reference.dropFirst("#/definitions/".count))] ?? node
  }

  /// A value of the type that a schema asks for.
  private func example(_ node: JSONValue) -> String {
    if let value = node["default"] { return value.compactText }
    if case .array(let values)? = node["examples"], let first = values.first {
      return first.compactText
    }
    if case .array(let values)? = node["enum"], let first = values.first {
      return first.compactText
    }
    if case .array(let cases)? = node["oneOf"], let first = cases.first {
      return example(resolved(first))
    }
    if let minimum = node["minimum"] { return minimum.compactText }
    switch node["type"] {
    case .string("array"): return node["minItems"] ?? .integer(0) == .integer(0) ? "[]" : "[{}]"
    case .array(let types) where types.contains(.string("string")): return "\"text\""
    default: return "{}"
    }
  }
}

@Suite("Schema and reader agree")
struct SchemaAgreementTests {
  static let keys = SchemaWalk(ScenarioFile.schema).keys

  private func problems(of document: String) throws -> [ScenarioProblem] {
    let root = try parseYAML(document.utf8, source: "my.yaml")
    var reader = ScenarioReader(root: root) { path, _ in .found(path) }
    _ = ScenarioSpec(from: &reader)
    do {
      _ = try reader.finish()
      return []
    } catch {
      return error.problems
    }
  }

  @Test("the reader knows every key of the schema, with the schema's own value")
  func schemaToReader() throws {
    #expect(Self.keys.count > 20)
    for key in Self.keys {
      let wrong = try problems(of: key.document).filter {
        // Alone, a key may lack its companions or contradict a rule about several keys.
        $0.code != .missingKey && $0.code != .inconsistent
      }
      #expect(wrong.isEmpty, "\(key.path) in \(key.document)")
    }
  }

  @Test("where the schema has a key, the reader refuses another one")
  func misspelt() throws {
    for key in Self.keys {
      let found = try problems(of: key.misspelt)
      #expect(
        found.contains { $0.code == .unknownKey || $0.code == .unknownName },
        "\(key.path) in \(key.misspelt)")
    }
  }

  @Test("every key that the reader takes is in the schema", arguments: 0..<50)
  func readerToSchema(seed: UInt64) throws {
    var source = RandomParameters(seed: seed)
    _ = ScenarioSpec(from: &source)
    let known = Set(Self.keys.map { $0.path.filter { $0 != "[]" } })
    for path in paths(source.frames[0].entries, []) {
      #expect(known.contains(path), "\(path)")
    }
  }

  private func paths(_ entries: [ResolvedEntry], _ prefix: [String]) -> [[String]] {
    entries.flatMap { [prefix + [$0.key]] + paths($0.node, prefix + [$0.key]) }
  }

  private func paths(_ node: ResolvedNode, _ prefix: [String]) -> [[String]] {
    switch node {
    case .scalar: []
    case .list(let nodes): nodes.flatMap { paths($0, prefix) }
    case .mapping(let entries): paths(entries, prefix)
    case .model(let name, let entries): [prefix + [name]] + paths(entries, prefix + [name])
    }
  }
}
