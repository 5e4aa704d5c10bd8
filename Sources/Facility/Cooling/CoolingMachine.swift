// SPDX-License-Identifier: Apache-2.0
public import Units

/// What takes the heat out of the air: one kind of machine for the whole room.
public enum CoolingMachine: Sendable, Hashable, Codable {
  /// Computer-room air conditioners with compressors of their own.
  case crac(CRACUnits)
  /// Air handlers fed by chillers.
  case chilledWater(ChilledWaterSystem)
  /// Cooling power as a share of the heat, straight from the weather.
  case partialPUE(PartialPUE)
}

/// Direct-expansion units described by their coefficient of performance.
public struct CRACUnits: Sendable, Hashable, Codable {
  /// CoP against supply temperature.
  public var curve: CoPCurve
  /// Heat that one unit can take; zero means "sized for the racks".
  public var capacity: Watts

  /// Units of one kind.
  public init(curve: CoPCurve = CoPCurve(), capacity: Watts = .zero) {
    self.curve = curve
    self.capacity = capacity
  }
}

/// `P = Q·max(0, slope·T_outdoor + intercept)`: the lines that Wang et al., "CloudNet" studies use,
/// 0.0036·T + 0.064 with free air and 0.0064·T + 0.075 with compressors.
public struct PartialPUE: Sendable, Hashable, Codable {
  /// Per kelvin.
  public var slope: Double
  /// At 0 °C.
  public var intercept: Double

  /// A line; the defaults are those with compressors.
  public init(slope: Double = 0.0064, intercept: Double = 0.075) {
    self.slope = slope
    self.intercept = intercept
  }

  /// Cooling power over heat.
  public func share(outdoor: Celsius) -> Double { max(0, slope * outdoor.value + intercept) }
}

/// Power and water that a machine draws at one moment.
package struct PlantDraw: Sendable, Hashable, Codable {
  /// Electric power in W.
  package var watts: Double
  /// Water in litres a second.
  package var litresPerSecond: Double
}

extension CoolingMachine {
  /// The draw for taking `load` watts out of air that leaves at `supply`.
  package func draw(load: Double, supply: Celsius, site: SiteConditions) -> PlantDraw {
    guard load > 0 else { return PlantDraw(watts: 0, litresPerSecond: 0) }
    switch self {
    case .crac(let units):
      let cop = units.curve.coefficient(supply: supply, outdoor: site.dryBulb)
      return PlantDraw(watts: load / cop, litresPerSecond: 0)
    case .chilledWater(let system): return system.draw(load: load, site: site)
    case .partialPUE(let line):
      return PlantDraw(watts: load * line.share(outdoor: site.dryBulb), litresPerSecond: 0)
    }
  }

  /// The draw while stored cold does the work: only what moves the water.
  package func drawFromStorage(load: Double) -> PlantDraw {
    guard case .chilledWater(let system) = self, load > 0 else {
      return PlantDraw(watts: 0, litresPerSecond: 0)
    }
    return PlantDraw(watts: load * system.chilledWaterPumpShare, litresPerSecond: 0)
  }

  /// Heat in W that the machines can take out of the air, `units` of them working.
  package func capacity(units: Int, site: SiteConditions) -> Double {
    switch self {
    case .crac(let machine): machine.capacity.value * Double(units)
    case .chilledWater(let system): units > 0 ? system.capacity(site: site) : 0
    case .partialPUE: units > 0 ? 1e15 : 0
    }
  }
}
