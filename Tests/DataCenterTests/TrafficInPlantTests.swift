// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Foundation
import ShadowModels
import SimulationKernel
import Testing
import TrafficModels
import Units

/// The balancer moves shares in steps whose means are exact; event times are whole nanoseconds.
private let shareTolerance = 1e-5
/// A share has arrived when it is this near to its goal, which leaves out at most so much of `τ`.
private let arrivalTolerance = 0.002 * 60

/// The balancer's slow start, affinity and drain, as the hosts feel them.
@Suite("Traffic that moves in the plant")
struct TrafficInPlantTests {
  /// Work of the shadow's host up to 3000 s: half of one core's load is ordered to it at 900 s, and
  /// back at 2000 s.
  private func shadowWork(_ change: @escaping (inout TrafficSpec) -> Void) throws -> Double {
    var fixture = HostFailureTests.fixture {
      $0.shadow.standbyCores = .zero
      $0.shadow.provisionCores = .zero
      change(&$0.traffic)
    }
    fixture.vms = [.init(capacity: Cores(2), load: [1])]
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    simulator.run(until: .seconds(900))
    simulator.submit(.shiftTraffic(ShadowID(0), share: Fraction(0.5)))
    simulator.run(until: .seconds(2000))
    simulator.submit(.shiftTraffic(ShadowID(0), share: Fraction(0)))
    simulator.run(until: .seconds(3000))
    #expect(simulator.model.brokenInvariants() == [])
    #expect(simulator.model.servedRate(of: VMID(0)) == Cores(1))
    let readings = simulator.model.readings(at: .seconds(3000))
    #expect(abs(readings.vmServedCoreSeconds[0] - readings.vmOfferedCoreSeconds[0]) < 1e-9)
    return readings.hostCoreSeconds[1]
  }

  @Test("slow start: weights rise in a line, and half of the step's work is missing meanwhile")
  func slowStart() throws {
    let step = try shadowWork { _ in }
    let slow = try shadowWork { $0.slowStart = .seconds(90) }
    #expect(abs(step - slow - 0.5 * 90 / 2) < shareTolerance)
    // Half of a core from 905 s to 2005 s.
    #expect(abs(step - 550) < shareTolerance)
  }

  /// Old sessions stay where they are: up, the shadow misses `0.5·τ`; down, it keeps
  /// `0.5·τ·(1 − e^(−300/τ))` until the drain's timeout of five minutes cuts the rest.
  @Test("affinity: the shadow gets its work late, and keeps the last of it until the drain ends")
  func affinity() throws {
    let step = try shadowWork { _ in }
    let bound = try shadowWork { $0.sessionMean = .seconds(60) }
    let expected = -0.5 * 60 * (1 - exp(-1100.0 / 60)) + 0.5 * 60 * (1 - exp(-300.0 / 60))
    #expect(abs(bound - step - expected) < arrivalTolerance)
    let patient = try shadowWork {
      $0.sessionMean = .seconds(60)
      $0.drainTimeout = .hours(1)
    }
    #expect(patient > bound)
    #expect(abs(patient - step) < arrivalTolerance)
  }
}
