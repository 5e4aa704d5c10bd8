// SPDX-License-Identifier: Apache-2.0
import CloudSimReplay
import Testing

@Suite(
  "CloudSim's figures, all runs of the reference",
  .enabled(if: CloudSimOracle.isPresent, CloudSimOracle.absent))
struct CloudSimReferenceTests {
  /// Sums over hosts and VMs are taken in another order than CloudSim's.
  private static let relativeTolerance = 1e-9

  private func replay(_ run: CloudSimOracle.Run, seed: UInt64 = 1) throws -> ReplayResult {
    let workload: ReplayWorkload =
      run.workload == "random"
      ? .syntheticDemand(seed: 1) : .trace(try .read(CloudSimOracle.day(run.workload)))
    let policy = try ReplayPolicy(detector: run.detector, selector: run.selection)
    var replay = try Replay(ReplaySpec(workload: workload, policy: policy, seed: seed))
    return replay.run()
  }

  private func isClose(_ value: Double?, _ expected: Double?) -> Bool {
    guard let value, let expected else { return value == nil && expected == nil }
    return abs(value - expected) <= Self.relativeTolerance * abs(expected)
  }

  @Test(
    "deterministic runs: counts equal, energy and SLA to 1e-9",
    arguments: CloudSimOracle.runs.filter { $0.metrics != nil })
  func equals(run: CloudSimOracle.Run) throws {
    let expected = try #require(run.metrics)
    let result = try replay(run)
    #expect(result.migrations == expected.migrations)
    #expect(result.hostShutdowns == expected.hostShutdowns)
    #expect(result.migrationsTimed == expected.vmMigrationIntervalsCounted)
    #expect(result.activeHostsAtEnd == expected.activeHostsAtEnd)
    #expect(result.vmsLeftAtEnd == expected.vmsLeftAtEnd)
    #expect(isClose(result.energyKilowattHours, expected.energyKwh))
    #expect(isClose(result.energyJoules, expected.energyJ))
    #expect(isClose(result.slav, expected.slav))
    #expect(isClose(result.pdm, expected.pdm))
    #expect(isClose(result.slatah, expected.slatah))
    #expect(isClose(result.slaOverall, expected.slaOverall))
    #expect(isClose(result.slaAverage, expected.slaAverage))
    #expect(isClose(result.esv, expected.esv))
    #expect(isClose(result.meanSecondsBeforeShutdown, expected.meanTimeBeforeHostShutdownS))
    #expect(isClose(result.deviationSecondsBeforeShutdown, expected.stdevTimeBeforeHostShutdownS))
    #expect(isClose(result.meanMigrationSeconds, expected.meanTimeBeforeVmMigrationS))
    #expect(isClose(result.deviationMigrationSeconds, expected.stdevTimeBeforeVmMigrationS))
  }

  /// CloudSim seeds random selection from the clock, so only distributions can be compared. Four
  /// standard deviations: what eight values tell of their distribution is rough.
  @Test(
    "random selection: CloudSim's repeats are among ours",
    arguments: CloudSimOracle.runs.filter { $0.repeats != nil })
  func randomSelection(run: CloudSimOracle.Run) throws {
    let theirs = try #require(run.repeats)
    let ours = try (1...8).map { try replay(run, seed: UInt64($0)) }
    func compare(
      _ metric: String, _ values: [Double], _ expected: [Double]
    ) {
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(values.count - 1)).squareRoot()
      for value in expected { #expect(abs(value - mean) < 4 * deviation, "\(metric)") }
    }
    compare("energy", ours.map(\.energyKilowattHours), theirs.map(\.energyKwh))
    compare("migrations", ours.map { Double($0.migrations) }, theirs.map { Double($0.migrations) })
    compare("SLAV", ours.map(\.slav), theirs.map(\.slav))
    compare(
      "shutdowns", ours.map { Double($0.hostShutdowns) }, theirs.map { Double($0.hostShutdowns) })
  }

  @Test(
    "golden steps: first hosts, then every tick",
    arguments: [
      ("20110303_dvfs.csv", "dvfs"), ("20110303_thr_mmt_0.8.csv", "thr:0.8"),
    ])
  func steps(file: String, detector: String) throws {
    let expected = try CloudSimOracle.Steps(file)
    let policy = try ReplayPolicy(detector: detector, selector: "mmt")
    var replay = try Replay(
      ReplaySpec(workload: .trace(try .read(CloudSimOracle.day("20110303"))), policy: policy))
    _ = replay.run()
    #expect(replay.initialHosts == expected.hosts)
    #expect(replay.ticks.count == expected.ticks.count)
    for (index, (tick, row)) in zip(replay.ticks, expected.ticks).enumerated() {
      let ours = [
        Double(index + 1), tick.time, Double(tick.activeHosts), Double(tick.overloadedHosts),
        Double(tick.reliefMoves), Double(tick.moves), Double(tick.doubleMoves),
        Double(tick.aliveVMs), tick.joules,
      ]
      try #require(ours == row, "tick \(index + 1)")
    }
  }
}
