// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Forecasting
import Foundation
import PVMS
import SQLiteStore
import SimulationKernel
import Testing
import Units

/// A restarted management server goes on as if nothing had happened.
@Suite("Restarts of the management server")
struct ManagementRestartTests {
  #if DEBUG
    private static let usualCount = 12
  #else
    private static let usualCount = 2000
  #endif
  private static let seedCount =
    Int(ProcessInfo.processInfo.environment["FORESHADOW_SEEDS"] ?? "") ?? usualCount
  /// One world in so many goes through an SQLite file instead of memory: through coding and disk.
  private static let filePeriod = 10

  /// A model whose state is all of the past: moments, weights and calibration.
  private static func learner() -> any Forecaster {
    ForecastModel.ensemble(trees: false).make(
      TrainingSeries(
        empty: FaultyWorld.vmCount,
        calendar: StepCalendar(interval: .minutes(5), startEpochSeconds: 0)),
      ForecastSettings(horizons: PVMS.horizons(interval: .minutes(5))))
  }

  /// A line of the log that equals itself, although NaN does not.
  private struct Line: Equatable {
    var record: LogRecord
    var numbers: [UInt64]

    init(_ record: LogRecord) {
      let rationale = record.rationale
      numbers = [
        record.value, rationale.forecastCores, rationale.upperCores,
        rationale.overloadProbability, rationale.horizonSeconds, rationale.leadTimeSeconds,
        rationale.expectedGainCoreSeconds,
      ].map(\.bitPattern)
      self.record = record
      self.record.value = 0
      self.record.rationale = .init(
        forecastCores: 0, upperCores: 0, overloadProbability: 0, horizonSeconds: 0,
        leadTimeSeconds: 0, expectedGainCoreSeconds: 0)
    }
  }

  private struct Outcome: Equatable {
    var log: [Line]
    var energy: Joules
    var degradedSeconds: Double
    var restarts: Int
  }

  private func run(
    _ seed: Int, restarts: [Fault], store: @escaping () throws -> any PolicyStore
  ) throws -> Outcome {
    let fixture = FaultyWorld.fixture(
      seed: seed, forecaster: seed % 4 == 0 ? Self.learner() : nil,
      adjust: { $0.faults.listed += restarts },
      wrap: { DurablePVMS($0, store: try store()) })
    var simulator = try fixture.simulator()
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    let totals = simulator.model.totals(at: simulator.now)
    return Outcome(
      log: simulator.model.takeLog().filter { $0.kind != .managementFault }.map(Line.init),
      energy: totals.hostEnergy, degradedSeconds: totals.degradedVmSeconds,
      restarts: simulator.model.faultBooks.managementRestarts)
  }

  @Test(
    "at any instant, everything after it is as without it: command by command",
    arguments: 0..<seedCount)
  func exact(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/restarts")
    let restarts = (0..<1 + stream.integer(below: 4)).map { _ in
      let time = SimTime.seconds(stream.uniform() * 3 * 3600)
      return Fault(target: .managementRestart, start: time, end: time)
    }
    let undisturbed = try run(seed, restarts: []) { MemoryStore() }
    let folder = FileManager.default.temporaryDirectory.appending(path: "restart-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var restarted = try run(seed, restarts: restarts) {
      guard seed % Self.filePeriod == 0 else { return MemoryStore() }
      return try SQLiteStore(path: folder.appending(path: "pvms.sqlite").path)
    }
    #expect(restarted.restarts == restarts.count)
    restarted.restarts = 0
    #expect(restarted == undisturbed, "seed \(seed), \(restarts.map(\.start))")
  }

  // MARK: Absence

  /// From the end of an absence until nothing of it is left: hold-offs of surprises, retries, and
  /// the making and moving of shadows.
  private static let settling = SimTime.minutes(15)

  /// The shadows of each VM and what they are for, in the middle of every sample interval.
  private func plan(_ seed: Int, absence: Fault?) throws -> [[String]] {
    var fixture = FaultyWorld.fixture(
      seed: seed, hasFaults: false, busySamples: FaultyWorld.sampleCount,
      // What a used-up budget or a rack that is off holds back depends on what was before.
      adjustPolicy: {
        $0.actionsPerHour = 100_000
        $0.power.mode = .none
        // How many shadows an overload takes is learned from those that were seen, and fades over
        // ten of them: no time bounds when that is made up for.
        $0.maximumShadows = 1
      },
      adjust: { $0.faults.listed = absence.map { [$0] } ?? [] },
      wrap: { DurablePVMS($0, store: MemoryStore()) })
    // Room for everything: what is refused for lack of it depends on what was there before.
    fixture.hosts = fixture.hosts.map { host in
      var larger = host
      larger.cores = 64
      larger.memory = .gibibytes(128)
      return larger
    }
    var simulator = try fixture.simulator()
    return (0..<FaultyWorld.sampleCount).map { sample in
      simulator.run(until: fixture.interval * sample + .seconds(150))
      return simulator.model.shadowReports().map { shadow in
        // Two servers need not be equally far with making one.
        let isSuspended = shadow.state == .suspended || shadow.state == .standby
        return "\(shadow.vm.index) \(isSuspended ? "stands by" : "serves or will")"
      }.sorted()
    }
  }

  @Test(
    "an absence is made up for: the plan is the same a quarter of an hour after it",
    arguments: 0..<seedCount)
  func absence(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/absence")
    let start = SimTime.seconds(stream.uniform() * 5400)
    let end = start + .seconds(stream.uniform() * 2400)
    let undisturbed = try plan(seed, absence: nil)
    let restarted = try plan(
      seed, absence: Fault(target: .managementRestart, start: start, end: end))
    for sample in undisturbed.indices
    where SimTime.minutes(5) * sample + .seconds(150) > end + Self.settling {
      #expect(
        restarted[sample] == undisturbed[sample],
        "seed \(seed), away from \(start) to \(end), interval \(sample)")
    }
  }

  // MARK: Commands

  /// Gives every command twice.
  private struct Stammering: ManagementPolicy {
    var policy: PVMS
    mutating func observe(_ frame: TelemetryFrame) { policy.observe(frame) }
    mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
      policy.receive(outcome, commands: &commands)
    }
    mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue) {
      policy.notice(incident, at: now, commands: &commands)
    }
    mutating func decide(at now: SimTime, commands: inout CommandQueue) {
      policy.decide(at: now, commands: &commands)
      for entry in commands.entries { commands.reissue(entry) }
    }
    mutating func takeForecasts() -> [ForecastRecord] { policy.takeForecasts() }
  }

  @Test("a command that arrives twice is carried out once", arguments: 0..<10)
  func twice(seed: Int) throws {
    let logs = try [false, true].map { stammers in
      let fixture = FaultyWorld.fixture(
        seed: seed,
        wrap: { policy in stammers ? Stammering(policy: policy) as any ManagementPolicy : policy })
      var simulator = try fixture.simulator()
      simulator.run(until: fixture.duration)
      return simulator.model.takeLog().map(Line.init)
    }
    #expect(logs[0].contains { $0.record.kind == LogKind.shadowOrdered })
    #expect(logs[0] == logs[1])
  }
}
