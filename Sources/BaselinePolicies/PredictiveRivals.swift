// SPDX-License-Identifier: Apache-2.0
public import Forecasting
public import Units

/// The parameters of `press`: PRESS-like shadowing (Gong, Gu & Wilkes, CNSM 2010).
public struct PressParameters: Sendable, Hashable {
  /// How load is forecast.
  public var forecast: SignatureMarkov.Parameters
  /// How forecasts become shadows.
  public var shadowing: PredictiveShadowing.Parameters

  /// Reads the parameters.
  public init<Source: ParameterSource>(from source: inout Source) {
    forecast = source.section("forecast", about: "How load is forecast.") {
      SignatureMarkov.Parameters(from: &$0)
    }
    let padding = source.fraction(
      "padding", default: 0.05, in: 0...10,
      about: "Added to the forecast, as a share of it, against under-estimation.")
    let lookAhead = source.integer(
      "lookAhead", default: 1, in: 1...64, about: "Sample intervals that are forecast.")
    shadowing = PredictiveShadowing.Parameters(
      padding: padding, pressure: 1, lookAhead: lookAhead, from: &source)
  }
}

/// The parameters of `agile`: AGILE-like shadowing (Nguyen et al., ICAC 2013).
public struct AgileParameters: Sendable, Hashable {
  /// How load is forecast.
  public var forecast: WaveletMarkov.Parameters
  /// How forecasts become shadows.
  public var shadowing: PredictiveShadowing.Parameters

  /// Reads the parameters; the look-ahead is that of the wavelets.
  public init<Source: ParameterSource>(from source: inout Source) {
    forecast = source.section("forecast", about: "How load is forecast.") {
      WaveletMarkov.Parameters(from: &$0)
    }
    let pressure = source.fraction(
      "pressure", default: 0.9, in: 0.05...10,
      about: "Load over capacity that an instance may be forecast to have (resource pressure).")
    shadowing = PredictiveShadowing.Parameters(
      padding: 0, pressure: pressure, lookAhead: 1 << forecast.scales, from: &source)
  }
}
