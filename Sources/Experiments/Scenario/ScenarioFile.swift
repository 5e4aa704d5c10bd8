// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Units

/// A scenario read from files and overrides, with everything that went into it.
public struct ScenarioFile: Sendable {
  /// What to simulate.
  public var spec: ScenarioSpec
  /// The scenario as it was written, without the files that it imports.
  public let writtenText: String
  /// What the file was called in messages.
  let name: String
  /// What was set from outside, in order.
  let overrides: [ScenarioOverride]
  /// The tree that ``spec`` was read from: imports below, overrides on top.
  private let root: SourceNode

  /// Reads the scenario at `path`.
  ///
  /// Files that the scenario imports lie below it, overrides above it; then the result is decoded.
  ///
  /// - Parameters:
  ///   - path: the file as the user named it; it appears in every message.
  ///   - overrides: values of `--set`, later ones on top.
  ///   - folder: finds the files that the scenario names.
  /// - Throws: ``ScenarioError`` with every problem.
  public init(path: String, overrides: [ScenarioOverride] = [], folder: ScenarioFolder)
    throws(ScenarioError)
  {
    switch folder.read(path, acceptsPipes: true) {
    case .success(let bytes):
      try self.init(text: bytes, name: path, overrides: overrides, folder: folder)
    case .failure(let problem):
      throw ScenarioError(problems: [
        ScenarioProblem(
          code: .missingFile, location: SourceLocation(source: path), path: "",
          message: problem.message)
      ])
    }
  }

  /// Reads a scenario from text; `name` stands for the file in messages.
  ///
  /// - Throws: ``ScenarioError`` with every problem.
  public init(
    text: some Collection<UInt8>, name: String, overrides: [ScenarioOverride] = [],
    folder: ScenarioFolder
  ) throws(ScenarioError) {
    var layers = ScenarioLayers(folder: folder)
    let root = try layers.tree(over: parseYAML(text, source: name), chain: [name])
    try self.init(
      root: root, name: name, writtenText: String(decoding: text, as: UTF8.self), before: [],
      overrides: overrides, folder: folder)
  }

  /// The same scenario with further overrides on top.
  ///
  /// - Throws: ``ScenarioError`` with every problem.
  public func setting(_ more: [ScenarioOverride], folder: ScenarioFolder)
    throws(ScenarioError) -> ScenarioFile
  {
    try ScenarioFile(
      root: root, name: name, writtenText: writtenText, before: overrides, overrides: more,
      folder: folder)
  }

  /// Whether the scenario, or an override, has a list of policies; else the default one is meant.
  package var listsPolicies: Bool {
    root.entries?.contains { $0.key == "policies" } ?? false
  }

  private init(
    root: SourceNode, name: String, writtenText: String, before: [ScenarioOverride],
    overrides: [ScenarioOverride], folder: ScenarioFolder
  ) throws(ScenarioError) {
    var root = root
    for override in overrides { root = try override.applied(to: root) }
    self.root = root
    self.name = name
    self.overrides = before + overrides
    self.writtenText = writtenText
    var reader = ScenarioReader(root: root, knownPaths: Self.keyPaths, locate: folder.locate)
    spec = ScenarioSpec(from: &reader)
    _ = try reader.finish()
  }

  /// The scenario with all defaults, as YAML that reads back as the same ``spec``.
  ///
  /// Made on demand: it takes several times as long as the reading.
  public var resolvedText: String {
    // Paths are printed as they were written, so it does not matter where they lead.
    var reader = ScenarioReader(root: root, isRecording: true) { path, _ in .found(path) }
    _ = ScenarioSpec(from: &reader)
    // It was read without problems before.
    return ResolvedPrinter.text((try? reader.finish()) ?? [])
  }

  /// Distinguishes scenarios: 64-bit FNV-1a over ``resolvedText``, as 16 hexadecimal digits.
  public var digest: String { digestText(of: resolvedText) }

  /// Dotted paths of every key that a scenario can have.
  package static let keyPaths: [String] = {
    var builder = SchemaBuilder()
    _ = ScenarioSpec(from: &builder)
    return builder.keyPaths
  }()

  /// The JSON Schema of scenario files.
  public static var schema: JSONValue {
    var builder = SchemaBuilder()
    _ = ScenarioSpec(from: &builder)
    return builder.schema(
      title: "Foreshadow scenario",
      about: "One experiment: a workload, a data center, and the policies to compare.")
  }
}

/// Distinguishes texts: 64-bit FNV-1a as 16 hexadecimal digits.
package func digestText(of text: String) -> String {
  let digits = String(fnv1a(text), radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// Reads a scenario file and the files below it.
struct ScenarioLayers {
  let folder: ScenarioFolder
  private var fileCount = 0
  private static let mostFiles = 64

  init(folder: ScenarioFolder) { self.folder = folder }

  /// `root` over the files that it imports, without the key `import`.
  mutating func tree(over root: SourceNode, chain: [String]) throws(ScenarioError) -> SourceNode {
    guard case .mapping(var entries) = root.content,
      let index = entries.firstIndex(where: { $0.key == "import" })
    else { return root }
    let imports = entries.remove(at: index).value
    var base: SourceNode?
    for node in imports.elements.nodes {
      guard case .scalar(let written, _) = node.content, !node.isEmptyValue else {
        throw importProblem(
          .wrongType, node.location, "expected a file or a list of files, found \(node.summary)")
      }
      let layer = try imported(written, at: node.location, chain: chain)
      base = base.map { $0.overlaid(with: layer) } ?? layer
    }
    let own = SourceNode(.mapping(entries), at: root.location)
    return base.map { $0.overlaid(with: own) } ?? own
  }

  private mutating func imported(_ written: String, at place: SourceLocation, chain: [String])
    throws(ScenarioError) -> SourceNode
  {
    let path: String
    switch folder.locate(written, at: place) {
    case .found(let found): path = found
    case .missing(let message): throw importProblem(.missingFile, place, message)
    }
    guard !chain.contains(path) else {
      let cycle = (chain + [path]).joined(separator: " → ")
      throw importProblem(.inconsistent, place, "files import each other: \(cycle)")
    }
    // A cycle by ever different spellings of a path ends here.
    fileCount += 1
    guard fileCount <= Self.mostFiles else {
      throw importProblem(.inconsistent, place, "more than \(Self.mostFiles) files")
    }
    switch folder.read(path) {
    case .success(let bytes):
      return try tree(over: parseYAML(bytes, source: path), chain: chain + [path])
    case .failure(let problem):
      throw importProblem(.missingFile, place, "\(quoted(path)): \(problem.message)")
    }
  }

  private func importProblem(
    _ code: ScenarioProblem.Code, _ place: SourceLocation, _ message: String
  ) -> ScenarioError {
    ScenarioError(problems: [
      ScenarioProblem(code: code, location: place, path: "import", message: message)
    ])
  }
}
