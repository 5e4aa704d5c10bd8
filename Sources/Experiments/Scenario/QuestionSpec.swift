// SPDX-License-Identifier: Apache-2.0
public import Units

/// A question that a scenario brings along, as `foreshadow whatif` takes it on the command line.
///
/// ```yaml
/// question: { vary: racks.count=2..12, goals: degradedMinutesPerVmDay <= 1, minimise: cost }
/// ```
public struct QuestionSpec: Sendable, Hashable {
  /// The key and its values; empty when no question is asked.
  public var vary: String
  /// What is to hold.
  public var goals: [String]
  /// The metric that is to be least; empty for the first value that meets the goals.
  public var minimise: String
  /// Label or name of the policy; empty for the scenario's first.
  public var policy: String

  /// Reads the section.
  public init(from source: inout some ParameterSource) {
    vary = source.text(
      "vary", default: "", about: "The key and its values: 2..40, '18..27 °C:0.5', or a,b,c.")
    goals = source.texts(
      "goals", default: [], about: "What is to hold, e.g. degradedMinutesPerVmDay <= 1.")
    minimise = source.text(
      "minimise", default: "", about: "The metric that is to be least; none: the first value.")
    policy = source.text("policy", default: "", about: "The policy; none: the first one.")
  }
}
