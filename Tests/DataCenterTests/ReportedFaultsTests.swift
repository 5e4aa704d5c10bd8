// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import SimulationKernel
import Testing
import Units

/// Faults that users of other simulators reported; the numbers are the right answers, by hand.
@Suite("What other simulators got wrong")
struct ReportedFaultsTests {
  /// Sums of a handful of exact products: rounding only.
  static let tolerance = 1e-9

  @Test("(1) a job goes on at the new host's speed once it has moved")
  func jobMovesToFasterHost() throws {
    var fixture = PlantFixture()
    fixture.hosts = [.init(speed: 10), .init(speed: 1000)]
    fixture.vms = [.init(capacity: Cores(1), memory: Bytes(1e7))]
    var simulator = try fixture.simulator()
    simulator.model.addWork(to: VMID(0), coreSeconds: 1000, parallelism: 1)
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    simulator.run(until: .seconds(60))
    let log = simulator.model.takeLog()
    let moved = try #require(log.first { $0.kind == .migrationDone })
    let done = try #require(log.first { $0.kind == .workDone })
    // 1e7 B over 1e6 B/s; 100 of 1000 operations done meanwhile, 900 left at 1000 op/s.
    #expect(moved.time == .seconds(10))
    #expect(done.time == .seconds(10.9))
    let energies = [0, 1].map { simulator.model.energy(of: HostID($0), at: simulator.now).value }
    #expect(abs(energies[0] - 10) < Self.tolerance)
    #expect(abs(energies[1] - 0.9) < Self.tolerance)
  }

  @Test("(2) a task uses one core of many, and power follows the cores in use")
  func taskOnManyCores() throws {
    var fixture = PlantFixture()
    fixture.hosts = [.init(cores: 16, idle: Watts(0), busy: Watts(16))]
    fixture.vms = [.init(capacity: Cores(8))]
    var simulator = try fixture.simulator()
    simulator.model.addWork(to: VMID(0), coreSeconds: 10, parallelism: 1)
    simulator.submit(.powerHost(HostID(0), .on))
    simulator.run(until: .seconds(20))
    let done = try #require(simulator.model.takeLog().first { $0.kind == .workDone })
    #expect(done.time == .seconds(10))
    let energy = simulator.model.energy(of: HostID(0), at: simulator.now).value
    #expect(abs(energy - 10) < Self.tolerance)
  }

  @Test("(3) a host that is switched off draws its off power from then on")
  func switchedOff() throws {
    var fixture = PlantFixture()
    fixture.hosts = [.init(idle: Watts(200), busy: Watts(200), off: Watts(8))]
    fixture.vms = []
    var simulator = try fixture.simulator()
    simulator.run(until: .seconds(10))
    #expect(simulator.model.energy(of: HostID(0), at: simulator.now) == Joules(2000))
    simulator.submit(.powerHost(HostID(0), .off))
    simulator.run(until: .seconds(20))
    #expect(simulator.model.energy(of: HostID(0), at: simulator.now) == Joules(2080))
  }

  @Test("(5) sleep is a state with its own power")
  func asleep() throws {
    var fixture = PlantFixture()
    fixture.hosts = [.init(idle: Watts(50), asleep: Watts(9.75))]
    fixture.vms = []
    var simulator = try fixture.simulator()
    simulator.submit(.powerHost(HostID(0), .asleep))
    simulator.run(until: .seconds(100))
    #expect(simulator.model.energy(of: HostID(0), at: simulator.now) == Joules(975))
  }

  @Test("(6) energy does not depend on how often anybody looks", arguments: [0.1, 1, 7, 60])
  func reportInterval(seconds: Double) throws {
    var fixture = PlantFixture()
    fixture.hosts = [.init(idle: Watts(100), busy: Watts(200))]
    fixture.vms = [.init(load: [0, 1, 1, 0, 0, 0, 0])]
    fixture.interval = .seconds(10)
    var simulator = try fixture.simulator()
    var next = SimTime.zero
    while next < .seconds(40) {
      next = min(next + .seconds(seconds), .seconds(40))
      simulator.run(until: next)
      _ = simulator.model.energy(of: HostID(0), at: next)
    }
    // 10 s at 100 W, 20 s at 200 W, 10 s at 100 W.
    #expect(simulator.model.energy(of: HostID(0), at: .seconds(40)) == Joules(6000))
  }

  @Test("(7) booting takes its time at its own power, once")
  func booting() throws {
    var fixture = PlantFixture()
    fixture.hosts = [
      .init(
        idle: Watts(100), busy: Watts(300), off: Watts(0), bootTime: .seconds(5),
        bootPower: Watts(200))
    ]
    fixture.vms = []
    var simulator = try fixture.simulator()
    simulator.submit(.powerHost(HostID(0), .off))
    simulator.run(until: .seconds(1))
    simulator.submit(.powerHost(HostID(0), .on))
    let before = simulator.model.energy(of: HostID(0), at: simulator.now)
    simulator.run(until: .seconds(8))
    #expect(simulator.model.power(of: HostID(0)) == Watts(100))
    // 5 s at 200 W, 2 s at 100 W.
    let used = simulator.model.energy(of: HostID(0), at: simulator.now) - before
    #expect(used == Joules(1200))
  }

  @Test("(8) a host with room for exactly that VM takes it, and reserves once")
  func exactRoom() throws {
    var fixture = PlantFixture()
    fixture.hosts = [
      .init(cores: 2, memory: .gibibytes(2)), .init(cores: 1, memory: .gibibytes(1)),
    ]
    fixture.vms = [.init(capacity: Cores(1), memory: .gibibytes(1))]
    fixture.adjust = { $0.migration.bandwidth = BytesPerSecond(1e9) }
    var simulator = try fixture.simulator()
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .consolidation))
    #expect(simulator.model.reservedMemory(on: HostID(1)) == .gibibytes(1))
    simulator.run(until: .seconds(60))
    #expect(simulator.model.host(of: VMID(0)) == HostID(1))
    #expect(simulator.model.reservedMemory(on: HostID(1)) == .gibibytes(1))
    #expect(simulator.model.reservedMemory(on: HostID(0)) == Bytes(0))
  }

  @Test("(9) what a VM used when it moved does not limit it afterwards")
  func useAfterMove() throws {
    var fixture = PlantFixture()
    // 4 cores of 2000 units; load 250 units, then 8000 after the move.
    fixture.hosts = [.init(cores: 4, speed: 2000), .init(cores: 4, speed: 2000)]
    fixture.vms = [.init(capacity: Cores(4), memory: Bytes(1e6), load: [250, 8000])]
    fixture.interval = .seconds(100)
    var simulator = try fixture.simulator()
    simulator.run(until: .seconds(1))
    simulator.submit(.migrate(VMID(0), destination: HostID(1), reason: .hotSpot))
    simulator.run(until: .seconds(101))
    #expect(simulator.model.servedRate(of: VMID(0)) == Cores(8000))
  }

  @Test("(10) a VM larger than any host is refused by name, before anything runs")
  func tooLarge() {
    var fixture = PlantFixture()
    fixture.vms = [.init(), .init(capacity: Cores(1), memory: .gibibytes(65))]
    let expected = PlantSetupError.vmLargerThanEveryHost(
      vm: "vm1", cores: 1, memoryBytes: Bytes.gibibytes(65).value)
    #expect(throws: expected) { try fixture.simulator() }
    #expect(expected.description.contains("vm1"))
  }
}
