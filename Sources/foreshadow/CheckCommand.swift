// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import ExternalPolicy
import Foundation
import Reporting
import Studies
import Terminal

/// `foreshadow check`: are the figures of a baseline still as good as they were?
struct CheckCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run a baseline's scenario again; exit status 1 when a figure has become worse.",
    discussion: """
      Every run of the baseline is repeated under its own seed. A metric is worse when its mean \
      is worse by more than its tolerance and a paired test (5 %, Holm) does not put that down to \
      chance. With --seeds-from other seeds are taken and Welch's test (1 %, Holm) decides.
      """)

  @Option(help: "The baseline, e.g. Results/baselines/NAME.json.", completion: .file())
  var baseline: String

  @Flag(help: "Write the baseline anew (a new one needs --scenario).")
  var update = false

  @Option(
    help: "With --update: the scenario of a new baseline.",
    completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String?

  @Option(help: "With --update: policies, separated by commas (default: as before).")
  var policies: String?

  @Option(help: "With --update: number of seeds (default: as before; a new baseline has 5).")
  var seeds: Int?

  @Option(help: "With --update: metrics, separated by commas.")
  var metrics: String?

  @Option(help: "With --update: by how much a metric may worsen, in percent.")
  var tolerance: Double?

  @Option(help: "Use the seeds from N on: how much comes from the seeds alone?")
  var seedsFrom: UInt64?

  @Option(help: "Threads (default: all cores).")
  var jobs: Int?

  @Option(help: "Also write the result as JUnit XML.", completion: .file())
  var junit: String?

  @Flag(help: "Print everything as JSON.")
  var json = false

  @Flag(help: "Print the table as Markdown.")
  var markdown = false

  @OptionGroup var options: ScenarioOptions

  func validate() throws {
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs is 1 … 1024") }
    guard (1...10_000).contains(seeds ?? 1) else {
      throw ValidationError("--seeds is 1 … 10000")
    }
    guard (0...1000).contains(tolerance ?? 0) else {
      throw ValidationError("--tolerance is 0 … 1000 percent")
    }
    guard (seedsFrom ?? 0) <= UInt64(Int32.max) else {
      throw ValidationError("--seeds-from is 0 … \(Int32.max)")
    }
    guard !(json && markdown) else { throw ValidationError("give either --json or --markdown") }
    let changes = [
      scenario, policies, metrics, seeds.map(String.init), tolerance.map(String.init(_:)),
    ]
    guard update || changes.allSatisfy({ $0 == nil }) else {
      throw ValidationError(
        "--scenario, --policies, --seeds, --metrics and --tolerance go with --update")
    }
    guard !(update && (seedsFrom != nil || junit != nil)) else {
      throw ValidationError("--update goes with neither --seeds-from nor --junit")
    }
  }

  mutating func execute() throws {
    if update { return try writeBaseline() }
    let stored = try Baseline(path: baseline)
    if let junit { try OutputFile.check(junit, force: true) }
    let setting = try Setting(stored, file: baseline, options: options)
    var runner = try setting.runner(
      policies: stored.figures.map(\.policy), seeds: stored.seedCount, jobs: jobs)
    let first = seedsFrom ?? stored.firstSeed
    guard first == stored.firstSeed || stored.seedCount > 1 else {
      throw ValidationError("--seeds-from needs a baseline of at least two seeds")
    }
    runner.seeds = (0..<UInt64(stored.seedCount)).map { first + $0 }
    let check = RegressionCheck(stored, against: try run(runner))
    let name = URL(fileURLWithPath: baseline).deletingPathExtension().lastPathComponent
    let report = RegressionReport(check, name: name)
    if let junit { try OutputFile.write(report.junit, to: junit) }
    try Console.write(json ? report.json.prettyText : markdown ? report.markdown : report.text)
    if !check.isPassed { throw ExitCode(1) }
  }

  private func run(_ runner: ComparisonRunner) throws -> Comparison {
    let interruption = Interruption(cleanUp: ExternalPrograms.endAll)
    defer { withExtendedLifetime(interruption) {} }
    let progress = ProgressReport(
      total: runner.policies.count * runner.seeds.count, noun: "runs")
    return try runner.run { progress.report(done: $0) }
  }

  /// A new baseline, or the old one with what has been asked for changed.
  private func writeBaseline() throws {
    let old = scenario == nil ? try Baseline(path: baseline) : nil
    try OutputFile.check(baseline, force: true)
    let setting =
      try old.map { try Setting($0, file: baseline, options: options) }
      ?? Setting(scenario: scenario ?? "", options: options)
    let watches = try chosenWatches(old)
    let names = policies?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    var runner = try setting.runner(
      policies: names ?? old?.figures.map(\.policy), seeds: seeds ?? old?.seedCount ?? 5,
      jobs: jobs)
    if let old { runner.seeds = runner.seeds.indices.map { old.firstSeed + UInt64($0) } }
    let comparison = try run(runner)
    let command = setting.scenario.checkCommand(
      baseline: URL(fileURLWithPath: baseline).lastPathComponent, policies: comparison.labels,
      seedCount: comparison.seeds.count)
    let made = Baseline(
      comparison,
      scenario: RelativePath.of(
        setting.path,
        from: URL(fileURLWithPath: baseline).deletingLastPathComponent().path),
      settings: setting.settings,
      watches: watches, command: command)
    try OutputFile.write(made.json.prettyText + "\n", to: baseline)
    Console.say("baseline  \(baseline)")
  }

  private func chosenWatches(_ old: Baseline?) throws -> [Baseline.Watch] {
    let names = metrics?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    for name in names ?? [] {
      if let problem = Baseline.problem(withMetric: name) { throw ValidationError(problem) }
    }
    let chosen = names ?? old?.watches.map(\.metric) ?? Baseline.defaultMetrics
    guard !chosen.isEmpty else { throw ValidationError("--metrics names no metric") }
    return chosen.map { name in
      let before = old?.watches.first { $0.metric == name }?.tolerance
      return Baseline.Watch(
        metric: name, tolerance: tolerance.map { $0 / 100 } ?? before ?? Baseline.defaultTolerance)
    }
  }
}

/// A scenario with the overrides of a baseline and of the command line.
private struct Setting {
  let path: String
  let settings: [String]
  let scenario: ScenarioFile

  /// What the baseline in `file` says.
  init(_ stored: Baseline, file: String, options: ScenarioOptions) throws {
    var overrides: [ScenarioOverride] = []
    for (index, text) in stored.settings.enumerated() {
      guard let override = ScenarioOverride(text) else {
        throw BaselineError(
          file: file, key: "set[\(index)]", message: "expected path=value, found \"\(text)\"")
      }
      overrides.append(override)
    }
    path = RelativePath.resolved(
      stored.scenario, from: URL(fileURLWithPath: file).deletingLastPathComponent().path)
    let all = overrides + options.overrides
    settings = all.map { "\($0.path)=\($0.value)" }
    scenario = try ScenarioFile(path: path, overrides: all, folder: options.folder)
  }

  /// A new one.
  init(scenario path: String, options: ScenarioOptions) throws {
    self.path = path
    settings = options.overrides.map { "\($0.path)=\($0.value)" }
    scenario = try options.scenario(at: path)
  }

  func runner(policies: [String]?, seeds: Int, jobs: Int?) throws -> ComparisonRunner {
    let selection = PolicySelection(scenario.spec)
    let chosen = try policies?.map { try selection.one($0) } ?? scenario.spec.policies
    return ComparisonRunner(
      scenario: scenario, policies: chosen, seedCount: seeds,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
  }
}
