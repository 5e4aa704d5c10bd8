// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import ExternalPolicy
import Foundation
import Reporting
import Terminal

/// `foreshadow compare`: several policies under the same seeds, and the differences between them.
struct CompareCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Run policies on the same workload and compare them pair by pair.")

  @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    help:
      "Policies, separated by commas (default: the scenario's). The first one is compared with each other one."
  )
  var policies: String?

  @Option(help: "Number of seeds.")
  var seeds = 5

  @Option(help: "Threads (default: all cores).")
  var jobs: Int?

  @Option(
    name: [.short, .long],
    help: "Folder for report and run files (default: Results/NAME of the scenario).")
  var output: String?

  @Flag(help: "Overwrite results in the folder that --output names.")
  var force = false

  @Flag(help: "Write neither run files nor report.")
  var noFiles = false

  @Option(
    help: "Formats of the plots: svg, png, pdf, separated by commas.",
    transform: PlotFiles.formats)
  var plots: [PlotFormat]?

  @Flag(help: "Print everything as JSON.")
  var json = false

  @Flag(help: "Print the table as Markdown.")
  var markdown = false

  @OptionGroup var scenario: ScenarioOptions

  func validate() throws {
    guard (1...10_000).contains(seeds) else { throw ValidationError("--seeds is 1 … 10000") }
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs is 1 … 1024") }
    guard !(json && markdown) else { throw ValidationError("give either --json or --markdown") }
  }

  mutating func execute() throws {
    let scenario = try self.scenario.scenario(at: file)
    let chosen = try PolicySelection(scenario.spec).several(policies)
    let labels = chosen.map(\.label)
    if let twice = labels.first(where: { label in labels.count { $0 == label } > 1 }) {
      throw ValidationError("policy \"\(twice)\" is there twice; give one of them a `label`")
    }
    let folder = noFiles ? nil : output ?? "Results/\(scenario.spec.name)"
    if let folder { try OutputFile.makeFolder(folder) }
    let runner = ComparisonRunner(
      scenario: scenario, policies: chosen, seedCount: seeds,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, outputFolder: folder)
    try checkOutputs(of: runner, labels: labels)
    let interruption = Interruption(cleanUp: ExternalPrograms.endAll)
    defer { withExtendedLifetime(interruption) {} }
    for label in labels {
      for seed in runner.seeds {
        if let path = runner.outputPath(label: label, seed: seed) {
          interruption.protect(path + ".partial")
        }
      }
    }
    let progress = ProgressReport(total: chosen.count * seeds, noun: "runs")
    let comparison = try runner.run { progress.report(done: $0) }
    try Console.write(text(of: comparison))
    if let folder { try writeReport(of: comparison, runner: runner, in: folder) }
  }

  /// Report and plots; each is written under a temporary name and appears when it is complete.
  private func writeReport(
    of comparison: Comparison, runner: ComparisonRunner, in folder: String
  ) throws {
    let paths = comparison.labels.compactMap {
      runner.outputPath(label: $0, seed: comparison.seeds[0])
    }
    let report = try ComparisonReport(comparison, runFiles: paths)
    try OutputFile.makeFolder("\(folder)/plots")
    try PlotFiles(formats: plots).write(try report.plots(), in: "\(folder)/plots")
    try OutputFile.write(try report.html(), to: "\(folder)/report.html")
    Console.say("report  \(folder)/report.html")
    Console.say("traces  \(folder)/*.h5")
  }

  private func text(of comparison: Comparison) -> String {
    if json { return comparison.json.prettyText }
    let table = ComparisonTable(comparison)
    return markdown ? table.markdown : table.text
  }

  /// What stands in the default folder is of an earlier run of this scenario; a folder that the
  /// user named may hold anything.
  private func checkOutputs(of runner: ComparisonRunner, labels: [String]) throws {
    guard output != nil, !force else { return }
    for label in labels {
      for seed in runner.seeds {
        guard let path = runner.outputPath(label: label, seed: seed) else { continue }
        try OutputFile.check(path, force: false)
      }
    }
  }
}
