// SPDX-License-Identifier: Apache-2.0
public import Units

/// Cooling with outdoor air (dampers open instead of compressors running).
///
/// Outdoor air that is led in gains `approach` kelvins in fans and ducts: `T_o' = T_o + approach`.
/// At or below the supply set point it does all the cooling; up to the return temperature it does
/// the share `(T_return − T_o')/(T_return − T_supply)`. Dew points outside the limits keep the
/// dampers shut.
public struct AirEconomiser: Sendable, Hashable {
  /// Kelvins gained on the way in.
  public var approach: Double
  /// Dew points that the servers bear.
  public var dewPointRange: ClosedRange<Double>

  /// An economiser; the default limits are ASHRAE's recommended dew points (−9 to 15 °C, 2021).
  public init(approach: Double = 1, dewPointRange: ClosedRange<Double> = -9...15) {
    self.approach = approach
    self.dewPointRange = dewPointRange
  }

  /// Temperature of the air that is led in, or nil when it is too dry or too damp.
  public func usableAir(_ site: SiteConditions) -> Celsius? {
    dewPointRange.contains(site.dewPoint.value) ? site.dryBulb + approach : nil
  }

  /// Share of the heat that is left for the compressors.
  static func mechanicalShare(outdoor: Double, supply: Double, room: Double) -> Double {
    if outdoor <= supply { return 0 }
    if outdoor >= room { return 1 }
    return (outdoor - supply) / (room - supply)
  }
}

/// Cooling chilled water with the tower through a heat exchanger in front of the chillers.
///
/// Water from the tower cools down to `T_f = T_tower + approach`; that does the share
/// `(T_return − T_f)/(T_return − T_chilled)` of the chillers' work, between none and all.
public struct WaterEconomiser: Sendable, Hashable, Codable {
  /// Kelvins lost over the heat exchanger.
  public var approach: Double
  /// Coldest water that the tower may make in this mode.
  public var minimumWater: Celsius

  /// An economiser.
  public init(approach: Double = 2, minimumWater: Celsius = Celsius(5)) {
    self.approach = approach
    self.minimumWater = minimumWater
  }

  /// Share of the heat that the tower takes without chillers.
  public func share(
    wetBulb: Celsius, towerApproach: Double, chilledWater: Celsius, designRise: Double
  ) -> Double {
    let free = max(wetBulb + towerApproach, minimumWater) + approach
    let share = (chilledWater.value + designRise - free.value) / designRise
    return min(max(share, 0), 1)
  }
}
