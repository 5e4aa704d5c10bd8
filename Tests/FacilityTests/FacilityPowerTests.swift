// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// Books and closed forms.
private let exactTolerance = 1e-9

@Suite("Mains, batteries and breakers in time")
struct FacilityPowerTests {
  /// Rated at 2 kW, loaded with 2.4 kW from cold: trips after `400·ln(1.44/0.44)` s.
  @Test("an overloaded branch trips by its curve, and its rack falls silent")
  func breaker() throws {
    let spec = makeSpec {
      $0.distribution.branchRating = Watts(2000)
      $0.switches.rackSwitch = .zero
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([2400, 1700, 1500, 0], at: .zero)
    let alarms = facility.takeTransitions()
    #expect(alarms.map(\.kind) == [.branchAlarm, .branchAlarm] && alarms.map(\.rack) == [0, 1])
    facility.advance(to: .hours(2))
    let trip = try #require(facility.takeTransitions().first { $0.kind == .breakerOpen })
    #expect(trip.rack == 0)
    #expect(abs(trip.at.seconds - 400 * testLogarithm(1.44 / 0.44)) < 2e-9)
    #expect(facility.rackPowerWatts == [0, 1700, 1500, 0])
    #expect(!facility.isBreakerClosed(0) && facility.isBreakerClosed(1))
    let energy = facility.accounting.energyIt.value
    let expected = 2400 * trip.at.seconds + 3200 * 7200
    #expect(abs(energy - expected) < exactTolerance * expected)
    facility.setRackITPower([500, 1700, 1500, 0], at: .hours(2))
    #expect(facility.rackPowerWatts[0] == 0)
    facility.closeBreaker(0, at: .hours(3))
    facility.setRackITPower([600, 1700, 1500, 0], at: .hours(3))
    #expect(facility.rackPowerWatts[0] == 600)
  }

  private func outage(generator: Bool, minutes: Int, cooling: Bool = false) throws -> FacilityModel
  {
    let spec = makeSpec {
      $0.distribution.outages = [
        .init(start: .hours(1), end: .hours(1) + .minutes(minutes), keepsCooling: cooling)
      ]
      $0.distribution.hasGenerator = generator
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
    return facility
  }

  @Test("a battery carries the load until it is empty, then everything is dark until power returns")
  func emptyBattery() throws {
    var facility = try outage(generator: false, minutes: 60, cooling: true)
    facility.advance(to: .hours(1))
    let stored = facility.batteryEnergy.value
    // The load of the UPS at rest; cooling stays on the mains here.
    let chain = facility.itPowerTotal.value + facility.networkPower.value
    facility.advance(to: .hours(1) + .seconds(1))
    let load = (stored - facility.batteryEnergy.value) * 0.95
    #expect(load > chain)
    facility.advance(to: .hours(3))
    let transitions = facility.takeTransitions()
    let lost = try #require(transitions.first { $0.kind == .powerLost && $0.begins })
    #expect(abs(lost.at.seconds - 3600 - stored * 0.95 / load) < 1e-6)
    #expect(transitions.contains { $0.kind == .powerLost && !$0.begins && $0.at == .hours(2) })
    #expect(facility.rackPowerWatts == [120, 120, 120, 120])
    let dark = 7200 - lost.at.seconds
    for seconds in facility.accounting.rackOffSeconds { #expect(abs(seconds - dark) < 1e-6) }
    #expect(abs(facility.accounting.electricityResidual) < exactTolerance)
    #expect(abs(facility.accounting.heatResidual) < exactTolerance)
  }

  @Test("a generator takes over, and the battery is filled again afterwards")
  func generator() throws {
    var facility = try outage(generator: true, minutes: 30)
    facility.advance(to: .hours(1) + .seconds(10))
    #expect(facility.totalPower == .zero)
    facility.advance(to: .hours(1) + .seconds(29))
    let low = facility.batteryEnergy
    facility.advance(to: .hours(12))
    let power: Set<FacilityTransition.Kind> = [
      .onBattery, .onGenerator, .coolingFailure, .powerLost,
    ]
    let kinds = facility.takeTransitions().filter { power.contains($0.kind) }
      .map { "\($0.kind.rawValue) \($0.begins) \($0.at)" }
    #expect(
      kinds
        == [
          "onBattery true 01:00:00", "coolingFailure true 01:00:00", "onBattery false 01:00:30",
          "onGenerator true 01:00:30", "coolingFailure false 01:00:30",
          "onGenerator false 01:30:00",
        ])
    #expect(facility.batteryEnergy > low)
    #expect(abs(facility.accounting.energyBatteryStored.value) < 1e-3)
    #expect(abs(facility.accounting.electricityResidual) < exactTolerance)
  }

  @Test("outages that overlap are one")
  func overlappingOutages() throws {
    let spec = makeSpec {
      $0.distribution.hasGenerator = false
      $0.distribution.batteryTime = .hours(2)
      $0.distribution.outages = [
        .init(start: .minutes(20), end: .minutes(40)), .init(start: .minutes(5), end: .minutes(30)),
        .init(start: .minutes(50), end: .minutes(51)),
      ]
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([1000, 1000, 1000, 1000], at: .zero)
    facility.advance(to: .hours(1))
    let battery = facility.takeTransitions().filter { $0.kind == .onBattery }
    #expect(battery.map(\.at) == [5, 40, 50, 51].map { .minutes($0) })
    #expect(battery.map(\.begins) == [true, false, true, false])
  }

  @Test("budgets of racks come and go, and the lowest counts")
  func rackCaps() throws {
    let spec = makeSpec {
      $0.distribution.rackCaps = [
        .init(start: .minutes(10), end: .minutes(40), power: Watts(3000)),
        .init(start: .minutes(20), end: .minutes(30), power: Watts(2000)),
      ]
    }
    var facility = try makeFacility(spec)
    var seen: [Double?] = []
    for minutes in [5, 15, 25, 35, 45] {
      facility.advance(to: .minutes(minutes))
      seen.append(facility.rackPowerCap?.value)
    }
    #expect(seen == [nil, 3000, 2000, 3000, nil])
    let caps = facility.takeTransitions().filter { $0.kind == .powerCap }
    #expect(caps.map(\.at) == [10, 20, 30, 40].map { .minutes($0) })
    #expect(caps.map(\.begins) == [true, true, true, false])
  }

  @Test("diesel is dirtier than the grid, and only while it runs")
  func generatorCarbon() throws {
    var clean = try outage(generator: true, minutes: 0 + 30)
    clean.advance(to: .hours(1))
    let before = clean.accounting
    clean.advance(to: .hours(1) + .seconds(30))
    #expect(clean.accounting.carbonGrams == before.carbonGrams)
    clean.advance(to: .hours(1) + .minutes(30))
    let during = clean.accounting
    let kilowattHours = (during.energyTotal - before.energyTotal).kilowattHours
    let grams = during.carbonGrams - before.carbonGrams
    #expect(abs(grams / kilowattHours - 700) < 1e-6)
  }

  /// SimGrid's exec-co2: 6.3 MJ at 91.48, 3.6 MJ at 33.45 and 0.18 MJ at 403.65 g/kWh.
  @Test(
    "carbon is energy times intensity",
    arguments: [(6.3e6, 91.48, 160.09), (3.6e6, 33.45, 33.45), (0.18e6, 403.65, 20.1825)])
  func carbon(joules: Double, intensity: Double, grams: Double) throws {
    let spec = makeSpec {
      $0.site.carbonIntensity = .constant(intensity)
      $0.site.price = .constant(0.25)
    }
    var facility = try makeFacility(spec)
    let power = facility.totalPower.value
    facility.advance(to: .seconds(joules / power))
    let books = facility.accounting
    #expect(abs(books.energyTotal.value - joules) < 1e-3)
    #expect(abs(books.carbonGrams - grams) < 1e-4 * grams)
    #expect(abs(books.costEnergy - books.energyTotal.kilowattHours * 0.25) < 1e-9)
  }

  /// A constant facility under a series of hours: the sum of the hours it was in.
  @Test("series are integrated step by step, from the run's date on")
  func seriesIntegral() throws {
    let text =
      "timestamp,carbon_intensity\n2024-01-01T00:00:00Z,100\n2024-01-01T01:00:00Z,400\n"
      + "2024-01-01T01:15:00Z,0\n2024-01-01T02:00:00Z,1000\n"
    var spec = makeSpec()
    spec.site.startEpochSeconds = CivilTime.epochSeconds("2024-01-01T01:30:00+01:00")
    var inputs = FacilityInputs(fileless: spec.site)
    inputs.carbonIntensity = try SeriesReader.carbonIntensity(text, file: "x")
    var facility = try FacilityModel(
      spec: spec, racks: [FacilityRack(peakPower: Watts(5000), servers: 10)], inputs: inputs)
    facility.setRackITPower([3000], at: .zero)
    let kilowatts = facility.totalPower.value / 1000
    facility.advance(to: .minutes(100))
    // 30 min of 100, 15 of 400, 45 of 0, 10 of 1000.
    let expected = kilowatts * (0.5 * 100 + 0.25 * 400 + 1000.0 / 6)
    #expect(abs(facility.accounting.carbonGrams - expected) < exactTolerance * expected)
  }

  @Test("the cost of a run is energy, water, carbon and peak")
  func costs() throws {
    let spec = makeSpec {
      $0.cooling.machine = .chilledWater(ChilledWaterSystem())
      $0.site.price = .constant(0.3)
      $0.site.waterPrice = 4
      $0.site.carbonPrice = 80
      $0.site.peakPrice = 12
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([4000, 1000, 3000, 500], at: .zero)
    facility.advance(to: .hours(10))
    let books = facility.accounting
    #expect(books.waterLitres > 0)
    let expected =
      books.energyTotal.kilowattHours * 0.3 + books.waterLitres / 1000 * 4
      + books.carbonGrams / 1e6 * 80 + books.facilityPeak.value / 1000 * 12
    #expect(abs(books.costTotal - expected) < exactTolerance * expected)
    #expect(abs(books.facilityPeak.value - facility.totalPower.value) < 1e-6)
    #expect((0.5...4).contains(books.wueLitresPerKilowattHour))
  }

  @Test("2N doubles idle losses, and shares square-law ones")
  func redundancy() throws {
    func loss(_ redundancy: Redundancy) throws -> Double {
      var facility = try makeFacility(makeSpec { $0.distribution.redundancy = redundancy })
      facility.setRackITPower([2000, 2000, 2000, 2000], at: .zero)
      return facility.distributionLoss.value
    }
    #expect(try loss(.none) < loss(.nPlusOne) && loss(.nPlusOne) < loss(.twoN))
  }
}
