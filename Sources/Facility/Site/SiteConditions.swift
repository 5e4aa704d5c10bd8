// SPDX-License-Identifier: Apache-2.0
public import Units

/// Outdoor air at the site.
public struct SiteConditions: Sendable, Hashable, Codable {
  /// Dry-bulb temperature.
  public var dryBulb: Celsius
  /// Wet-bulb temperature: what evaporation can cool to. Never above the dry bulb.
  public var wetBulb: Celsius
  /// Dew point: what surfaces must stay above. Never above the wet bulb.
  public var dewPoint: Celsius

  /// Air of the three temperatures.
  public init(dryBulb: Celsius, wetBulb: Celsius, dewPoint: Celsius) {
    self.dryBulb = dryBulb
    self.wetBulb = wetBulb
    self.dewPoint = dewPoint
  }

  /// Air of a temperature, relative humidity (0…1) and pressure (Pa).
  public init(dryBulb: Celsius, relativeHumidity: Double, pressurePascals: Double = 101_325) {
    self.dryBulb = dryBulb
    let humidity = min(max(relativeHumidity, 0.001), 1)
    wetBulb = Psychrometrics.wetBulb(
      dryBulb: dryBulb, relativeHumidity: humidity, pressurePascals: pressurePascals)
    dewPoint = Psychrometrics.dewPoint(dryBulb: dryBulb, relativeHumidity: humidity)
  }
}
