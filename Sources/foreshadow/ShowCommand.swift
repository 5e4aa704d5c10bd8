// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Reporting

/// `foreshadow show`: prints what a file says, a scenario or a run.
struct ShowCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print what a scenario means, or what came out of a run.")

  @Argument(help: "A run file (.h5) or a scenario file.", completion: .file())
  var file: String

  @OptionGroup var scenario: ScenarioOptions

  @Flag(help: "A scenario: print every key with its value; those left out are marked as default.")
  var resolved = false

  @Option(
    help: "A run: also print the first N events.",
    transform: { text in
      guard let count = Int(text), count >= 0 else { throw ValidationError("expected a count") }
      return count
    })
  var events: Int?

  func validate() throws {
    guard file.hasSuffix(".h5") || resolved else {
      throw ValidationError("a scenario is shown with --resolved, a run file ends in .h5")
    }
  }

  mutating func execute() throws {
    guard file.hasSuffix(".h5") else {
      return try Console.write(scenario.scenario(at: file).resolvedText)
    }
    let reader = try RunFileReader(path: file)
    try Console.write(RunReport.text(of: reader, eventLimit: events ?? 0))
  }
}
