// SPDX-License-Identifier: Apache-2.0
public import Units

/// The battery of a UPS: `dE/dt = η_c·P_c − P_d/η_d`, `E` within 0 and its capacity.
public struct Battery: Sendable, Hashable {
  /// Energy when full; zero: there is none.
  public var capacity: Joules
  /// `η_c`: stored over taken in.
  public var chargeEfficiency: Double
  /// `η_d`: given out over taken from store.
  public var dischargeEfficiency: Double
  /// `P_c`: power taken in while it is not full and there is mains.
  public var chargePower: Watts

  /// A battery.
  ///
  /// - Precondition: efficiencies are within 0 (exclusive) and 1.
  public init(
    capacity: Joules, chargeEfficiency: Double = 0.95, dischargeEfficiency: Double = 0.95,
    chargePower: Watts
  ) {
    precondition((0...1).contains(chargeEfficiency) && chargeEfficiency > 0)
    precondition((0...1).contains(dischargeEfficiency) && dischargeEfficiency > 0)
    self.capacity = capacity
    self.chargeEfficiency = chargeEfficiency
    self.dischargeEfficiency = dischargeEfficiency
    self.chargePower = chargePower
  }

  /// Seconds that it carries a constant `load`, from `stored`.
  public func secondsToEmpty(stored: Joules, load: Watts) -> Double {
    load.value > 0 ? stored.value * dischargeEfficiency / load.value : .infinity
  }

  /// Seconds until it is full, from `stored`.
  public func secondsToFull(stored: Joules) -> Double {
    let rate = chargePower.value * chargeEfficiency
    return rate > 0 ? max(0, capacity.value - stored.value) / rate : .infinity
  }
}
