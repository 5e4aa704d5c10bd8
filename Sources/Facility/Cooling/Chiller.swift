// SPDX-License-Identifier: Apache-2.0
public import Units

/// A water chiller: how much heat it can take at given temperatures, and what that costs.
public enum Chiller: Sendable, Hashable, Codable {
  /// Curves of DOE-2 and EnergyPlus `Chiller:Electric:EIR`.
  case eir(EIRChiller)
  /// Curves of BLAST and EnergyPlus `Chiller:Electric`.
  case electric(ElectricChiller)

  /// Heat that it can take from the water, leaving at `evaporator`, with `condenser` air or water.
  public func availableCapacity(evaporator: Celsius, condenser: Celsius) -> Watts {
    switch self {
    case .eir(let chiller):
      chiller.availableCapacity(evaporator: evaporator, condenser: condenser)
    case .electric(let chiller):
      chiller.availableCapacity(evaporator: evaporator, condenser: condenser)
    }
  }

  /// Electric power for the heat `load`.
  public func power(load: Watts, evaporator: Celsius, condenser: Celsius) -> Watts {
    switch self {
    case .eir(let chiller):
      chiller.power(load: load, evaporator: evaporator, condenser: condenser)
    case .electric(let chiller):
      chiller.power(load: load, evaporator: evaporator, condenser: condenser)
    }
  }

  /// The same machine, larger or smaller.
  public func scaled(to capacity: Watts) -> Chiller {
    switch self {
    case .eir(var chiller):
      chiller.referenceCapacity = capacity
      return .eir(chiller)
    case .electric(var chiller):
      chiller.nominalCapacity = capacity
      return .electric(chiller)
    }
  }
}
