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
    private static let usualCount = 60
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
      seed: seed, forecaster: seed % 2 == 0 ? Self.learner() : nil,
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
}
