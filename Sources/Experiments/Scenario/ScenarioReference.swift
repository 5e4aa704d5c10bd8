// SPDX-License-Identifier: Apache-2.0

/// Every key of a scenario with its default and meaning, as Markdown: read off the JSON Schema,
/// which itself is read off the models, so that it cannot fall behind them.
public enum ScenarioReference {
  private struct Row {
    var key: String
    var fallback: String
    var about: String
  }

  /// The page: a section for each top-level key.
  public static var markdown: String {
    let schema = ScenarioFile.schema
    let definitions = schema["definitions"]
    var parts = [
      """
      # Scenario reference

      Made by `foreshadow schema --markdown`. A key that is left out has its default; one without \
      a default must be given. Of keys marked "one of", one is chosen: as a plain name, or with \
      parameters below it.
      """
    ]
    for (key, value) in members(of: schema["properties"]) {
      var rows: [Row] = []
      collect(value, path: key, definitions, into: &rows)
      let lines = rows.map { "| `\($0.key)` | \($0.fallback) | \($0.about) |" }
      parts.append(
        """
        ## \(key)

        | Key | Default | Meaning |
        |---|---|---|
        \(lines.joined(separator: "\n"))
        """)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func collect(
    _ schema: JSONValue, path: String, _ definitions: JSONValue?, into rows: inout [Row]
  ) {
    if let name = schema["$ref"]?.stringValue?.split(separator: "/").last,
      let target = definitions?[String(name)]
    {
      // What stands beside the reference says what it is for.
      if let about = schema["description"] {
        rows.append(Row(key: path, fallback: fallback(schema), about: text(about)))
      }
      return collect(target, path: path, definitions, into: &rows)
    }
    var about = schema["description"].map(text) ?? ""
    let choices = elements(of: schema["enum"]).map(text)
    if !about.isEmpty, !choices.isEmpty { about += " One of \(choices.joined(separator: ", "))." }
    if !about.isEmpty || schema["default"] != nil {
      rows.append(Row(key: path, fallback: fallback(schema), about: about))
    }
    for (key, value) in members(of: schema["properties"]) {
      collect(value, path: "\(path).\(key)", definitions, into: &rows)
    }
    if let items = schema["items"] {
      collect(items, path: "\(path)[]", definitions, into: &rows)
    }
    for form in elements(of: schema["oneOf"]) {
      guard form["properties"] != nil || form["items"] != nil || form["$ref"] != nil else {
        continue
      }
      for (key, value) in members(of: form["properties"]) {
        let first = rows.count
        collect(value, path: "\(path).\(key)", definitions, into: &rows)
        if form["maxProperties"] != nil, rows.count > first {
          rows[first].about = "One of: \(rows[first].about)"
        }
      }
      if let items = form["items"] {
        collect(items, path: "\(path)[]", definitions, into: &rows)
      }
    }
  }

  private static func members(of value: JSONValue?) -> [(key: String, value: JSONValue)] {
    guard case .object(let members)? = value else { return [] }
    return members
  }

  private static func elements(of value: JSONValue?) -> [JSONValue] {
    guard case .array(let elements)? = value else { return [] }
    return elements
  }

  private static func fallback(_ schema: JSONValue) -> String {
    schema["default"].map { "`\(text($0))`" } ?? ""
  }

  /// Text that can stand in a cell of a table.
  private static func text(_ value: JSONValue) -> String {
    let plain = value.stringValue ?? value.compactText
    return plain.replacing("|", with: "\\|").replacing("\n", with: " ")
  }
}

extension JSONValue {
  /// The text of a string; nil for another kind of value.
  fileprivate var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
