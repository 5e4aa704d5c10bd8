// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// The bound on both books.
private let bookTolerance = 1e-9

/// A facility in which features are on or off at random, and a random way to drive it.
private struct SwarmCase {
  let spec: FacilitySpec
  let racks: Int
  var random: TestRandom

  init(seed: UInt64) {
    var random = TestRandom(seed: seed)
    func coin(_ share: Double = 0.5) -> Bool { random.number(in: 0...1) < share }
    racks = 1 + Int(random.next() % 9)
    spec = makeSpec { spec in
      Self.shapeCooling(&spec, &random)
      if coin() { spec.room.response.steps = Int(random.next() % 9) }
      if coin() { spec.room.response.leakage = 0.003 }
      if coin(0.3) { spec.room.idleFanSpeed = 0.4 }
      if coin(0.3) { spec.room.caseConductance = 15 }
      if coin(0.3) { spec.room.envelopeConductance = 80 }
      if coin(0.3) { spec.room.startTemperature = Celsius(random.number(in: 10...30)) }
      if coin(0.3) { spec.distribution.redundancy = .twoN }
      if coin(0.3) { spec.distribution.branchRating = Watts(4500) }
      spec.distribution.hasGenerator = coin()
      spec.distribution.upsHeatsRoom = coin()
      if coin(0.4) {
        let start = SimTime.seconds(random.number(in: 1000...9000))
        spec.distribution.outages = [
          .init(
            start: start, end: start + .seconds(random.number(in: 10...3000)),
            keepsCooling: coin())
        ]
      }
    }
    self.random = random
  }

  private static func shapeCooling(_ spec: inout FacilitySpec, _ random: inout TestRandom) {
    func coin(_ share: Double = 0.5) -> Bool { random.number(in: 0...1) < share }
    let kind = random.next() % 4
    if kind == 1 || kind == 2 {
      var system = ChilledWaterSystem()
      system.storage = Joules(coin() ? random.number(in: 1e6...2e7) : 0)
      system.economiser = coin() ? WaterEconomiser() : nil
      spec.cooling.machine = .chilledWater(system)
    } else if kind == 3 {
      spec.cooling.machine = .partialPUE(PartialPUE())
    }
    if coin(0.3) { spec.cooling.airEconomiser = AirEconomiser() }
    if coin(0.3) { spec.cooling.control = .trimAndRespond(TrimAndRespond()) }
    if coin(0.2) { spec.cooling.control = .returnAir(ReturnAirControl()) }
    if coin(0.2) { spec.cooling.distribution = .mixed(room: Celsius(24)) }
    spec.cooling.hasVariableFans = coin()
    spec.cooling.supplyTemperature = Celsius(random.number(in: 16...27))
    if coin() {
      let start = SimTime.seconds(random.number(in: 500...6000))
      spec.cooling.failures = [
        .init(
          start: start, end: start + .seconds(random.number(in: 10...4000)),
          units: Int(random.next() % 4), keepsFans: coin(), chillers: Int(random.next() % 3))
      ]
    }
    spec.site.weather = .constant(
      SiteConditions(
        dryBulb: Celsius(random.number(in: -10...38)),
        relativeHumidity: random.number(in: 0.2...0.9)))
  }

  /// Drives the facility for three hours; `look` is called after every change and every event.
  mutating func run(_ look: (inout FacilityModel) -> Void) throws -> (
    FacilityModel, [FacilityTransition]
  ) {
    var facility = try makeFacility(spec, racks: racks)
    var transitions: [FacilityTransition] = []
    var time = SimTime.zero
    while time < .hours(3) {
      let next = time + .seconds(random.number(in: 1...900))
      let watts = (0..<racks).map { _ in random.number(in: 0...5200) }
      let choice = random.next() % 10
      let rack = Int(random.next() % UInt64(racks))
      let wish = Celsius(random.number(in: 14...28))
      switch choice {
      case 0: facility.setSupplyTemperature(wish, at: time)
      case 1: facility.setRackPowered(rack, false, at: time)
      case 2: facility.setRackPowered(rack, true, at: time)
      case 3: facility.closeBreaker(rack, at: time)
      case 4: facility.setFailedCoolingUnits(rack % 3, at: time)
      default: facility.setRackITPower(watts, at: time)
      }
      look(&facility)
      while let event = facility.nextTransition(), event < next {
        facility.advance(to: event)
        look(&facility)
      }
      facility.advance(to: next)
      transitions += facility.takeTransitions()
      time = next
    }
    return (facility, transitions)
  }
}

@Suite("Any facility, driven at random")
struct FacilitySwarmTests {
  /// Features on and off at random (seed in the failure): books close at every event, and whoever
  /// looks at every second sees the same history as who never looks.
  @Test(
    "books close at every event, and looking changes nothing",
    arguments: 1...60 as ClosedRange<UInt64>)
  func swarm(seed: UInt64) throws {
    var observed = SwarmCase(seed: seed)
    var silent = observed
    var worst = 0.0
    let (first, transitions) = try observed.run { facility in
      let books = facility.accounting
      worst = max(worst, abs(books.electricityResidual), abs(books.heatResidual))
    }
    #expect(worst < bookTolerance, "seed \(seed)")
    // What is no rack's is the spine's, which draws all the time unless power is lost.
    let books = first.accounting
    let racks = books.rackEnergies.reduce(Joules.zero) { $0 + $1 }
    let spine = books.energyIt + books.energyNetwork - racks
    let most = first.spec.switches.spinePower(rackCount: first.racks.count) * books.elapsed
    #expect(spine.value > -bookTolerance * racks.value)
    #expect(spine.value < most.value * (1 + bookTolerance) + bookTolerance * racks.value)
    let (second, expected) = try silent.run { _ in }
    #expect(transitions == expected, "seed \(seed)")
    #expect(first.accounting == second.accounting, "seed \(seed)")
    #expect(first.rackInletCelsius == second.rackInletCelsius)
    for temperature in first.rackInletCelsius + first.rackOutletCelsius {
      #expect(temperature.isFinite && temperature > -40 && temperature < 400)
    }
    #expect(first.accounting.pue.isNaN || first.accounting.energyTotal >= .zero)
  }
}
