// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Foundation
import Reporting
import Studies

/// `foreshadow sweep`: many variants of a scenario, planned, run and collected.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a scenario at many points of several axes.",
    discussion: """
      `plan` writes what is to be run, `run` works on what is not done yet and can be killed and \
      started again at any moment, `collect` makes one table of the results.
      """,
    subcommands: [Plan.self, Run.self, Collect.self])
}

extension SweepCommand {
  /// `foreshadow sweep plan`.
  struct Plan: ReportingCommand {
    static let configuration = CommandConfiguration(abstract: "Write the plan of a sweep.")

    @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
      help: ArgumentHelp(
        "A key and its values: 2..40, '18..27 °C:0.5' (with a step), 0.5..1.5, or a,b,c.",
        valueName: "path=values"))
    var axis: [String] = []

    @Option(help: "grid (all combinations), random, lhs (Latin hypercube) or sobol.")
    var design = "grid"

    @Option(help: "Number of points; a grid has its own.")
    var points: Int?

    @Option(help: "Root of random designs.")
    var designSeed: UInt64 = 1

    @Option(help: "Policies, separated by commas (default: the scenario's).")
    var policies: String?

    @Option(help: "Number of seeds; the same ones at every point.")
    var seeds = 3

    @Option(name: [.short, .long], help: "Folder of the sweep.")
    var output: String

    @Flag(help: "Begin anew in a folder that has a plan; its results go away.")
    var force = false

    @OptionGroup var scenario: ScenarioOptions

    func validate() throws {
      guard (1...10_000).contains(seeds) else { throw ValidationError("--seeds is 1 … 10000") }
      guard !axis.isEmpty else { throw ValidationError("give an --axis") }
      guard let design = SweepDesign(rawValue: design) else {
        let known = SweepDesign.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("no design \"\(design)\"; known: \(known)")
      }
      guard (design == .grid) == (points == nil) else {
        throw ValidationError("--points goes with random, lhs and sobol, which need it")
      }
      _ = try axesAndPoints(design)
    }

    private func axesAndPoints(_ design: SweepDesign) throws -> ([ScenarioAxis], [[String]]) {
      do {
        let axes = try axis.map { try ScenarioAxis($0) }
        let paths = axes.map(\.path)
        if let twice = paths.first(where: { path in paths.count { $0 == path } > 1 }) {
          throw ValidationError("the axis \(twice) is there twice")
        }
        return (axes, try design.points(axes, count: points ?? 1, seed: designSeed))
      } catch let error as StudyError {
        throw ValidationError(error.description)
      }
    }

    mutating func execute() throws {
      let scenario = try self.scenario.scenario(at: file)
      let names = try PolicySelection(scenario.spec).several(policies).map(\.label)
      let design = SweepDesign(rawValue: design) ?? .grid
      let (axes, points) = try axesAndPoints(design)
      if SweepFolder.hasPlan(output), !force {
        throw OutputError(reason: "\(output) has a plan; --force begins anew")
      }
      let plan = SweepPlan(
        scenario: RelativePath.of(file, from: output),
        settings: self.scenario.overrides.map { "\($0.path)=\($0.value)" },
        scenarioDigest: scenario.digest, design: design, paths: axes.map(\.path), points: points,
        policies: names, firstSeed: UInt64(scenario.spec.seed), seedCount: seeds)
      // What no run could read is said now and not after hours.
      for point in plan.points.indices {
        _ = try scenario.setting(plan.overrides(of: point), folder: self.scenario.folder)
      }
      do {
        try SweepFolder.create(plan, at: output)
      } catch {
        throw OutputError(reason: "\(output): \(error.localizedDescription)")
      }
      let runs = plan.units.count * plan.policies.count
      try Console.write("\(plan.points.count) points, \(runs) runs  \(output)/plan.json")
    }
  }

  /// `foreshadow sweep collect`.
  struct Collect: ReportingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the results of a sweep as one table (CSV).")

    @Argument(help: "Folder of the sweep.", completion: .directory)
    var folder: String

    @Flag(help: "Print what is there, even if not all is done.")
    var partial = false

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    mutating func execute() throws {
      let sweep = try SweepFolder(path: folder)
      let units = sweep.plan.units
      let table = SweepTable(sweep.plan)
      if !partial {
        let missing = try units.count { try sweep.result(of: $0) == nil }
        guard missing == 0 else {
          Console.say(
            "\(missing) of \(units.count) units are not done; `foreshadow sweep run \(folder)` "
              + "goes on, --partial prints the others")
          throw ExitCode(1)
        }
      }
      if !json { try Console.write(table.header) }
      // One result at a time, so that memory does not grow with the sweep.
      for unit in units {
        guard let result = try sweep.result(of: unit) else { continue }
        let lines = json ? table.json(of: result).map(\.compactText) : table.rows(of: result)
        try Console.write(lines.joined(separator: "\n"))
      }
    }
  }
}

/// Paths that stay valid when a folder and what it names are moved together.
enum RelativePath {
  /// A path as seen from a folder.
  static func of(_ path: String, from folder: String) -> String {
    func parts(_ path: String) -> [String] {
      URL(fileURLWithPath: path).standardizedFileURL.pathComponents
    }
    let (target, base) = (parts(path), parts(folder))
    let common = zip(target, base).prefix { $0 == $1 }.count
    return (base.dropFirst(common).map { _ in ".." } + target.dropFirst(common))
      .joined(separator: "/")
  }

  /// Such a path as seen from here.
  static func resolved(_ path: String, from folder: String) -> String {
    path.hasPrefix("/")
      ? path
      : URL(fileURLWithPath: folder).appendingPathComponent(path).standardizedFileURL.relativePath
  }
}
