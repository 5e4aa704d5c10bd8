// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Facility
import Units

extension Metric {
  static let facility: [Metric] = [
    Metric("energyItJoules", "J", .lower, "Energy of all hosts") { $0.facility.energyIt.value },
    Metric("energyNetworkJoules", "J", .lower, "Energy of the network's switches") {
      $0.facility.energyNetwork.value
    },
    Metric(
      "energyDistributionLossJoules", "J", .lower, "Losses of PDUs, UPS and transformer"
    ) { $0.facility.energyDistributionLoss.value },
    Metric("energyCoolingJoules", "J", .lower, "Energy of the cooling plant") {
      $0.facility.energyCooling.value
    },
    Metric("energyTotalJoules", "J", .lower, "Energy at the site's meter") {
      $0.facility.energyTotal.value
    },
    Metric("pue", "1", .lower, "energyTotal per energyIt over the run") { $0.facility.pue },
    Metric("wueLitresPerKilowattHour", "L kW-1 h-1", .lower, "Water per kWh of IT energy") {
      $0.facility.wueLitresPerKilowattHour
    },
    Metric("cueGramsPerKilowattHour", "g kW-1 h-1", .lower, "CO2 per kWh of IT energy") {
      $0.facility.cueGramsPerKilowattHour
    },
    Metric("rackPeakWatts", "W", .lower, "Highest power of any rack at any moment") {
      $0.facility.rackPeak.value
    },
    Metric("facilityPeakWatts", "W", .lower, "Highest power at the meter at any moment") {
      $0.facility.facilityPeak.value
    },
    Metric(
      "inletAboveRecommendedRackSeconds", "s", .lower,
      "Time racks' inlets were above the class's recommended temperature (ASHRAE 2021)"
    ) { $0.facility.inletAboveRecommendedRackSeconds },
    Metric(
      "inletAboveAllowableRackSeconds", "s", .lower,
      "Time racks' inlets were above the class's allowable temperature"
    ) { $0.facility.inletAboveAllowableRackSeconds },
    Metric("hostOnSeconds", "s", .lower, "Time hosts were not switched off") {
      $0.totals.hostOnSeconds
    },
    Metric("rackOffSeconds", "s", nil, "Time in which whole racks were off") {
      $0.totals.rackOffSeconds
    },
    Metric("hostPowerCycles", "1", .lower, "Times a host was sent to off or sleep") {
      Double($0.totals.hostPowerCycles)
    },
    Metric("carbonGrams", "g", .lower, "CO2 of the energy at the meter") {
      $0.facility.carbonGrams
    },
    Metric("waterLitres", "L", .lower, "Water used by cooling") { $0.facility.waterLitres },
    Metric("costEnergy", "1", .lower, "Cost of energy, in the tariff's currency") {
      $0.facility.costEnergy
    },
    Metric("costTotal", "1", .lower, "Cost of energy, carbon and water") {
      $0.facility.costTotal
    },
  ]
}
