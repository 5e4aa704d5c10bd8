// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// Published and hand-made figures with 16 digits.
private let exactTolerance = 1e-9

/// A specification without losses, switches, fans or recirculation: only what a test puts in.
private func bareSpec(_ change: (inout FacilitySpec) -> Void = { _ in }) -> FacilitySpec {
  makeSpec { spec in
    let none = RelativeLosses(idle: 0, proportional: 0, square: 0)
    spec.distribution.pdu = none
    spec.distribution.ups = none
    spec.distribution.transformer = none
    spec.switches.rackSwitch = .zero
    spec.switches.spineCount = 0
    spec.cooling.fanPowerShare = 0
    spec.room.caseConductance = 0
    spec.room.buildingConductance = 0
    spec.room.aisleConductance = 0
    spec.room.recirculation = .layout(FloorLayout(racksPerRow: 10, recirculation: 0))
    change(&spec)
  }
}

@Suite("Heat and cooling in time")
struct FacilityHeatTests {
  /// Three racks of 0.25 m³/s (K = 301.5 W/K) at 3, 5 and 4 kW: Tang's equations solved by hand.
  @Test("racks at rest are at the temperatures of the recirculation case")
  func recirculationCase() throws {
    let spec = bareSpec {
      $0.room.rackAirflow = CubicMetresPerSecond(0.25)
      $0.room.recirculation = .matrix([[0.1, 0.05, 0], [0.05, 0.1, 0.05], [0, 0.05, 0.1]])
      $0.cooling.supplyTemperature = Celsius(18)
    }
    var facility = try makeFacility(spec, racks: 3)
    facility.setRackITPower([3000, 5000, 4000], at: .zero)
    let inlets = [20.215744374515737, 21.39915330181391, 20.584272106227544]
    let outlets = [30.16599313073464, 37.98290122884542, 33.851270447852755]
    for i in 0..<3 {
      #expect(abs(facility.rackInletCelsius[i] - inlets[i]) < exactTolerance)
      #expect(abs(facility.rackOutletCelsius[i] - outlets[i]) < exactTolerance)
    }
    // What the racks give off leaves with the return air: 12 kW at CoP(18 °C) = 2.6756.
    #expect(abs(facility.coolingPower.value - 12_000 / 2.6756) < 1e-6)
    // Everything is linear: supply at the red line less the highest rise puts one inlet on it.
    let highest = inlets.map { $0 - 18 }.max() ?? 0
    facility.setSupplyTemperature(Celsius(23.60084669818609), at: .zero)
    #expect(abs((facility.rackInletCelsius.max() ?? 0) - 27) < exactTolerance)
    #expect(abs(27 - highest - 23.60084669818609) < exactTolerance)
  }

  /// 10 kW in 0.75 m³/s of air: 10 000/(1.2·1005·0.75) = 11.06 K.
  @Test("a rack warms its air by P/(ρ·cp·V)")
  func rise() throws {
    let spec = bareSpec { $0.room.rackAirflow = CubicMetresPerSecond(0.75) }
    var facility = try makeFacility(spec, racks: 1, peak: 10_000)
    facility.setRackITPower([10_000], at: .zero)
    let rise = facility.rackOutletCelsius[0] - facility.rackInletCelsius[0]
    #expect(abs(rise - 10_000 / 904.5) < exactTolerance)
    #expect(abs(rise - 11.06) < 0.005)
  }

  /// Toy servers of a watt: the switch is nearly all the heat, and the rack's air is made for it.
  @Test("a rack of tiny servers is not roasted by its switch")
  func tinyServers() throws {
    var facility = try makeFacility(makeSpec(), racks: 3, peak: 1, servers: 1)
    facility.setRackITPower([1, 0, 1], at: .zero)
    for inlet in facility.rackInletCelsius { #expect((20...27).contains(inlet)) }
    #expect(facility.takeTransitions().isEmpty)
  }

  /// SimGrid's chiller example: 294 kg of air, 300 W of hosts and a fifth more from other devices, a
  /// chiller of efficiency 0.9 and at most 1 000 W. The heat is given off in the room.
  private func simGridRoom(heat: Double, start: Double, goal: Double) throws -> FacilityModel {
    let spec = bareSpec {
      $0.room.roomHeatCapacity = 294 * 1006
      $0.room.startTemperature = Celsius(start)
      $0.switches.spineCount = 1
      $0.switches.spineSwitch = Watts(heat)
      $0.cooling.distribution = .mixed(room: Celsius(goal))
      $0.cooling.units = 1
      $0.cooling.spareUnits = 0
      $0.cooling.unitAirflow = CubicMetresPerSecond(1)
      $0.cooling.machine = .crac(
        CRACUnits(
          curve: CoPCurve(quadratic: 0, linear: 0, constant: 0.9), capacity: Watts(900)))
    }
    return try makeFacility(spec, racks: 0)
  }

  @Test("SimGrid's chiller: 23 to 24 °C takes 821.57 s, then it draws 400 W")
  func simGridWarming() throws {
    var facility = try simGridRoom(heat: 360, start: 23, goal: 24)
    #expect(facility.coolingPower == .zero)
    facility.advance(to: .seconds(821.5))
    #expect(facility.returnTemperature < Celsius(24) && facility.coolingPower == .zero)
    facility.advance(to: .seconds(821.566667))
    #expect(abs(facility.returnTemperature.value - 24) < 1e-8)
    facility.advance(to: .seconds(821.57))
    #expect(abs(facility.coolingPower.value - 400) < 1e-6)
    facility.advance(to: .hours(2))
    #expect(abs(facility.returnTemperature.value - 24) < 1e-8)
    #expect(abs(facility.accounting.heatResidual) < exactTolerance)
  }

  /// 100 s with a job (384 W of heat) cost 42 666.67 J; SimGrid's 43 066.67 J include 1 s at 400 W.
  @Test("SimGrid's chiller: a job costs 426.67 W")
  func simGridJob() throws {
    var facility = try simGridRoom(heat: 384, start: 24, goal: 24)
    facility.advance(to: .seconds(100))
    #expect(abs(facility.coolingPower.value - 426.67) < 0.005)
    #expect(abs(facility.accounting.energyCooling.value + 400 - 43_066.67) < 0.005)
  }

  /// 294·1006/(900 − 360) = 547.711 s at 1 000 W.
  @Test("SimGrid's chiller: a goal of 23 °C is reached after 547.71 s at full power")
  func simGridCooling() throws {
    var facility = try simGridRoom(heat: 360, start: 24, goal: 23)
    #expect(abs(facility.coolingPower.value - 1000) < 1e-9)
    facility.advance(to: .seconds(547.711111))
    #expect(abs(facility.coolingPower.value - 1000) < 1e-9)
    #expect(abs(43_066.67 + facility.accounting.energyCooling.value - 590_777.78) < 0.01)
    // The switch waits for 1e−9 K more, which takes 0.5 µs.
    facility.advance(to: .seconds(547.712))
    #expect(abs(facility.returnTemperature.value - 23) < 1e-8)
    #expect(abs(facility.coolingPower.value - 400) < 1e-6)
  }

  /// Without cooling and walls, all heat stays: `ΣC·ΔT = P·t`.
  @Test("when all units fail the room keeps the heat, and racks pass every limit in turn")
  func totalFailure() throws {
    let spec = makeSpec {
      $0.room.buildingConductance = 0
      $0.cooling.failures = [.init(start: .minutes(10), end: .hours(10), units: 3)]
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
    facility.advance(to: .minutes(10))
    let before = facility.accounting
    facility.advance(to: .minutes(70))
    let after = facility.accounting
    #expect(after.heatRemoved == before.heatRemoved)
    let kept = after.heatStored - before.heatStored
    let generated = after.heatGenerated - before.heatGenerated
    #expect(abs(kept / generated - 1) < exactTolerance)
    // 4·(4 120 W + PDU) + 150 W for an hour over 4·(150 + 60 + 40) kJ/K: far above 60 °C.
    let mean = kept.value / (4 * 250_000)
    #expect(mean > 40 && facility.returnTemperature.value > 60)
    var kinds: [FacilityTransition.Kind] = []
    var times: [SimTime] = []
    for transition in facility.takeTransitions() where transition.rack == 0 {
      kinds.append(transition.kind)
      times.append(transition.at)
    }
    #expect(
      kinds == [
        .inletAboveRecommended, .inletAboveAllowable, .throttling, .criticalTemperature,
      ])
    #expect(times == times.sorted() && times[0] > .minutes(10))
    #expect(facility.rackSpeed(0) == 0.5)
    let above = after.inletAboveRecommendedSeconds[0]
    #expect(abs(above - (SimTime.minutes(70) - times[0]).seconds) < exactTolerance)
  }

  @Test("after a failure of one unit of three the others take what they can, and no more")
  func partialFailure() throws {
    let spec = makeSpec {
      $0.cooling.failures = [.init(start: .minutes(5), end: .hours(3), units: 2)]
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([5000, 5000, 5000, 5000], at: .zero)
    #expect(facility.takeTransitions().isEmpty)
    facility.advance(to: .hours(2))
    let transitions = facility.takeTransitions()
    #expect(
      transitions.contains { $0.kind == .coolingFailure && $0.begins && $0.at == .minutes(5) })
    #expect(transitions.contains { $0.kind == .coolingLimited && $0.begins })
    #expect(facility.supplyTemperature > Celsius(30))
    facility.advance(to: .hours(12))
    #expect(facility.takeTransitions().contains { $0.kind == .coolingLimited && !$0.begins })
    #expect(abs(facility.supplyTemperature.value - 20) < 1e-6)
    #expect(abs(facility.accounting.heatResidual) < exactTolerance)
  }

  /// Stored cold of 36 MJ carries a constant load for 36e6/load seconds.
  @Test("stored cold bridges a chiller failure for as long as it lasts")
  func rideThrough() throws {
    func run(storage: Double) throws -> (FacilityModel, Double) {
      var system = ChilledWaterSystem()
      system.storage = Joules(storage)
      let spec = makeSpec {
        $0.cooling.machine = .chilledWater(system)
        $0.cooling.failures = [
          .init(start: .hours(1), end: .hours(9), units: 0, keepsFans: true, chillers: 2)
        ]
      }
      var facility = try makeFacility(spec)
      facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
      facility.advance(to: .hours(1))
      // At rest all heat of the room, and the fans', goes into the coils.
      let load = facility.accounting.heatGenerated.value / 3600
      return (facility, load)
    }
    var (facility, load) = try run(storage: 36e6)
    _ = facility.takeTransitions()
    let end = 3600 + 36e6 / (load * 1.03)
    facility.advance(to: .seconds(end - 120))
    #expect(abs(facility.supplyTemperature.value - 20) < 1e-9)
    facility.advance(to: .seconds(3600 + 36e6 / load + 600))
    #expect(facility.supplyTemperature > Celsius(21))
    var (bare, _) = try run(storage: 0)
    bare.advance(to: .seconds(3600 + 60))
    #expect(bare.supplyTemperature > Celsius(21))
    facility.advance(to: .hours(20))
    #expect(abs(facility.accounting.electricityResidual) < exactTolerance)
    #expect(abs(facility.accounting.heatResidual) < exactTolerance)
  }

  @Test("warm inlets make fans turn faster and chips leak, and cooler ones end it")
  func inletResponse() throws {
    let spec = makeSpec {
      $0.room.response.steps = 6
      $0.room.response.start = Celsius(24)
      $0.room.response.leakage = 0.002
      $0.cooling.supplyRange = 15...32
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
    #expect(facility.itPowerTotal == Watts(16_000))
    facility.setSupplyTemperature(Celsius(30), at: .minutes(1))
    facility.advance(to: .minutes(31))
    #expect(facility.itPowerTotal > Watts(16_500))
    // More air goes through the racks: 16 kW warmed it by 9.6 K before.
    facility.advance(to: .hours(3))
    #expect(facility.rackOutletCelsius[0] - facility.rackInletCelsius[0] < 9)
    facility.setSupplyTemperature(Celsius(18), at: .hours(3))
    facility.advance(to: .hours(9))
    #expect(facility.itPowerTotal == Watts(16_000))
    #expect(abs(facility.accounting.heatResidual) < exactTolerance)
  }

  @Test("a rack that is off draws nothing, and its switch and fans rest")
  func rackOff() throws {
    var facility = try makeFacility(makeSpec())
    facility.setRackITPower([3000, 3000, 3000, 3000], at: .zero)
    facility.setRackPowered(2, false, at: .hours(1))
    facility.setRackITPower([3000, 3000, 80, 3000], at: .hours(1))
    #expect(facility.rackPowerWatts == [3120, 3120, 80, 3120])
    #expect(facility.networkPower == Watts(3 * 120 + 150))
    #expect(!facility.isRackRunning(2))
    // Without fans the controllers' 80 W leave through the case: 4 K above the room.
    facility.advance(to: .hours(12))
    #expect(
      abs(facility.rackOutletCelsius[2] - facility.returnTemperature.value - 4) < 0.1)
    facility.setRackPowered(2, true, at: .hours(13))
    #expect(facility.rackPowerWatts == [3120, 3120, 200, 3120])
    facility.advance(to: .hours(14))
    #expect(facility.accounting.rackOffSeconds == [0, 0, 12 * 3600, 0])
    #expect(abs(facility.accounting.heatResidual) < exactTolerance)
  }

  @Test("trim and respond raises the supply until racks complain, and stays within its range")
  func trimAndRespond() throws {
    let spec = makeSpec { $0.cooling.control = .trimAndRespond(TrimAndRespond()) }
    var facility = try makeFacility(spec)
    facility.setRackITPower([4500, 4500, 4500, 4500], at: .zero)
    facility.advance(to: .hours(6))
    let setPoint = facility.supplySetPoint.value
    #expect(setPoint > 21 && spec.cooling.supplyRange.contains(setPoint))
    #expect((25...26.6).contains(facility.rackInletCelsius.max() ?? 0))
    // An idle room may be as warm as the range allows, and then asks for no attention.
    facility.setRackITPower([0, 0, 0, 0], at: .hours(6))
    facility.advance(to: .hours(30))
    #expect(facility.supplySetPoint.value > setPoint)
  }

  @Test("return-air control holds the return temperature")
  func returnAir() throws {
    let spec = makeSpec {
      $0.cooling.control = .returnAir(ReturnAirControl(target: Celsius(30)))
      $0.cooling.supplyRange = 12...27
    }
    var facility = try makeFacility(spec)
    facility.setRackITPower([4500, 4500, 3000, 4500], at: .zero)
    facility.advance(to: .hours(8))
    #expect(abs(facility.returnTemperature.value - 30) < 0.01)
  }
}
