// SPDX-License-Identifier: Apache-2.0

/// A value of a scenario file as it was written, with the place where it stands.
///
/// Scalars stay text: what they mean is decided by the parameter that asks for them, so that
/// YAML's own guesses (`12:30` as a number, `no` as false, `010` as 8) never happen.
package struct SourceNode: Sendable {
  /// The three shapes of YAML.
  package enum Content: Sendable {
    /// A text; `isPlain` when it was written without quotes.
    case scalar(String, isPlain: Bool)
    /// Keys and values in the order of the file; keys are unique.
    case mapping([Entry])
    /// A list.
    case sequence([SourceNode])
  }
  /// A key with its value.
  package struct Entry: Sendable {
    /// The key.
    package var key: String
    /// Where the key stands.
    package var keyLocation: SourceLocation
    /// The value.
    package var value: SourceNode
  }
  /// The value.
  package var content: Content
  /// Where it starts.
  package var location: SourceLocation

  /// A node.
  package init(_ content: Content, at location: SourceLocation) {
    self.content = content
    self.location = location
  }

  /// The entries of a mapping; nil for another shape. A value left empty is an empty mapping.
  package var entries: [Entry]? {
    switch content {
    case .mapping(let entries): entries
    case .scalar, .sequence: isEmptyValue ? [] : nil
    }
  }

  /// Whether nothing was written after the key (or `null`, YAML's word for it).
  package var isEmptyValue: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return text.isEmpty || text == "~" || text == "null"
  }

  /// The elements of a list; anything else is a list of one.
  package var elements: (nodes: [SourceNode], isList: Bool) {
    if case .sequence(let nodes) = content { return (nodes, true) }
    return ([self], false)
  }

  /// What was found, for messages: `"-5"`, `a list`.
  package var summary: String {
    switch content {
    case .mapping: return "a mapping"
    case .sequence: return "a list"
    case .scalar(let text, _):
      if isEmptyValue { return "nothing" }
      return quoted(text)
    }
  }
}

/// `text` in quotes on one line, shortened to what fits in a message.
package func quoted(_ text: String) -> String {
  let longest = 60
  var line = ""
  for scalar in text.unicodeScalars.prefix(longest) {
    line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
  }
  if text.unicodeScalars.count > longest { line += "…" }
  return "\"\(line)\""
}
