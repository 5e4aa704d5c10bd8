// SPDX-License-Identifier: Apache-2.0
import Units

// Layers: a file over the files it imports, and overrides over the file.
extension SourceNode {
  /// This value with `upper` on top: mappings are merged, everything else is replaced.
  ///
  /// The keys of `upper` come last, so that of two exclusive keys the topmost one is known.
  package func overlaid(with upper: SourceNode) -> SourceNode {
    guard case .mapping(let below) = content, case .mapping(let above) = upper.content else {
      return upper
    }
    let kept = below.filter { entry in !above.contains { $0.key == entry.key } }
    let added = above.map { entry in
      var entry = entry
      if let old = below.first(where: { $0.key == entry.key }) {
        entry.value = old.value.overlaid(with: entry.value)
      }
      return entry
    }
    return SourceNode(.mapping(kept + added), at: upper.location)
  }

  /// The same tree with every location replaced.
  package func relocated(to location: SourceLocation) -> SourceNode {
    switch content {
    case .scalar: return SourceNode(content, at: location)
    case .sequence(let elements):
      return SourceNode(.sequence(elements.map { $0.relocated(to: location) }), at: location)
    case .mapping(let entries):
      let moved = entries.map {
        Entry(key: $0.key, keyLocation: location, value: $0.value.relocated(to: location))
      }
      return SourceNode(.mapping(moved), at: location)
    }
  }
}

/// One `--set path=value` of the command line.
public struct ScenarioOverride: Sendable, Hashable {
  /// One step of a path.
  enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
  }
  /// The path as written.
  public let path: String
  /// The value as written: YAML, so `20 °C`, `[1 s, 2 s]` and `{ a: 1 }` all work.
  public let value: String
  let steps: [Step]

  /// Reads `workload.synthetic.vms=100` or `policies[0].pvms.risk=5 %`.
  ///
  /// Returns nil when the text has no `=` or its path is not made of keys and indices.
  public init?(_ text: String) {
    guard let mark = text.firstIndex(of: "=") else { return nil }
    path = String(text[..<mark])
    value = String(text[text.index(after: mark)...])
    guard let steps = Self.steps(of: path) else { return nil }
    self.steps = steps
  }

  private static func steps(of path: String) -> [Step]? {
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let key = pieces.first, !key.isEmpty, !key.contains("]") else { return nil }
      steps.append(.key(String(key)))
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()), index >= 0 else { return nil }
        steps.append(.index(index))
      }
    }
    return steps.count <= YAMLLimits.depth ? steps : nil
  }

  /// Where problems with this value are said to be.
  var location: SourceLocation { SourceLocation(source: "--set \(path)") }

  /// `root` with the value put in, making the mappings on the way.
  package func applied(to root: SourceNode) throws(ScenarioError) -> SourceNode {
    do {
      let tree = try parseYAML(value.utf8, source: "")
      let isEmpty = value.utf8.allSatisfy { " \t".utf8.contains($0) }
      let value =
        isEmpty ? SourceNode(.scalar("", isPlain: true), at: location) : tree
      return try put(value.relocated(to: location), into: root, steps[...])
    } catch {
      let problems = error.problems.map {
        ScenarioProblem(code: $0.code, location: location, path: $0.path, message: $0.message)
      }
      throw ScenarioError(problems: problems)
    }
  }

  private func put(_ value: SourceNode, into node: SourceNode?, _ steps: ArraySlice<Step>)
    throws(ScenarioError) -> SourceNode
  {
    switch steps.first {
    case nil: return value
    case .key(let key): return try put(value, into: node, key, steps.dropFirst())
    case .index(let index): return try put(value, into: node, index, steps.dropFirst())
    }
  }

  private func put(
    _ value: SourceNode, into node: SourceNode?, _ key: String, _ rest: ArraySlice<Step>
  ) throws(ScenarioError) -> SourceNode {
    var entries = node?.entries ?? []
    let old = entries.firstIndex { $0.key == key }
    let inner = try put(value, into: old.map { entries[$0].value }, rest)
    if let old { entries.remove(at: old) }
    entries.append(Entry(key: key, keyLocation: location, value: inner))
    return SourceNode(.mapping(entries), at: node?.location ?? location)
  }

  private typealias Entry = SourceNode.Entry

  private func put(
    _ value: SourceNode, into node: SourceNode?, _ index: Int, _ rest: ArraySlice<Step>
  ) throws(ScenarioError) -> SourceNode {
    var elements: [SourceNode] = []
    if let node, !node.isEmptyValue {
      // One value alone is a list of one.
      if case .sequence(let list) = node.content { elements = list } else { elements = [node] }
    }
    guard index <= elements.count else {
      throw ScenarioError(problems: [
        ScenarioProblem(
          code: .inconsistent, location: location, path: path,
          message: "no element [\(index)]; there are \(elements.count), and [\(elements.count)] "
            + "would add one")
      ])
    }
    let inner = try put(value, into: index < elements.count ? elements[index] : nil, rest)
    if index < elements.count { elements[index] = inner } else { elements.append(inner) }
    return SourceNode(.sequence(elements), at: node?.location ?? location)
  }
}
