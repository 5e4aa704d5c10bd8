// SPDX-License-Identifier: Apache-2.0

/// Whether forecasts find more overloads than a hold-off would, judged by what came.
///
/// Most overloaded intervals follow another one and need no forecast; what a policy wins by
/// forecasting are *onsets*: overloaded intervals after one that was not. Each interval the model's
/// alarms for VMs that were not overloaded are compared with as many alarms given to the VMs whose
/// last overload is most recent, which is what a hold-off does. Both catches fade, so the answer
/// follows the load. On some traces (PlanetLab) no model does better, and the right answer is to
/// act as a reactive policy.
package struct Predictability: Sendable, Codable {
  /// Onsets that the model's alarms caught, faded.
  package private(set) var caughtByModel = 0.0
  /// Onsets that as many alarms by recency would have caught, faded.
  package private(set) var caughtByHoldOff = 0.0
  /// Onsets in all, faded.
  package private(set) var onsets = 0.0
  /// Whether the model is to be believed.
  package private(set) var isTrusted: Bool

  /// Intervals since the last overload of each VM: 0 is now, ``longest`` or more is "long ago".
  private var quietSteps: [Int]
  /// Faded counts by quiet steps: how often a VM was so far, and was overloaded next.
  private var trials: [Double]
  private var overloads: [Double]
  private let fade: Double
  private let longest: Int

  /// Onsets that must have been seen before a judgement: sums below are mostly chance.
  private static let leastEvidence = 40.0
  /// Standard deviations by which the model must have caught more than the hold-off: to be
  /// believed, and to go on being believed. Counts of catches are about Poisson, so the standard
  /// deviation of their difference is the root of their sum.
  private static let winningDeviations = 4.0
  private static let losingDeviations = 2.0
  /// Counts halve in about half a day.
  private static let halfLifeHours = 12.0

  /// A monitor that has seen nothing.
  ///
  /// - Parameters:
  ///   - vmCount: Number of VMs.
  ///   - stepsPerHour: Sample intervals in an hour.
  ///   - isTrusted: Whether the model is believed before there is evidence: one that was trained to
  ///     answer the question is, a bound of a load forecast is not.
  package init(vmCount: Int, stepsPerHour: Int, isTrusted: Bool) {
    self.isTrusted = isTrusted
    longest = 3 * stepsPerHour
    fade = 1 - 0.693 / (Self.halfLifeHours * Double(stepsPerHour))
    quietSteps = [Int](repeating: longest, count: vmCount)
    // One made-up trial a class, so that an unseen class has a probability.
    trials = [Double](repeating: 1, count: longest + 1)
    overloads = [Double](repeating: 0, count: longest + 1)
  }

  /// Takes what came of an interval, and what had been said about it.
  ///
  /// - Parameters:
  ///   - loads: Mean loads; NaN is missing.
  ///   - capacities: One a VM, same unit.
  ///   - probabilities: What the model had said of this interval; empty if nothing.
  ///   - threshold: The probability from which on it was an alarm.
  /// - Returns: Whether ``isTrusted`` has changed.
  package mutating func observe(
    _ loads: [Double], capacities: [Double], probabilities: [Double], threshold: Double
  ) -> Bool {
    score(loads, capacities, probabilities, threshold)
    for index in trials.indices {
      trials[index] = 1 + (trials[index] - 1) * fade
      overloads[index] *= fade
    }
    for vm in loads.indices where loads[vm].isFinite {
      let isOverloaded = loads[vm] > capacities[vm]
      trials[quietSteps[vm]] += 1
      overloads[quietSteps[vm]] += isOverloaded ? 1 : 0
      quietSteps[vm] = isOverloaded ? 0 : min(longest, quietSteps[vm] + 1)
    }
    return judge()
  }

  private mutating func score(
    _ loads: [Double], _ capacities: [Double], _ probabilities: [Double], _ threshold: Double
  ) {
    onsets *= fade
    caughtByModel *= fade
    caughtByHoldOff *= fade
    guard !probabilities.isEmpty else { return }
    var candidates = [Int](repeating: 0, count: longest + 1)
    var starting = candidates
    var alarms = 0
    for vm in loads.indices where loads[vm].isFinite && quietSteps[vm] > 0 {
      let isOnset = loads[vm] > capacities[vm]
      candidates[quietSteps[vm]] += 1
      starting[quietSteps[vm]] += isOnset ? 1 : 0
      onsets += isOnset ? 1 : 0
      guard probabilities[vm] > threshold else { continue }
      alarms += 1
      caughtByModel += isOnset ? 1 : 0
    }
    var left = Double(alarms)
    for steps in candidates.indices where candidates[steps] > 0 && left > 0 {
      let taken = min(left, Double(candidates[steps]))
      caughtByHoldOff += taken / Double(candidates[steps]) * Double(starting[steps])
      left -= taken
    }
  }

  private mutating func judge() -> Bool {
    let before = isTrusted
    guard onsets >= Self.leastEvidence else { return false }
    let deviation = (caughtByModel + caughtByHoldOff).squareRoot()
    let lead = caughtByModel - caughtByHoldOff
    if lead < Self.losingDeviations * deviation { isTrusted = false }
    if lead > Self.winningDeviations * deviation { isTrusted = true }
    return isTrusted != before
  }

  /// How likely each VM is to be overloaded in the next interval, by the time since its last
  /// overload alone: the rate over all VMs that were so far. A hold-off with a length of its own
  /// choice.
  package func holdOffProbabilities() -> [Double] {
    quietSteps.map { overloads[$0] / trials[$0] }
  }

  /// The judgement in words.
  package var reason: String {
    func percent(_ count: Double) -> String { "\(Int((100 * count / max(onsets, 1)).rounded())) %" }
    return "forecasts found \(percent(caughtByModel)) of the overload onsets, as many alarms by "
      + "recency \(percent(caughtByHoldOff)): "
      + (isTrusted ? "acting on forecasts" : "falling back to hold-off")
  }
}
