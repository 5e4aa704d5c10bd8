// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Foundation

/// Options of every command that reads a scenario.
struct ScenarioOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Set a key of the scenario, e.g. telemetry.interval='30 s' or policies[0]=none.",
      discussion: "The value is YAML. Can be given more than once; later ones win.",
      valueName: "path=value"),
    transform: { text in
      guard let override = ScenarioOverride(text) else {
        throw ValidationError("expected path=value, e.g. duration='2 h'")
      }
      return override
    })
  var overrides: [ScenarioOverride] = []

  /// Finds the files that scenarios name.
  var folder: ScenarioFolder {
    ScenarioFolder(sharedFolder: ProcessInfo.processInfo.environment["FORESHADOW_SHARED"])
  }

  /// Reads a scenario with the overrides on top.
  func scenario(at path: String) throws(ScenarioError) -> ScenarioFile {
    try ScenarioFile(path: path, overrides: overrides, folder: folder)
  }
}
