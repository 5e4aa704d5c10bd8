// SPDX-License-Identifier: Apache-2.0
import ControlPlane
public import Units

/// The knobs of PVMS. `riskLevel` is the one that frontiers sweep; the others follow it by default.
public struct PVMSParameters: Sendable, Hashable {
  /// What a shadow must be worth.
  public enum Objective: String, Sendable, CaseIterable {
    /// Degraded time saved: a shadow must be likelier to be needed than the risk level.
    case degradedTime
    /// Unserved work saved: expected core-seconds above capacity must exceed the risk level times
    /// the core-seconds that the shadow holds.
    case unservedWork
  }

  /// Degraded seconds that one second of an active shadow may save at least, in expectation: the
  /// price of shadows in units of what they prevent.
  public var riskLevel: Double
  /// A shadow carries traffic when overload in the next sample interval is likelier than this.
  public var activeRisk: Double
  /// A suspended standby is kept when overload within the hour is likelier than this.
  public var standbyRisk: Double
  /// A shadow that the next hour does not need is suspended, and kept for `standbyDwell`, when
  /// overload a day from now is at least this likely; otherwise it is terminated at once.
  public var dayRisk: Double
  /// A shadow goes on carrying traffic until the probability has fallen below this part of
  /// `activeRisk` (hysteresis).
  public var releaseFactor: Double
  /// How long a standby is kept at least.
  public var standbyDwell: SimTime
  /// Load over capacity that is dealt with at once, whatever was forecast.
  public var reactiveThreshold: Double
  /// How long after such a surprise the shadow stays active (what a reactive policy would do).
  public var surpriseHoldOff: SimTime
  /// Most shadows of one VM.
  public var maximumShadows: Int
  /// Commands about the shadows of one VM in any hour, at most.
  public var actionsPerHour: Int
  /// Size of a standby as a share of its primary.
  public var standbySize: Double
  /// How long before a maintenance window its hosts are emptied.
  public var evacuationLead: SimTime
  /// Part of a host's CPU that may be used after a VM has been moved to it.
  public var targetHostLoad: Double
  /// What decides whether a shadow is worth it.
  public var objective: Objective
  /// Load over capacity from which on an anomaly is answered with a shadow at once.
  public var anomalyLoad: Double
  /// When racks are switched off and on.
  public var power: RackPowerParameters
  /// Whether forecasts that find no more overloads than a hold-off does are given up for one.
  public var fallsBack: Bool

  /// Reads the parameters.
  public init<Source: ParameterSource>(from source: inout Source) {
    riskLevel = source.fraction(
      "riskLevel", default: 0.15, in: 0.0002...0.9999,
      about: "Price of a second of shadow in degraded seconds; sets the two risks below.")
    activeRisk = source.fraction(
      "activeRisk", default: riskLevel, in: 0.0001...0.9999,
      about: "Overload probability in the next sample from which on traffic is shifted "
        + "(default: riskLevel).")
    standbyRisk = source.fraction(
      "standbyRisk", default: 0.8 * riskLevel, in: 0.0001...0.9999,
      about: "Overload probability within the hour from which on a standby is kept "
        + "(default: 0.8 × riskLevel).")
    dayRisk = source.fraction(
      "dayRisk", default: 0.02, in: 0...1,
      about: "Overload probability at this time tomorrow from which on a shadow that the next hour "
        + "does not need is suspended for standbyDwell rather than terminated.")
    releaseFactor = source.fraction(
      "releaseFactor", default: 0.7, in: 0.01...1,
      about: "Traffic returns below this part of activeRisk (hysteresis).")
    standbyDwell = source.time(
      "standbyDwell", default: .minutes(30), about: "How long a standby is kept at least.")
    reactiveThreshold = source.fraction(
      "reactiveThreshold", default: 1, in: 0.05...10,
      about: "Load over capacity that is dealt with at once, whatever was forecast.")
    surpriseHoldOff = source.time(
      "surpriseHoldOff", default: .minutes(2),
      about: "How long a shadow stays active after an overload that was not forecast.")
    maximumShadows = source.integer(
      "maximumShadows", default: 4, in: 1...64, about: "Most shadows of one VM.")
    actionsPerHour = source.integer(
      "actionsPerHour", default: ActionBudget.usualLimit(shadows: maximumShadows), in: 8...100_000,
      about: "Commands about the shadows of one VM in any hour, at most.")
    standbySize = source.fraction(
      "standbySize", default: 0.25, in: 0.01...1,
      about: "Size of a standby as a share of its primary.")
    evacuationLead = source.time(
      "evacuationLead", default: .hours(1),
      about: "How long before a maintenance window its hosts are emptied.")
    targetHostLoad = source.fraction(
      "targetHostLoad", default: 0.9, in: 0.01...1,
      about: "Part of a host's CPU that may be in use after a VM was moved there.")
    let name = source.choice(
      "objective", default: Objective.degradedTime.rawValue,
      of: Objective.allCases.map(\.rawValue),
      about: "What a shadow must save to be worth it: degraded time or unserved work.")
    objective = Objective(rawValue: name) ?? .degradedTime
    anomalyLoad = source.fraction(
      "anomalyLoad", default: 0.8, in: 0.01...10,
      about: "Load over capacity from which on an anomaly is answered with a shadow at once.")
    power = source.section("power", about: "Switching racks off and on.") {
      RackPowerParameters(from: &$0)
    }
    fallsBack = source.flag(
      "fallsBack", default: true,
      about: "Give forecasts up for a hold-off while they find no more overloads than that does.")
  }
}
