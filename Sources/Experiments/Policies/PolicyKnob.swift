// SPDX-License-Identifier: Apache-2.0

/// The parameter by which a policy trades quality for cost, and the values that a frontier sweeps.
public struct PolicyKnob: Sendable, Hashable {
  /// Name of the policy in scenarios.
  public var policy: String
  /// Key of the policy's section.
  public var key: String
  /// Values as a scenario writes them.
  public var values: [String]

  /// A knob.
  public init(policy: String, key: String, values: [String]) {
    self.policy = policy
    self.key = key
    self.values = values
  }

  /// Reads `reactive-shadow:holdOff=5 min,30 min`; nil when a part is missing.
  public init?(_ text: String) {
    guard let mark = text.firstIndex(of: "="),
      let colon = text[..<mark].firstIndex(of: ":")
    else { return nil }
    policy = String(text[..<colon]).trimmed
    key = String(text[text.index(after: colon)..<mark]).trimmed
    values = text[text.index(after: mark)...].split(separator: ",").map { String($0).trimmed }
    if policy.isEmpty || key.isEmpty || values.isEmpty || values.contains("") { return nil }
  }
}

extension PolicyCatalog {
  private static let holdOffs = ["5", "10", "15", "20", "30", "45", "60", "90", "120", "180"].map {
    "\($0) min"
  }

  /// The knob of each policy that has one. The others are one point of a frontier.
  public static let knobs = [
    PolicyKnob(
      policy: "pvms", key: "riskLevel",
      values: ["0.02", "0.05", "0.1", "0.15", "0.2", "0.3", "0.5", "0.8"]),
    PolicyKnob(policy: "reactive-shadow", key: "holdOff", values: holdOffs),
    PolicyKnob(policy: "standby-all", key: "holdOff", values: holdOffs),
    PolicyKnob(policy: "delay-off", key: "wait", values: holdOffs),
    PolicyKnob(
      policy: "threshold-autoscaling", key: "target",
      values: ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]),
    PolicyKnob(
      policy: "moving-window", key: "margin", values: ["0", "0.05", "0.15", "0.3", "0.6", "1"]),
    PolicyKnob(
      policy: "press", key: "padding", values: ["0", "0.05", "0.1", "0.2", "0.4", "0.8"]),
    PolicyKnob(
      policy: "agile", key: "pressure",
      values: ["0.4", "0.6", "0.7", "0.8", "0.9", "1", "1.2"]),
  ]

  /// Policies that act only on what they see and keep nothing ready: what prediction is compared
  /// with. The static ones know the run; `standby-all` pays for standbys all the time.
  public static let coldReactiveNames = [
    "none", "reactive-shadow", "threshold-autoscaling", "delay-off", "moving-window",
    "rebalancing", "consolidation",
  ]
}

extension String {
  fileprivate var trimmed: String {
    let start = drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
