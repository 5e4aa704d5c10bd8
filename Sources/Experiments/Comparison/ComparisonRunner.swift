// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import Units
import Workloads

/// Runs all policies and seeds of a comparison on a bounded number of threads.
public struct ComparisonRunner: Sendable {
  /// What to compare.
  public var scenario: ScenarioFile
  /// The policies.
  public var policies: [PolicySpec]
  /// The seeds.
  public var seeds: [UInt64]
  /// Threads; results do not depend on it.
  public var jobs: Int
  /// Folder for run files `LABEL-seedN.h5`; nil writes none.
  public var outputFolder: String?

  /// A runner for the policies and the seeds `seed … seed + seedCount − 1` of the scenario.
  public init(
    scenario: ScenarioFile, policies: [PolicySpec], seedCount: Int, jobs: Int,
    outputFolder: String? = nil
  ) {
    self.scenario = scenario
    self.policies = policies
    seeds = (0..<seedCount).map { UInt64(scenario.spec.seed + $0) }
    self.jobs = jobs
    self.outputFolder = outputFolder
  }

  /// Where the run file of a policy and seed goes.
  public func outputPath(label: String, seed: UInt64) -> String? {
    outputFolder.map { "\($0)/\(label)-seed\(seed).h5" }
  }

  /// Runs everything.
  ///
  /// - Parameter progress: Called after each finished run with the number finished so far, from
  ///   any thread, one call at a time.
  /// - Returns: All results.
  /// - Throws: The error of the first run, in order, that failed.
  public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) throws -> Comparison {
    let source = try WorldSource(scenario.spec)
    let state = RunState(runCount: policies.count * seeds.count, progress: progress)
    // One world at a time: its demand is shared by all policies and then let go.
    for seeds in source.seedGroups(seeds) {
      let world = source.world(seed: seeds[0])
      let makers = try train(in: world)
      let runs = seeds.flatMap { seed in policies.indices.map { (policy: $0, seed: seed) } }
      parallelFor(runs.count, threads: jobs) { index in
        let run = runs[index]
        let request = RunRequest(
          scenario: scenario, world: world, label: policies[run.policy].label,
          makePolicy: makers[run.policy], seed: run.seed,
          output: outputPath(label: policies[run.policy].label, seed: run.seed))
        let position = run.policy * self.seeds.count + Int(run.seed - self.seeds[0])
        state.store(Result { try RunExecutor(request).execute() }, at: position)
      }
      try state.throwFirstError()
    }
    let results = try state.results()
    let count = seeds.count
    return Comparison(
      scenario: scenario, labels: policies.map(\.label), seeds: seeds,
      results: policies.indices.map { Array(results[$0 * count..<($0 + 1) * count]) },
      vmCount: results.first?.degradedSecondsByVM.count ?? 0,
      sampleInterval: source.sampleInterval)
  }

  /// One policy under one seed.
  ///
  /// - Parameters:
  ///   - scenario: What to simulate.
  ///   - policy: The policy.
  ///   - seed: Root of the run's randomness.
  ///   - output: Where the run file goes; nil for none.
  ///   - checkpoints: Where checkpoints go, and how often; nil for none.
  ///   - resumes: The checkpoint that the run goes on from; nil to begin at time zero.
  /// - Returns: The run's figures.
  /// - Throws: as ``run(progress:)``; ``CheckpointError``.
  public static func runOne(
    scenario: ScenarioFile, policy: PolicySpec, seed: UInt64, output: String?,
    checkpoints: (path: String, interval: CheckpointInterval)? = nil, resumes: String? = nil
  ) throws -> RunResult {
    var executor = try executor(scenario: scenario, policy: policy, seed: seed, output: output)
    executor.request.checkpoints = checkpoints
    executor.request.resumes = resumes
    return try executor.execute()
  }

  /// What runs one policy under one seed, with the policy trained.
  package static func executor(
    scenario: ScenarioFile, policy: PolicySpec, seed: UInt64, output: String? = nil
  ) throws -> RunExecutor {
    let world = try WorldSource(scenario.spec).world(seed: seed)
    let runner = ComparisonRunner(scenario: scenario, policies: [policy], seedCount: 1, jobs: 1)
    return RunExecutor(
      RunRequest(
        scenario: scenario, world: world, label: policy.label,
        makePolicy: try runner.train(in: world)[0], seed: seed, output: output))
  }

  /// Trains all policies, in parallel; each is trained alone, so the order does not matter.
  private func train(in world: World) throws -> [PolicySpec.Maker] {
    let context = TrainingContext(
      history: world.history, run: world.run, capacities: world.capacities,
      seed: UInt64(scenario.spec.seed))
    let makers = Mutex<[Result<PolicySpec.Maker, any Error>?]>(
      Array(repeating: nil, count: policies.count))
    parallelFor(policies.count, threads: jobs) { index in
      let result = Result { try policies[index].train(context) }
      makers.withLock { $0[index] = result }
    }
    return try makers.withLock { $0 }.compactMap { try $0?.get() }
  }
}

/// Results by position, whatever order they come in.
private final class RunState: Sendable {
  private struct State {
    var results: [Result<RunResult, any Error>?]
    var finished = 0
  }
  private let state: Mutex<State>
  private let progress: @Sendable (Int) -> Void

  init(runCount: Int, progress: @escaping @Sendable (Int) -> Void) {
    state = Mutex(State(results: Array(repeating: nil, count: runCount)))
    self.progress = progress
  }

  func store(_ result: Result<RunResult, any Error>, at position: Int) {
    state.withLock {
      $0.results[position] = result
      $0.finished += 1
      progress($0.finished)
    }
  }

  func throwFirstError() throws {
    for case .failure(let error)? in state.withLock({ $0.results }) { throw error }
  }

  func results() throws -> [RunResult] {
    try state.withLock { $0.results }.compactMap { try $0?.get() }
  }
}

/// Calls `body` for 0 … count−1 on at most `threads` threads; returns when all are done.
package func parallelFor(_ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}
