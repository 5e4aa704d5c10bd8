// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Facility
import SimulationKernel
import Testing
import Units

/// What the facility tells the plant reaches the VMs.
@Suite("Power and heat reach the VMs")
struct FacilityFeedbackTests {
  private func totals(_ change: @escaping (inout PlantSpec) -> Void) throws -> PlantTotals {
    var fixture = PlantFixture()
    fixture.hosts = [.init(cores: 1, idle: Watts(100), busy: Watts(200))]
    fixture.vms = [.init(capacity: Cores(1), load: [1, 1, 1])]
    fixture.duration = .hours(3)
    fixture.adjust = change
    var simulator = try fixture.simulator()
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    return simulator.model.totals(at: simulator.now)
  }

  /// 150 W of 100…200 W leave half of a core: half an hour of work is lost in the capped hour.
  @Test("a rack's power budget cuts its hosts' speed while it holds")
  func rackCap() throws {
    let totals = try totals {
      $0.facility.distribution.rackCaps = [
        .init(start: .hours(1), end: .hours(2), power: Watts(150))
      ]
    }
    // The speed is found by bisection, to parts in 1e15.
    #expect(abs(totals.unservedCoreSeconds - 1800) < 1e-6)
    #expect(abs(totals.hostEnergy.value - (2 * 200 + 150) * 3600) < 1e-3)
  }

  @Test("a budget that holds from the start is kept from the start")
  func rackCapAtOnce() throws {
    let totals = try totals {
      $0.facility.distribution.rackCaps = [
        .init(start: .zero, end: .hours(1), power: Watts(150))
      ]
    }
    #expect(abs(totals.unservedCoreSeconds - 1800) < 1e-6)
    #expect(abs(totals.hostEnergy.value - (2 * 200 + 150) * 3600) < 1e-3)
  }

  /// Without cooling the room warms until clocks are cut to half, and work goes undone.
  @Test("hosts in hot air lose speed")
  func throttling() throws {
    let cool = try totals { _ in }
    #expect(cool.unservedCoreSeconds == 0)
    let hot = try totals {
      $0.facility.cooling.failures = [.init(start: .minutes(30), end: .hours(9), units: 3)]
    }
    #expect(hot.unservedCoreSeconds > 600)
    #expect(hot.hostEnergy < cool.hostEnergy)
  }
}
