// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import MigrationModels
import NetworkFlows
import ShadowModels
import SimulationKernel
import Testing
import Units

/// Migrations and clones that share a network, as the plant runs them. Where two of them contend,
/// the expected times are those that max-min sharing gives by hand.
@Suite("Migrations in the plant")
struct MigrationInPlantTests {
  static let tolerance = 1e-9

  /// A star in which a host's migrations get 100 MB/s each way, and the store 100 MB/s too.
  static func star() -> PlantNetworkSpec {
    var network = NetworkSpec(topology: .star)
    network.hostLink = BytesPerSecond(2e8)
    network.storeLink = BytesPerSecond(2e8)
    network.tenantShare = 0
    network.migrationShare = 0.5
    network.storageShare = 0.5
    return .modelled(network)
  }

  /// Two VMs of 1 GB on host 0, two empty hosts.
  static func fixture(_ change: @escaping (inout PlantSpec) -> Void = { _ in }) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = (0..<3).map { _ in .init(cores: 4, idle: Watts(100), busy: Watts(200)) }
    fixture.vms = [
      .init(capacity: Cores(1), memory: Bytes(1e9), load: [1]),
      .init(capacity: Cores(1), memory: Bytes(1e9), load: [1]),
    ]
    fixture.adjust = { spec in
      spec.network = star()
      spec.migration.model.cost.sourceCoreSecondsPerGigabyte = 0
      spec.migration.model.cost.targetCoreSecondsPerGigabyte = 0
      change(&spec)
    }
    return fixture
  }

  private func done(_ log: [LogRecord]) -> [SimTime] {
    log.filter { $0.kind == .migrationDone }.sorted { $0.vm?.index ?? 0 < $1.vm?.index ?? 0 }
      .map(\.time)
  }

  @Test("two at once from one host share its link")
  func shared() throws {
    let fixture = Self.fixture()
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    simulator.submit(.migrate(VMID(1), destination: HostID(2), reason: .hotSpot))
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(done(simulator.model.takeLog()) == [.seconds(20), .seconds(20)])
  }

  @Test("one that starts later slows the first by exactly what it takes")
  func staggered() throws {
    let fixture = Self.fixture()
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    simulator.run(until: .seconds(5))
    simulator.submit(.migrate(VMID(1), destination: HostID(2), reason: .hotSpot))
    _ = HostFailureTests.finish(&simulator, fixture)
    // 500 MB alone, then half each until 15 s; the second has 500 MB left then.
    #expect(done(simulator.model.takeLog()) == [.seconds(15), .seconds(20)])
  }

  @Test("a dead link stops a migration until it works again")
  func linkDown() throws {
    let fixture = Self.fixture {
      $0.faults.listed = [Fault(target: .hostLink(1), start: .seconds(4), end: .seconds(64))]
    }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(done(simulator.model.takeLog()) == [.seconds(70)])
  }

  @Test("so it does where every transfer has a bandwidth of its own")
  func linkDownFixed() throws {
    let fixture = Self.fixture {
      $0.network = .fixedBandwidth
      $0.migration.bandwidth = BytesPerSecond(1e8)
      $0.faults.listed = [Fault(target: .rackSwitch(1), start: .seconds(4), end: .seconds(64))]
    }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(done(simulator.model.takeLog()) == [.seconds(70)])
  }

  @Test("limits make migrations wait for their turn", arguments: [true, false])
  func limits(perHost: Bool) throws {
    let fixture = Self.fixture {
      if perHost {
        $0.migration.model.maximumPerHost = 1
      } else {
        $0.migration.model.maximumPerCluster = 1
      }
    }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    simulator.submit(.migrate(VMID(1), destination: HostID(2), reason: .hotSpot))
    #expect(simulator.model.reservedMemory(on: HostID(2)) == Bytes(1e9))
    _ = HostFailureTests.finish(&simulator, fixture)
    let log = simulator.model.takeLog()
    #expect(log.count { $0.kind == .migrationQueued } == 1)
    #expect(done(log) == [.seconds(10), .seconds(20)])
    #expect(simulator.model.migrationBooks.queuedSeconds == 10)
  }

  @Test("a guest that dirties as fast as it is sent is moved by force, and counted")
  func notConverging() throws {
    let fixture = Self.fixture {
      $0.migration.guest.idleDirtyRate = 1e8
      $0.migration.guest.workingSetShare = 1
      $0.migration.guest.hotSetShare = 0
      $0.migration.guest.access = .sequential
      $0.migration.guest.hotWriteShare = 0
      $0.migration.model.stop.maximumRounds = 5
    }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    let totals = HostFailureTests.finish(&simulator, fixture)
    // The first pass and five rounds of 1 GB, then as much standing still.
    #expect(done(simulator.model.takeLog()) == [.seconds(70)])
    let books = simulator.model.migrationBooks
    #expect(books.forced == 1)
    #expect(books.downtimeSeconds == 10)
    #expect(abs(books.bytes.value - 7e9) < 1)
    #expect(abs(totals.downtimeVmSeconds - 10) < Self.tolerance)
    #expect(abs(totals.unservedCoreSeconds - 10) < Self.tolerance)
    #expect(abs(totals.migrationLossCoreSeconds - 10) < Self.tolerance)
  }

  @Test("post-copy moves the guest at once; it dies with the host that still has its memory")
  func postCopy() throws {
    let fixture = Self.fixture {
      $0.migration.model.method = .postCopy
      $0.faults.listed = [Fault(target: .host(0), start: .seconds(5), end: .seconds(6))]
      $0.faults.restart.policy = .never
    }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    simulator.run(until: .seconds(4))
    #expect(simulator.model.host(of: VMID(0)) == HostID(1))
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(simulator.model.host(of: VMID(0)) == nil)
    #expect(simulator.model.faultBooks.vmCrashes == 2)
  }

  @Test("transfers take CPU of both hosts; the energy of that is attributed to them")
  func costs() throws {
    func energy(_ cores: Double) throws -> (hosts: Double, transfers: Double) {
      let fixture = Self.fixture {
        $0.migration.model.cost.sourceCoreSecondsPerGigabyte = cores
        $0.migration.model.cost.targetCoreSecondsPerGigabyte = cores * 2
      }
      var simulator = try fixture.simulator()
      simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
      let totals = HostFailureTests.finish(&simulator, fixture)
      return (totals.hostEnergy.value, totals.transferEnergy.value)
    }
    let (without, nothing) = try energy(0)
    let (with, attributed) = try energy(1.5)
    #expect(nothing == 0)
    // 1 GB takes 1.5 + 3 core-seconds of 25 J each.
    #expect(abs(attributed - 4.5 * 25) < 1e-6)
    #expect(abs(with - without - attributed) < 1e-6)
  }

  @Test("a guest that is slowed while it is copied loses that share of its work")
  func slowdown() throws {
    let fixture = Self.fixture { $0.migration.model.cost.guestSlowdown = 0.1 }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    let totals = HostFailureTests.finish(&simulator, fixture)
    #expect(abs(totals.unservedCoreSeconds - 0.1 * 10) < Self.tolerance)
    #expect(abs(totals.migrationLossCoreSeconds - 0.1 * 10) < Self.tolerance)
  }

  /// Liu et al., HPDC 2011: 0.512 J/MB and 20.165 J, of which each host draws half.
  @Test("energy that a model gives by the megabyte is drawn from both hosts' racks")
  func modelledEnergy() throws {
    func energies(perMegabyte: Double, fixed: Double) throws -> (PlantTotals, [Double]) {
      let fixture = Self.fixture {
        $0.migration.model.cost.energyJoulesPerMegabyte = perMegabyte
        $0.migration.model.cost.energyJoulesFixed = fixed
        $0.migration.guest.idleDirtyRate = 1e7
      }
      var simulator = try fixture.simulator()
      simulator.run(until: .seconds(10))
      simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
      let power = (0..<3).map { simulator.model.power(of: HostID($0)).value }
      // Closes the books against the facility's.
      let totals = HostFailureTests.finish(&simulator, fixture)
      let sent = simulator.model.migrationBooks.bytes
      let expected = MigrationCost(energyJoulesPerMegabyte: perMegabyte, energyJoulesFixed: fixed)
        .energy(sent: sent).value
      #expect(abs(totals.transferEnergy.value - expected) < 1e-6 * max(1, expected))
      return (totals, power)
    }
    let (without, usual) = try energies(perMegabyte: 0, fixed: 0)
    let (with, power) = try energies(perMegabyte: 0.512, fixed: 20.165)
    let extra = with.hostEnergy.value - without.hostEnergy.value
    #expect(extra > 0.512 * 1000 && abs(extra - with.transferEnergy.value) < 1e-6)
    // 100 MB/s and the first second's part, half of it on each of the two hosts.
    let share = 0.512 * 100 / 2 + 20.165 / 2
    #expect(zip(power, usual).map { $0 - $1 } == [share, share, 0])
  }

  @Test("tries that fail are repeated, then given up; the guest stays where it is")
  func failures() throws {
    let fixture = Self.fixture {
      $0.faults.migrationFailures = 1
      $0.migration.model.attempts = 3
    }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    let totals = HostFailureTests.finish(&simulator, fixture)
    let books = simulator.model.migrationBooks
    #expect(books.aborted == 1 && books.retries == 2)
    #expect(books.bytes.value > 0 && books.bytes.value < 3e9)
    #expect(simulator.model.host(of: VMID(0)) == HostID(0))
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
    #expect(totals.unservedCoreSeconds == 0)
  }

  @Test("a guest under load dirties more, and takes longer")
  func dirtyRateFollowsLoad() throws {
    func bytes(load: Double) throws -> Double {
      var fixture = Self.fixture { $0.migration.guest.dirtyRatePerCore = 2e7 }
      fixture.vms[0].load = [load]
      var simulator = try fixture.simulator()
      simulator.run(until: .seconds(1))
      simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
      _ = HostFailureTests.finish(&simulator, fixture)
      return simulator.model.migrationBooks.bytes.value
    }
    let idle = try bytes(load: 0)
    #expect(abs(idle - 1e9) < 1)
    #expect(try bytes(load: 1) > idle * 1.1)
  }
}

@Suite("Shadows come over the network")
struct ShadowTransferTests {
  private func ready(_ log: [LogRecord]) -> [SimTime] {
    log.filter { $0.kind == .shadowReady }.map(\.time)
  }

  private func fixture(_ change: @escaping (inout PlantSpec) -> Void) -> PlantFixture {
    MigrationInPlantTests.fixture {
      $0.shadow.syncTime = .zero
      $0.shadow.syncShare = 0
      $0.shadow.syncRateShare = 0
      change(&$0)
    }
  }

  @Test("images of two shadows share the store's link")
  func images() throws {
    let fixture = fixture {
      $0.shadow.creation = .imageClone(
        .init(image: Bytes(1e9), boot: .init(median: .seconds(30), sigma: 0)))
    }
    var simulator = try fixture.simulator()
    for vm in 0..<2 {
      simulator.submit(
        .createShadow(
          vm: VMID(vm), size: Fraction(1), thenSuspend: false,
          avoiding: [vm == 0 ? HostID(2) : HostID(1)]))
    }
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(ready(simulator.model.takeLog()) == [.seconds(50), .seconds(50)])
  }

  @Test("a fork needs a descriptor and its first pages, a snapshot its working set")
  func lazyModes() throws {
    let fork = fixture {
      $0.shadow.creation = .fork(
        .init(time: .milliseconds(800), descriptor: Bytes(1e6), prefetch: 0.5))
    }
    var simulator = try fork.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    _ = HostFailureTests.finish(&simulator, fork)
    // 101 MB over 100 MB/s.
    #expect(ready(simulator.model.takeLog()) == [.seconds(1.81)])

    let restore = fixture {
      $0.shadow.creation = .snapshotRestore(
        .init(median: .milliseconds(200), sigma: 0, prefetch: 1))
    }
    simulator = try restore.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    _ = HostFailureTests.finish(&simulator, restore)
    #expect(ready(simulator.model.takeLog()) == [.seconds(2.2)])
  }

  @Test("a primary lost while it is forked: tried again, then given up")
  func primaryLost() throws {
    let fixture = fixture {
      $0.shadow.creation = .fork(
        .init(time: .milliseconds(800), descriptor: Bytes(1e9), prefetch: 0))
      $0.faults.listed = [Fault(target: .host(0), start: .seconds(5), end: .seconds(9))]
    }
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(simulator.model.shadowBooks.failed == 1)
    #expect(simulator.model.takeLog().contains { $0.kind == .shadowFailed })
  }

  @Test("keeping in sync takes bandwidth from a migration")
  func syncRate() throws {
    let fixture = fixture {
      $0.migration.guest.idleDirtyRate = 2e7
      $0.migration.guest.workingSetShare = 0
      $0.migration.guest.hotSetShare = 0
      $0.shadow.syncRateShare = 1
      $0.shadow.creation = .coldBoot(.init(median: .seconds(10), sigma: 0))
    }
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: [HostID(2)]))
    simulator.run(until: .seconds(100))
    simulator.submit(.migrate(VMID(1), destination: HostID(2), reason: .hotSpot))
    _ = HostFailureTests.finish(&simulator, fixture)
    // 80 of 100 MB/s are left.
    let log = simulator.model.takeLog()
    let moved = try #require(log.first { $0.kind == .migrationDone })
    #expect(moved.time == .seconds(112.5))
  }
}
