// SPDX-License-Identifier: Apache-2.0
import Units

extension CoolingMachine {
  /// The machines, one line each.
  static func alternatives<Source: ParameterSource>() -> [Alternative<Source, CoolingMachine>] {
    [
      Alternative("crac", about: "direct expansion by CoP(T); Moore et al., USENIX ATC 2005") {
        .crac(CRACUnits(from: &$0))
      },
      Alternative("crah", about: "air handlers and chilled water; EnergyPlus chiller curves") {
        .chilledWater(ChilledWaterSystem(from: &$0))
      },
      Alternative("partial-pue", about: "cooling power linear in outdoor temperature") {
        .partialPUE(PartialPUE(from: &$0))
      },
    ]
  }

  /// Why the machine can't be, or nil.
  func defect(supplyRange: ClosedRange<Double>) -> String? {
    switch self {
    case .crac(let units):
      guard let t = units.curve.firstDefect(in: supplyRange) else { return nil }
      return "the CoP is not positive at a supply temperature of \(t) °C"
    case .chilledWater(let system):
      if system.chilledWater.value >= supplyRange.lowerBound {
        return "chilled water (\(system.chilledWater.value) °C) must be colder than the lowest "
          + "supply temperature (\(supplyRange.lowerBound) °C)"
      }
      if case .eir(let chiller) = system.chiller {
        return chiller.defect(evaporator: system.chilledWater)
      }
      return nil
    case .partialPUE: return nil
    }
  }
}

extension CRACUnits {
  init(from source: inout some ParameterSource) {
    curve = CoPCurve(from: &source)
    capacity = Watts(
      source.quantity(
        "capacity", .power, default: 0, in: 0...1e9,
        about: "heat that one unit takes; 0 W: sized for the racks"))
  }
}

extension PartialPUE {
  init(from source: inout some ParameterSource) {
    let standard = PartialPUE()
    slope = source.number(
      "slope", default: standard.slope, in: 0...1, about: "share of the heat a kelvin outdoors")
    intercept = source.number(
      "intercept", default: standard.intercept, in: 0...5, about: "share of the heat at 0 °C")
  }
}

extension ChilledWaterSystem {
  init<Source: ParameterSource>(from source: inout Source) {
    self.init()
    chiller = source.alternative(
      "chiller", default: "york-yt-1048kw", of: Chiller.alternatives(), about: "kind of chiller")
    count = source.integer("chillers", default: count, in: 1...1000, about: "chillers")
    chillerCapacity = Watts(
      source.quantity(
        "chillerCapacity", .power, default: 0, in: 0...1e9,
        about: "nominal heat that one chiller takes; 0 W: sized for the racks"))
    chilledWater = Celsius(
      source.quantity(
        "chilledWater", .temperature, default: chilledWater.value, in: 3...30,
        about: "temperature of the chilled water"))
    designRise = source.quantity(
      "waterRise", .temperatureDifference, default: designRise, in: 1...30,
      about: "kelvins by which the water warms at design")
    condenser = source.alternative(
      "condenser", default: "tower", of: Condenser.alternatives(),
      about: "what the chillers give their heat to")
    economiser = source.section(
      "waterEconomiser", about: "free cooling by the tower", readWaterSide)
    chilledWaterPumpShare = source.fraction(
      "chilledWaterPump", default: chilledWaterPumpShare, in: 0...0.3, about: "pump power over heat"
    )
    condenserPumpShare = source.fraction(
      "condenserPump", default: condenserPumpShare, in: 0...0.3,
      about: "pump power over rejected heat")
    coilEffectiveness = source.fraction(
      "coilEffectiveness", default: coilEffectiveness, in: 0.05...1,
      about: "effectiveness of the air handlers' coils at full flow")
    storage = Joules(
      source.quantity(
        "storage", .energy, default: 0, in: 0...1e15,
        about: "cold in tanks and pipes for when chillers stand still"))
    restartTime = source.time(
      "restartTime", default: restartTime, in: .zero ... .hours(10),
      about: "from the return of power until the chillers cool")
  }
}

private func readWaterSide(_ source: inout some ParameterSource) -> WaterEconomiser? {
  let standard = WaterEconomiser()
  let enabled = source.flag("enabled", default: false, about: "whether there is one")
  let approach = source.quantity(
    "approach", .temperatureDifference, default: standard.approach, in: 0...20,
    about: "kelvins lost over the heat exchanger")
  let minimum = source.quantity(
    "minimumWater", .temperature, default: standard.minimumWater.value, in: 0...30,
    about: "coldest water that the tower may make")
  return enabled ? WaterEconomiser(approach: approach, minimumWater: Celsius(minimum)) : nil
}

extension ChilledWaterSystem.Condenser {
  static func alternatives<Source: ParameterSource>() -> [Alternative<
    Source, ChilledWaterSystem.Condenser
  >] {
    [
      Alternative("tower", about: "water from an evaporative cooling tower") {
        .tower(CoolingTower(from: &$0))
      },
      Alternative("air", about: "outdoor air") {
        .air(
          approach: $0.quantity(
            "approach", .temperatureDifference, default: 0, in: 0...30,
            about: "kelvins above the dry bulb"))
      },
    ]
  }
}

extension CoolingTower {
  init<Source: ParameterSource>(from source: inout Source) {
    self.init()
    approach = source.quantity(
      "approach", .temperatureDifference, default: approach, in: 0.5...30,
      about: "kelvins by which the water leaves above the wet bulb")
    minimumWater = Celsius(
      source.quantity(
        "minimumWater", .temperature, default: minimumWater.value, in: 0...40,
        about: "coldest condenser water"))
    fanPowerShare = source.fraction(
      "fanPower", default: fanPowerShare, in: 0...0.3, about: "fan power over rejected heat")
    water = source.alternative(
      "water", default: "evaporation",
      of: [
        Alternative("evaporation", about: "heat balance with blow-down") {
          .evaporation(EvaporativeWaterUse(from: &$0))
        },
        Alternative("regression", about: "SustainDC's regression on the wet bulb") {
          let range = $0.quantity(
            "range", .temperatureDifference, default: 5.6, in: 0...30,
            about: "kelvins over the tower")
          let drift = $0.fraction("drift", default: 0.01, in: 0...1, about: "share lost as drops")
          return .regression(range: range, drift: drift)
        },
      ], about: "water that the tower uses")
  }
}

extension EvaporativeWaterUse {
  init(from source: inout some ParameterSource) {
    self.init()
    evaporativeShare = source.fraction(
      "evaporativeShare", default: evaporativeShare, in: 0...1,
      about: "share of the heat that leaves by evaporation")
    cyclesOfConcentration = source.number(
      "cyclesOfConcentration", default: cyclesOfConcentration, in: 1.1...50,
      about: "salt in the tower's water over that in the make-up")
    driftShare = source.fraction(
      "drift", default: driftShare, in: 0...1, about: "water lost as drops over evaporation")
  }
}

extension Chiller {
  /// The chillers, one line each.
  static func alternatives<Source: ParameterSource>() -> [Alternative<Source, Chiller>] {
    [
      Alternative("york-yt-1048kw", about: "centrifugal, water-cooled, CoP 6.06; EnergyPlus data") {
        _ in .eir(.yorkYT1048)
      },
      Alternative("mcquay-wsc-471kw", about: "centrifugal, water-cooled, CoP 5.89; EnergyPlus data")
      {
        _ in .eir(.mcQuayWSC471)
      },
      Alternative("eir", about: "energy-input-ratio curves that are given here (EnergyPlus)") {
        .eir(EIRChiller(from: &$0))
      },
      Alternative("electric", about: "temperature-difference curves (BLAST), air-cooled by default")
      {
        .electric(ElectricChiller(from: &$0))
      },
    ]
  }
}

extension ElectricChiller {
  init(from source: inout some ParameterSource) {
    self.init(nominalCapacity: Watts(1e6), nominalCoP: 3.2)
    nominalCoP = source.number("cop", default: nominalCoP, in: 0.1...20, about: "nominal CoP")
    designCondenser = Celsius(
      source.quantity(
        "designCondenser", .temperature, default: designCondenser.value, in: 0...60,
        about: "condenser entering temperature at design"))
    designEvaporator = Celsius(
      source.quantity(
        "designEvaporator", .temperature, default: designEvaporator.value, in: 0...30,
        about: "chilled water temperature at design"))
    temperatureRise = source.number(
      "temperatureRise", default: temperatureRise, in: 0.1...20,
      about: "kelvins of condenser temperature that weigh as one of the evaporator's")
  }
}
