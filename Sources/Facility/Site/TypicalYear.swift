// SPDX-License-Identifier: Apache-2.0
public import Units

/// A year of outdoor air from a few figures of a place, for where no weather file is at hand.
///
/// Hour by hour (values hold from the hour's begin, taken at its middle, local standard time), with the
/// day of the year `d`, the hour of the day `h` and the waves `w(φ) = cos(2πd/11 − φ) + cos(2πd/4.6 − φ)`
///
///     T = T̄ + A·cos 2π(d − d_w)/365 + B·cos 2π(h − h_w)/24 + σ·w(0)       dry bulb
///     D = D̄ + A_D·cos 2π(d − d_w)/365 + σ_D·w(π/3), at most T            dew point
///
/// The first harmonics are those of a weather file; the waves stand for the weather that passes in
/// between, with the standard deviation that the harmonics leave and a memory of some days. No front
/// comes on a day on which one came really: a typical year serves for comparing climates, not for
/// sizing against the hottest day. See <doc:Validation> for how far it is from four weather files.
public struct TypicalYear: Sendable, Hashable {
  /// `T̄` in °C.
  public var mean: Celsius
  /// `A` in kelvins: half the difference between the warmest and the coldest day.
  public var seasonalSwing: Double
  /// `B` in kelvins: half the difference between afternoon and night.
  public var dailySwing: Double
  /// `D̄` in °C.
  public var meanDewPoint: Celsius
  /// `A_D` in kelvins.
  public var dewPointSwing: Double
  /// `σ` in kelvins: standard deviation of the weather about the mean day of its season.
  public var weatherSwing: Double
  /// `σ_D` in kelvins: the same of the dew point.
  public var dewPointWeatherSwing: Double
  /// `d_w`: the warmest day, 1…365.
  public var warmestDay: Int
  /// `h_w`: the warmest hour of the day, 0…24.
  public var warmestHour: Double
  /// Hours of the place's standard time ahead of UTC.
  public var utcOffsetHours: Double

  /// A mild place of the northern temperate zone.
  public init() {
    mean = Celsius(10)
    seasonalSwing = 9
    dailySwing = 4
    meanDewPoint = Celsius(5)
    dewPointSwing = 7
    weatherSwing = 3
    dewPointWeatherSwing = 4
    warmestDay = 205
    warmestHour = 15
    utcOffsetHours = 0
  }

  /// Reads the parameters.
  public init(from source: inout some ParameterSource) {
    self.init()
    mean = Celsius(
      source.quantity(
        "mean", .temperature, default: mean.value, in: -40...40, about: "mean dry bulb of the year")
    )
    seasonalSwing = source.quantity(
      "seasonalSwing", .temperatureDifference, default: seasonalSwing, in: 0...40,
      about: "half the difference between the warmest and the coldest day")
    dailySwing = source.quantity(
      "dailySwing", .temperatureDifference, default: dailySwing, in: 0...20,
      about: "half the difference between afternoon and night")
    meanDewPoint = Celsius(
      source.quantity(
        "meanDewPoint", .temperature, default: meanDewPoint.value, in: -40...30,
        about: "mean dew point of the year"))
    dewPointSwing = source.quantity(
      "dewPointSwing", .temperatureDifference, default: dewPointSwing, in: 0...40,
      about: "half the difference between the dew points of the dampest and the driest season")
    weatherSwing = source.quantity(
      "weatherSwing", .temperatureDifference, default: weatherSwing, in: 0...15,
      about: "standard deviation about the mean day of the season")
    dewPointWeatherSwing = source.quantity(
      "dewPointWeatherSwing", .temperatureDifference, default: dewPointWeatherSwing, in: 0...15,
      about: "the same of the dew point")
    warmestDay = source.integer(
      "warmestDay", default: warmestDay, in: 1...365, about: "day of the year that is the warmest")
    warmestHour = source.number(
      "warmestHour", default: warmestHour, in: 0...24, about: "warmest hour of the day")
    utcOffsetHours = source.number(
      "utcOffset", default: utcOffsetHours, in: -14...14,
      about: "hours of local standard time ahead of UTC")
  }

  /// The hours of the year, from 1 January 0:00 local standard time.
  public func series() -> StepSeries<SiteConditions> {
    let hours = 365 * 24
    return StepSeries(
      offsets: (0..<hours).map { Int64($0) * 3600 }, values: (0..<hours).map(air),
      period: Int64(hours) * 3600, startEpochSeconds: nil)
  }

  private func air(hour: Int) -> SiteConditions {
    let turn = 2 * Double.pi
    let days = (Double(hour) + 0.5) / 24
    let season = Elementary.cos(turn * (days - (Double(warmestDay) - 0.5)) / 365)
    let day = Elementary.cos(turn * (days - warmestHour / 24))
    func wave(_ phase: Double) -> Double {
      Elementary.cos(turn * days / 11 - phase) + Elementary.cos(turn * days / 4.6 - phase)
    }
    let dryBulb = mean.value + seasonalSwing * season + dailySwing * day + weatherSwing * wave(0)
    let moisture = meanDewPoint.value + dewPointSwing * season
    let dewPoint = min(moisture + dewPointWeatherSwing * wave(turn / 6), dryBulb)
    let humidity =
      Psychrometrics.saturationPressure(Celsius(dewPoint))
      / Psychrometrics.saturationPressure(Celsius(dryBulb))
    return SiteConditions(dryBulb: Celsius(dryBulb), relativeHumidity: humidity)
  }
}
