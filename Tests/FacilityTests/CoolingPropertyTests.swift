// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// Room for rounding where a curve is flat.
private let flat = 1e-9

@Suite("No curve runs the wrong way")
struct CoolingPropertyTests {
  private func air(_ dryBulb: Double, _ humidity: Double = 0.5) -> SiteConditions {
    SiteConditions(dryBulb: Celsius(dryBulb), relativeHumidity: humidity)
  }

  /// Every machine that can be configured by default, and variants of its parts.
  static let machines: [CoolingMachine] = [
    .crac(CRACUnits(capacity: Watts(1e6))),
    .crac(CRACUnits(curve: CoPCurve(outdoorLoss: 0.015), capacity: Watts(1e6))),
    .partialPUE(PartialPUE()),
    .chilledWater(
      ChilledWaterSystem(chiller: .eir(.yorkYT1048), count: 2, chillerCapacity: Watts(1e6))),
    .chilledWater(
      ChilledWaterSystem(chiller: .eir(.yorkYT1048), count: 1, economiser: WaterEconomiser())),
    .chilledWater(
      ChilledWaterSystem(
        chiller: .electric(ElectricChiller(nominalCapacity: Watts(1e6), nominalCoP: 3.2)),
        count: 2, condenser: .air(approach: 0))),
  ]

  @Test("cooling costs no less when it is hotter outdoors", arguments: machines.indices)
  func outdoor(index: Int) {
    for load in stride(from: 50_000.0, through: 750_000, by: 100_000) {
      var last = -Double.infinity
      for tenth in -200...450 {
        let draw = Self.machines[index].draw(
          load: load, supply: Celsius(20), site: air(Double(tenth) / 10))
        #expect(draw.watts >= last - flat * draw.watts, "\(load) W at \(Double(tenth) / 10) °C")
        last = draw.watts
      }
    }
  }

  @Test("more heat costs no less power and no less water", arguments: machines.indices)
  func load(index: Int) {
    for outdoor in [-10.0, 5, 18, 27, 38] {
      var watts = 0.0
      var litres = 0.0
      for step in 1...150 {
        let draw = Self.machines[index].draw(
          load: 5000 * Double(step), supply: Celsius(20), site: air(outdoor))
        #expect(draw.watts > watts && draw.litresPerSecond >= litres)
        watts = draw.watts
        litres = draw.litresPerSecond
      }
    }
  }

  @Test("warmer supply air costs a CRAC no more")
  func supply() {
    var last = Double.infinity
    for tenth in 100...350 {
      let draw = Self.machines[0].draw(
        load: 1e5, supply: Celsius(Double(tenth) / 10), site: air(20))
      #expect(draw.watts <= last)
      last = draw.watts
    }
  }

  @Test("chillers: at equal part load the CoP falls with condenser temperature")
  func chillers() {
    let york = EIRChiller.yorkYT1048
    for evaporator in [5.0, 7, 8.5, 12] {
      #expect(york.risingEfficiency(evaporator: Celsius(evaporator)) == nil)
    }
    // The oracle's chiller is right where it is tested, and would be refused at 7 °C.
    #expect(EIRChiller.mcQuayWSC471.risingEfficiency(evaporator: Celsius(10)) == nil)
    #expect(EIRChiller.mcQuayWSC471.risingEfficiency(evaporator: Celsius(7)) != nil)
    for plr in [0.2, 0.5, 1] {
      var last = Double.infinity
      for condenser in stride(from: 15.6, through: 35, by: 0.2) {
        let capacity = york.availableCapacity(evaporator: Celsius(8), condenser: Celsius(condenser))
        let power = york.power(
          load: capacity * plr, evaporator: Celsius(8), condenser: Celsius(condenser))
        let cop = capacity * plr / power
        #expect(cop <= last)
        last = cop
      }
    }
  }

  @Test("fans cost more the more air they move", arguments: [2.6, 3])
  func fans(exponent: Double) {
    let fan = FanLaw(referencePower: Watts(1000), exponent: exponent)
    var last = -1.0
    for step in 0...100 {
      let power = fan.power(at: Double(step) / 100).value
      #expect(power > last)
      last = power
    }
    #expect(fan.power(at: 0) == .zero && fan.power(at: 1) == Watts(1000))
  }

  @Test("economisers do less the warmer and damper it is")
  func economisers() {
    let water = WaterEconomiser()
    var last = 1.0
    for wetBulb in -10...30 {
      let share = water.share(
        wetBulb: Celsius(Double(wetBulb)), towerApproach: 4, chilledWater: Celsius(10),
        designRise: 6.67)
      #expect(share <= last && (0...1).contains(share))
      last = share
    }
    #expect(last == 0)
    let dampers = AirEconomiser()
    #expect(dampers.usableAir(air(10, 0.5)) == Celsius(11))
    #expect(dampers.usableAir(air(25, 0.9)) == nil)
    #expect(dampers.usableAir(air(-20, 0.3)) == nil)
  }

  @Test("a tower's water gets no colder, and no less of it is used, the damper it is")
  func towers() {
    let uses: [WaterUse] = [
      .evaporation(EvaporativeWaterUse()), .regression(range: 5.6, drift: 0.01),
    ]
    for use in uses {
      let tower = CoolingTower(water: use)
      var last = (water: -Double.infinity, litres: 0.0)
      for tenth in -200...320 {
        let wetBulb = Celsius(Double(tenth) / 10)
        let water = tower.waterTemperature(wetBulb: wetBulb).value
        let litres = use.litresPerSecond(rejected: Watts(1e6), wetBulb: wetBulb)
        #expect(water >= last.water && water >= wetBulb.value + tower.approach)
        #expect(litres >= last.litres && litres > 0)
        #expect(use.litresPerSecond(rejected: Watts(2e6), wetBulb: wetBulb) >= litres)
        last = (water, litres)
      }
    }
    // The more salt may be left in the water, the less of it is blown down.
    let make = [2.0, 3, 5, 10].map {
      EvaporativeWaterUse(cyclesOfConcentration: $0).litresPerSecond(rejected: Watts(1e6))
    }
    #expect(make == make.sorted(by: >))
  }

  @Test("servers draw no less in warmer air, by fans and by leakage", arguments: [0.0, 0.003])
  func warmAir(leakage: Double) throws {
    var last = 16_000.0
    for supply in 20...34 {
      let spec = makeSpec {
        $0.room.response.steps = 8
        $0.room.response.leakage = leakage
        $0.cooling.supplyRange = 15...35
        $0.cooling.supplyTemperature = Celsius(Double(supply))
      }
      var facility = try makeFacility(spec)
      facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
      facility.advance(to: .hours(6))
      #expect(facility.itPowerTotal.value >= last)
      last = facility.itPowerTotal.value
    }
    #expect(last > 17_000)
  }

  @Test("a wet bulb lies between dew point and dry bulb, and rises with humidity")
  func wetBulb() {
    for dry in stride(from: -15.0, through: 45, by: 5) {
      var last = -Double.infinity
      for percent in stride(from: 5.0, through: 100, by: 5) {
        let air = air(dry, percent / 100)
        #expect(air.wetBulb.value >= air.dewPoint.value - flat && air.wetBulb.value <= dry + flat)
        #expect(air.wetBulb.value > last)
        last = air.wetBulb.value
      }
    }
  }
}
