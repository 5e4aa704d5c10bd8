// SPDX-License-Identifier: Apache-2.0
public import Units

/// Coefficient of performance of an air conditioner against its supply temperature:
/// `CoP(T) = c₂T² + c₁T + c₀`, `T` in °C; electric power is `Q/CoP(T)`.
///
/// The default is the fit to a CRAC of the HP Utility Data Center, Moore et al., "Making scheduling
/// cool", USENIX ATC 2005: `0.0068 T² + 0.0008 T + 0.458`. It knows nothing of the outdoor air;
/// `outdoorLoss` takes that share of the CoP off for each kelvin above `outdoorReference` (a
/// condenser in the sun), and puts it on below, down to a tenth and up to double.
public struct CoPCurve: Sendable, Hashable, Codable {
  /// `c₂` in 1/K².
  public var quadratic: Double
  /// `c₁` in 1/K.
  public var linear: Double
  /// `c₀`.
  public var constant: Double
  /// Share of the CoP lost with each kelvin of outdoor air.
  public var outdoorLoss: Double
  /// Outdoor temperature for which the fit holds.
  public var outdoorReference: Celsius

  /// A curve; the defaults are HP's.
  public init(
    quadratic: Double = 0.0068, linear: Double = 0.0008, constant: Double = 0.458,
    outdoorLoss: Double = 0, outdoorReference: Celsius = Celsius(25)
  ) {
    self.quadratic = quadratic
    self.linear = linear
    self.constant = constant
    self.outdoorLoss = outdoorLoss
    self.outdoorReference = outdoorReference
  }

  /// Heat moved for each joule of electricity.
  public func coefficient(supply: Celsius, outdoor: Celsius) -> Double {
    let t = supply.value
    let fit = (quadratic * t + linear) * t + constant
    let weather = 1 - outdoorLoss * (outdoor - outdoorReference)
    return fit * min(max(weather, 0.1), 2)
  }

  /// Reads the curve's keys.
  public init(from source: inout some ParameterSource) {
    let standard = CoPCurve()
    quadratic = source.number(
      "copQuadratic", default: standard.quadratic, in: -1...1, about: "c₂ of CoP(T), T supply in °C"
    )
    linear = source.number(
      "copLinear", default: standard.linear, in: -10...10, about: "c₁ of CoP(T)")
    constant = source.number(
      "copConstant", default: standard.constant, in: -100...100, about: "c₀ of CoP(T)")
    outdoorLoss = source.fraction(
      "copLossPerKelvin", default: 0, in: 0...0.1,
      about: "share of the CoP lost per kelvin of outdoor air above the reference")
    outdoorReference = Celsius(
      source.quantity(
        "copOutdoorReference", .temperature, default: 25, in: -50...60,
        about: "outdoor temperature at which CoP(T) holds"))
  }

  /// The lowest supply temperature in `range` at which the curve is not positive, if any.
  func firstDefect(in range: ClosedRange<Double>) -> Double? {
    for step in 0...200 {
      let t = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 200
      if (quadratic * t + linear) * t + constant <= 0 { return t }
    }
    return nil
  }
}
