// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import ExternalPolicy
import Foundation
import Reporting
import Studies
import Terminal

/// `foreshadow whatif`: which value of a key meets a goal, at the lowest price?
struct WhatIfCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "whatif",
    abstract: "Find the value of a scenario's key that meets a goal at the lowest price.",
    discussion: """
      How many racks?      --vary racks.count=2..12 --minimise energyTotalJoules
      Warmer air?          --vary 'cooling.supplyTemperature=18..27 °C' --minimise energyCoolingJoules
      More load in a year? --vary synthetic.vms=200..400:20
      Without --minimise the first value that meets the goals is the answer.
      A scenario can bring its question along (section `question`); options replace its parts.
      Scenarios/whatif-*.yaml are questions that planners ask, to be filled with own figures.
      """)

  @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(
    help: ArgumentHelp(
      "The key and its values: 2..40, '18..27 °C:0.5' (with a step), or a,b,c.",
      valueName: "path=values"))
  var vary: String?

  @Option(help: "What is to hold, e.g. \"degradedMinutesPerVmDay <= 1\". Can be given again.")
  var goal: [String] = []

  @Option(help: "The metric that is to be lowest.")
  var minimise: String?

  @Option(help: "The policy (default: the scenario's first).")
  var policy: String?

  @Option(help: "Number of seeds.")
  var seeds = 3

  @Option(help: "auto, bisect (goals are met from one value on; checked), or all values.")
  var search = "auto"

  @Option(help: "Threads (default: all cores).")
  var jobs: Int?

  @Option(name: [.short, .long], help: "Folder for whatif.json, whatif.md and plots.")
  var output: String?

  @Flag(help: "Print everything as JSON.")
  var json = false

  @Flag(help: "Print sentence and table as Markdown.")
  var markdown = false

  @OptionGroup var scenario: ScenarioOptions

  func validate() throws {
    guard (1...10_000).contains(seeds) else { throw ValidationError("--seeds is 1 … 10000") }
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs is 1 … 1024") }
    guard !(json && markdown) else { throw ValidationError("give either --json or --markdown") }
  }

  /// The options, and the scenario's own question where there is no option.
  private func question(of scenario: ScenarioFile) throws -> WhatIf.Question {
    let written = scenario.spec.question
    let vary = vary ?? written.vary
    let goal = goal.isEmpty ? written.goals : goal
    let minimise = minimise ?? (written.minimise.isEmpty ? nil : written.minimise)
    guard !vary.isEmpty else {
      throw ValidationError("give --vary, or a question in the scenario")
    }
    guard !goal.isEmpty else {
      throw ValidationError("give a --goal, or goals in the scenario's question")
    }
    guard let search = WhatIf.Search(rawValue: search) else {
      let known = WhatIf.Search.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("no search \"\(search)\"; known: \(known)")
    }
    do {
      let price = try minimise.map { name in
        let metric = try Metric.called(name)
        guard metric.better != .higher else {
          throw ValidationError("metric \"\(name)\" is better when higher; do not minimise it")
        }
        return metric
      }
      return WhatIf.Question(
        axis: try ScenarioAxis(vary), goals: try goal.map { try WhatIfGoal($0) }, price: price,
        policy: policy ?? (written.policy.isEmpty ? nil : written.policy), seedCount: seeds,
        search: search)
    } catch let error as StudyError {
      throw ValidationError(error.description)
    }
  }

  mutating func execute() throws {
    let scenario = try self.scenario.scenario(at: file)
    let question = try question(of: scenario)
    if let output { try OutputFile.makeFolder(output) }
    let progress = ProgressReport(total: (question.axis.levels?.count ?? 1) * seeds, noun: "runs")
    let interruption = Interruption(cleanUp: ExternalPrograms.endAll)
    defer { withExtendedLifetime(interruption) {} }
    let study = try WhatIf(
      question, of: scenario, folder: self.scenario.folder,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    ) { progress.report(done: $0) }
    let report = WhatIfReport(study)
    try Console.write(json ? report.json.prettyText : markdown ? report.markdown : report.text)
    if let output {
      try OutputFile.write(report.json.prettyText + "\n", to: "\(output)/whatif.json")
      try OutputFile.write(report.markdown + "\n", to: "\(output)/whatif.md")
      try PlotFiles(formats: nil).write(report.plots, in: output)
    }
    if study.answer == nil { throw ExitCode(1) }
  }
}
