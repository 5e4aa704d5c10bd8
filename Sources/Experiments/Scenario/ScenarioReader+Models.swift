// SPDX-License-Identifier: Apache-2.0
public import Units

// Sections, lists and alternatives: whatever enters another mapping.
extension ScenarioReader {
  /// A nested mapping.
  public mutating func section<Result>(
    _ key: String, about: String, _ read: (inout ScenarioReader) -> Result
  ) -> Result {
    let given = entry(key)
    let isLeftOut = given == nil && frames[frames.count - 1].optional.contains(key)
    push(path: path(of: key), node: given?.value, detached: isLeftOut)
    let result = read(&self)
    let entries = pop()
    record(key, .mapping(entries), about: about, isDefault: given == nil)
    return result
  }

  /// A list of nested mappings; a mapping alone is a list of one.
  public mutating func list<Element>(
    _ key: String, count: ClosedRange<Int>, about: String,
    _ read: (inout ScenarioReader) -> Element
  ) -> [Element] {
    let path = path(of: key)
    let given = entry(key)
    var nodes = [SourceNode?](repeating: nil, count: given == nil ? count.lowerBound : 0)
    if let value = given?.value {
      switch value.content {
      case .sequence(let elements): nodes = elements
      case .mapping: nodes = [value]
      case .scalar:
        let found = value.summary
        report(.wrongType, at: value.location, path, "expected a list of mappings, found \(found)")
      }
      if case .sequence = value.content, !count.contains(nodes.count) {
        let wanted =
          nodes.count < count.lowerBound
          ? "at least \(count.lowerBound)" : "at most \(count.upperBound)"
        report(
          .outOfRange, at: value.location, path,
          "expected \(wanted) in the list, found \(nodes.count)")
      }
    }
    var elements: [Element] = []
    var resolved: [ResolvedNode] = []
    for (index, node) in nodes.prefix(count.upperBound).enumerated() {
      push(path: "\(path)[\(index)]", node: node, detached: false)
      elements.append(read(&self))
      resolved.append(.mapping(pop()))
    }
    record(key, .list(resolved), about: about, isDefault: given == nil)
    return elements
  }

  /// One of several models, written as its name or as `{ name: { parameters } }`.
  ///
  /// - Precondition: there is at least one alternative.
  public mutating func alternative<Result>(
    _ key: String, default fallback: String?,
    of alternatives: [Alternative<ScenarioReader, Result>], about: String
  ) -> Result {
    let path = path(of: key)
    let given = entry(key)
    let names = alternatives.map(\.name)
    if given == nil, fallback == nil {
      reportMissing(key, expected: "one of: \(names.joined(separator: ", "))")
    }
    let (result, resolved) = model(
      given?.value, noun: key, path: path, default: fallback, of: alternatives)
    record(key, resolved, about: about, isDefault: given == nil)
    return result
  }

  /// A list of models; a model alone is a list of one.
  public mutating func alternatives<Result>(
    _ key: String, default fallback: [String],
    of alternatives: [Alternative<ScenarioReader, Result>], about: String
  ) -> [Result] {
    let path = path(of: key)
    let given = entry(key)
    var results: [Result] = []
    var resolved: [ResolvedNode] = []
    func read(_ node: SourceNode?, _ path: String, _ name: String?, _ reader: inout Self) {
      let (result, printed) = reader.model(
        node, noun: singular(key), path: path, default: name, of: alternatives)
      results.append(result)
      resolved.append(printed)
    }
    if let value = given?.value {
      let (nodes, isList) = value.elements
      for (index, node) in nodes.enumerated() {
        read(node, isList ? "\(path)[\(index)]" : path, nil, &self)
      }
    } else {
      for name in fallback { read(nil, path, name, &self) }
    }
    record(key, .list(resolved), about: about, isDefault: given == nil)
    return results
  }

  /// One of several nested mappings, chosen by the key that is there.
  ///
  /// - Precondition: there is at least one alternative.
  public mutating func exclusive<Result>(
    default fallback: String?, of alternatives: [Alternative<ScenarioReader, Result>]
  ) -> Result {
    let names = alternatives.map(\.name)
    let given = lastLayer(names.compactMap { entry($0) })
    let path = frames[frames.count - 1].path
    if given.count > 1 {
      let written = given.map { "\"\($0.key)\"" }.joined(separator: " and ")
      report(
        .inconsistent, at: given[1].keyLocation, joined(path, given[1].key),
        "only one of \(names.joined(separator: ", ")) can be given, found \(written)")
    }
    if given.isEmpty, fallback == nil {
      report(
        .missingKey, at: frames[frames.count - 1].location, path,
        "required: one of \(names.joined(separator: ", "))")
    }
    let chosen =
      alternatives.first { $0.name == given.first?.key ?? fallback } ?? alternatives[0]
    push(
      path: joined(path, chosen.name), node: given.first?.value,
      detached: given.isEmpty && fallback == nil)
    let result = chosen.read(&self)
    let entries = pop()
    record(chosen.name, .mapping(entries), about: chosen.about, isDefault: given.isEmpty)
    return result
  }

  /// Reads one model; a nil node stands for the default.
  private mutating func model<Result>(
    _ node: SourceNode?, noun: String, path: String, default fallback: String?,
    of alternatives: [Alternative<ScenarioReader, Result>]
  ) -> (result: Result, resolved: ResolvedNode) {
    let written = node.flatMap { writtenModel($0, noun: noun, path: path) }
    var chosen = alternatives.first { $0.name == written?.name }
    if let written, chosen == nil {
      let problem = unknownName(written.name, what: noun, known: alternatives.map(\.name))
      report(problem.code, at: written.location, path, problem.message)
    }
    let isSubstitute = chosen == nil && (node != nil || fallback == nil)
    chosen = chosen ?? alternatives.first { $0.name == fallback }
    let model = chosen ?? alternatives[0]
    push(
      path: joined(path, model.name), node: isSubstitute ? nil : written?.parameters,
      detached: isSubstitute)
    let result = model.read(&self)
    return (result, .model(model.name, pop()))
  }

  /// The name and parameters in `name` or `{ name: { … } }`; nil after reporting another shape.
  private mutating func writtenModel(_ node: SourceNode, noun: String, path: String)
    -> (name: String, location: SourceLocation, parameters: SourceNode?)?
  {
    if case .scalar(let name, _) = node.content, !node.isEmptyValue {
      return (name, node.location, nil)
    }
    let entries = lastLayer(node.entries ?? [])
    switch entries.count {
    case 1:
      return (entries[0].key, entries[0].keyLocation, entries[0].value)
    case 2...:
      let keys = entries.prefix(2).map { "\"\($0.key)\"" }.joined(separator: " and ")
      report(
        .wrongType, at: entries[1].keyLocation, path,
        "expected one name, or one name with parameters below it, found \(keys)")
    default:
      report(
        .wrongType, at: node.location, path,
        "expected the name of the \(noun), found \(node.summary)")
    }
    return nil
  }

  /// The entries that come from the topmost file or override: the choice made there replaces one
  /// made below. Merging puts the topmost layer's entries last.
  private func lastLayer(_ entries: [SourceNode.Entry]) -> [SourceNode.Entry] {
    guard let top = entries.last?.keyLocation.source else { return [] }
    return entries.filter { $0.keyLocation.source == top }
  }
}
