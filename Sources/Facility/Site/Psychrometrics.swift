// SPDX-License-Identifier: Apache-2.0
public import Units

/// Relations of moist air, ASHRAE Handbook—Fundamentals (2017), chapter 1.
///
/// Saturation pressure by the Magnus form of Alduchov and Eskridge (J. Appl. Meteorol. 35, 1996,
/// eq. 21): `e_s = 610.94·e^{17.625 t/(t + 243.04)}` Pa, within 0.4 % from −40 to 50 °C.
public enum Psychrometrics {
  /// Pressure of saturated water vapour over water in Pa.
  public static func saturationPressure(_ temperature: Celsius) -> Double {
    let t = temperature.value
    return 610.94 * Elementary.exp(17.625 * t / (t + 243.04))
  }

  /// The temperature at which air of this temperature and relative humidity (0…1) is saturated.
  public static func dewPoint(dryBulb: Celsius, relativeHumidity: Double) -> Celsius {
    let t = dryBulb.value
    let g = Elementary.log(relativeHumidity) + 17.625 * t / (t + 243.04)
    return Celsius(min(t, 243.04 * g / (17.625 - g)))
  }

  /// Mass of vapour a mass of dry air (kg/kg) at saturation.
  static func saturatedHumidityRatio(_ temperature: Celsius, _ pressurePascals: Double) -> Double {
    let vapour = min(saturationPressure(temperature), 0.9 * pressurePascals)
    return 0.621945 * vapour / (pressurePascals - vapour)
  }

  /// The temperature to which evaporating water cools this air.
  ///
  /// Solves ASHRAE's equation (33), `W = ((2501 − 2.326 t*)·W_s* − 1.006 (t − t*)) /
  /// (2501 + 1.86 t − 4.186 t*)`, for `t*` by bisection: its right side grows with `t*`.
  public static func wetBulb(
    dryBulb: Celsius, relativeHumidity: Double, pressurePascals: Double = 101_325
  ) -> Celsius {
    let t = dryBulb.value
    let vapour = relativeHumidity * min(saturationPressure(dryBulb), 0.9 * pressurePascals)
    let wanted = 0.621945 * vapour / (pressurePascals - vapour)
    var low = dewPoint(dryBulb: dryBulb, relativeHumidity: relativeHumidity).value
    var high = t
    for _ in 0..<50 {
      let wet = 0.5 * (low + high)
      let saturated = saturatedHumidityRatio(Celsius(wet), pressurePascals)
      let found =
        ((2501 - 2.326 * wet) * saturated - 1.006 * (t - wet)) / (2501 + 1.86 * t - 4.186 * wet)
      if found < wanted { low = wet } else { high = wet }
    }
    return Celsius(0.5 * (low + high))
  }
}
