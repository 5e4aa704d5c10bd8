// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

@Suite("The same facility in four climates")
struct ClimateTests {
  static let cities = [
    "USA_AZ_Phoenix-Sky.Harbor", "USA_CA_San.Jose-Mineta", "USA_NY_New.York-Kennedy",
    "USA_VA_Leesburg.Exec",
  ]

  /// A week in July, from midnight local standard time.
  private func week(_ city: String, _ change: (inout FacilitySpec) -> Void) throws
    -> FacilityAccounting
  {
    let spec = makeSpec { spec in
      spec.site.weather = .epw(file: city)
      spec.site.startEpochSeconds = CivilTime.epochSeconds("2024-07-01T00:00:00-06:00")
      change(&spec)
    }
    let inputs = try FacilityInputs(site: spec.site) {
      try SharedData.text("data/weather/\($0).epw")
    }
    var facility = try FacilityModel(
      spec: spec,
      racks: [FacilityRack](
        repeating: FacilityRack(peakPower: Watts(5000), servers: 10), count: 4), inputs: inputs)
    facility.setRackITPower([4000, 4000, 4000, 4000], at: .zero)
    facility.advance(to: .days(7))
    let books = facility.accounting
    #expect(abs(books.heatResidual) < 1e-9 && abs(books.electricityResidual) < 1e-9)
    return books
  }

  @Test(
    "free cooling pays everywhere, least where it is hot and damp",
    // skipped: no shared data
    .enabled(if: SharedData.exists("data/weather/USA_AZ_Phoenix-Sky.Harbor.epw")),
    arguments: cities)
  func freeCooling(city: String) throws {
    let chilled = CoolingMachine.chilledWater(ChilledWaterSystem())
    let mechanical = try week(city) { $0.cooling.machine = chilled }
    let air = try week(city) {
      $0.cooling.machine = chilled
      $0.cooling.airEconomiser = AirEconomiser()
    }
    var withTower = ChilledWaterSystem()
    withTower.economiser = WaterEconomiser()
    withTower.chilledWater = Celsius(14)
    let water = try week(city) { $0.cooling.machine = .chilledWater(withTower) }
    var warm = ChilledWaterSystem()
    warm.chilledWater = Celsius(14)
    let noTower = try week(city) { $0.cooling.machine = .chilledWater(warm) }
    #expect(air.energyCooling <= mechanical.energyCooling)
    #expect(water.energyCooling <= noTower.energyCooling)
    #expect(air.waterLitres <= mechanical.waterLitres)
    #expect(abs(air.energyIt.value - mechanical.energyIt.value) < 1e-3)
    let saved = 1 - air.energyCooling / mechanical.energyCooling
    // San José's July nights are cool and dry; Phoenix' are neither.
    if city.contains("San.Jose") { #expect(saved > 0.1) }
    if city.contains("Phoenix") { #expect(saved < 0.05) }
  }
}
