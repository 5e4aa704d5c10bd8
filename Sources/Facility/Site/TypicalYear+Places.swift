// SPDX-License-Identifier: Apache-2.0
import Units

extension TypicalYear {
  /// Names of the places whose typical year is known, in the order of ``places``.
  public static var placeNames: [String] { places.map(\.name) }

  /// Places and their years: first harmonics and remaining spread of the weather
  /// files of four airports (EPW; <doc:Validation> says how far each is from its file).
  public static let places: [(name: String, year: TypicalYear)] = [
    (
      "san-jose",
      TypicalYear(
        temperature: (15.2, 5.4, 4.8, 3), dewPoint: (7.8, 4.3, 3.7), warmest: (206, 14.5), utc: -8)
    ),
    (
      "phoenix",
      TypicalYear(
        temperature: (24.7, 12, 5.7, 3.5), dewPoint: (3.5, 6.7, 6.2), warmest: (200, 16.2), utc: -7)
    ),
    (
      "new-york",
      TypicalYear(
        temperature: (12.9, 11.9, 2.4, 0.8), dewPoint: (6, 12.5, 0.6), warmest: (208, 15.1), utc: -5
      )
    ),
    (
      "leesburg",
      TypicalYear(
        temperature: (13.8, 12.1, 4, 4.4), dewPoint: (7.5, 12.1, 5.7), warmest: (200, 15.2), utc: -5
      )
    ),
  ]

  /// The typical year of a place; nil when it is not known.
  public static func of(place name: String) -> TypicalYear? {
    places.first { $0.name == name }?.year
  }

  /// Mean, seasonal, daily and weather swing; the same of the dew point but for the day; warmest day
  /// and hour.
  private init(
    temperature: (Double, Double, Double, Double), dewPoint: (Double, Double, Double),
    warmest: (Int, Double), utc: Double
  ) {
    self.init()
    mean = Celsius(temperature.0)
    seasonalSwing = temperature.1
    dailySwing = temperature.2
    weatherSwing = temperature.3
    meanDewPoint = Celsius(dewPoint.0)
    dewPointSwing = dewPoint.1
    dewPointWeatherSwing = dewPoint.2
    warmestDay = warmest.0
    warmestHour = warmest.1
    utcOffsetHours = utc
  }

  /// Reads `place: { name: phoenix }`.
  init(placeFrom source: inout some ParameterSource) {
    let name = source.choice(
      "name", default: Self.placeNames[0], of: Self.placeNames, about: "the place")
    self = Self.of(place: name) ?? TypicalYear()
  }
}
