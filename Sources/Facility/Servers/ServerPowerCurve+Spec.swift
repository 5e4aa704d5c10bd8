// SPDX-License-Identifier: Apache-2.0
public import Units

extension ServerPowerCurve {
  /// Reads the key `curve`; reports a curve that no real server can have.
  public init<Source: ParameterSource>(from source: inout Source) {
    let curve: ServerPowerCurve = source.alternative(
      "curve", default: "linear", of: Self.alternatives(), about: "power against CPU utilisation")
    if let defect = curve.defect { source.problem("curve", defect) }
    self = curve
  }

  /// The curves, one line each.
  static func alternatives<Source: ParameterSource>() -> [Alternative<Source, ServerPowerCurve>] {
    [
      Alternative("table", about: "eleven measured points, SPECpower_ssj2008") { readTable(&$0) },
      Alternative("constant", about: "the same at any load") { .constant(readPeak(&$0)) },
      Alternative("linear", about: "idle + (max − idle)·u; Fan et al. 2007") {
        .linear(idle: readIdle(&$0), max: readPeak(&$0))
      },
      Alternative("square-root", about: "idle + (max − idle)·√u; OpenDC") {
        .squareRoot(idle: readIdle(&$0), max: readPeak(&$0))
      },
      Alternative("square", about: "idle + (max − idle)·u²; OpenDC") {
        .square(idle: readIdle(&$0), max: readPeak(&$0))
      },
      Alternative("cubic", about: "idle + (max − idle)·u³; OpenDC") {
        .cubic(idle: readIdle(&$0), max: readPeak(&$0))
      },
      Alternative("mse", about: "idle + (max − idle)·(2u − u^r); Fan et al. 2007") {
        readMeanSquareError(&$0)
      },
      Alternative("asymptotic", about: "idle + (max − idle)/2·(1 + u − e^(−u/a)); OpenDC") {
        readAsymptotic(&$0)
      },
      Alternative("core-based", about: "idle, else epsilon + (allCores − epsilon)·u; SimGrid") {
        readCoreBased(&$0)
      },
    ]
  }
}

private func watts(
  _ key: String, _ fallback: Double, _ about: String, _ source: inout some ParameterSource
) -> Watts {
  Watts(source.quantity(key, .power, default: fallback, in: 0...100_000, about: about))
}

private func readIdle(_ source: inout some ParameterSource) -> Watts {
  watts("idle", 100, "power at no load", &source)
}

private func readPeak(_ source: inout some ParameterSource) -> Watts {
  watts("max", 400, "power at full load", &source)
}

private func readTable(_ source: inout some ParameterSource) -> ServerPowerCurve {
  let fallback = [55.0, 125, 151, 176, 202, 232, 261, 301, 357, 421, 469]
  let values = source.quantities(
    "watts", .power, default: fallback, in: 0...100_000,
    about: "power at 0, 10, … 100 % load")
  guard values.count == 11 else {
    source.problem("watts", "expected 11 values (0, 10, … 100 % load), found \(values.count)")
    return .table(PowerTable(watts: fallback))
  }
  return .table(PowerTable(watts: values))
}

private func readMeanSquareError(_ source: inout some ParameterSource) -> ServerPowerCurve {
  let idle = readIdle(&source)
  let peak = readPeak(&source)
  let exponent = source.number(
    "exponent", default: 1.4, in: 1...2, about: "r of the fit; above 2 power would fall near u = 1")
  return .meanSquareError(idle: idle, max: peak, exponent: exponent)
}

private func readAsymptotic(_ source: inout some ParameterSource) -> ServerPowerCurve {
  let idle = readIdle(&source)
  let peak = readPeak(&source)
  let knee = source.number(
    "knee", default: 0.3, in: 0.01...10, about: "utilisation a at which the curve flattens")
  let dvfs = source.flag("dvfs", default: false, about: "frequency scaling: u³ stands for u")
  return .asymptotic(idle: idle, max: peak, knee: knee, dvfs: dvfs)
}

private func readCoreBased(_ source: inout some ParameterSource) -> ServerPowerCurve {
  let idle = readIdle(&source)
  let epsilon = watts("epsilon", 120, "power as soon as something runs", &source)
  let allCores = watts("allCores", 200, "power with every core busy", &source)
  return .coreBased(idle: idle, epsilon: epsilon, allCores: allCores)
}
