// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import Forecasting
import Foundation
import PVMS
import SimulationKernel
import Testing
import Units

/// PVMS in small plants in which anything may fail; as many as `FORESHADOW_SEEDS` says.
@Suite("PVMS under random faults")
struct PVMSUnderFaultsTests {
  /// Commands that one VM may cause in any hour: one change of its goal an interval with its handful
  /// of steps, answered failures, and moves. More would be flapping.
  private static let commandsPerVMAndHour = 120

  private func fixture(seed: Int) -> PlantFixture {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/pvms-faults")
    var fixture = PlantFixture()
    fixture.hosts = (0..<4).map { _ in
      .init(
        cores: 4, memory: .gibibytes(8), idle: Watts(50), busy: Watts(100),
        bootTime: .seconds(30))
    }
    // Loads that jump about for an hour, then two hours of quiet in which all must be given up.
    fixture.vms = (0..<6).map { _ in
      .init(
        capacity: Cores(0.5 + stream.uniform()), memory: .gibibytes(1),
        load: (0..<36).map { $0 < 12 ? stream.uniform() * 3 : 0.1 })
    }
    fixture.interval = .minutes(5)
    fixture.duration = .hours(3)
    fixture.overcommit = 2
    fixture.seed = UInt64(seed)
    fixture.adjust = { spec in
      var world = RandomWorld(
        stream: RandomStream(seed: UInt64(seed), purpose: "test/random-world"))
      world.disturb(&spec)
    }
    let truth = PerfectForesight(
      truth: (0..<36).flatMap { sample in fixture.vms.map { $0.load[sample] } },
      capacities: fixture.vms.map(\.capacity.value), stepsPerHour: 12)
    var source = DefaultParameters()
    var parameters = PVMSParameters(from: &source)
    let modes = RackPowerParameters.Mode.allCases
    parameters.power.mode = modes[seed % modes.count]
    parameters.power.idleTime = .minutes(5)
    parameters.fallsBack = stream.bernoulli(0.5)
    let fixed = parameters
    fixture.policy = { inventory in
      PVMS(parameters: fixed, inventory: inventory, forecaster: truth, risk: truth)
    }
    return fixture
  }

  @Test(
    "invariants hold, nothing flaps, every shadow is given up",
    arguments: 0..<RandomCommandsTests.seedCount)
  func invariants(seed: Int) throws {
    let fixture = fixture(seed: seed)
    var simulator = try fixture.simulator()
    while let event = simulator.scheduler.popNext(notAfter: fixture.duration) {
      simulator.model.handle(event, scheduler: &simulator.scheduler)
      let broken = simulator.model.brokenInvariants()
      #expect(broken.isEmpty, "seed \(seed), \(simulator.now): \(event): \(broken)")
      if !broken.isEmpty { return }
    }
    simulator.run(until: fixture.duration)
    let log = simulator.model.takeLog()
    var living: Set<Int> = []
    var commands = [Int](repeating: 0, count: 6 * 3)
    for line in log {
      if let shadow = line.shadow?.number {
        switch line.kind {
        case .shadowOrdered: living.insert(shadow)
        case .shadowTerminated, .shadowFailed: living.remove(shadow)
        default: break
        }
      }
      if line.kind == .decision, let vm = line.vm?.index {
        commands[vm * 3 + min(2, line.time / .hours(1))] += 1
      }
    }
    #expect(living.isEmpty, "seed \(seed): shadows \(living.sorted()) are left")
    #expect(
      commands.allSatisfy { $0 <= Self.commandsPerVMAndHour }, "seed \(seed): \(commands)")
  }
}
