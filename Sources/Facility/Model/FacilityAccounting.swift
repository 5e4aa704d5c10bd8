// SPDX-License-Identifier: Apache-2.0
public import Units

/// What the facility has used and suffered from the start to some moment, integrated exactly.
///
/// Electricity: `total = it + network + distributionLoss + cooling + batteryStored`, where total is
/// what the meter (and the generator) delivered. Heat: `heatGenerated = heatRemoved + heatStored +
/// heatThroughWalls`. Both are sums of independently computed parts, so they can be checked.
public struct FacilityAccounting: Sendable, Hashable, Codable {
  /// Time that has been booked.
  public var elapsed: SimTime = .zero
  /// Servers, with what warm air makes them draw more.
  public var energyIt: Joules = .zero
  /// The part of ``energyIt`` that warm inlet air caused: faster fans and leakage. The rest is the
  /// power that was set.
  public var energyItWarmAir: Joules = .zero
  /// Switches.
  public var energyNetwork: Joules = .zero
  /// PDUs, UPS, transformer, battery conversion.
  public var energyDistributionLoss: Joules = .zero
  /// Machines, pumps, towers and fans of the cooling plant.
  public var energyCooling: Joules = .zero
  /// What the meter and the generator delivered.
  public var energyTotal: Joules = .zero
  /// What the battery holds more (less) than at the start.
  public var energyBatteryStored: Joules = .zero

  /// Energy of each rack (servers and switch).
  public var rackEnergies: [Joules]
  /// Highest power of each rack (servers and switch).
  public var rackPeaks: [Watts]
  /// Highest power of any rack.
  public var rackPeak: Watts { rackPeaks.max() ?? .zero }
  /// Highest power at the meter.
  public var facilityPeak: Watts = .zero

  /// Seconds for which each rack's inlet was above the recommended temperature.
  public var inletAboveRecommendedSeconds: [Double]
  /// Seconds for which each rack's inlet was above the allowable temperature.
  public var inletAboveAllowableSeconds: [Double]
  /// Seconds for which each rack was switched off, tripped or without power.
  public var rackOffSeconds: [Double]
  /// Sum over racks of the time above recommended.
  public var inletAboveRecommendedRackSeconds: Double {
    inletAboveRecommendedSeconds.reduce(0, +)
  }
  /// Sum over racks of the time above allowable.
  public var inletAboveAllowableRackSeconds: Double { inletAboveAllowableSeconds.reduce(0, +) }

  /// Water in litres.
  public var waterLitres = 0.0
  /// Carbon dioxide in grams.
  public var carbonGrams = 0.0
  /// Price of the energy.
  public var costEnergy = 0.0
  /// Price of energy, water, carbon and highest power.
  public var costTotal = 0.0

  /// Heat given off by servers, switches and losses in the room.
  public var heatGenerated: Joules = .zero
  /// Heat that the units took out of the room, less that of their own fans.
  public var heatRemoved: Joules = .zero
  /// Heat that racks and room hold more than at the start.
  public var heatStored: Joules = .zero
  /// Heat that left through the walls.
  public var heatThroughWalls: Joules = .zero

  /// An empty book for so many racks.
  public init(rackCount: Int) {
    rackEnergies = [Joules](repeating: .zero, count: rackCount)
    rackPeaks = [Watts](repeating: .zero, count: rackCount)
    inletAboveRecommendedSeconds = [Double](repeating: 0, count: rackCount)
    inletAboveAllowableSeconds = [Double](repeating: 0, count: rackCount)
    rackOffSeconds = [Double](repeating: 0, count: rackCount)
  }

  /// Power usage effectiveness: total over IT energy, so energy-averaged; NaN without IT energy.
  public var pue: Double { energyIt.value > 0 ? energyTotal / energyIt : .nan }
  /// Water usage effectiveness in litres a kilowatt-hour of IT energy.
  public var wueLitresPerKilowattHour: Double { waterLitres / energyIt.kilowattHours }
  /// Carbon usage effectiveness in grams a kilowatt-hour of IT energy.
  public var cueGramsPerKilowattHour: Double { carbonGrams / energyIt.kilowattHours }

  /// What is missing in the electricity book, over its total.
  public var electricityResidual: Double {
    let used = energyIt + energyNetwork + energyDistributionLoss + energyCooling
    let scale = max(energyTotal.value, used.value)
    return scale > 0 ? (energyTotal - used - energyBatteryStored).value / scale : 0
  }

  /// What is missing in the heat book, over the heat generated.
  public var heatResidual: Double {
    let scale = max(heatGenerated.value, abs(heatStored.value), abs(heatRemoved.value))
    let gone = heatRemoved + heatStored + heatThroughWalls
    return scale > 0 ? (heatGenerated - gone).value / scale : 0
  }
}
