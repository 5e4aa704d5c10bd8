// SPDX-License-Identifier: Apache-2.0
public import Units

/// Chillers, pumps, condenser and, where there is one, a water-side economiser.
///
/// The chillers are alike and share the load evenly; as many run as the load needs. Pump powers are
/// shares of the heat they carry: 0.0125 for 22 W/gpm at 6.67 K, 0.013 for 19 W/gpm at 5.56 K
/// (ASHRAE 90.1, appendix G). The heat of the chilled-water pump is part of the chillers' load.
public struct ChilledWaterSystem: Sendable, Hashable, Codable {
  /// What the chillers give their heat to.
  public enum Condenser: Sendable, Hashable, Codable {
    /// Water from an evaporative tower.
    case tower(CoolingTower)
    /// Outdoor air, `approach` kelvins above the dry bulb.
    case air(approach: Double)
  }

  /// One chiller.
  public var chiller: Chiller
  /// How many there are.
  public var count: Int
  /// Nominal capacity of one; zero means "sized for the racks".
  public var chillerCapacity: Watts
  /// Temperature at which chilled water leaves the plant.
  public var chilledWater: Celsius
  /// Kelvins by which the water warms in the air handlers at design.
  public var designRise: Double
  /// Where the heat goes.
  public var condenser: Condenser
  /// Free cooling by the tower.
  public var economiser: WaterEconomiser?
  /// Chilled-water pump power over heat.
  public var chilledWaterPumpShare: Double
  /// Condenser pump power over heat rejected.
  public var condenserPumpShare: Double
  /// Effectiveness of the air handlers' coils at full flow, 0…1.
  public var coilEffectiveness: Double
  /// Cold that is stored in tanks and pipes for when the chillers stand still.
  public var storage: Joules
  /// From the return of power until the chillers cool again.
  public var restartTime: SimTime

  /// A plant.
  public init(
    chiller: Chiller = .eir(.yorkYT1048), count: Int = 2, chillerCapacity: Watts = .zero,
    chilledWater: Celsius = Celsius(10), designRise: Double = 6.67,
    condenser: Condenser = .tower(CoolingTower()), economiser: WaterEconomiser? = nil,
    chilledWaterPumpShare: Double = 0.0125, condenserPumpShare: Double = 0.013,
    coilEffectiveness: Double = 0.8, storage: Joules = .zero, restartTime: SimTime = .seconds(180)
  ) {
    self.chiller = chiller
    self.count = count
    self.chillerCapacity = chillerCapacity
    self.chilledWater = chilledWater
    self.designRise = designRise
    self.condenser = condenser
    self.economiser = economiser
    self.chilledWaterPumpShare = chilledWaterPumpShare
    self.condenserPumpShare = condenserPumpShare
    self.coilEffectiveness = coilEffectiveness
    self.storage = storage
    self.restartTime = restartTime
  }

  /// What enters the condensers.
  public func condenserTemperature(_ site: SiteConditions) -> Celsius {
    switch condenser {
    case .tower(let tower): tower.waterTemperature(wetBulb: site.wetBulb)
    case .air(let approach): site.dryBulb + approach
    }
  }

  /// Share of the load that the tower takes without chillers.
  public func freeShare(_ site: SiteConditions) -> Double {
    guard let economiser, case .tower(let tower) = condenser else { return 0 }
    return economiser.share(
      wetBulb: site.wetBulb, towerApproach: tower.approach, chilledWater: chilledWater,
      designRise: designRise)
  }

  /// Heat in W that the system can take out of the air handlers' water.
  func capacity(site: SiteConditions) -> Double {
    let one = chiller.availableCapacity(
      evaporator: chilledWater, condenser: condenserTemperature(site))
    let free = freeShare(site)
    if free >= 1 { return 1e15 }
    return one.value * Double(count) / ((1 + chilledWaterPumpShare) * (1 - free))
  }

  /// The draw for `load` watts of heat from the air handlers.
  func draw(load: Double, site: SiteConditions) -> PlantDraw {
    let water = load * (1 + chilledWaterPumpShare)
    let mechanical = water * (1 - freeShare(site))
    let condenserEntering = condenserTemperature(site)
    let available = chiller.availableCapacity(
      evaporator: chilledWater, condenser: condenserEntering)
    var compressors = 0.0
    if mechanical > 0, available.value > 0 {
      let running = min(Double(count), (mechanical / available.value).rounded(.up))
      compressors =
        running
        * chiller.power(
          load: Watts(mechanical / running), evaporator: chilledWater, condenser: condenserEntering
        ).value
    }
    let rejected = water + compressors
    var watts = compressors + load * chilledWaterPumpShare
    var litres = 0.0
    if case .tower(let tower) = condenser {
      watts += rejected * (condenserPumpShare + tower.fanPowerShare)
      litres = tower.water.litresPerSecond(rejected: Watts(rejected), wetBulb: site.wetBulb)
    }
    return PlantDraw(watts: watts, litresPerSecond: litres)
  }
}
