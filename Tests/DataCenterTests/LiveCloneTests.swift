// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import MigrationModels
import NetworkFlows
import ShadowModels
import SimulationKernel
import Testing
import Units

/// Clones made by the rounds of a live migration: 1 GB over 100 MB/s, so that all is reckoned by hand.
@Suite("Live clones")
struct LiveCloneTests {
  /// Event times are whole nanoseconds.
  private static let tolerance = 1e-6

  private func fixture(
    dirtyRate: Double, _ change: @escaping (inout PlantSpec) -> Void = { _ in }
  ) -> PlantFixture {
    MigrationInPlantTests.fixture {
      $0.shadow.syncTime = .zero
      $0.shadow.syncRateShare = 0
      $0.shadow.creation = .liveClone(.init(downtimeLimit: .milliseconds(500), slowdown: 0.2))
      $0.migration.guest.idleDirtyRate = dirtyRate
      $0.migration.guest.workingSetShare = 1
      $0.migration.guest.hotSetShare = 0
      $0.migration.guest.hotWriteShare = 0
      $0.migration.guest.access = .sequential
      change(&$0)
    }
  }

  private func cloning(_ fixture: PlantFixture) throws -> Simulator<Plant> {
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    return simulator
  }

  private func ready(_ log: [LogRecord]) -> [SimTime] {
    log.filter { $0.kind == .shadowReady }.map(\.time)
  }

  /// Rounds of 1000 and 200 MB, a stop for 40 MB; then 20 MB/s until the traffic shifts at 25 s.
  @Test("copies in rounds, stops the primary for the rest, and follows it until cut-over")
  func courseAndCosts() throws {
    func run(cores: Double) throws -> (totals: PlantTotals, books: ShadowBooks, log: [LogRecord]) {
      let fixture = fixture(dirtyRate: 2e7) {
        $0.migration.model.cost.sourceCoreSecondsPerGigabyte = cores
        $0.migration.model.cost.targetCoreSecondsPerGigabyte = 2 * cores
      }
      var simulator = try cloning(fixture)
      simulator.run(until: .seconds(20))
      simulator.submit(.shiftTraffic(ShadowID(0), share: Fraction(0.5)))
      let totals = HostFailureTests.finish(&simulator, fixture)
      return (totals, simulator.model.shadowBooks, simulator.model.takeLog())
    }
    let (totals, books, log) = try run(cores: 1)
    #expect(ready(log) == [.seconds(12.4)])
    #expect(log.first { $0.kind == .shadowActive }?.time == .seconds(25))
    #expect(abs(books.cloneBytes.value - 1.24e9) < 1)
    #expect(books.forcedClones == 0)
    #expect(abs(books.clonePauseSeconds - 0.4) < Self.tolerance)
    #expect(abs(totals.downtimeVmSeconds - 0.4) < Self.tolerance)
    // A fifth of a core while its writes are tracked, all of it while it stands still.
    let lost = 0.2 * 12 + 0.4 + 0.2 * (25 - 12.4)
    #expect(abs(totals.unservedCoreSeconds - lost) < Self.tolerance)
    // 3 core-seconds a GB on both hosts together, 25 J each; pages that follow cost the same.
    let sent = 1.24 + 0.02 * (25 - 12.4)
    #expect(abs(totals.transferEnergy.value - 3 * 25 * sent) < Self.tolerance * 100)
    let free = try run(cores: 0).totals
    #expect(free.transferEnergy.value == 0)
    let extra = totals.hostEnergy.value - free.hostEnergy.value
    #expect(abs(extra - totals.transferEnergy.value) < Self.tolerance * 100)
  }

  @Test("a primary that writes as fast as it is copied is stopped by force, and counted")
  func notConverging() throws {
    let fixture = fixture(dirtyRate: 1e8) { $0.migration.model.stop.maximumRounds = 3 }
    var simulator = try cloning(fixture)
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(ready(simulator.model.takeLog()) == [.seconds(50)])
    let books = simulator.model.shadowBooks
    #expect(books.forcedClones == 1)
    #expect(abs(books.clonePauseSeconds - 10) < Self.tolerance)
    #expect(abs(books.cloneBytes.value - 5e9) < 1)
  }

  @Test("load that comes while it is copied makes it longer")
  func followsLoad() throws {
    func bytes(load: Double) throws -> Double {
      var fixture = fixture(dirtyRate: 1e7) { $0.migration.guest.dirtyRatePerCore = 4e7 }
      fixture.interval = .seconds(5)
      fixture.vms[0].load = [0, load]
      var simulator = try cloning(fixture)
      _ = HostFailureTests.finish(&simulator, fixture)
      return simulator.model.shadowBooks.cloneBytes.value
    }
    // 1000, 100 and 10 MB; under load from 5 s on 300 MB are dirty after the first pass.
    #expect(abs(try bytes(load: 0) - 1.11e9) < 1)
    #expect(try bytes(load: 1) > 1.25e9)
  }

  @Test("shares the link with a migration; its own primary has to wait for one")
  func contends() throws {
    let fixture = fixture(dirtyRate: 0)
    var simulator = try cloning(fixture)
    simulator.submit(.migrate(VMID(1), destination: HostID(1), reason: .hotSpot))
    simulator.submit(.migrate(VMID(0), destination: HostID(2), reason: .hotSpot))
    #expect(simulator.model.commandBooks.refused == 1)
    _ = HostFailureTests.finish(&simulator, fixture)
    let log = simulator.model.takeLog()
    #expect(ready(log) == [.seconds(20)])
    #expect(log.filter { $0.kind == .migrationDone }.map(\.time) == [.seconds(20)])
  }

  @Test("memory goes to one place at a time: a second clone waits for the first")
  func oneAtATime() throws {
    let fixture = fixture(dirtyRate: 0)
    var simulator = try cloning(fixture)
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    _ = HostFailureTests.finish(&simulator, fixture)
    // It looks once a second.
    #expect(ready(simulator.model.takeLog()) == [.seconds(10), .seconds(20)])
    #expect(simulator.model.shadowBooks.failed == 0)
  }

  @Test("a primary lost while it is cloned: tried again, then given up")
  func primaryLost() throws {
    let fixture = fixture(dirtyRate: 0) {
      $0.faults.listed = [Fault(target: .host(0), start: .seconds(5), end: .seconds(9))]
      $0.faults.restart.policy = .never
    }
    var simulator = try cloning(fixture)
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(simulator.model.shadowBooks.failed == 1)
    #expect(abs(simulator.model.shadowBooks.cloneBytes.value - 5e8) < 1)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
  }
}
