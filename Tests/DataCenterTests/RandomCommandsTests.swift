// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import Foundation
import MigrationModels
import NetworkFlows
import ShadowModels
import SimulationKernel
import Testing
import TrafficModels
import Units

/// Orders anything at any time, sensible or not.
private struct RandomPolicy: ManagementPolicy {
  var stream: RandomStream
  var known: [ShadowID] = []
  let vms: Int
  let hosts: Int
  let racks: Int

  mutating func observe(_ frame: TelemetryFrame) {}
  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    if case .accepted(let id?) = outcome.result { known.append(id) }
  }
  mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    for _ in 0..<stream.integer(below: 4) { commands.issue(command()) }
    if stream.uniform() < 0.3 { commands.wake(at: now + .seconds(stream.uniform() * 100)) }
  }

  private mutating func command() -> Command {
    let shadow = known.isEmpty ? ShadowID(0) : known[stream.integer(below: known.count)]
    let vm = VMID(stream.integer(below: vms))
    let host = HostID(stream.integer(below: hosts))
    let size = Fraction([0.25, 0.5, 1][stream.integer(below: 3)])
    switch stream.integer(below: 10) {
    case 0, 1:
      return .createShadow(
        vm: vm, size: size, thenSuspend: stream.bernoulli(0.5), avoiding: [host])
    case 2: return .resizeShadow(shadow, size: size)
    case 3: return .suspendShadow(shadow)
    case 4: return .resumeShadow(shadow)
    case 5: return .terminateShadow(shadow)
    case 6: return .shiftTraffic(shadow, share: Fraction(stream.uniform()))
    case 7:
      return .migrate(vm, destination: stream.bernoulli(0.5) ? host : nil, reason: .hotSpot)
    case 8: return .powerHost(host, stream.bernoulli(0.5) ? .on : .off)
    default:
      return stream.bernoulli(0.3)
        ? .powerRack(RackID(stream.integer(below: racks)), .off)
        : .shiftTraffic(shadow, share: Fraction(0))
    }
  }
}

/// Turns a plant into one of many, each feature on or off by chance.
struct RandomWorld {
  var stream: RandomStream

  private mutating func chance(_ probability: Double) -> Bool { stream.bernoulli(probability) }

  mutating func disturb(_ spec: inout PlantSpec) {
    spec.migration.bandwidth = BytesPerSecond(2e7)
    spec.shadow.failureProbability = spec.shadow.failureProbability.map { _ in 0.1 }
    if chance(0.7) { spec.network = .modelled(network()) }
    if chance(0.7) { spec.shadow.creation = creation() }
    if chance(0.7) { changeMigration(&spec.migration) }
    if chance(0.8) { addFaults(&spec.faults) }
    if chance(0.3) {
      spec.facility.distribution.hasGenerator = false
      spec.facility.distribution.batteryTime = .minutes(2)
      let start = SimTime.seconds(stream.uniform() * 1800)
      spec.facility.distribution.outages = [.init(start: start, end: start + .minutes(9))]
    }
    if chance(0.5) { changeTraffic(&spec) }
    if chance(0.5) {
      spec.migration.model.cost.energyJoulesPerMegabyte = 0.512
      spec.migration.model.cost.energyJoulesFixed = 20.165
      spec.migration.model.cost.guestSlowdown = 0.1
    }
    if chance(0.3) { spec.migration.model.maximumPerCluster = 1 }
    if chance(0.5) { spec.shadow.terminateTime = .seconds(stream.uniform() * 200) }
  }

  private mutating func changeTraffic(_ spec: inout PlantSpec) {
    spec.traffic.slowStart = .seconds(stream.uniform() * 120)
    spec.traffic.sessionMean = .seconds(stream.uniform() * 200)
    spec.traffic.drainTimeout = .seconds(stream.uniform() * 200)
    spec.traffic.healthCheckDelay = .seconds(stream.uniform() * 30)
    spec.responseTime.standard.backlog = 50
    if chance(0.5) { spec.responseTime.standard.discipline = .workerPool(coresPerWorker: 0.5) }
  }

  private mutating func network() -> NetworkSpec {
    let topologies: [NetworkTopology] = [
      .star, .leafSpine(spines: 2, oversubscription: 3),
      .fatTree(.init(racksPerPod: 2, aggregationSwitches: 2, coresPerAggregation: 1)),
    ]
    var spec = NetworkSpec(topology: topologies[stream.integer(below: topologies.count)])
    spec.hostLink = BytesPerSecond(1e8)
    spec.storeLink = BytesPerSecond(1e8)
    return spec
  }

  private mutating func creation() -> ShadowCreation {
    let boot = ShadowCreation.ColdBoot(median: .seconds(20), sigma: 0.3)
    let modes: [ShadowCreation] = [
      .coldBoot(boot), .imageClone(.init(image: Bytes(1e9), boot: boot)),
      .snapshotRestore(.init(median: .milliseconds(200), sigma: 0.3, prefetch: 1)),
      .fork(.init(time: .milliseconds(800), descriptor: Bytes(1e6), prefetch: 0.5)),
      .liveClone(.init(downtimeLimit: .milliseconds(300), slowdown: 0.1)),
      .warmStandby(.init(boot: boot)),
    ]
    return modes[stream.integer(below: modes.count)]
  }

  private mutating func changeMigration(_ spec: inout PlantMigrationSpec) {
    let methods = MigrationMethod.allCases
    spec.model = MigrationPreset.all[stream.integer(below: MigrationPreset.all.count)].spec
    if chance(0.5) { spec.model.method = methods[stream.integer(below: methods.count)] }
    spec.model.stop.maximumRounds = 20
    spec.model.attempts = 2
    if chance(0.5) { spec.model.maximumPerHost = 1 }
    spec.guest.idleDirtyRate = 1e7
    spec.guest.dirtyRatePerCore = 2e7
  }

  private mutating func addFaults(_ faults: inout FaultSpec) {
    faults.hosts.scale = .minutes(30)
    faults.hosts.repair = .minutes(3)
    if chance(0.5) { faults.rackSwitches.scale = .minutes(40) }
    faults.rackSwitches.repair = .minutes(2)
    faults.migrationFailures = 0.2
    faults.stuckShadowSteps = 0.1
    faults.stuckAfter = .minutes(2)
    faults.restart.delay = .seconds(20)
    let policies = RestartSpec.Policy.allCases
    faults.restart.policy = policies[stream.integer(below: policies.count)]
    let targets: [Fault.Target] = [
      .hostLink(1), .uplink(rack: 0, index: 0), .uplink(rack: 0, index: 7), .telemetryGap,
      .telemetryDelay(.seconds(40)), .host(2), .rackSwitch(2),
    ]
    faults.listed = targets.filter { _ in stream.bernoulli(0.4) }.map { target in
      let start = SimTime.seconds(stream.uniform() * 3000)
      return Fault(target: target, start: start, end: start + .seconds(stream.uniform() * 600))
    }
  }
}

/// `FORESHADOW_SEEDS` sets how many worlds are tried; scripts/swarm runs many more.
@Suite("A plant under random orders and faults")
struct RandomCommandsTests {
  #if DEBUG
    private static let usualCount = 100
  #else
    private static let usualCount = 2000
  #endif
  static let seedCount =
    Int(ProcessInfo.processInfo.environment["FORESHADOW_SEEDS"] ?? "") ?? usualCount

  @Test("keeps its invariants after every event and closes its books", arguments: 0..<seedCount)
  func invariants(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/random-commands")
    var fixture = PlantFixture()
    fixture.hosts = (0..<4).map { _ in
      .init(
        cores: 4, memory: .gibibytes(8), idle: Watts(50), busy: Watts(100),
        bootTime: .seconds(30))
    }
    fixture.vms = (0..<6).map { _ in
      .init(
        capacity: Cores(0.5 + stream.uniform()), memory: .gibibytes(1 + stream.uniform()),
        load: (0..<12).map { _ in stream.uniform() * 3 })
    }
    fixture.interval = .minutes(5)
    fixture.overcommit = 1 + stream.uniform()
    fixture.seed = UInt64(seed)
    fixture.adjust = { spec in
      var world = RandomWorld(
        stream: RandomStream(seed: UInt64(seed), purpose: "test/random-world"))
      world.disturb(&spec)
    }
    fixture.policy = { inventory in
      RandomPolicy(
        stream: RandomStream(seed: UInt64(seed), purpose: "test/random-policy"),
        vms: inventory.vms.count, hosts: inventory.hosts.count, racks: inventory.racks.count)
    }
    var simulator = try fixture.simulator()
    while let event = simulator.scheduler.popNext(notAfter: fixture.duration) {
      simulator.model.handle(event, scheduler: &simulator.scheduler)
      let broken = simulator.model.brokenInvariants()
      #expect(broken.isEmpty, "seed \(seed), \(simulator.now): \(event): \(broken)")
      if !broken.isEmpty { return }
    }
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    let totals = simulator.model.totals(at: simulator.now)
    #expect(totals.workImbalance < 1e-9, "seed \(seed)")
    // Every request is answered, lost to its timeout or refused: the books of response times hold
    // the same work.
    let answered = simulator.model.responseTimes.bookedWeight
    #expect(
      abs(answered - totals.offeredCoreSeconds) <= 1e-9 * totals.offeredCoreSeconds, "seed \(seed)")
    let facility = simulator.model.facility.accounting
    let drawn = (facility.energyIt - facility.energyItWarmAir).value
    #expect(
      abs(totals.hostEnergy.value - drawn) <= 1e-9 * totals.hostEnergy.value, "seed \(seed)")
  }
}
