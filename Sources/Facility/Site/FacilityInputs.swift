// SPDX-License-Identifier: Apache-2.0
import Units

/// The series that a facility runs with, read from the files its ``SiteSpec`` names.
public struct FacilityInputs: Sendable {
  /// Outdoor air.
  public var weather: StepSeries<SiteConditions>
  /// Hours of the weather's clock ahead of UTC.
  public var weatherOffsetHours: Double
  /// Carbon intensity in g/kWh.
  public var carbonIntensity: StepSeries<Double>
  /// Price of a kWh.
  public var price: StepSeries<Double>

  /// Reads what `site` names.
  ///
  /// - Parameters:
  ///   - site: the site.
  ///   - readFile: returns the text of a file named in the scenario.
  /// - Throws: ``FacilityFileError``, or what `readFile` throws.
  public init(site: SiteSpec, readFile: (String) throws -> String) throws {
    if case .epw(let file) = site.weather {
      let year = try EPWReader.read(try readFile(file), file: file)
      weather = year.series
      weatherOffsetHours = year.utcOffsetHours
    } else {
      (weather, weatherOffsetHours) = Self.filelessWeather(site.weather)
    }
    carbonIntensity = try Self.series(site.carbonIntensity) { file in
      try SeriesReader.carbonIntensity(try readFile(file), file: file)
    }
    price = try Self.series(site.price) { file in
      try SeriesReader.price(try readFile(file), file: file)
    }
  }

  /// The series of a site that names no file.
  ///
  /// - Precondition: weather, carbon intensity and price are not taken from files.
  public init(fileless site: SiteSpec) {
    (weather, weatherOffsetHours) = Self.filelessWeather(site.weather)
    func plain(_ series: SiteSpec.Series) -> StepSeries<Double> {
      switch series {
      case .constant(let value): StepSeries(constant: value)
      case .timeOfDay(let tariff): tariff.series()
      case .file: preconditionFailure("a series is a file")
      }
    }
    carbonIntensity = plain(site.carbonIntensity)
    price = plain(site.price)
  }

  private static func filelessWeather(_ weather: SiteSpec.Weather) -> (
    StepSeries<SiteConditions>, offsetHours: Double
  ) {
    switch weather {
    case .constant(let air): (StepSeries(constant: air), 0)
    case .typicalYear(let year): (year.series(), year.utcOffsetHours)
    case .epw: preconditionFailure("weather is a file")
    }
  }

  private static func series(
    _ spec: SiteSpec.Series, read: (String) throws -> StepSeries<Double>
  ) throws -> StepSeries<Double> {
    switch spec {
    case .constant(let value): StepSeries(constant: value)
    case .timeOfDay(let tariff): tariff.series()
    case .file(let file): try read(file)
    }
  }
}
