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
    let speeds = source.quantities(
      "speeds", .fraction, default: standard.speeds, in: 0.01...1,
      about: "Clocks over the highest one, falling from 100 %.")
    let exponent = source.number(
      "exponent", default: standard.exponent, in: 0...4,
      about: "Power above idle goes with this power of the clock: 1 frequency alone, 3 CMOS.")
    if let defect = FrequencySteps.defect(of: speeds) {
      source.problem("speeds", defect)
      steps = FrequencySteps(exponent: exponent)
    } else {
      steps = FrequencySteps(speeds: speeds, exponent: exponent)
    }
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
  /// Why clocks can't be steps, or nil.
  static func defect(of speeds: [Double]) -> String? {
    if speeds.first != 1 { return "must begin with 100 %" }
    if !zip(speeds, speeds.dropFirst()).allSatisfy({ $0 > $1 }) { return "must fall" }
    return nil
  }
}
