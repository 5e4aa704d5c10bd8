// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments

/// `foreshadow models`: everything that a scenario can name.
struct ModelsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the policies, servers, trace formats and other models that scenarios can name.")

  @Argument(help: "Only models of this kind, e.g. policy or server.")
  var kind: String?

  @Flag(help: "Print as JSON.")
  var json = false

  mutating func execute() throws {
    let kinds = ModelCatalog.kinds
    let chosen = kind.map { wanted in kinds.filter { $0.name == wanted } } ?? kinds
    guard !chosen.isEmpty else {
      let names = kinds.map(\.name).joined(separator: ", ")
      throw ValidationError("no kind \"\(kind ?? "")\"; known: \(names)")
    }
    try Console.write(json ? ModelCatalog.json(chosen).prettyText : ModelCatalog.text(chosen))
  }
}
