// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// Closed forms at rest; an hour-long time constant leaves e^−700 of the way after a month.
private let restTolerance = 1e-6

@Suite("A room in which no fan turns")
struct StillAirTests {
  /// 30 days without cooling, all racks switched off but under voltage.
  private func abandoned(
    _ change: (inout FacilitySpec) -> Void = { _ in }
  ) throws -> FacilityModel {
    let spec = makeSpec {
      $0.cooling.failures = [.init(start: .minutes(10), end: .days(60), units: 3)]
      change(&$0)
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([2000, 2000, 2000, 2000], at: .zero)
    for rack in 0..<4 { facility.setRackPowered(rack, false, at: .minutes(20)) }
    facility.setRackITPower([80, 80, 80, 80], at: .minutes(20))
    return facility
  }

  /// What is left (controllers, PDUs, spine) leaves through floor, ceiling and partitions:
  /// `T = T_b + H/(n·u)`, and a rack is warmer by `P/G`.
  @Test("it gets as warm as its walls let the rest of the heat out")
  func limit() throws {
    var facility = try abandoned()
    facility.advance(to: .days(30))
    let before = facility.accounting
    facility.advance(to: .days(31))
    let after = facility.accounting
    let heat = (after.heatGenerated - before.heatGenerated).value / 86_400
    #expect(heat > 4 * 80 + 150)
    let room = facility.returnTemperature.value
    #expect(abs(room - (22 + heat / 40)) < restTolerance)
    #expect(abs(facility.rackOutletCelsius[0] - (room + 80 / 20)) < restTolerance)
    // The cold side is as warm as the room; it would keep its heat for ever otherwise.
    #expect(abs(facility.rackInletCelsius[0] - room) < restTolerance)
    #expect(abs(after.heatResidual) < 1e-9)
    #expect(after.heatThroughWalls.value > 0.98 * after.heatGenerated.value)
  }

  /// Two surroundings: outdoors at 15 °C behind 60 W/K, the building at 30 °C behind 40 W/K.
  @Test("outer walls and the building share the heat by their conductances")
  func twoSurroundings() throws {
    var facility = try abandoned {
      $0.room.envelopeConductance = 60
      $0.room.buildingTemperature = Celsius(30)
    }
    facility.advance(to: .days(30))
    let before = facility.accounting.heatGenerated
    facility.advance(to: .days(31))
    let heat = (facility.accounting.heatGenerated - before).value / 86_400
    let expected = (60 * 15 + 40 * 30 + heat) / 100
    #expect(abs(facility.returnTemperature.value - expected) < restTolerance)
  }

  @Test("the cold side cools off after the racks in front of it have stopped")
  func coldSide() throws {
    var facility = try makeFacility(
      makeSpec { $0.cooling.failures = [.init(start: .minutes(10), end: .days(2), units: 3)] })
    facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
    while !facility.takeTransitions().contains(where: { $0.kind == .criticalTemperature }) {
      let next = facility.nextTransition()
      facility.advance(to: try #require(next))
    }
    let stop = facility.now
    facility.setRackITPower([0, 0, 0, 0], at: stop)
    for rack in 0..<4 { facility.setRackPowered(rack, false, at: stop) }
    var last = facility.rackInletCelsius[0]
    #expect(last > 40)
    for hour in [6, 12, 24] {
      facility.advance(to: stop + .hours(hour))
      let inlet = facility.rackInletCelsius[0]
      #expect(inlet < last)
      last = inlet
    }
    #expect(last < 38)
  }
}
