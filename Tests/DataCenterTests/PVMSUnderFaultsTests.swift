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
  @Test(
    "invariants hold, nothing flaps, every shadow is given up",
    arguments: 0..<RandomCommandsTests.seedCount)
  func invariants(seed: Int) throws {
    let misdeeds = Misdeeds()
    var fixture = FaultyWorld.fixture(seed: seed)
    let makePolicy = fixture.policy
    let parameters = FaultyWorld.parameters(seed: seed)
    fixture.policy = {
      WatchedPVMS(
        try makePolicy($0), parameters: parameters, inventory: $0, misdeeds: misdeeds)
    }
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
    for line in log {
      if let shadow = line.shadow?.number {
        switch line.kind {
        case .shadowOrdered: living.insert(shadow)
        case .shadowTerminated, .shadowFailed: living.remove(shadow)
        default: break
        }
      }
    }
    #expect(living.isEmpty, "seed \(seed): shadows \(living.sorted()) are left")
    #expect(misdeeds.all.isEmpty, "seed \(seed): \(misdeeds.all)")
  }
}
