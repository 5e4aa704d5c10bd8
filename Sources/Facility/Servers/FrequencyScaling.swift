// SPDX-License-Identifier: Apache-2.0
public import Units

/// Frequency steps of a server together with the governor that chooses among them.
///
/// A governor samples every few milliseconds, and loads hold for seconds and more, so the plant does
/// not simulate the samples: whenever a load changes, it takes the step at which the governor comes
/// to rest. All cores of a host share one clock, and the busiest decides, as under a shared cpufreq
/// policy of Linux.
public struct FrequencyScaling: Sendable, Hashable {
  /// Who chooses.
  public var governor: DVFSGovernor
  /// What there is to choose from.
  public var steps: FrequencySteps

  /// A governor and its steps.
  public init(governor: DVFSGovernor = .performance, steps: FrequencySteps = FrequencySteps()) {
    self.governor = governor
    self.steps = steps
  }

  /// Reads the keys of the section `dvfs`.
  public init<Source: ParameterSource>(from source: inout Source) {
    let standard = FrequencySteps()
    governor = source.alternative(
      "governor", default: "performance", of: DVFSGovernor.alternatives(),
      about: "Who chooses a host's clock, after Linux's cpufreq governors.")
    let count = source.integer(
      "steps", default: standard.speeds.count, in: 1...64,
      about: "Clocks to choose from, equally far apart.")
    let slowest = source.fraction(
      "slowest", default: standard.speeds.last ?? 1, in: 0.01...0.99,
      about: "The slowest clock over the highest.")
    let exponent = source.number(
      "exponent", default: standard.exponent, in: 0...4,
      about: "Power above idle goes with this power of the clock: 1 frequency alone, 3 CMOS.")
    steps = FrequencySteps(count: count, slowest: slowest, exponent: exponent)
  }

  /// Whether a host ever leaves its highest clock.
  public var isActive: Bool { governor != .performance && steps.speeds.count > 1 }

  /// The step at which the governor comes to rest.
  ///
  /// Where it does not rest but goes round (a step too slow for the load, the next too fast for the
  /// rule), the fastest of the round is taken: such a governor loses energy and not work.
  /// - Parameters:
  ///   - current: present step.
  ///   - wanted: what the busiest core would use at the highest clock, 0…1.
  /// - Returns: position of the step in `steps`.
  public func settled(from current: Int, wanted: Double) -> Int {
    let count = steps.speeds.count
    var step = min(max(current, 0), count - 1)
    func next(_ step: Int) -> Int {
      governor.next(
        current: step, load: min(1, wanted / steps.speeds[step]), speeds: steps.speeds)
    }
    // After as many moves as there are steps it rests or is in its round.
    for _ in 0..<count {
      let moved = next(step)
      if moved == step { return step }
      step = moved
    }
    var fastest = step
    for _ in 0..<count {
      step = next(step)
      fastest = min(fastest, step)
    }
    return fastest
  }
}

extension FrequencySteps {
  /// So many clocks from 1 down to `slowest`, equally far apart.
  ///
  /// - Precondition: `count` is positive, `slowest` lies between 0 and 1, `exponent` is not negative.
  public init(count: Int, slowest: Double, exponent: Double) {
    let gaps = Double(max(count - 1, 1))
    self.init(
      speeds: (0..<count).map { 1 - (1 - slowest) * Double($0) / gaps }, exponent: exponent)
  }
}
