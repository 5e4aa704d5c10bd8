// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// The bound: books close to this share of the total.
private let bookTolerance = 1e-9
/// The bound: results don't depend on when somebody looks.
private let stepTolerance = 1e-9

@Suite("The facility in time")
struct FacilityModelTests {
  @Test("the default facility gives every figure of a run, and its books close")
  func defaultFacility() throws {
    var facility = try makeFacility(makeSpec())
    for hour in 0..<24 {
      let load = 2500 + 2000 * Double(hour % 12) / 12
      facility.setRackITPower([load, load * 0.8, load * 0.5, load], at: .hours(hour))
    }
    facility.advance(to: .hours(24))
    let books = facility.accounting
    #expect(books.elapsed == .hours(24))
    #expect(abs(books.electricityResidual) < bookTolerance)
    #expect(abs(books.heatResidual) < bookTolerance)
    #expect((1.2...2.2).contains(books.pue))
    #expect(books.carbonGrams > 0 && books.costEnergy > 0 && books.costTotal > 0)
    #expect(books.rackPeak.value > 4000 && books.facilityPeak > books.rackPeak)
  }

  @Test("looking more often changes nothing", arguments: [3.0, 7, 60, 3600])
  func stepIndependence(interval: Double) throws {
    func run(_ interval: Double?) throws -> (FacilityModel, [FacilityTransition]) {
      var facility = try makeFacility(makeSpec { $0.cooling.supplyTemperature = Celsius(26) })
      var transitions: [FacilityTransition] = []
      for step in 0..<6 {
        let start = SimTime.minutes(5 * step)
        facility.setRackITPower([5000, step % 3 == 0 ? 5 : 4900, 100, 3000], at: start)
        if let interval {
          var time = start
          while time < start + .minutes(5) {
            facility.advance(to: time)
            _ = facility.accounting
            time = time + .seconds(interval)
          }
        }
      }
      facility.advance(to: .hours(1))
      transitions += facility.takeTransitions()
      return (facility, transitions)
    }
    let (reference, expected) = try run(nil)
    let (observed, found) = try run(interval)
    #expect(found == expected)
    #expect(!expected.isEmpty)
    #expect(observed.accounting == reference.accounting)
    #expect(observed.rackInletCelsius == reference.rackInletCelsius)
  }

  @Test("a facility at rest asks for nothing")
  func rest() throws {
    var facility = try makeFacility(makeSpec())
    facility.setRackITPower([3000, 3000, 3000, 3000], at: .zero)
    #expect(facility.nextTransition() == nil)
    facility.setRackITPower([3000, 3000, 3000, 3000], at: .hours(1))
    #expect(facility.nextTransition() == nil)
  }
}
