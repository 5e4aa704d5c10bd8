// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import Foundation
import ShadowModels
import SimulationKernel
import Testing
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

@Suite("A plant under random orders")
struct RandomCommandsTests {
  static let seedCount = Int(ProcessInfo.processInfo.environment["FORESHADOW_SEEDS"] ?? "") ?? 300

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
      spec.migration.bandwidth = BytesPerSecond(2e7)
      spec.shadow.failureProbability = spec.shadow.failureProbability.map { _ in 0.1 }
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
      #expect(broken.isEmpty, "seed \(seed), \(simulator.now): \(broken)")
      if !broken.isEmpty { return }
    }
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    let totals = simulator.model.totals(at: simulator.now)
    #expect(totals.workImbalance < 1e-9, "seed \(seed)")
    let facility = simulator.model.facility.accounting
    #expect(
      abs(totals.hostEnergy.value - facility.energyIt.value) <= 1e-9 * totals.hostEnergy.value,
      "seed \(seed)")
  }
}
