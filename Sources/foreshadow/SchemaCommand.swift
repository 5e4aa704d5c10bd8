// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments

/// `foreshadow schema`: what editors need to complete and check scenario files.
struct SchemaCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema (draft-07) of scenario files.",
    discussion: """
      Save it as scenario.schema.json and put this on the first line of a scenario: \
      # yaml-language-server: $schema=scenario.schema.json
      """)

  @Flag(help: "Print every key with its default and meaning as a Markdown page instead.")
  var markdown = false

  mutating func execute() throws {
    try Console.write(markdown ? ScenarioReference.markdown : ScenarioFile.schema.prettyText)
  }
}
