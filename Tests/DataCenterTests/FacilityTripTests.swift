// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import SimulationKernel
import Testing
import Units

/// Power and heat that take hosts down, and what that leaves of the books.
@Suite("Facility trips take hosts down")
struct FacilityTripTests {
  private func run(
    _ change: @escaping (inout PlantSpec) -> Void
  ) throws -> (PlantTotals, FaultBooks, [LogRecord]) {
    var fixture = HostFailureTests.fixture(change)
    fixture.duration = .hours(3)
    fixture.vms[0].load = [1, 1, 1]
    var simulator = try fixture.simulator()
    let totals = HostFailureTests.finish(&simulator, fixture)
    return (totals, simulator.model.faultBooks, simulator.model.takeLog())
  }

  @Test("an outage longer than battery and generator: VMs go down, come back, and books close")
  func powerLost() throws {
    let (totals, books, log) = try run {
      $0.facility.distribution.hasGenerator = false
      $0.facility.distribution.outages = [.init(start: .hours(1), end: .hours(2))]
    }
    let lost = try #require(log.first { $0.detail == "powerLost begins" }?.time)
    #expect(lost > .hours(1) && lost < .hours(2))
    #expect(books.hostFailures == 2)
    #expect(books.vmRestarts == 1)
    // Mains at 2 h, hosts on 30 s later, the next try on the minute grid of the loss, 60 s boot.
    #expect(totals.unservedCoreSeconds >= (.hours(2) - lost).seconds + 90)
    #expect(totals.unservedCoreSeconds <= (.hours(2) - lost).seconds + 150)
  }

  @Test("the battery alone carries a short outage")
  func shortOutage() throws {
    let (totals, books, _) = try run {
      $0.facility.distribution.outages = [.init(start: .hours(1), end: .hours(1) + .minutes(1))]
    }
    #expect(books.hostFailures == 0)
    #expect(totals.unservedCoreSeconds == 0)
  }

  @Test("an open breaker stops its rack until it is reset")
  func breaker() throws {
    let (totals, books, log) = try run {
      // 75 W and the rack's switch; the other rack, idle at 50 W, stays below.
      $0.facility.switches.rackSwitch = Watts(0)
      $0.facility.distribution.branchRating = Watts(60)
      $0.facility.distribution.breakerTime = .minutes(10)
      $0.faults.tripReset = .minutes(20)
    }
    #expect(log.contains { $0.kind == .hostFailed && $0.detail == "breakerOpen" })
    #expect(books.vmCrashes >= 1)
    #expect(totals.unservedCoreSeconds > 0)
    #expect(log.contains { $0.kind == .hostRecovered })
  }

  @Test("hosts in air at the critical temperature stop, and start when it has cooled")
  func heat() throws {
    let (totals, books, log) = try run {
      $0.facility.cooling.failures = [.init(start: .minutes(10), end: .minutes(90), units: 3)]
      // Walls through which 220 W a rack don't get out before they are too hot.
      $0.facility.room.buildingConductance = 0
      $0.facility.room.response.throttle = Celsius(30)
      $0.facility.room.response.critical = Celsius(35)
    }
    #expect(log.contains { $0.kind == .hostFailed && $0.detail == "criticalTemperature" })
    #expect(books.hostFailures >= 2)
    #expect(books.vmRestarts >= 1)
    #expect(totals.unservedCoreSeconds > 60)
  }
}
