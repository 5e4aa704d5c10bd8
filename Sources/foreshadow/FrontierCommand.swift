// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import ExternalPolicy
import Foundation
import Reporting
import Studies
import Terminal

/// `foreshadow frontier`: policies as curves of quality against cost.
struct FrontierCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "frontier",
    abstract: "Sweep each policy's own knob and compare at equal cost and at equal quality.",
    discussion: """
      Between two settings of a policy stands their mixture, each used part of the time. All \
      settings meet the same worlds; intervals are of differences taken seed by seed.
      """)

  @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "Policies, separated by commas. The first one is compared with each other one.")
  var policies: String?

  @Option(help: "Number of seeds.")
  var seeds = 5

  @Option(
    help: ArgumentHelp(
      "A policy's knob and its values, e.g. reactive-shadow:holdOff='5 min,30 min'.",
      valueName: "policy:key=values"),
    transform: { text in
      guard let knob = PolicyKnob(text) else {
        throw ValidationError("expected policy:key=value,value,…")
      }
      return knob
    })
  var knob: [PolicyKnob] = []

  @Option(
    help: "What is paid: metrics that are better when lower, separated by commas; a curve each.")
  var cost = "shadowActiveVmSeconds"

  @Option(help: "What is lost: a metric that is better when lower.")
  var quality = "degradedVmSeconds"

  @Option(help: "Threads (default: all cores).")
  var jobs: Int?

  @Option(name: [.short, .long], help: "Folder for frontier.json, .md, .html and the plots.")
  var output: String?

  @Option(
    help: "Formats of the plot: svg, png, pdf, separated by commas.",
    transform: PlotFiles.formats)
  var plots: [PlotFormat]?

  @Flag(help: "Print everything as JSON.")
  var json = false

  @Flag(help: "Print the tables as Markdown.")
  var markdown = false

  @OptionGroup var scenario: ScenarioOptions

  func validate() throws {
    guard (1...10_000).contains(seeds) else { throw ValidationError("--seeds is 1 … 10000") }
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs is 1 … 1024") }
    guard cost.contains(where: { $0 != "," && $0 != " " }) else {
      throw ValidationError("give a --cost")
    }
    guard !(json && markdown) else { throw ValidationError("give either --json or --markdown") }
  }

  mutating func execute() throws {
    let scenario = try self.scenario.scenario(at: file)
    let names =
      policies?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      ?? scenario.spec.policies.map(\.label)
    let costs = cost.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let plan: FrontierPlan
    do {
      for metric in costs + [quality] { _ = try FrontierStudy.axis(metric) }
      plan = try FrontierPlan(
        scenario: scenario, names: names, knobs: knob, folder: self.scenario.folder)
    } catch let error as StudyError {
      throw ValidationError(error.description)
    }
    if let output { try OutputFile.makeFolder(output) }
    let interruption = Interruption(cleanUp: ExternalPrograms.endAll)
    defer { withExtendedLifetime(interruption) {} }
    let progress = ProgressReport(total: plan.policies.count * seeds, noun: "runs")
    let comparison = try ComparisonRunner(
      scenario: scenario, policies: plan.policies, seedCount: seeds,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    ).run { progress.report(done: $0) }
    let page = FrontierPage(
      try costs.map { try FrontierStudy(plan, comparison, cost: $0, quality: quality) })
    try Console.write(json ? page.json.prettyText : markdown ? page.markdown : page.text)
    guard let output else { return }
    try OutputFile.write(page.json.prettyText + "\n", to: "\(output)/frontier.json")
    try OutputFile.write(page.markdown + "\n", to: "\(output)/frontier.md")
    try OutputFile.write(page.html + "\n", to: "\(output)/frontier.html")
    try PlotFiles(formats: plots).write(page.plots, in: output)
    Console.say("frontier  \(output)/frontier.html")
  }
}
