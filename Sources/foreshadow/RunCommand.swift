// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import ExternalPolicy
import Foundation
import Reporting
import Terminal

/// `foreshadow run`: one policy, one seed, one run file.
struct RunCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Simulate a scenario under one policy and write its HDF5 run file.")

  @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(name: [.short, .long], help: "Where the run file goes, e.g. RUN.h5.")
  var output: String

  @Option(help: "The policy (default: the scenario's first).")
  var policy: String?

  @Option(help: "Root of the run's randomness (default: the scenario's).")
  var seed: UInt64?

  @Flag(help: "Overwrite the output if it exists.")
  var force = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Save the run each '6 h' of simulated time, or after so many events.",
      discussion: """
        The checkpoint stands beside the output as OUTPUT.checkpoint, with OUTPUT.checkpoint.rows. \
        Both are removed when the run is complete.
        """,
      valueName: "interval"),
    transform: { text in
      guard let interval = CheckpointInterval(text) else {
        throw ValidationError("expected a time, e.g. '6 h', or a number of events, e.g. 200000")
      }
      return interval
    })
  var checkpointEvery: CheckpointInterval?

  @Option(
    help: ArgumentHelp(
      "Go on from a checkpoint of this very run; it ends as if it had never been interrupted.",
      valueName: "checkpoint"),
    completion: .file(extensions: ["checkpoint"]))
  var resume: String?

  @OptionGroup var scenario: ScenarioOptions

  mutating func execute() throws {
    let scenario = try self.scenario.scenario(at: file)
    let policy = try PolicySelection(scenario.spec).one(policy)
    try OutputFile.check(output, force: force)
    let checkpoint = output + ".checkpoint"
    if checkpointEvery != nil, resume != checkpoint, !force,
      FileManager.default.fileExists(atPath: checkpoint)
    {
      throw OutputError(
        reason: "\(checkpoint) exists; --resume \(checkpoint) goes on from it, --force starts anew")
    }
    let interruption = Interruption(cleanUp: ExternalPrograms.endAll)
    defer { withExtendedLifetime(interruption) {} }
    interruption.protect(output + ".partial")
    let result = try ComparisonRunner.runOne(
      scenario: scenario, policy: policy, seed: seed ?? UInt64(scenario.spec.seed),
      output: output, checkpoints: checkpointEvery.map { (checkpoint, $0) }, resumes: resume)
    interruption.release(output + ".partial")
    try Console.write(
      json ? RunReport.json(result).prettyText : RunReport.text(result))
    Console.say("run file  \(output)")
  }
}

/// Turns policy names of the command line into the scenario's policies.
struct PolicySelection {
  private let spec: ScenarioSpec

  init(_ spec: ScenarioSpec) { self.spec = spec }

  /// The policy of a label or name; the scenario's first without one.
  func one(_ name: String?) throws -> PolicySpec {
    guard let name else { return spec.policies[0] }
    if let listed = spec.policies.first(where: { $0.label == name || $0.name == name }) {
      return listed
    }
    // Not in the scenario: with its default parameters.
    if let known = PolicySpec.named(name) { return known }
    let known = PolicyCatalog.names.joined(separator: ", ")
    throw ValidationError("no policy \"\(name)\"; known: \(known)")
  }

  /// The policies of a comma-separated list; the scenario's own without one.
  func several(_ list: String?) throws -> [PolicySpec] {
    guard let list else { return spec.policies }
    return try list.split(separator: ",").map {
      try one($0.trimmingCharacters(in: .whitespaces))
    }
  }
}
