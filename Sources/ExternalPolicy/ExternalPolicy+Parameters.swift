// SPDX-License-Identifier: Apache-2.0
public import Units

extension ExternalPolicy {
  /// What the scenario says about the program.
  public struct Parameters: Sendable, Hashable {
    /// The program and its arguments.
    public var command: [String]
    /// Its working directory.
    public var folder: String
    /// What the program is told as `parameters` of `hello`, in this order.
    public var given: [Parameter]
    /// How long an answer may take, by the wall clock.
    public var replyTimeout: SimTime
    /// How long the first answer may take: the program has to be loaded.
    public var startTimeout: SimTime

    /// Reads the parameters; the command is required.
    public init(from source: inout some ParameterSource) {
      command = source.texts(
        "command", default: [],
        about: "The program and its arguments, e.g. [python3, my_policy.py]; no shell.")
      folder = source.path(
        "folder", default: ".",
        about: "The program's working directory, relative to the file that names it.")
      let texts = source.texts(
        "parameters", default: [],
        about: "What the program is told, each name=value; numbers, true and false as such.")
      given = texts.compactMap { Parameter($0) }
      replyTimeout = source.time(
        "replyTimeout", default: .seconds(60), in: .milliseconds(10) ... .hours(24),
        about: "How long an answer may take, in seconds of the wall clock.")
      startTimeout = source.time(
        "startTimeout", default: .seconds(60), in: .milliseconds(10) ... .hours(24),
        about: "How long the first answer may take, in seconds of the wall clock.")
      if command.isEmpty || command[0].isEmpty {
        source.problem("command", "names no program, e.g. [python3, my_policy.py]")
      }
      for text in texts where Parameter(text) == nil {
        source.problem("parameters", "expected name=value, found \"\(text)\"")
      }
      let names = given.map(\.name)
      if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
        source.problem("parameters", "\"\(twice)\" is there twice")
      }
    }
  }

  /// One value that the scenario hands to the program.
  public struct Parameter: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its value as JSON.
    var json: String

    /// Reads `name=value`; nil without a name.
    ///
    /// A value that JSON knows as a number, `true` or `false` is one; anything else is a text.
    public init?(_ text: String) {
      guard let mark = text.firstIndex(of: "=") else { return nil }
      name = text[..<mark].filter { $0 != " " }
      let value = text[text.index(after: mark)...].drop { $0 == " " }
      guard !name.isEmpty else { return nil }
      let isPlain =
        value == "true" || value == "false"
        || value.wholeMatch(of: #/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/#) != nil
      json = isPlain ? String(value) : JSONWriter.quoted(String(value))
    }
  }
}
