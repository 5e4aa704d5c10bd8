// SPDX-License-Identifier: Apache-2.0

/// What one parameter became, after defaults.
package struct ResolvedEntry: Sendable, Equatable {
  /// The key.
  package var key: String
  /// The value.
  package var node: ResolvedNode
  /// The sentence about it; empty where there is none.
  package var about: String
  /// Whether the user left it out.
  package var isDefault: Bool
  /// Whether it was left out and leaving it out means something of its own.
  package var isAbsent: Bool

  /// An entry.
  package init(
    key: String, node: ResolvedNode, about: String = "", isDefault: Bool = false,
    isAbsent: Bool = false
  ) {
    self.key = key
    self.node = node
    self.about = about
    self.isDefault = isDefault
    self.isAbsent = isAbsent
  }
}

/// A value as a scenario file would state it.
package indirect enum ResolvedNode: Sendable, Equatable {
  /// YAML text of a scalar.
  case scalar(String)
  /// Values in order.
  case list([ResolvedNode])
  /// Keys and values in order.
  case mapping([ResolvedEntry])
  /// A model by its name, with its parameters.
  case model(String, [ResolvedEntry])
}

/// Prints a scenario with every default filled in, as YAML that reads back as the same scenario.
///
/// Each line ends in a comment: `default` where the user left the key out, and what the key means.
/// Keys that mean something by not being there stay out, as comments.
package struct ResolvedPrinter {
  private var lines: [(text: String, comment: String)] = []
  /// Column at which comments start, where the text before leaves room.
  private static let commentColumn = 44

  /// The scenario as YAML text.
  package static func text(_ entries: [ResolvedEntry]) -> String {
    var printer = ResolvedPrinter()
    for entry in entries { printer.add(entry, indent: 0, lead: "") }
    let lines = printer.lines.map { line in
      guard !line.comment.isEmpty else { return line.text }
      let gap = max(2, commentColumn - line.text.count)
      return line.text + String(repeating: " ", count: gap) + "# " + line.comment
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Adds a key and its value; `lead` stands before the key (`- ` in a list).
  private mutating func add(_ entry: ResolvedEntry, indent: Int, lead: String) {
    let space = String(repeating: " ", count: indent) + lead
    if entry.isAbsent {
      lines.append(("\(space)# \(entry.key): not given", entry.about))
      return
    }
    let comment =
      [entry.isDefault ? "default" : "", entry.about].filter { !$0.isEmpty }.joined(separator: ": ")
    add(entry.node, after: "\(space)\(yamlKey(entry.key)):", indent: indent + lead.count, comment)
  }

  /// Adds a value after `head`, on the same line or below it.
  private mutating func add(
    _ node: ResolvedNode, after head: String, indent: Int, _ comment: String
  ) {
    switch node {
    case .scalar(let text):
      lines.append(("\(head) \(text)", comment))
    case .mapping(let entries), .model(_, let entries):
      if case .model(let name, _) = node {
        guard entries.contains(where: { !$0.isAbsent }) else {
          lines.append(("\(head) \(yamlScalar(name))", comment))
          return
        }
        lines.append((head, comment))
        add(.mapping(entries), after: pad(indent + 2) + "\(yamlKey(name)):", indent: indent + 2, "")
        return
      }
      guard entries.contains(where: { !$0.isAbsent }) else {
        lines.append(("\(head) {}", comment))
        return
      }
      lines.append((head, comment))
      for entry in entries { add(entry, indent: indent + 2, lead: "") }
    case .list(let elements):
      let texts = elements.compactMap { if case .scalar(let text) = $0 { text } else { nil } }
      if texts.count == elements.count {
        lines.append(("\(head) [\(texts.joined(separator: ", "))]", comment))
        return
      }
      lines.append((head, comment))
      for element in elements { add(element: element, indent: indent + 2) }
    }
  }

  /// Adds an element of a list.
  private mutating func add(element: ResolvedNode, indent: Int) {
    switch element {
    case .model(let name, let entries) where entries.contains(where: { !$0.isAbsent }):
      lines.append(("\(pad(indent))- \(yamlKey(name)):", ""))
      for entry in entries { add(entry, indent: indent + 4, lead: "") }
    case .mapping(let entries):
      // The first key that is there stands beside the dash.
      let present = entries.filter { !$0.isAbsent }
      if present.isEmpty { lines.append(("\(pad(indent))- {}", "")) }
      for (index, entry) in present.enumerated() {
        add(entry, indent: index == 0 ? indent : indent + 2, lead: index == 0 ? "- " : "")
      }
    default: add(element, after: "\(pad(indent))-", indent: indent, "")
    }
  }

  private func pad(_ count: Int) -> String { String(repeating: " ", count: count) }
  private func yamlKey(_ key: String) -> String { yamlScalar(key) }
}
