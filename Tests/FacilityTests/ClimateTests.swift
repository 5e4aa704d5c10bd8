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

  /// The weather files that the known places were fitted to.
  private static let figures = zip(
    [
      "USA_CA_San.Jose-Mineta", "USA_AZ_Phoenix-Sky.Harbor", "USA_NY_New.York-Kennedy",
      "USA_VA_Leesburg.Exec",
    ], TypicalYear.places
  ).map { (city: $0, year: $1.year) }

  @Test("every known place has a file that says how good its year is")
  func placesHaveFiles() {
    #expect(TypicalYear.placeNames == ["san-jose", "phoenix", "new-york", "leesburg"])
    for (city, name) in zip(Self.figures.map(\.city), TypicalYear.placeNames) {
      #expect(city.lowercased().replacing(".", with: "-").contains(name))
    }
  }

  /// Waves of 11 and 4.6 days don't fit into a year: what is left of them in the mean is small.
  @Test("a typical year has the mean and the swings that it is given, and physical air")
  func typicalYear() {
    for (city, year) in Self.figures {
      let values = year.series().values
      #expect(values.count == 8760)
      let temperatures = values.map(\.dryBulb.value)
      let mean = temperatures.reduce(0, +) / 8760
      #expect(abs(mean - year.mean.value) < 0.05 * year.weatherSwing, "\(city)")
      let variance = temperatures.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 8760
      let (season, day) = (year.seasonalSwing, year.dailySwing)
      let expected = season * season / 2 + day * day / 2 + year.weatherSwing * year.weatherSwing
      #expect(abs(variance / expected - 1) < 0.05, "\(city)")
      for air in values {
        #expect(air.dewPoint <= air.wetBulb && air.wetBulb <= air.dryBulb)
      }
    }
  }

  /// Without weather, season and day alone are left: the warmest hour is the given one of that day.
  @Test("the warmest hour of a year without weather is where it is said to be")
  func warmestHour() {
    var (_, year) = Self.figures[1]
    year.weatherSwing = 0
    let temperatures = year.series().values.map(\.dryBulb.value)
    let warmest = temperatures.indices.max { temperatures[$0] < temperatures[$1] } ?? 0
    #expect(abs(warmest / 24 + 1 - year.warmestDay) <= 1)
    #expect(abs(Double(warmest % 24) + 0.5 - year.warmestHour) <= 0.5)
  }

  /// In every month the first harmonic is right to 2.5 K, and a wave of 11 days leaves up to
  /// `σ·11/(π·30.4) = 0.12σ` in a month's mean, that of 4.6 days 0.05σ; the year's mean is right to
  /// 0.2 K, the spread to 5 %.
  @Test(
    "the figures of the four cities are those of their weather files",
    // skipped: no shared data
    .enabled(if: SharedData.exists("data/weather/USA_AZ_Phoenix-Sky.Harbor.epw")))
  func typicalYearsAgainstFiles() throws {
    for (city, year) in Self.figures {
      let file = try EPWReader.read(try SharedData.text("data/weather/\(city).epw"), file: city)
      let real = file.series.values.map(\.dryBulb.value)
      let made = year.series().values.map(\.dryBulb.value)
      #expect(year.utcOffsetHours == file.utcOffsetHours)
      func mean(_ values: [Double], _ hours: Range<Int>) -> Double {
        values[hours].reduce(0, +) / Double(hours.count)
      }
      func deviation(_ values: [Double]) -> Double {
        let middle = mean(values, 0..<8760)
        return (values.map { ($0 - middle) * ($0 - middle) }.reduce(0, +) / 8760).squareRoot()
      }
      #expect(abs(mean(real, 0..<8760) - mean(made, 0..<8760)) < 0.2, "\(city)")
      #expect(abs(deviation(made) / deviation(real) - 1) < 0.05, "\(city)")
      let monthly = 2.5 + 0.17 * year.weatherSwing
      for month in 0..<12 {
        let hours = month * 730..<(month + 1) * 730
        #expect(abs(mean(real, hours) - mean(made, hours)) < monthly, "\(city), month \(month + 1)")
      }
    }
  }
}
