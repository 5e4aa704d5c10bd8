// SPDX-License-Identifier: Apache-2.0
public import Units

/// Where the data center stands: weather, carbon and prices.
public struct SiteSpec: Sendable, Hashable {
  /// Outdoor air.
  public enum Weather: Sendable, Hashable {
    /// The same all the time.
    case constant(SiteConditions)
    /// An EPW file.
    case epw(file: String)
    /// Seasons and days of a place, without a file.
    case typicalYear(TypicalYear)
  }

  /// A series or a constant.
  public enum Series: Sendable, Hashable {
    /// The same all the time.
    case constant(Double)
    /// A CSV file.
    case file(String)
    /// Two values by the time of day.
    case timeOfDay(TimeOfDayTariff)
  }

  /// Date and time at which the run starts, in seconds since 1970-01-01T00:00:00Z; nil: as the
  /// workload says.
  public var startEpochSeconds: Int64?
  /// Outdoor air.
  public var weather: Weather
  /// Carbon intensity of the grid in g/kWh.
  public var carbonIntensity: Series
  /// Carbon intensity of the standby generator in g/kWh.
  public var generatorCarbonIntensity: Double
  /// Price of energy per kWh.
  public var price: Series
  /// Price of a cubic metre of water.
  public var waterPrice: Double
  /// Price of a tonne of CO₂.
  public var carbonPrice: Double
  /// Price of a kilowatt of highest power, for the run.
  public var peakPrice: Double

  /// Reads the section `site`.
  public init<Source: ParameterSource>(from source: inout Source) {
    let start = source.text(
      "start", default: "",
      about: "date, time and zone of the run's start, e.g. 2024-07-01T00:00:00+02:00")
    startEpochSeconds = CivilTime.epochSeconds(start)
    if !start.isEmpty, startEpochSeconds == nil {
      source.problem("start", "expected a date, time and zone, e.g. 2024-07-01T00:00:00+02:00")
    }
    weather = source.alternative(
      "weather", default: "constant", of: Self.weathers(), about: "outdoor air")
    carbonIntensity = source.alternative(
      "carbonIntensity", default: "constant",
      of: [
        Alternative("constant", about: "the same all the time") {
          .constant(
            $0.quantity(
              "value", .carbonIntensity, default: 350, in: 0...5000,
              about: "grid mix; world 2023 ≈ 480"))
        },
        Alternative("file", about: "CSV with timestamp and carbon_intensity or avg_CI") {
          .file($0.path("path", default: nil, about: "the file"))
        },
      ], about: "carbon intensity of the grid")
    generatorCarbonIntensity = source.quantity(
      "generatorCarbonIntensity", .carbonIntensity, default: 700, in: 0...5000,
      about: "carbon intensity of the standby generator (diesel)")
    price = source.alternative(
      "price", default: "constant", of: Self.prices(), about: "price of energy")
    waterPrice = source.number(
      "waterPrice", default: 2, in: 0...1000, about: "price of a cubic metre of water")
    carbonPrice = source.number(
      "carbonPrice", default: 0, in: 0...10_000, about: "price of a tonne of CO₂")
    peakPrice = source.number(
      "peakPrice", default: 0, in: 0...10_000,
      about: "price of a kilowatt of highest power, for the run")
  }

  private static func weathers<Source: ParameterSource>() -> [Alternative<Source, Weather>] {
    [
      Alternative("constant", about: "the same all the time") { source in
        let dryBulb = source.quantity(
          "dryBulb", .temperature, default: 15, in: -60...60, about: "outdoor temperature")
        let humidity = source.fraction(
          "relativeHumidity", default: 0.6, in: 0.01...1, about: "relative humidity")
        return .constant(
          SiteConditions(dryBulb: Celsius(dryBulb), relativeHumidity: humidity))
      },
      Alternative("epw", about: "EnergyPlus weather file, a typical year") {
        .epw(file: $0.path("file", default: nil, about: "the file"))
      },
      Alternative("typical-year", about: "seasons and days of a place from a few figures") {
        .typicalYear(TypicalYear(from: &$0))
      },
      Alternative("place", about: "the typical year of a known place") {
        .typicalYear(TypicalYear(placeFrom: &$0))
      },
    ]
  }

  private static func prices<Source: ParameterSource>() -> [Alternative<Source, Series>] {
    [
      Alternative("constant", about: "the same all the time") {
        .constant(
          $0.quantity(
            "value", .energyPrice, default: 0.2, in: -100...100, about: "price of a kWh"))
      },
      Alternative("time-of-day", about: "a high price in some hours of the day") {
        .timeOfDay(TimeOfDayTariff(from: &$0))
      },
      Alternative("file", about: "CSV with timestamp and price_per_kwh or price_per_mwh") {
        .file($0.path("path", default: nil, about: "the file"))
      },
    ]
  }
}

/// A price that is high in the same hours of every day.
public struct TimeOfDayTariff: Sendable, Hashable {
  /// Price of a kWh outside the high hours.
  public var low: Double
  /// Price of a kWh in the high hours.
  public var high: Double
  /// First high hour of the day, 0…23.
  public var firstHour: Int
  /// Hour at which the low price returns, 1…24, later than ``firstHour``.
  public var lastHour: Int
  /// Hours of the tariff's clock ahead of UTC.
  public var utcOffsetHours: Double

  /// Reads the tariff.
  public init(from source: inout some ParameterSource) {
    low = source.quantity(
      "low", .energyPrice, default: 0.15, in: -100...100, about: "price outside the high hours")
    high = source.quantity(
      "high", .energyPrice, default: 0.3, in: -100...100, about: "price in the high hours")
    firstHour = source.integer("fromHour", default: 8, in: 0...23, about: "first high hour")
    lastHour = source.integer("untilHour", default: 20, in: 1...24, about: "end of the high hours")
    utcOffsetHours = source.number(
      "utcOffset", default: 0, in: -14...14, about: "hours of the tariff's clock ahead of UTC")
    if lastHour <= firstHour { source.problem("untilHour", "must be later than \"fromHour\"") }
  }

  /// The tariff as a series of a day of UTC, which repeats.
  func series() -> StepSeries<Double> {
    guard lastHour > firstHour else { return StepSeries(constant: low) }
    let day = CivilTime.day
    let shift = Int64((utcOffsetHours * 3600).rounded())
    func utc(_ hour: Int) -> Int64 { (((Int64(hour) * 3600 - shift) % day) + day) % day }
    var steps = [(utc(firstHour), high), (utc(lastHour % 24), low)].sorted { $0.0 < $1.0 }
    if firstHour == 0, lastHour == 24 { steps = [(0, high)] }
    if steps[0].0 > 0 { steps.insert((0, steps[steps.count - 1].1), at: 0) }
    return StepSeries(
      offsets: steps.map(\.0), values: steps.map(\.1), period: day, startEpochSeconds: 0)
  }
}
