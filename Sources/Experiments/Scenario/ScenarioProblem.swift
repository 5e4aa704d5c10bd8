// SPDX-License-Identifier: Apache-2.0

/// Where something stands in the input: a file position, or the override that put it there.
public struct SourceLocation: Sendable, Hashable {
  /// The file as the user named it, or `--set PATH` for an override.
  public var source: String
  /// Line from 1; nil when the source has no lines.
  public var line: Int?
  /// Column from 1, counted in Unicode scalars; nil when the source has no lines.
  public var column: Int?

  /// A location.
  public init(source: String, line: Int? = nil, column: Int? = nil) {
    self.source = source
    self.line = line
    self.column = column
  }
}

extension SourceLocation: CustomStringConvertible {
  /// `my.yaml:7:16`, the form that editors and terminals make clickable.
  public var description: String {
    guard let line, let column else { return source }
    return "\(source):\(line):\(column)"
  }
}

/// One thing that is wrong with a scenario.
public struct ScenarioProblem: Sendable, Hashable {
  /// What kind of mistake it is; the list may grow.
  public struct Code: Sendable, Hashable, RawRepresentable {
    /// A stable camelCase name, as printed by `validate --json`.
    public var rawValue: String
    /// A code with that name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The text is not YAML, or not the part of YAML that scenarios use.
    public static let syntax = Code(rawValue: "syntax")
    /// The file cannot be read.
    public static let missingFile = Code(rawValue: "missingFile")
    /// A key that nothing asks for.
    public static let unknownKey = Code(rawValue: "unknownKey")
    /// A key that must be there and is not.
    public static let missingKey = Code(rawValue: "missingKey")
    /// A mapping where a number belongs, and the like.
    public static let wrongType = Code(rawValue: "wrongType")
    /// A number without its unit.
    public static let missingUnit = Code(rawValue: "missingUnit")
    /// A unit that does not exist or measures something else.
    public static let unknownUnit = Code(rawValue: "unknownUnit")
    /// A value outside its range.
    public static let outOfRange = Code(rawValue: "outOfRange")
    /// A name that stands for nothing: a model, a server type, a rack.
    public static let unknownName = Code(rawValue: "unknownName")
    /// Values that do not go together.
    public static let inconsistent = Code(rawValue: "inconsistent")
  }

  /// What kind of mistake it is.
  public var code: Code
  /// Where it stands.
  public var location: SourceLocation
  /// Dotted key path, e.g. `policies[1]` or `workload.synthetic.vms`; empty for the whole file.
  public var path: String
  /// What was expected and what was found, in words.
  public var message: String

  /// A problem.
  public init(code: Code, location: SourceLocation, path: String, message: String) {
    self.code = code
    self.location = location
    self.path = path
    self.message = message
  }
}

/// Everything that is wrong with a scenario, in the order of the file.
public struct ScenarioError: Error, Sendable, Hashable {
  /// The problems; at least one.
  public var problems: [ScenarioProblem]

  /// An error made of at least one problem.
  public init(problems: [ScenarioProblem]) {
    self.problems = problems
  }

  /// Whether the cause is a file that is not there or cannot be read, and nothing else.
  public var isMissingInput: Bool { problems.allSatisfy { $0.code == .missingFile } }
}

extension ScenarioError: CustomStringConvertible {
  /// One line a problem, locations aligned, and how many there are.
  public var description: String { text { $0 } }

  /// The same with key paths set apart by `emphasis` (for terminals).
  public func text(emphasis: (String) -> String) -> String {
    let locations = problems.map(\.location.description)
    let width = (locations.map(\.count).max() ?? 0) + 1
    var lines = zip(problems, locations).map { problem, location in
      let padding = String(repeating: " ", count: width - location.count)
      let isPathShown = !problem.path.isEmpty && location != "--set \(problem.path)"
      return location + padding + (isPathShown ? emphasis(problem.path) + "  " : " ")
        + problem.message
    }
    lines.append(problems.count == 1 ? "1 problem" : "\(problems.count) problems")
    return lines.joined(separator: "\n")
  }
}

extension ScenarioProblem {
  /// The problem for `validate --json`: code, source, line, column, path and message.
  public var json: JSONValue {
    .object([
      ("code", .string(code.rawValue)), ("source", .string(location.source)),
      ("line", location.line.map { .integer($0) } ?? .null),
      ("column", location.column.map { .integer($0) } ?? .null), ("path", .string(path)),
      ("message", .string(message)),
    ])
  }
}
