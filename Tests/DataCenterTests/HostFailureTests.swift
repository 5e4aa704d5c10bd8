// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import SimulationKernel
import Testing
import TrafficModels
import Units

/// Remembers what it is told.
struct ListeningPolicy: ManagementPolicy {
  private var newest: SimTime?

  mutating func observe(_ frame: TelemetryFrame) { newest = frame.takenAt }
  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    if case .failed(let reason, _) = outcome.result {
      commands.issue(.raiseAlert(Alert(kind: .anomaly, reason: reason.rawValue)))
    }
  }
  mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue) {
    commands.issue(.raiseAlert(Alert(kind: .anomaly, reason: "\(incident)")))
  }
  mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    guard let newest else { return }
    let age = (now - newest).seconds
    commands.issue(.raiseAlert(Alert(kind: .telemetryMissing, reason: "\(age)")))
  }
}

@Suite("Hosts fail")
struct HostFailureTests {
  /// Rounding of a handful of products.
  static let tolerance = 1e-9

  /// Two hosts of two cores, one VM under a load of one core, no random part anywhere.
  static func fixture(_ change: @escaping (inout PlantSpec) -> Void) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = [
      .init(cores: 2, idle: Watts(50), busy: Watts(100), bootTime: .seconds(30)),
      .init(cores: 2, idle: Watts(50), busy: Watts(100), bootTime: .seconds(30)),
    ]
    fixture.vms = [.init(capacity: Cores(1), load: [1])]
    fixture.policy = { _ in ListeningPolicy() }
    fixture.adjust = { spec in
      spec.faults.restart.bootSigma = 0
      spec.traffic.healthCheckDelay = .zero
      change(&spec)
    }
    return fixture
  }

  /// Runs to the end and closes the books, which must agree with the facility's.
  static func finish(_ simulator: inout Simulator<Plant>, _ fixture: PlantFixture) -> PlantTotals {
    while let event = simulator.scheduler.popNext(notAfter: fixture.duration) {
      simulator.model.handle(event, scheduler: &simulator.scheduler)
      #expect(simulator.model.brokenInvariants() == [])
    }
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    let totals = simulator.model.totals(at: simulator.now)
    let books = simulator.model.facility.accounting
    let drawn = (books.energyIt - books.energyItWarmAir).value
    #expect(abs(totals.hostEnergy.value - drawn) <= tolerance * drawn)
    #expect(totals.workImbalance <= tolerance)
    return totals
  }

  private func crash(_ host: Int, at start: Int, for seconds: Int) -> Fault {
    Fault(target: .host(host), start: .seconds(start), end: .seconds(start + seconds))
  }

  @Test("a lost VM boots on another host after the delay; nothing vanishes from the books")
  func restartsElsewhere() throws {
    let fixture = Self.fixture { $0.faults.listed = [self.crash(0, at: 600, for: 1800)] }
    var simulator = try fixture.simulator()
    let totals = Self.finish(&simulator, fixture)
    // 60 s until it is noticed, 60 s boot.
    #expect(abs(totals.unservedCoreSeconds - 120) < Self.tolerance)
    #expect(abs(totals.downtimeVmSeconds - 120) < Self.tolerance)
    #expect(simulator.model.host(of: VMID(0)) == HostID(1))
    #expect(simulator.model.faultBooks.restartSeconds == [120])
    // Host 0: 600 s at 75 W, 1800 s without power, then on (boot power is busy power) and idle.
    let energy = simulator.model.energy(of: HostID(0), at: simulator.now).value
    let running: Double = 600 * 75 + 1200 * 50
    let bootSpan: Double = 30 * 50
    #expect(abs(energy - running) <= bootSpan)
    // Down from 600 s to 2400 s.
    #expect(totals.hostOnSeconds == 3600 + 3600 - 1800)
    let log = simulator.model.takeLog()
    #expect(log.contains { $0.kind == .alert && $0.detail.contains("vmDown") })
    #expect(log.contains { $0.kind == .alert && $0.detail.contains("hostRecovered") })
  }

  @Test("where each policy brings the VM back", arguments: RestartSpec.Policy.allCases)
  func restartPolicies(policy: RestartSpec.Policy) throws {
    let fixture = Self.fixture {
      $0.faults.listed = [self.crash(0, at: 600, for: 900)]
      $0.faults.restart.policy = policy
    }
    var simulator = try fixture.simulator()
    let totals = Self.finish(&simulator, fixture)
    switch policy {
    case .anyHost: #expect(abs(totals.unservedCoreSeconds - 120) < Self.tolerance)
    case .sameHost:
      // Repaired at 1500 s, on at 1530 s; tries every minute from 660 s on: 1560 s, then the boot.
      #expect(abs(totals.unservedCoreSeconds - (1560 + 60 - 600)) < Self.tolerance)
      #expect(simulator.model.host(of: VMID(0)) == HostID(0))
    case .never:
      #expect(abs(totals.unservedCoreSeconds - 3000) < Self.tolerance)
      #expect(simulator.model.host(of: VMID(0)) == nil)
    }
  }

  @Test("a VM waits while no host has room")
  func waitsForRoom() throws {
    var fixture = Self.fixture { $0.faults.listed = [self.crash(0, at: 600, for: 900)] }
    fixture.vms = [.init(capacity: Cores(2), load: [1]), .init(capacity: Cores(2), load: [1])]
    var simulator = try fixture.simulator()
    let totals = Self.finish(&simulator, fixture)
    #expect(abs(totals.unservedCoreSeconds - (1560 + 60 - 600)) < Self.tolerance)
    #expect(simulator.model.host(of: VMID(0)) == HostID(0))
  }

  @Test("a host with two reasons to be down is up when both are gone")
  func overlapping() throws {
    let fixture = Self.fixture {
      $0.faults.listed = [
        self.crash(0, at: 600, for: 600), self.crash(0, at: 900, for: 900),
        self.crash(1, at: 0, for: 4000),
      ]
    }
    var simulator = try fixture.simulator()
    let totals = Self.finish(&simulator, fixture)
    // Repaired at 1800 s, on at 1830 s, next try at 1860 s.
    #expect(abs(totals.unservedCoreSeconds - (1860 + 60 - 600)) < Self.tolerance)
    #expect(simulator.model.faultBooks.hostFailures == 2)
  }

  @Test("nobody reaches a rack without switch; its VMs run on")
  func rackSwitch() throws {
    let fixture = Self.fixture {
      $0.faults.listed = [
        Fault(target: .rackSwitch(0), start: .seconds(600), end: .seconds(900))
      ]
    }
    var simulator = try fixture.simulator()
    let totals = Self.finish(&simulator, fixture)
    #expect(abs(totals.unservedCoreSeconds - 300) < Self.tolerance)
    #expect(abs(totals.downtimeVmSeconds - 300) < Self.tolerance)
    #expect(simulator.model.host(of: VMID(0)) == HostID(0))
    #expect(simulator.model.faultBooks.vmCrashes == 0)
    #expect(totals.hostOnSeconds == 7200)
  }

  @Test("a shadow goes with its host, its traffic returns, and the policy is told")
  func shadowLost() throws {
    var fixture = Self.fixture { $0.faults.listed = [self.crash(1, at: 1800, for: 60)] }
    fixture.vms = [.init(capacity: Cores(2), load: [1])]
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    simulator.run(until: .seconds(900))
    simulator.submit(.shiftTraffic(ShadowID(0), share: Fraction(0.5)))
    simulator.run(until: .seconds(1200))
    #expect(simulator.model.takeLog().contains { $0.kind == .shadowActive })
    let totals = Self.finish(&simulator, fixture)
    // Half of the load goes nowhere for the 30 s until the balancer notices.
    #expect(abs(totals.unservedCoreSeconds - 15) < Self.tolerance)
    let log = simulator.model.takeLog()
    #expect(log.contains { $0.kind == .shadowFailed && $0.time == .seconds(1800) })
    #expect(log.contains { $0.kind == .alert && $0.detail.contains("shadowLost") })
    #expect(simulator.model.faultBooks.shadowsLost == 1)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
  }

  @Test("an active shadow takes everything once the balancer has noticed that the primary is gone")
  func shadowTakesOver() throws {
    var fixture = Self.fixture {
      $0.faults.listed = [self.crash(0, at: 1800, for: 60)]
      $0.faults.restart.policy = .never
    }
    fixture.vms = [.init(capacity: Cores(2), load: [1])]
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    simulator.run(until: .seconds(900))
    simulator.submit(.shiftTraffic(ShadowID(0), share: Fraction(0.5)))
    let totals = Self.finish(&simulator, fixture)
    #expect(abs(totals.unservedCoreSeconds - 15) < Self.tolerance)
    #expect(totals.downtimeVmSeconds == 0)
    #expect(simulator.model.servedRate(of: VMID(0)) == Cores(1))
  }

  @Test("a migration dies with either end; the guest only with its source", arguments: [0, 1])
  func migrationLost(host: Int) throws {
    let fixture = Self.fixture {
      $0.faults.listed = [self.crash(host, at: 600, for: 60)]
      $0.faults.restart.policy = .never
    }
    var simulator = try fixture.simulator()
    simulator.run(until: .seconds(500))
    // 1 GiB at 1 MB/s takes 1074 s.
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    _ = Self.finish(&simulator, fixture)
    let log = simulator.model.takeLog()
    #expect(log.contains { $0.kind == .migrationAborted && $0.time == .seconds(600) })
    #expect(log.contains { $0.kind == .alert && $0.detail.contains("hostFailed") })
    #expect(simulator.model.host(of: VMID(0)) == (host == 0 ? nil : HostID(0)))
    #expect(simulator.model.migrationBooks.aborted == 1)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
  }

  @Test("random failures come at the same times whatever the policy does")
  func randomFailures() throws {
    func failures(_ policy: @escaping Plant.PolicyMaker) throws -> [LogRecord] {
      var fixture = Self.fixture {
        $0.faults.hosts.scale = .hours(3)
        $0.faults.hosts.repair = .minutes(10)
        $0.faults.rackSwitches.scale = .hours(5)
      }
      fixture.duration = .days(3)
      fixture.policy = policy
      var simulator = try fixture.simulator()
      if case .some = try policy(simulator.model.inventory) as? ListeningPolicy {
        simulator.submit(.powerHost(HostID(1), .off))
      }
      _ = Self.finish(&simulator, fixture)
      return simulator.model.takeLog().filter {
        [.hostFailed, .hostRecovered, .hostUnreachable, .hostReachable].contains($0.kind)
      }
    }
    let one = try failures { _ in ListeningPolicy() }
    let other = try failures { _ in NoShadows() }
    #expect(one.map(\.time) == other.map(\.time))
    // Two hosts with a failure each 3 h and a few minutes in the mean, for three days: 48 ± 7.
    let count = one.count { $0.kind == .hostFailed }
    #expect((24...72).contains(count))
    #expect(one.contains { $0.kind == .hostUnreachable })
  }

  private struct NoShadows: ManagementPolicy {
    mutating func observe(_ frame: TelemetryFrame) {}
    mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {}
    mutating func decide(at now: SimTime, commands: inout CommandQueue) {}
  }
}
