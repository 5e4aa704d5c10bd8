// SPDX-License-Identifier: Apache-2.0
import Units

/// Power of a server over its CPU utilisation, as other simulators describe it. Watts.
///
/// Each case has its counterpart among the curves of `dataCenter.racks[].server.custom.curve`,
/// which computes the same formula.
public enum ImportedPowerCurve: Equatable, Sendable {
  /// The same at any load.
  case constant(max: Double)
  /// `idle + (max − idle)·u`
  case linear(idle: Double, max: Double)
  /// `idle + (max − idle)·√u`
  case squareRoot(idle: Double, max: Double)
  /// `idle + (max − idle)·u²`
  case square(idle: Double, max: Double)
  /// `idle + (max − idle)·u³`
  case cubic(idle: Double, max: Double)
  /// `idle + (max − idle)·(2u − u^exponent)`
  case meanSquareError(idle: Double, max: Double, exponent: Double)
  /// `idle + (max − idle)/2·(1 + u − e^(−u/knee))`; with `dvfs` u³ stands for u.
  case asymptotic(idle: Double, max: Double, knee: Double, dvfs: Bool)

  /// Power with nothing to do, in watts.
  public var idleWatts: Double {
    switch self {
    case .constant(let max): max
    case .linear(let idle, _), .squareRoot(let idle, _), .square(let idle, _),
      .cubic(let idle, _), .meanSquareError(let idle, _, _), .asymptotic(let idle, _, _, _):
      idle
    }
  }

  /// The highest power, in watts.
  public var maxWatts: Double {
    switch self {
    case .constant(let max), .linear(_, let max), .squareRoot(_, let max), .square(_, let max),
      .cubic(_, let max), .meanSquareError(_, let max, _), .asymptotic(_, let max, _, _):
      max
    }
  }

  /// The curve as scenarios write it.
  var scenarioText: String {
    let range = "idle: \(numberText(idleWatts)) W, max: \(numberText(maxWatts)) W"
    return switch self {
    case .constant(let max): "{ constant: { max: \(numberText(max)) W } }"
    case .linear: "{ linear: { \(range) } }"
    case .squareRoot: "{ square-root: { \(range) } }"
    case .square: "{ square: { \(range) } }"
    case .cubic: "{ cubic: { \(range) } }"
    case .meanSquareError(_, _, let exponent):
      "{ mse: { \(range), exponent: \(numberText(exponent)) } }"
    case .asymptotic(_, _, let knee, let dvfs):
      "{ asymptotic: { \(range), knee: \(numberText(knee)), dvfs: \(dvfs) } }"
    }
  }
}

/// A kind of host that is not one of the servers that scenarios know by name.
public struct ImportedServer: Equatable, Sendable {
  /// Cores of all its CPUs.
  public var cores: Int
  /// Its memory.
  public var memory: Bytes
  /// Its power over utilisation.
  public var curve: ImportedPowerCurve
}

/// Equal racks of equal hosts.
public struct ImportedRacks: Equatable, Sendable {
  /// Number of racks.
  public var count: Int
  /// Hosts in each of them.
  public var hosts: Int
  /// What the hosts are.
  public var server: ImportedServer
  /// Speed of one core relative to the core in which demand is stated.
  public var coreSpeed: Double
  /// Where they came from, for the reader.
  public var name: String

  /// One element of `dataCenter.racks`.
  var scenarioText: String {
    let mebibytes = server.memory.value / Self.mebibyte
    // Booting takes full power and shutting down idle power, as with the servers known by name.
    return """
          # \(name)
          - count: \(count)
            hosts: \(hosts)
            coreSpeed: \(numberText(coreSpeed))
            server:
              custom:
                cores: \(server.cores) cores
                memory: \(numberText(mebibytes)) MiB
                curve: \(server.curve.scenarioText)
                bootPower: \(numberText(server.curve.maxWatts)) W
                wakePower: \(numberText(server.curve.maxWatts)) W
                shutdownPower: \(numberText(server.curve.idleWatts)) W

      """
  }

  static let mebibyte = 1_048_576.0
}

/// A number as YAML has it: no fraction where there is none.
func numberText(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
