// SPDX-License-Identifier: Apache-2.0
import DataCenter
public import Experiments
import Synchronization

/// Works on what is not done yet of a sweep.
public struct SweepRunner: Sendable {
  private let folder: SweepFolder
  private let scenario: ScenarioFile
  private let files: ScenarioFolder
  private let jobs: Int
  /// Units that were not done when the runner was made.
  public let open: [SweepPlan.Unit]

  /// A runner of a sweep, or of a part of it.
  ///
  /// - Parameters:
  ///   - folder: The sweep.
  ///   - scenario: The plan's scenario with its settings, without the axes.
  ///   - files: Finds the files that the scenario names.
  ///   - part: Which units are worked on.
  ///   - jobs: Threads; results do not depend on it.
  /// - Throws: ``StudyError`` when the scenario has changed or a result is not of this plan.
  public init(
    _ folder: SweepFolder, scenario: ScenarioFile, files: ScenarioFolder,
    part: SweepPart = .whole, jobs: Int
  ) throws(StudyError) {
    guard scenario.digest == folder.plan.scenarioDigest else {
      throw StudyError("the scenario is not what was planned; `sweep plan --force` begins anew")
    }
    let units = folder.plan.units.enumerated().filter { part.contains($0.offset) }
    open = try folder.open(among: units.map(\.element))
    self.folder = folder
    self.scenario = scenario
    self.files = files
    self.jobs = jobs
  }

  /// Runs everything that is open; each result is kept as soon as it is there.
  ///
  /// - Parameter progress: Called with the number of units finished, one call at a time.
  /// - Throws: The error of the first unit, in order, that failed; the others are still run.
  public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) throws {
    let state = Mutex<(finished: Int, failure: (index: Int, error: any Error)?)>((0, nil))
    parallelFor(open.count, threads: jobs) { index in
      let result = Result { try folder.store(work(on: open[index])) }
      state.withLock { state in
        if case .failure(let error) = result, index < state.failure?.index ?? .max {
          state.failure = (index, error)
        }
        state.finished += 1
        progress(state.finished)
      }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure.error }
  }

  private func work(on unit: SweepPlan.Unit) throws -> SweepResult {
    let variant = try scenario.setting(folder.plan.overrides(of: unit.point), folder: files)
    let policies = try folder.plan.policies.map { try variant.spec.policy($0) }
    var runner = ComparisonRunner(
      scenario: variant, policies: policies, seedCount: 1, jobs: 1)
    runner.seeds = [unit.seed]
    do {
      let comparison = try runner.run()
      return SweepResult(
        unit: unit, obstacle: nil, metrics: comparison.results.map { $0[0].metrics })
    } catch let error as PlantSetupError {
      return SweepResult(unit: unit, obstacle: "\(error)", metrics: [])
    }
  }
}
