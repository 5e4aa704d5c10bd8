// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Foundation
import Studies

extension SweepCommand {
  /// `foreshadow sweep run`.
  struct Run: ReportingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run what is not done yet of a sweep.")

    @Argument(help: "Folder of the sweep.", completion: .directory)
    var folder: String

    @Option(help: "Where to run it: local (this machine) or slurm (a job array on a cluster).")
    var engine = SweepEngineName.local

    @Option(
      help: "Threads (local; default: all cores), or cores of a task (slurm; default: 1).")
    var jobs: Int?

    @OptionGroup(title: "Options of the engine local") var local: LocalSweepEngine
    @OptionGroup(title: "Options of the engine slurm") var slurm: SlurmSweepEngine

    func validate() throws {
      guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs is 1 … 1024") }
      for name in SweepEngineName.allCases where name != engine {
        if let option = self[name].givenOptions.first {
          throw ValidationError("\(option) goes with --engine \(name.rawValue)")
        }
      }
    }

    mutating func execute() throws {
      try self[engine].run(SweepWork(folder: folder, jobs: jobs))
    }
  }
}

/// A place where sweeps can be run.
protocol SweepEngine {
  /// Names of those of the engine's own options that were given.
  var givenOptions: [String] { get }

  /// Runs what is not done yet.
  func run(_ work: SweepWork) throws
}

/// The engines by name.
enum SweepEngineName: String, CaseIterable, ExpressibleByArgument {
  case local, slurm
}

extension SweepCommand.Run {
  /// An engine with its options.
  subscript(name: SweepEngineName) -> any SweepEngine {
    switch name {
    case .local: local
    case .slurm: slurm
    }
  }
}

/// A sweep that is to be run, with all that its plan names.
struct SweepWork {
  let folder: SweepFolder
  let jobs: Int?
  private let scenario: ScenarioFile
  private let files: ScenarioFolder

  init(folder path: String, jobs: Int?) throws {
    folder = try SweepFolder(path: path)
    self.jobs = jobs
    let overrides = try folder.plan.settings.map { text in
      guard let override = ScenarioOverride(text) else {
        throw BaselineError(
          file: "\(path)/plan.json", key: "set", message: "expected path=value: \(text)")
      }
      return override
    }
    files = ScenarioFolder(sharedFolder: Self.sharedFolder)
    scenario = try ScenarioFile(
      path: RelativePath.resolved(folder.plan.scenario, from: path), overrides: overrides,
      folder: files)
  }

  /// Folder of the public traces.
  static var sharedFolder: String? { ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] }

  /// What is to be done of a part.
  func runner(part: SweepPart, jobs: Int) throws -> SweepRunner {
    try SweepRunner(folder, scenario: scenario, files: files, part: part, jobs: jobs)
  }
}
