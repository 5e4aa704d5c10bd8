// SPDX-License-Identifier: Apache-2.0
public import Units

/// Frequency steps of a server, and what a lower step saves.
///
/// At step `k` the server has the share `s_k` of its capacity (the frequency over the highest one)
/// and, while that share is used at `u` (0…1), draws
///
///     P = P_idle + (P(u) − P_idle)·s_k^α
///
/// with `P` the curve at the highest frequency. `α = 3` is the CMOS law `P ~ f·V²` with voltage in
/// step with frequency; measured servers are between 1 (frequency alone) and 3.
public struct FrequencySteps: Sendable, Hashable {
  /// `s_k`, descending from 1.
  public var speeds: [Double]
  /// `α`.
  public var exponent: Double

  /// Steps.
  ///
  /// - Precondition: `speeds` descend from 1 to something above 0, and `exponent` is not negative.
  public init(speeds: [Double] = [1, 0.9, 0.8, 0.7, 0.6, 0.5], exponent: Double = 2.4) {
    precondition(speeds.first == 1 && speeds.allSatisfy { $0 > 0 } && exponent >= 0)
    precondition(zip(speeds, speeds.dropFirst()).allSatisfy { $0 > $1 })
    self.speeds = speeds
    self.exponent = exponent
  }

  /// Power at `step` while `utilisation` of the step's capacity is used.
  public func power(_ curve: ServerPowerCurve, step: Int, utilisation: Double) -> Watts {
    let dynamic = curve.power(at: utilisation) - curve.idlePower
    return curve.idlePower + dynamic * Elementary.pow(speeds[step], exponent)
  }

  /// The highest use of the step's capacity, 0…1, at which the power is within `limit`; 0 when even
  /// idling is not.
  public func utilisation(_ curve: ServerPowerCurve, step: Int, within limit: Watts) -> Double {
    let dynamic = (limit - curve.idlePower) / Elementary.pow(speeds[step], exponent)
    return curve.utilisation(within: curve.idlePower + dynamic)
  }
}

/// Who chooses the frequency step of a server (0 is the fastest), once a period, from its load.
///
/// The rules are those of Linux's cpufreq governors, the first four as SimGrid's host-dvfs plugin
/// states them, `schedutil` as the kernel does (kernel/sched/cpufreq_schedutil.c): the slowest step of
/// at least 1.25 times what is used.
public enum DVFSGovernor: Sendable, Hashable {
  /// Always the fastest step.
  case performance
  /// Always the slowest step.
  case powersave
  /// The fastest step above `threshold`, below it a step in proportion to the load.
  case ondemand(threshold: Double)
  /// One step faster above `up`, one slower below `down`.
  case conservative(up: Double, down: Double)
  /// The slowest step whose speed is `headroom` times the load or more.
  case schedutil(headroom: Double)

  /// The next step.
  ///
  /// - Parameters:
  ///   - current: present step.
  ///   - load: share of the present step's capacity in use, 0…1.
  ///   - speeds: each step's speed over the fastest, which comes first.
  /// - Returns: the step for the next period.
  public func next(current: Int, load: Double, speeds: [Double]) -> Int {
    let count = speeds.count
    let slowest = count - 1
    switch self {
    case .performance: return 0
    case .powersave: return slowest
    case .ondemand(let threshold):
      if load > threshold { return 0 }
      return min(max(Int(Double(slowest) - load * Double(count)), 0), slowest)
    case .conservative(let up, let down):
      if load > up { return max(current - 1, 0) }
      if load < down { return min(current + 1, slowest) }
      return current
    case .schedutil(let headroom):
      // Rounding must not make a step that is just enough look too slow.
      let need = headroom * load * speeds[current] * (1 - 1e-12)
      return speeds.lastIndex { $0 >= need } ?? 0
    }
  }

  /// The governors, one line each.
  public static func alternatives<Source: ParameterSource>() -> [Alternative<Source, DVFSGovernor>]
  {
    [
      Alternative("performance", about: "always the fastest step") { _ in .performance },
      Alternative("powersave", about: "always the slowest step") { _ in .powersave },
      Alternative("ondemand", about: "fastest above a threshold, else in proportion to load") {
        .ondemand(
          threshold: $0.fraction("threshold", default: 0.8, about: "load that asks for all"))
      },
      Alternative("conservative", about: "one step up or down at a time") {
        let up = $0.fraction("up", default: 0.8, about: "load above which it goes faster")
        let down = $0.fraction("down", default: 0.2, about: "load below which it goes slower")
        if down >= up { $0.problem("down", "must be below \"up\"") }
        return .conservative(up: up, down: down)
      },
      Alternative("schedutil", about: "the slowest step with headroom over the load") {
        .schedutil(
          headroom: $0.number(
            "headroom", default: 1.25, in: 1...4, about: "speed over what is used"))
      },
    ]
  }
}
