// SPDX-License-Identifier: Apache-2.0
public import Units

/// Reads parameters from a scenario file, strictly, and collects every problem.
///
/// Each mapping of the file is a frame on a stack. A frame remembers which keys were asked for, so
/// that what nobody asked for can be reported when the frame is left, and what every parameter
/// became, so that the scenario can be printed with all its defaults.
public struct ScenarioReader: ParameterSource {
  /// One mapping that is being read.
  struct Frame {
    /// Dotted path of the mapping; empty for the whole file.
    var path: String
    /// The mapping's entries; empty when the user did not write it.
    var entries: [SourceNode.Entry]
    /// The mapping itself, or the nearest one around it that the user wrote.
    var location: SourceLocation
    /// Whether what is read here only serves to have a value at all after a reported problem.
    var isDetached: Bool
    /// Every key asked for, in order.
    var asked: [String] = []
    /// Keys whose absence means something of its own.
    var optional: [String] = []
    /// What the parameters became, in order.
    var resolved: [ResolvedEntry] = []
  }

  var frames: [Frame]
  /// Turns the path written in a scenario into one that can be opened, or says why it cannot.
  let locate: (String, SourceLocation) -> LocatedPath
  /// Every key that some section of a scenario knows, to tell where a misplaced key belongs.
  let knownPaths: [String]
  /// Whether to remember what every parameter became; costs more than the reading itself.
  let isRecording: Bool
  /// What is wrong so far, in the order in which it was found.
  private(set) var problems: [ScenarioProblem] = []

  /// A reader of the tree under `root`.
  ///
  /// - Parameters:
  ///   - root: the scenario; anything but a mapping is reported as a problem.
  ///   - knownPaths: dotted paths of all keys of a scenario, for hints; may be empty.
  ///   - isRecording: whether ``finish()`` shall tell what every parameter became.
  ///   - locate: finds a file by its path and the place that names it.
  package init(
    root: SourceNode, knownPaths: [String] = [], isRecording: Bool = false,
    locate: @escaping (String, SourceLocation) -> LocatedPath
  ) {
    self.knownPaths = knownPaths
    self.isRecording = isRecording
    self.locate = locate
    frames = []
    push(path: "", node: root, detached: false)
  }

  /// Ends the reading.
  ///
  /// - Returns: what every parameter became; empty unless it is recorded.
  /// - Throws: all problems, sorted by their place.
  package mutating func finish() throws(ScenarioError) -> [ResolvedEntry] {
    var resolved: [ResolvedEntry] = []
    while !frames.isEmpty { resolved = pop() }
    guard problems.isEmpty else { throw ScenarioError(problems: problems).inFileOrder() }
    return resolved
  }

  // MARK: Scalars

  /// A number with its unit.
  public mutating func quantity(
    _ key: String, _ dimension: Dimension, default fallback: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double {
    let value = value(
      key, default: fallback, orElse: range.lowerBound, about: about,
      print: { .scalar(quantityText($0, dimension)) }, expected: dimension.expectation
    ) { (text, _) throws(ValueProblem) in try readQuantity(text, dimension, in: range) }
    return value
  }

  /// A plain number.
  public mutating func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double {
    value(
      key, default: fallback, orElse: range.lowerBound, about: about,
      print: { .scalar(numberText($0)) }, expected: "a number"
    ) { (text, isPlain) throws(ValueProblem) in try readNumber(text, isPlain, in: range) }
  }

  /// A whole number.
  public mutating func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int {
    value(
      key, default: fallback, orElse: range.lowerBound, about: about,
      print: { .scalar(String($0)) }, expected: integerExpectation(range)
    ) { (text, isPlain) throws(ValueProblem) in try readInteger(text, isPlain, in: range) }
  }

  /// true or false.
  public mutating func flag(_ key: String, default fallback: Bool, about: String) -> Bool {
    value(
      key, default: fallback, orElse: fallback, about: about, print: { .scalar(String($0)) },
      expected: "true or false"
    ) { (text, isPlain) throws(ValueProblem) in
      guard isPlain, let flag = Bool(text) else {
        throw ValueProblem(.wrongType, "expected true or false, found \(quoted(text))")
      }
      return flag
    }
  }

  /// One of a fixed list of names.
  public mutating func choice(
    _ key: String, default fallback: String?, of names: [String], about: String
  ) -> String {
    value(
      key, default: fallback, orElse: names.first ?? "", about: about,
      print: { .scalar(yamlScalar($0)) }, expected: "one of: \(names.joined(separator: ", "))"
    ) { (text, _) throws(ValueProblem) in
      guard names.contains(text) else { throw unknownName(text, what: key, known: names) }
      return text
    }
  }

  /// Free text.
  public mutating func text(_ key: String, default fallback: String?, about: String) -> String {
    value(
      key, default: fallback, orElse: "", about: about, print: { .scalar(yamlScalar($0)) },
      expected: "a text"
    ) { (text, _) throws(ValueProblem) in text }
  }

  /// A file or folder, found relative to the file that names it.
  public mutating func path(_ key: String, default fallback: String?, about: String) -> String {
    let place = place(of: key)
    let written = text(key, default: fallback, about: about)
    return written.isEmpty ? written : find(written, key, place)
  }

  /// Files or folders, found relative to the file that names them.
  public mutating func paths(_ key: String, default fallback: [String], about: String) -> [String] {
    let place = place(of: key)
    return texts(key, default: fallback, about: about).map { find($0, key, place) }
  }

  private mutating func find(_ written: String, _ key: String, _ place: SourceLocation) -> String {
    switch locate(written, place) {
    case .found(let path): return path
    case .missing(let message):
      report(.missingFile, at: place, path(of: key), message)
      return written
    }
  }

  /// A point in the run.
  public mutating func instant(_ key: String, default fallback: SimTime?, about: String) -> SimTime
  {
    value(
      key, default: fallback, orElse: .zero, about: about,
      print: { .scalar(yamlScalar($0.description)) }, expected: instantExpectation
    ) { (text, _) throws(ValueProblem) in try readInstant(text) }
  }

  // MARK: Lists of scalars

  /// Numbers with their units.
  public mutating func quantities(
    _ key: String, _ dimension: Dimension, default fallback: [Double],
    in range: ClosedRange<Double>, about: String
  ) -> [Double] {
    values(
      key, default: fallback, about: about, print: { quantityText($0, dimension) },
      expected: dimension.expectation
    ) { (text, _) throws(ValueProblem) in try readQuantity(text, dimension, in: range) }
  }

  /// Texts.
  public mutating func texts(_ key: String, default fallback: [String], about: String) -> [String] {
    values(key, default: fallback, about: about, print: yamlScalar, expected: "a text") {
      (text, _) throws(ValueProblem) in text
    }
  }

  /// Whole numbers.
  public mutating func integers(
    _ key: String, default fallback: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int] {
    values(
      key, default: fallback, about: about, print: { String($0) },
      expected: integerExpectation(range)
    ) { (text, isPlain) throws(ValueProblem) in try readInteger(text, isPlain, in: range) }
  }

  /// A mapping from names to numbers with units.
  public mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default fallback: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)] {
    let isGiven = entry(key) != nil
    let byDefault = fallback.map { (name: $0.0, value: $0.1) }
    let rows = isGiven ? tableRows(key, dimension, of: names, in: range) : byDefault
    func printed() -> [ResolvedEntry] {
      rows.map {
        ResolvedEntry(key: $0.name, node: .scalar(quantityText($0.value, dimension)))
      }
    }
    record(key, .mapping(printed()), about: about, isDefault: !isGiven)
    return rows
  }

  private mutating func tableRows(
    _ key: String, _ dimension: Dimension, of names: [String], in range: ClosedRange<Double>
  ) -> [(name: String, value: Double)] {
    guard let given = entry(key) else { return [] }
    let path = path(of: key)
    guard let rows = given.value.entries else {
      report(
        .wrongType, at: given.value.location, path,
        "expected a mapping from names to values, found \(given.value.summary)")
      return []
    }
    var values: [String: Double] = [:]
    for row in rows {
      let rowPath = "\(path).\(row.key)"
      guard names.contains(row.key) else {
        let problem = unknownName(row.key, what: key, known: names)
        report(problem.code, at: row.keyLocation, rowPath, problem.message)
        continue
      }
      values[row.key] = scalar(row.value, rowPath, expected: dimension.expectation) {
        (text, _) throws(ValueProblem) in try readQuantity(text, dimension, in: range)
      }
    }
    return names.compactMap { name in values[name].map { (name: name, value: $0) } }
  }

  // MARK: Presence and problems

  /// Whether the user wrote this key.
  public mutating func isGiven(_ key: String) -> Bool {
    if !frames[frames.count - 1].optional.contains(key) {
      frames[frames.count - 1].optional.append(key)
    }
    return entry(key, isAsked: false) != nil
  }

  /// Reports a problem that no range can express.
  public mutating func problem(_ key: String, _ message: String) {
    // A value that could not be read was replaced by its default; what follows is not the user's.
    guard !problems.contains(where: { isAtOrBelow($0.path, path(of: key)) }) else { return }
    report(.inconsistent, at: place(of: key), path(of: key), message)
  }
}

// MARK: - One value

extension ScenarioReader {
  /// Reads one scalar parameter, records what it became, and reports what is wrong with it.
  private mutating func value<Value>(
    _ key: String, default fallback: Value?, orElse substitute: Value, about: String,
    print: (Value) -> ResolvedNode, expected: String,
    read: (String, Bool) throws(ValueProblem) -> Value
  ) -> Value {
    let path = path(of: key)
    guard let given = entry(key) else {
      if fallback == nil {
        let example = (substitute as? Int).map { ", e.g. \"\(key): \($0)\"" } ?? ""
        reportMissing(key, expected: expected + example)
      }
      let value = fallback ?? substitute
      record(key, print(value), about: about, isDefault: true)
      return value
    }
    let value =
      scalar(given.value, path, expected: expected, read: read) ?? fallback ?? substitute
    record(key, print(value), about: about, isDefault: false)
    return value
  }

  /// Reads a list of scalars; one scalar alone is a list of one.
  private mutating func values<Value>(
    _ key: String, default fallback: [Value], about: String, print: (Value) -> String,
    expected: String, read: (String, Bool) throws(ValueProblem) -> Value
  ) -> [Value] {
    let path = path(of: key)
    let given = entry(key)
    var values = fallback
    if let given {
      let (elements, isList) = given.value.elements
      let read = elements.enumerated().map { index, element in
        let place = isList ? "\(path)[\(index)]" : path
        return scalar(element, place, expected: expected, read: read)
      }
      // With an unreadable element the list is the default, so that its length raises no problem.
      if !read.contains(where: { $0 == nil }) { values = read.compactMap { $0 } }
    }
    record(
      key, .list(values.map { .scalar(print($0)) }), about: about, isDefault: given == nil)
    return values
  }

  /// The value of a scalar node; nil after reporting why there is none.
  private mutating func scalar<Value>(
    _ node: SourceNode, _ path: String, expected: String,
    read: (String, Bool) throws(ValueProblem) -> Value
  ) -> Value? {
    guard case .scalar(let text, let isPlain) = node.content, !node.isEmptyValue else {
      report(.wrongType, at: node.location, path, "expected \(expected), found \(node.summary)")
      return nil
    }
    do {
      return try read(text, isPlain)
    } catch {
      report(error.code, at: node.location, path, error.message)
      return nil
    }
  }
}

// MARK: - Frames

extension ScenarioReader {
  /// Most problems worth printing; what is found after them is dropped.
  private static let mostProblems = 100

  /// Enters a mapping; an absent or unusable one has no entries.
  mutating func push(path: String, node: SourceNode?, detached: Bool) {
    var frame = Frame(
      path: path, entries: [],
      location: node?.location ?? frames.last?.location ?? SourceLocation(source: ""),
      isDetached: detached || frames.last?.isDetached ?? false)
    if let node {
      if let entries = node.entries {
        frame.entries = entries
      } else {
        report(.wrongType, at: node.location, path, "expected a mapping, found \(node.summary)")
        frame.isDetached = true
      }
    }
    frames.append(frame)
  }

  /// Leaves a mapping and reports the keys that nobody asked for.
  mutating func pop() -> [ResolvedEntry] {
    let frame = frames[frames.count - 1]
    for entry in frame.entries where !frame.asked.contains(entry.key) {
      let hint = unknownKeyHint(entry.key, among: frame.asked, under: frame.path)
      report(
        .unknownKey, at: entry.keyLocation, joined(frame.path, entry.key), "unknown key\(hint)")
    }
    frames.removeLast()
    return frame.resolved.map { entry in
      var entry = entry
      entry.isAbsent = entry.isDefault && frame.optional.contains(entry.key)
      return entry
    }
  }

  /// The entry of a key of the present mapping.
  mutating func entry(_ key: String, isAsked: Bool = true) -> SourceNode.Entry? {
    let top = frames.count - 1
    if isAsked { frames[top].asked.append(key) }
    return frames[top].entries.first { $0.key == key }
  }

  /// Where the value of a key stands; the mapping, when the key is not there.
  mutating func place(of key: String) -> SourceLocation {
    entry(key, isAsked: false)?.value.location ?? frames[frames.count - 1].location
  }

  /// Dotted path of a key of the present mapping.
  func path(of key: String) -> String { joined(frames[frames.count - 1].path, key) }

  /// Remembers what a parameter became.
  mutating func record(
    _ key: String, _ node: @autoclosure () -> ResolvedNode, about: String, isDefault: Bool
  ) {
    guard isRecording else { return }
    let node = node()
    frames[frames.count - 1].resolved.append(
      ResolvedEntry(key: key, node: node, about: about, isDefault: isDefault))
  }

  /// Reports a problem, unless what is being read is only a substitute.
  mutating func report(
    _ code: ScenarioProblem.Code, at location: SourceLocation, _ path: String, _ message: String
  ) {
    guard problems.count < Self.mostProblems, !(frames.last?.isDetached ?? false) else { return }
    problems.append(
      ScenarioProblem(code: code, location: location, path: path, message: message))
  }

  /// Reports a required key that is not there, at the mapping that lacks it.
  mutating func reportMissing(_ key: String, expected: String) {
    report(
      .missingKey, at: frames[frames.count - 1].location, path(of: key),
      "required: \(expected)")
  }

  private func unknownKeyHint(_ key: String, among asked: [String], under path: String) -> String {
    guard problems.count < Self.mostProblems else { return "" }
    if let nearest = nearestName(to: key, in: asked) { return "; did you mean \"\(nearest)\"?" }
    let elsewhere = knownPaths.filter { $0.hasSuffix(".\(key)") || $0 == key }
    if let first = elsewhere.first(where: { $0 != joined(path, key) }) {
      return "; did you mean \"\(first)\"?"
    }
    guard !asked.isEmpty else { return "; nothing can be set here" }
    return "; known: \(listed(asked))"
  }
}

/// Whether `path` is `other` or a part of it.
private func isAtOrBelow(_ path: String, _ other: String) -> Bool {
  path == other || path.hasPrefix(other + ".") || path.hasPrefix(other + "[")
}

/// A key path with one more key.
func joined(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

extension ScenarioError {
  /// The same problems sorted by place; overrides come last.
  func inFileOrder() -> ScenarioError {
    func rank(_ location: SourceLocation) -> (Int, String, Int, Int) {
      (location.line == nil ? 1 : 0, location.source, location.line ?? 0, location.column ?? 0)
    }
    let sorted = problems.enumerated().sorted { left, right in
      let (a, b) = (rank(left.element.location), rank(right.element.location))
      return a == b ? left.offset < right.offset : a < b
    }
    return ScenarioError(problems: sorted.map(\.element))
  }
}
