// SPDX-License-Identifier: Apache-2.0
import Foundation
import MigrationModels
import NetworkFlows
import Testing
import Units

/// Runs a migration at a fixed bandwidth to its end.
func run(
  _ memory: MigratingMemory, _ spec: MigrationSpec, bandwidth: Double
) -> MigrationSummary? {
  var migration = LiveMigration(memory: memory, spec: spec, start: .seconds(5))
  migration.setBandwidth(BytesPerSecond(bandwidth), at: .seconds(5))
  while let next = migration.nextEvent() { migration.advance(to: next) }
  return migration.summary
}

/// A guest of 1 GB that rewrites 400 MB of it at `rate`.
func guest(rate: Double, access: AccessPattern = .sequential) -> MigratingMemory {
  MigratingMemory(
    ram: Bytes(1e9),
    cold: WorkingSet(size: Bytes(4e8), dirtyRate: BytesPerSecond(rate), access: access))
}

@Suite("Event-driven migration against SimGrid")
struct LiveMigrationOracleTests {
  @Test(
    "single migrations and small working sets",
    .enabled(if: SharedData.exists(SimGridOracle.file)))  // skipped: no shared data
  func single() throws {
    let oracle = try SharedData.decode(SimGridOracle.self, SimGridOracle.file)
    for row in oracle.single {
      let guest = SimGridOracle.guest(ramBytes: row.ramBytes, dirtyRate: row.dirtyBytesPerS)
      let found = try #require(
        run(guest, MigrationPreset.simgrid.spec, bandwidth: row.bandwidthBps))
      #expect(agree(found.total.seconds, row.simgrid.totalS, simGridTolerance))
      #expect(agree(found.downtime.seconds, row.simgrid.downtimeS, simGridTolerance))
    }
    for row in oracle.smallWorkingSet {
      let guest = SimGridOracle.guest(
        ramBytes: row.ramGib * 1_073_741_824, dirtyRate: row.dirtyRatio * row.bandwidthBps,
        share: row.wssFraction)
      let found = try #require(
        run(guest, MigrationPreset.simgrid.spec, bandwidth: row.bandwidthBps))
      #expect(agree(found.total.seconds, row.simgrid.totalS, simGridTolerance))
      #expect(agree(found.downtime.seconds, row.simgrid.downtimeS, simGridTolerance))
    }
  }

  @Test(
    "several migrations on one link, as flows of the network model",
    .enabled(if: SharedData.exists(SimGridOracle.file)))  // skipped: no shared data
  func sharedLink() throws {
    let oracle = try SharedData.decode(SimGridOracle.self, SimGridOracle.file)
    #expect(oracle.concurrentSameLink.count == 5)
    for row in oracle.concurrentSameLink {
      let guest = SimGridOracle.guest(
        ramBytes: row.ramGib * 1_073_741_824, dirtyRate: row.dirtyRatio * row.bandwidthBps)
      let found = try Self.onOneLink(
        [MigratingMemory](repeating: guest, count: row.concurrent), MigrationPreset.simgrid.spec,
        capacity: row.bandwidthBps)
      for (summary, expected) in zip(found, row.simgrid) {
        #expect(agree(summary.total.seconds, expected.totalS, simGridTolerance))
        #expect(agree(summary.downtime.seconds, expected.downtimeS, simGridTolerance))
      }
    }
  }

  /// The loop that a data center runs: network and migrations advance from event to event and
  /// tell each other rates and demands.
  static func onOneLink(
    _ guests: [MigratingMemory], _ spec: MigrationSpec, capacity: Double
  ) throws -> [MigrationSummary] {
    var network = FlowSharing(capacities: [BytesPerSecond(capacity)])
    var migrations = guests.map { LiveMigration(memory: $0, spec: spec, start: .zero) }
    let flows = migrations.map { _ in
      network.addFlow(over: [LinkID(0)], bytes: Bytes(.infinity), cap: .zero)
    }
    var now = SimTime.zero
    while true {
      for index in migrations.indices {
        network.setCap(migrations[index].wantedLinkRate, of: flows[index])
      }
      for changed in network.takeRateChanges() {
        if let index = flows.firstIndex(of: changed) {
          migrations[index].setBandwidth(network.rate(of: changed), at: now)
        }
      }
      guard let next = migrations.compactMap({ $0.nextEvent() }).min() else { break }
      now = next
      network.advance(to: now)
      for index in migrations.indices { migrations[index].advance(to: now) }
    }
    return try migrations.map { try #require($0.summary) }
  }

  @Test("a migration that starts later slows the first one by exactly what it takes")
  func staggered() throws {
    // 1 GB each at 100 MB/s, the second 5 s later: 500 MB alone, then half each: the first ends
    // at 15 s; the second has sent 500 MB by then and ends at 20 s.
    var network = FlowSharing(capacities: [BytesPerSecond(1e8)])
    var first = LiveMigration(memory: guest(rate: 0), spec: MigrationSpec(), start: .zero)
    let one = network.addFlow(over: [LinkID(0)], bytes: Bytes(.infinity))
    first.setBandwidth(network.rate(of: one), at: .zero)
    network.advance(to: .seconds(5))
    let two = network.addFlow(over: [LinkID(0)], bytes: Bytes(.infinity))
    var second = LiveMigration(memory: guest(rate: 0), spec: MigrationSpec(), start: .seconds(5))
    first.setBandwidth(network.rate(of: one), at: .seconds(5))
    second.setBandwidth(network.rate(of: two), at: .seconds(5))
    first.advance(to: .seconds(15))
    #expect(first.summary?.total == .seconds(15))
    network.advance(to: .seconds(15))
    network.removeFlow(one)
    second.setBandwidth(network.rate(of: two), at: .seconds(15))
    second.advance(to: .hours(1))
    #expect(second.summary?.total == .seconds(15))
  }
}

@Suite("Event-driven migration in closed form")
struct LiveMigrationTests {
  /// Whole nanoseconds per event and whole bytes per round.
  static let exact = 1e-7

  @Test("the same as the closed form where that applies", arguments: AccessPattern.allCases)
  func closedForm(access: AccessPattern) throws {
    for ratio in [0.0, 0.2, 0.6, 0.9, 1.5] {
      for preset in [MigrationPreset.simgrid, .xen, .cloudsim] {
        let memory = guest(rate: ratio * 1e8, access: access)
        if preset.name == "simgrid", ratio > 1 { continue }  // no rule ends it
        let form = PreCopyClosedForm(
          memory: memory, spec: preset.spec, bandwidth: BytesPerSecond(1e8))
        let expected = try #require(form.summary())
        let found = try #require(run(memory, preset.spec, bandwidth: 1e8))
        #expect(agree(found.total.seconds, expected.total.seconds, Self.exact))
        #expect(agree(found.downtime.seconds, expected.downtime.seconds, Self.exact))
        #expect(abs(found.bytes.value - expected.bytes.value) <= Self.exact * expected.bytes.value)
        #expect(found.rounds == expected.rounds)
        #expect(found.rule == expected.rule)
      }
    }
  }

  @Test("bandwidth may change at any time: 100 MB/s for 4 s, none for 3 s, then 200 MB/s")
  func changingBandwidth() {
    var migration = LiveMigration(memory: guest(rate: 0), spec: MigrationSpec(), start: .zero)
    #expect(migration.nextEvent() == .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    migration.setBandwidth(.zero, at: .seconds(4))
    #expect(migration.nextEvent() == nil)
    migration.setBandwidth(BytesPerSecond(2e8), at: .seconds(7))
    migration.advance(to: .seconds(10))
    #expect(migration.summary?.total == .seconds(10))
  }

  @Test("dirty rate may change at any time: what is written is the integral")
  func changingDirtyRate() {
    var spec = MigrationSpec()
    spec.stop.downtimeLimit = .seconds(100)
    var migration = LiveMigration(memory: guest(rate: 1e7), spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    migration.setDirtyRate(cold: BytesPerSecond(3e7), at: .seconds(4))
    // 10 s of the first pass: 4 s at 10 MB/s and 6 s at 30 MB/s, then 220 MB standing still.
    migration.advance(to: .seconds(20))
    #expect(migration.summary?.downtime == .seconds(2.2))
  }

  @Test("post-copy: the stop is the device state, everything follows once")
  func postCopy() throws {
    var spec = MigrationSpec()
    spec.method = .postCopy
    spec.transport.deviceStateBytes = 1e7
    spec.switchOverTime = .milliseconds(50)
    let found = try #require(run(guest(rate: 5e7), spec, bandwidth: 1e8))
    #expect(found.downtime == .milliseconds(150))
    #expect(found.total == .seconds(10) + .milliseconds(150))
    #expect(found.ending == .postCopied)
    #expect(!found.isForced)
  }

  @Test("hybrid: total = M/B + min(D M/B, W)/B, downtime as post-copy")
  func hybrid() throws {
    var spec = MigrationSpec()
    spec.method = .hybrid
    let found = try #require(run(guest(rate: 3e7), spec, bandwidth: 1e8))
    #expect(found.total == .seconds(13))
    #expect(found.downtime == .zero)
    let saturated = try #require(run(guest(rate: 9e7), spec, bandwidth: 1e8))
    #expect(saturated.total == .seconds(14))
  }

  @Test("stop-and-copy stands still for the whole transfer")
  func stopAndCopy() throws {
    var spec = MigrationSpec()
    spec.method = .stopAndCopy
    spec.setupTime = .seconds(1)
    let found = try #require(run(guest(rate: 9e7), spec, bandwidth: 1e8))
    #expect(found.total == .seconds(11))
    #expect(found.downtime == .seconds(10))
  }

  @Test("post-copied guests lose time to faults: share x pages x (round trip + page)")
  func faults() {
    var spec = MigrationSpec()
    spec.method = .postCopy
    spec.postCopy.faultShare = 0.2
    spec.postCopy.roundTrip = SimTime(nanoseconds: 50_000)
    var migration = LiveMigration(memory: guest(rate: 0), spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    migration.advance(to: .zero)
    #expect(migration.phase == .postCopying)
    let load = 0.2 * 4e8 / 4096 * (50e-6 + 4096 / 1e8) / 10
    #expect(abs(migration.guestSpeed - (1 - load)) < 1e-9)
    #expect(migration.isOnTarget)
  }

  @Test("zero pages are marks, compressed pages shrink")
  func wireBytes() throws {
    var spec = MigrationSpec()
    spec.transport.zeroPageBytes = 8
    spec.transport.pageHeaderBytes = 8
    spec.transport.compressionFactor = 0.5
    let memory = MigratingMemory(ram: Bytes(4096 * 1000), nonzero: Bytes(4096 * 600))
    let found = try #require(run(memory, spec, bandwidth: 1e6))
    #expect(abs(found.bytes.value - (600 * (2048 + 8) + 400 * 8)) < 1e-3)
  }

  @Test("a delta cache pays from the third pass on, if the working set fits into it")
  func deltaCache() throws {
    var spec = MigrationSpec()
    spec.stop.maximumRounds = 20
    spec.transport.deltaFactor = 0.01
    spec.transport.deltaCacheBytes = 5e8
    let converging = try #require(run(guest(rate: 2e8), spec, bandwidth: 1e8))
    #expect(converging.rule == .downtimeLimit)
    spec.transport.deltaCacheBytes = 3e8
    let diverging = try #require(run(guest(rate: 2e8), spec, bandwidth: 1e8))
    #expect(diverging.rule == .roundLimit)
  }

  @Test("two populations: a hot set is dirty again at the end of every round")
  func twoPopulations() throws {
    // KubeVirt enhancement 291: 50 GiB, 200 Mb/s dirtied, 800 Mb/s link; one population leaves
    // 12 800 MiB after the first pass and a quarter of it after each further one.
    func rest(hotMebibytes: Double, rounds: Int) throws -> Double {
      let rate = 2.5e7
      let hotRate = hotMebibytes > 0 ? rate / 4 : 0
      let memory = MigratingMemory(
        ram: .gibibytes(50),
        cold: WorkingSet(size: .gibibytes(20), dirtyRate: BytesPerSecond(rate - hotRate)),
        hot: WorkingSet(size: .mebibytes(hotMebibytes), dirtyRate: BytesPerSecond(hotRate)))
      var spec = MigrationSpec()
      spec.stop.maximumRounds = rounds
      let found = try #require(run(memory, spec, bandwidth: 1e8))
      return found.downtime.seconds * 1e8 / 1_048_576
    }
    #expect(abs(try rest(hotMebibytes: 0, rounds: 0) - 12_800) < 0.01)
    #expect(abs(try rest(hotMebibytes: 0, rounds: 1) - 3200) < 0.01)
    // 500 MiB of hot pages stay: 9600 + 500, then 0.1875 x 10 100 + 500, where the ratio of the
    // cold part is 3/16.
    #expect(abs(try rest(hotMebibytes: 500, rounds: 0) - 10_100) < 0.01)
    #expect(abs(try rest(hotMebibytes: 500, rounds: 1) - 2393.75) < 0.01)
  }
}
