// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments

/// `foreshadow validate`: says what is wrong with scenarios; has no side effects.
struct ValidateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check scenario files and list every problem.",
    discussion: "Problems go to standard error as file:line:column, key and message.")

  @Argument(help: "Scenario files.", completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @OptionGroup var scenario: ScenarioOptions

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  mutating func execute() throws {
    var results: [JSONValue] = []
    var failures: [ScenarioError] = []
    for file in files {
      var problems: [ScenarioProblem] = []
      do {
        _ = try scenario.scenario(at: file)
        if !json { try Console.write("\(file)  ok") }
      } catch let error as ScenarioError {
        if !json { Console.report(error) }
        problems = error.problems
        failures.append(error)
      }
      results.append(
        .object([
          ("file", .string(file)), ("valid", .bool(problems.isEmpty)),
          ("problems", .array(problems.map(\.json))),
        ]))
    }
    if json { try Console.write(JSONValue.object([("files", .array(results))]).prettyText) }
    guard failures.isEmpty else {
      throw failures.allSatisfy(\.isMissingInput) ? ExitCode.noInput : ExitCode.badScenario
    }
  }
}
