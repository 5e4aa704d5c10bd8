// SPDX-License-Identifier: Apache-2.0
import Units

// A chiller whose curves the scenario gives, e.g. any record of EnergyPlus' `Chillers.idf`.
extension EIRChiller {
  /// Reads the curves; those that are left out are York's.
  init<Source: ParameterSource>(from source: inout Source) {
    self = .yorkYT1048
    referenceCoP = source.number(
      "cop", default: referenceCoP, in: 0.1...20, about: "CoP at the reference point")
    capacityByTemperature = Self.biquadratic(
      "capacityByTemperature", capacityByTemperature, "capacity over temperatures (CAPFT)",
      &source)
    inputRatioByTemperature = Self.biquadratic(
      "inputRatioByTemperature", inputRatioByTemperature, "input over temperatures (EIRFT)",
      &source)
    let byLoad = inputRatioByLoad
    inputRatioByLoad = source.section(
      "inputRatioByLoad", about: "input over the part-load ratio (EIRFPLR)"
    ) { section in
      ["constant", "linear", "square"].enumerated().map {
        section.number($1, default: byLoad[$0], in: -100...100, about: "coefficient \($0 + 1)")
      }
    }
    minimumPartLoad = source.fraction(
      "minimumPartLoad", default: minimumPartLoad, in: 0.001...1,
      about: "part load below which it cycles")
    evaporatorRange = Self.range(
      "Evaporator", evaporatorRange, "water leaving for which the curves hold", &source)
    condenserRange = Self.range(
      "Condenser", condenserRange, "condenser entering for which the curves hold", &source)
  }

  private static func biquadratic<Source: ParameterSource>(
    _ key: String, _ fallback: [Double], _ about: String, _ source: inout Source
  ) -> [Double] {
    let names = [
      "constant", "evaporator", "evaporatorSquare", "condenser", "condenserSquare", "product",
    ]
    return source.section(key, about: about) { section in
      names.enumerated().map {
        section.number($1, default: fallback[$0], in: -100...100, about: "coefficient \($0 + 1)")
      }
    }
  }

  private static func range(
    _ side: String, _ fallback: ClosedRange<Double>, _ about: String,
    _ source: inout some ParameterSource
  ) -> ClosedRange<Double> {
    let lowest = source.quantity(
      "minimum" + side, .temperature, default: fallback.lowerBound, in: -30...80,
      about: "lowest " + about)
    let highest = source.quantity(
      "maximum" + side, .temperature, default: fallback.upperBound, in: -30...80,
      about: "highest " + about)
    if lowest > highest {
      source.problem("minimum" + side, "must not be above \"maximum\(side)\"")
    }
    return min(lowest, highest)...max(lowest, highest)
  }

  /// Why no machine has these curves when water leaves at `evaporator`, or nil.
  func defect(evaporator: Celsius) -> String? {
    let d = inputRatioByLoad
    func byLoad(_ x: Double) -> Double { d[0] + (d[1] + d[2] * x) * x }
    guard byLoad(minimumPartLoad) > 0 else {
      return "the chiller's input at part load is not positive"
    }
    // A parabola runs one way where its slopes at both ends are of one sign.
    guard d[1] + 2 * d[2] * minimumPartLoad >= 0, d[1] + 2 * d[2] >= 0 else {
      return "the chiller's power would fall with more load"
    }
    for condenser in condenserSamples {
      let capacity = availableCapacity(evaporator: evaporator, condenser: Celsius(condenser))
      guard capacity.value > 0 else {
        return "the chiller has no capacity at \(condenser) °C condenser temperature"
      }
      guard inputRatio(evaporator: evaporator, condenser: Celsius(condenser)) > 0 else {
        return "the chiller's CoP is not positive at \(condenser) °C condenser temperature"
      }
    }
    return risingEfficiency(evaporator: evaporator).map {
      "the chiller's efficiency would rise with outdoor heat from \($0) °C condenser "
        + "temperature on, with water at \(evaporator.value) °C"
    }
  }
}
