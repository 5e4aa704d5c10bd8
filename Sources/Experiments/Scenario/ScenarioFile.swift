// SPDX-License-Identifier: Apache-2.0
import Units

/// A scenario read from files and overrides, with everything that went into it.
public struct ScenarioFile: Sendable {
  /// What to simulate.
  public var spec: ScenarioSpec
  /// The scenario as it was written, without the files that it imports.
  public var writtenText = ""
  /// The scenario with all defaults, as YAML that reads back as the same ``spec``.
  public var resolvedText: String
  /// Distinguishes scenarios: 64-bit FNV-1a over ``resolvedText``, as 16 hexadecimal digits.
  public var digest: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in resolvedText.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

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
    var layers = ScenarioLayers(folder: folder)
    let location = SourceLocation(source: path)
    try self.init(
      root: layers.tree(of: path, namedAt: location, chain: []), overrides: overrides,
      folder: folder)
    if case .success(let bytes) = folder.read(path) {
      writtenText = String(decoding: bytes, as: UTF8.self)
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
    try self.init(root: root, overrides: overrides, folder: folder)
    writtenText = String(decoding: text, as: UTF8.self)
  }

  private init(root: SourceNode, overrides: [ScenarioOverride], folder: ScenarioFolder)
    throws(ScenarioError)
  {
    var root = root
    for override in overrides { root = try override.applied(to: root) }
    var reader = ScenarioReader(
      root: root, knownPaths: Self.keyPaths, isRecording: true, locate: folder.locate)
    spec = ScenarioSpec(from: &reader)
    resolvedText = ResolvedPrinter.text(try reader.finish())
  }

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

/// Reads a scenario file and the files below it.
struct ScenarioLayers {
  let folder: ScenarioFolder
  private var fileCount = 0
  private static let mostFiles = 64

  init(folder: ScenarioFolder) { self.folder = folder }

  /// The tree of a file with its imports merged below it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - place: what names it, for messages.
  ///   - chain: the files on the way from the scenario to this one.
  /// - Returns: the tree, without the key `import`.
  /// - Throws: ``ScenarioError`` for what cannot be read.
  mutating func tree(of path: String, namedAt place: SourceLocation, chain: [String])
    throws(ScenarioError) -> SourceNode
  {
    fileCount += 1
    guard fileCount <= Self.mostFiles else {
      throw importProblem(.inconsistent, place, "more than \(Self.mostFiles) files")
    }
    switch folder.read(path, acceptsPipes: chain.isEmpty) {
    case .success(let bytes):
      return try tree(over: parseYAML(bytes, source: path), chain: chain + [path])
    case .failure(let problem):
      let isImport = !chain.isEmpty
      throw ScenarioError(problems: [
        ScenarioProblem(
          code: .missingFile, location: place, path: isImport ? "import" : "",
          message: isImport ? "\(quoted(path)): \(problem.message)" : problem.message)
      ])
    }
  }

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
    switch folder.locate(written, at: place) {
    case .missing(let message):
      throw importProblem(.missingFile, place, message)
    case .found(let path):
      // A cycle by differently spelled paths ends at the limit on files.
      guard !chain.contains(path) else {
        throw importProblem(
          .inconsistent, place,
          "files import each other: \((chain + [path]).joined(separator: " → "))"
        )
      }
      return try tree(of: path, namedAt: place, chain: chain)
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
