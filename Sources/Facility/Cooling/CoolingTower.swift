// SPDX-License-Identifier: Apache-2.0
public import Units

/// An evaporative cooling tower: how cold it makes the condenser water, and what it takes.
public struct CoolingTower: Sendable, Hashable, Codable {
  /// Kelvins by which the water leaves above the outdoor wet bulb.
  public var approach: Double
  /// The water is not made colder than this.
  public var minimumWater: Celsius
  /// Fan power over heat rejected. 0.0127: ASHRAE 90.1-2019, table 6.8.1-7, 40.2 gpm a horsepower
  /// at a range of 5.6 K.
  public var fanPowerShare: Double
  /// How much water it uses.
  public var water: WaterUse

  /// A tower.
  public init(
    approach: Double = 4, minimumWater: Celsius = Celsius(15.56), fanPowerShare: Double = 0.0127,
    water: WaterUse = .evaporation(EvaporativeWaterUse())
  ) {
    self.approach = approach
    self.minimumWater = minimumWater
    self.fanPowerShare = fanPowerShare
    self.water = water
  }

  /// Temperature of the water that leaves the tower.
  public func waterTemperature(wetBulb: Celsius) -> Celsius {
    max(wetBulb + approach, minimumWater)
  }
}

/// Water that a cooling tower uses.
public enum WaterUse: Sendable, Hashable, Codable {
  /// From the heat it rejects.
  case evaporation(EvaporativeWaterUse)
  /// The regression of SustainDC (`dc-rl`), independent of the heat: `(0.044·T_wb + 0.3528·range +
  /// 0.101)` m³/h, `T_wb` and `range` in °C and K, and the share `drift` on top.
  case regression(range: Double, drift: Double)

  /// Litres a second for the heat `rejected`.
  public func litresPerSecond(rejected: Watts, wetBulb: Celsius) -> Double {
    switch self {
    case .evaporation(let use): return use.litresPerSecond(rejected: rejected)
    case .regression(let range, let drift):
      let cubicMetresPerHour = max(0, 0.044 * wetBulb.value + 0.3528 * range + 0.101)
      return cubicMetresPerHour * (1 + drift) / 3.6
    }
  }
}

/// Water by heat balance: `Q·e/h` evaporates, `1/(c − 1)` of that is blown down to keep salts at
/// `c` times the make-up water's, and a share drifts away as drops.
public struct EvaporativeWaterUse: Sendable, Hashable, Codable {
  /// `e`: share of the heat that leaves by evaporation; the rest warms the air.
  public var evaporativeShare: Double
  /// `c`: cycles of concentration.
  public var cyclesOfConcentration: Double
  /// Drift over evaporation.
  public var driftShare: Double

  /// Latent heat of water at 25 °C in J/kg; a litre is a kilogram here.
  private static let latentHeat = 2.442e6

  /// A tower's water balance.
  public init(
    evaporativeShare: Double = 0.85, cyclesOfConcentration: Double = 4, driftShare: Double = 0.01
  ) {
    self.evaporativeShare = evaporativeShare
    self.cyclesOfConcentration = cyclesOfConcentration
    self.driftShare = driftShare
  }

  /// Litres a second for the heat `rejected`.
  public func litresPerSecond(rejected: Watts) -> Double {
    let evaporated = max(rejected.value, 0) * evaporativeShare / Self.latentHeat
    return evaporated * (1 + driftShare + 1 / (cyclesOfConcentration - 1))
  }
}
