// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments

/// `foreshadow show`: prints what a file says.
struct ShowCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print what a scenario means.")

  @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var scenario: ScenarioOptions

  @Flag(help: "Print every key with its value; those left out are marked as default.")
  var resolved = false

  func validate() throws {
    guard resolved else { throw ValidationError("a scenario is shown with --resolved") }
  }

  mutating func execute() throws {
    try Console.write(scenario.scenario(at: file).resolvedText)
  }
}
