// SPDX-License-Identifier: Apache-2.0
import Facility
import Workloads
import ControlPlane
import DataCenter
import HDF5
import SimulationKernel
import TrafficModels
import Units

/// One run: a policy in a world under a seed.
public struct RunRequest: Sendable {
  /// What the run belongs to.
  public var scenario: ScenarioFile
  /// Demand and VMs.
  public var world: World
  /// Name of the policy in results.
  public var label: String
  /// Makes the policy.
  public var makePolicy: PolicySpec.Maker
  /// Root of the run's randomness.
  public var seed: UInt64
  /// Where the run file goes; nil for none.
  public var output: String?
  /// Where checkpoints go, and how often; nil for none.
  public var checkpoints: (path: String, interval: CheckpointInterval)?
  /// The checkpoint that the run goes on from; nil to begin at time zero.
  public var resumes: String?
  /// Called after each checkpoint; what it throws ends the run, as a power failure would.
  package var afterCheckpoint: @Sendable () throws -> Void = {}

  /// A request.
  public init(
    scenario: ScenarioFile, world: World, label: String, makePolicy: @escaping PolicySpec.Maker,
    seed: UInt64, output: String? = nil
  ) {
    self.scenario = scenario
    self.world = world
    self.label = label
    self.makePolicy = makePolicy
    self.seed = seed
    self.output = output
  }
}

/// What is left of a run when it has ended.
public struct RunResult: Sendable {
  /// Name of the policy.
  public var label: String
  /// Root of the run's randomness.
  public var seed: UInt64
  /// Values of `Metric.all`, in that order.
  public var metrics: [Double]
  /// Degraded time of each VM in seconds, in inventory order.
  public var degradedSecondsByVM: [Double]
  /// Events handled by the kernel.
  public var eventCount: Int
}

/// Runs one simulation from start to end.
public struct RunExecutor {
  /// What is run.
  package var request: RunRequest

  /// An executor of one run.
  public init(_ request: RunRequest) { self.request = request }

  /// Runs to the end, writing the run file if one is asked for, and checkpoints on the way.
  ///
  /// A run that goes on from a checkpoint ends as it would have without having been interrupted:
  /// with the same figures, and the same run file byte for byte. Checkpoints are removed at the
  /// end, the one that it went on from among them.
  ///
  /// - Throws: `PlantSetupError` when the VMs don't fit; ``BooksError``; ``CheckpointError``;
  ///   `HDF5Error`; what ended the policy, when it could not go on. No file is left at the output
  ///   path unless the run is complete.
  public func execute() throws -> RunResult {
    var session = try RunSession(request, progress: RunProgress(simulator: try start()))
    do {
      try session.advance(to: duration)
      let score = session.progress.score
      let result = try finish(
        &session.progress.simulator, score: score, recorder: session.recorder)
      session.removeCheckpoints()
      return result
    } catch {
      session.recorder?.discard()
      throw error
    }
  }

  /// When the run ends: with its scenario, or with the trace.
  package var duration: SimTime {
    min(request.scenario.spec.duration, request.world.run.duration)
  }

  /// The run at time zero.
  ///
  /// - Throws: `PlantSetupError` when the VMs don't fit.
  package func start() throws -> Simulator<Plant> {
    let spec = request.scenario.spec
    let plant = try Plant(
      spec: spec.plant(seed: request.seed, in: request.world),
      demand: request.world.run,
      capacities: request.world.capacities, memory: request.world.memory,
      maintenance: try spec.maintenanceWindows(), duration: duration,
      makePolicy: request.makePolicy)
    var simulator = Simulator(model: plant)
    simulator.model.scheduleStart(&simulator.scheduler)
    return simulator
  }

  private func finish(
    _ simulator: inout Simulator<Plant>, score: ForecastScore, recorder: RunRecorder?
  ) throws -> RunResult {
    let spec = request.scenario.spec
    let end = simulator.scheduler.now
    simulator.model.close(at: end)
    if let failure = simulator.model.policyFailure { throw failure }
    let totals = simulator.model.totals(at: end)
    let books = RunBooks(
      totals: totals, responseTimes: simulator.model.responseTimes.distribution(),
      refusedCoreSeconds: simulator.model.responseTimes.refusedWeight,
      shadows: simulator.model.shadowBooks, migrations: simulator.model.migrationBooks,
      faults: simulator.model.faultBooks, commands: simulator.model.commandBooks,
      facility: simulator.model.facility.accounting,
      costs: CostBooks(spec.costs, dataCenter: spec.dataCenter, totals: totals),
      forecasts: score)
    try books.check()
    let values = Metric.all.map { $0.compute(books) }
    try recorder?.finish(
      summary: zip(Metric.all, values).map { metric, value in
        RunMetric(name: metric.name, units: metric.units, longName: metric.about, value: value)
      })
    return RunResult(
      label: request.label, seed: request.seed, metrics: values,
      degradedSecondsByVM: totals.degradedSecondsByVM, eventCount: simulator.handledEventCount)
  }
}
