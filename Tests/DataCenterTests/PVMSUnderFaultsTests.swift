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

  @Test(
    "invariants hold, nothing flaps, every shadow is given up",
    arguments: 0..<RandomCommandsTests.seedCount)
  func invariants(seed: Int) throws {
    let fixture = FaultyWorld.fixture(seed: seed)
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
