// SPDX-License-Identifier: Apache-2.0
public import Units

/// A chiller by equivalent-temperature curves (EnergyPlus Engineering Reference, "Electric Chiller
/// Based on Fluid Temperature Differences", from BLAST).
///
///     ΔT = (T_c − T_c,des)/rise − (T_e − T_e,des)
///     cap = a₀ + a₁ΔT + a₂ΔT²                  available = Q_nom·cap
///     full = b₀ + b₁·cap + b₂·cap²             part = d₀ + d₁·PLR + d₂·PLR²
///     P = full·part(max(PLR, PLR_min))·available/CoP · min(1, PLR/PLR_min)
///
/// The third capacity coefficient is negative (public code exists that has it positive, and in which
/// chillers then gain from heat). `ΔT` is held where `cap` has its vertex and where it reaches a
/// tenth.
public struct ElectricChiller: Sendable, Hashable, Codable {
  /// `Q_nom`.
  public var nominalCapacity: Watts
  /// Nominal CoP.
  public var nominalCoP: Double
  /// `T_c,des`: condenser entering temperature at design.
  public var designCondenser: Celsius
  /// `T_e,des`: chilled water leaving temperature at design.
  public var designEvaporator: Celsius
  /// `rise`: kelvins of condenser temperature that weigh as one of the evaporator's.
  public var temperatureRise: Double
  /// `a`.
  public var capacityRatio: [Double]
  /// `b`.
  public var fullLoadRatio: [Double]
  /// `d`.
  public var partLoadRatio: [Double]
  /// `PLR_min`: below it the chiller cycles.
  public var minimumPartLoad: Double

  /// A chiller; the defaults are the curves of EnergyPlus' example files, for an air-cooled machine.
  ///
  /// - Precondition: three coefficients a curve; positive capacity, CoP, rise and `PLR_min`.
  public init(
    nominalCapacity: Watts, nominalCoP: Double, designCondenser: Celsius = Celsius(35),
    designEvaporator: Celsius = Celsius(6.67), temperatureRise: Double = 2.778,
    capacityRatio: [Double] = [0.944836, -0.057_008_8, -0.001_854_86],
    fullLoadRatio: [Double] = [2.333, -1.975, 0.6121],
    partLoadRatio: [Double] = [0.03303, 0.6852, 0.2818], minimumPartLoad: Double = 0.1
  ) {
    precondition(capacityRatio.count == 3 && fullLoadRatio.count == 3 && partLoadRatio.count == 3)
    precondition(nominalCapacity.value > 0 && nominalCoP > 0 && temperatureRise > 0)
    precondition(minimumPartLoad > 0)
    self.nominalCapacity = nominalCapacity
    self.nominalCoP = nominalCoP
    self.designCondenser = designCondenser
    self.designEvaporator = designEvaporator
    self.temperatureRise = temperatureRise
    self.capacityRatio = capacityRatio
    self.fullLoadRatio = fullLoadRatio
    self.partLoadRatio = partLoadRatio
    self.minimumPartLoad = minimumPartLoad
  }

  /// `cap`: available over nominal capacity.
  public func capacityRatio(evaporator: Celsius, condenser: Celsius) -> Double {
    let a = capacityRatio
    let delta =
      (condenser - designCondenser) / temperatureRise - (evaporator - designEvaporator)
    let vertex = a[2] < 0 ? -a[1] / (2 * a[2]) : -.infinity
    let x = max(delta, vertex)
    return max(a[0] + (a[1] + a[2] * x) * x, 0.1)
  }

  /// `full`: power at full load over nominal power.
  public func fullLoadRatio(capacityRatio cap: Double) -> Double {
    fullLoadRatio[0] + (fullLoadRatio[1] + fullLoadRatio[2] * cap) * cap
  }

  /// `part`: power over that of full load at the part-load ratio `plr`.
  public func partLoadRatio(at plr: Double) -> Double {
    partLoadRatio[0] + (partLoadRatio[1] + partLoadRatio[2] * plr) * plr
  }

  /// `Q_nom·cap`.
  public func availableCapacity(evaporator: Celsius, condenser: Celsius) -> Watts {
    nominalCapacity * capacityRatio(evaporator: evaporator, condenser: condenser)
  }

  /// `P` for the heat `load`; a load above the available capacity counts as that.
  public func power(load: Watts, evaporator: Celsius, condenser: Celsius) -> Watts {
    guard load.value > 0 else { return .zero }
    let cap = capacityRatio(evaporator: evaporator, condenser: condenser)
    let available = nominalCapacity * cap
    let plr = min(load / available, 1)
    let part = partLoadRatio(at: max(plr, minimumPartLoad)) * min(1, plr / minimumPartLoad)
    return available * (fullLoadRatio(capacityRatio: cap) * part / nominalCoP)
  }
}
