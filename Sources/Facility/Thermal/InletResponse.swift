// SPDX-License-Identifier: Apache-2.0
public import Units

/// What servers do when their inlet air gets warm: fans turn faster, chips leak more, clocks are cut,
/// and at last they switch off.
///
/// Server firmware works with tables, so the response is a ladder: step `k` is reached at
/// `start + (k − 1)·step` and left `hysteresis` below. On step `k` fans turn at `1 + k·speedStep`,
/// move that much more air, and draw `fanShare·P_peak·((1 + k·speedStep)³ − 1)` more; leakage adds
/// `leakage·(k·step)` of the present power. Published power tables hold the fans' power of cool
/// air, so step 0 adds nothing.
public struct InletResponse: Sendable, Hashable {
  /// Steps of the ladder; 0: servers don't react.
  public var steps: Int
  /// Inlet temperature of the first step.
  public var start: Celsius
  /// Kelvins from step to step.
  public var step: Double
  /// Fan speed gained with each step, over the design speed.
  public var speedStep: Double
  /// Power of a server's fans at design speed over its highest power.
  public var fanShare: Double
  /// Share of the power added with each kelvin by leakage.
  public var leakage: Double
  /// Inlet temperature from which clocks are cut.
  public var throttle: Celsius
  /// Speed that is left when clocks are cut, 0…1.
  public var throttledSpeed: Double
  /// Inlet temperature at which servers switch themselves off.
  public var critical: Celsius
  /// Kelvins by which it must be cooler for a step or the cut to end.
  public var hysteresis: Double

  /// Extra power of a rack on step `k` that draws `power` and at most `peak`, in W.
  func extraPower(step k: Int, power: Double, peak: Double) -> Double {
    guard k > 0, power > 0 else { return 0 }
    let n = fanSpeed(step: k)
    return fanShare * peak * (n * n * n - 1) + leakage * step * Double(k) * power
  }

  /// Fan speed on step `k` over the design speed.
  func fanSpeed(step k: Int) -> Double { 1 + speedStep * Double(k) }

  /// Reads the section `servers` of the room.
  init(from source: inout some ParameterSource) {
    func celsius(
      _ key: String, _ fallback: Double, _ about: String, _ source: inout some ParameterSource
    )
      -> Celsius
    {
      Celsius(source.quantity(key, .temperature, default: fallback, in: 0...90, about: about))
    }
    func kelvins(
      _ key: String, _ fallback: Double, _ about: String, _ source: inout some ParameterSource
    )
      -> Double
    {
      source.quantity(key, .temperatureDifference, default: fallback, in: 0.01...30, about: about)
    }
    steps = source.integer(
      "fanSteps", default: 0, in: 0...16, about: "steps of the fans' table; 0: fans don't react")
    start = celsius("fanStart", 26, "inlet temperature of the first step", &source)
    step = kelvins("fanStep", 1.5, "kelvins from step to step", &source)
    speedStep = source.fraction(
      "fanSpeedStep", default: 0.08, in: 0...1, about: "fan speed gained with each step")
    fanShare = source.fraction(
      "fanPower", default: 0.05, in: 0...0.5,
      about: "power of the fans at design speed over the rack's highest power")
    leakage = source.fraction(
      "leakagePerKelvin", default: 0, in: 0...0.05,
      about: "power added with each kelvin on the ladder")
    throttle = celsius("throttle", 38, "inlet temperature from which clocks are cut", &source)
    throttledSpeed = source.fraction(
      "throttledSpeed", default: 0.5, in: 0.01...1, about: "speed left when clocks are cut")
    critical = celsius("critical", 45, "inlet temperature at which servers switch off", &source)
    hysteresis = kelvins("hysteresis", 1, "kelvins cooler for a step or the cut to end", &source)
    if critical <= throttle {
      source.problem("critical", "must be above \"throttle\" (\(throttle.value) °C)")
    }
  }
}
