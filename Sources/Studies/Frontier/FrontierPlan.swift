// SPDX-License-Identifier: Apache-2.0
public import Experiments
import Units

/// The settings of each policy's knob that a frontier is made of.
public struct FrontierPlan: Sendable {
  /// One setting: what a comparison runs.
  public struct Setting: Sendable {
    /// Value of the knob as written; empty for a policy without one.
    public var value: String
    /// The policy with this value.
    public var policy: PolicySpec
  }

  /// One policy.
  public struct Entry: Sendable {
    /// Label in the scenario, or name.
    public var label: String
    /// Key of its knob; empty when it has none.
    public var key: String
    /// Whether it acts only on what it sees and keeps nothing ready.
    public var isColdReactive: Bool
    /// Its settings in the order of the values.
    public var settings: [Setting]
  }

  /// The policies in the order asked for.
  public let entries: [Entry]
  /// All settings, policy by policy: the policies of the comparison to run.
  public var policies: [PolicySpec] { entries.flatMap { $0.settings.map(\.policy) } }

  /// Plans a frontier.
  ///
  /// - Parameters:
  ///   - scenario: What to simulate. A policy that stands in it keeps its other parameters.
  ///   - names: Labels of the scenario's policies, or names of other policies.
  ///   - knobs: Knobs instead of the catalogue's, by label or name; the last one counts.
  ///   - folder: Finds the files that the scenario names.
  /// - Throws: ``StudyError`` for an unknown policy or a policy that is there twice, and
  ///   `ScenarioError` for a key or value that the policy does not take.
  public init(
    scenario: ScenarioFile, names: [String], knobs: [PolicyKnob], folder: ScenarioFolder
  ) throws {
    guard !names.isEmpty else { throw StudyError("name at least one policy") }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw StudyError("policy \"\(twice)\" is there twice")
    }
    if let stray = knobs.first(where: { !names.contains($0.policy) }) {
      throw StudyError(
        "a knob is given for \"\(stray.policy)\", which is not among the policies "
          + names.joined(separator: ", "))
    }
    entries = try names.map {
      try Self.entry($0, in: scenario, knobs: knobs, folder: folder)
    }
  }

  private static func entry(
    _ label: String, in scenario: ScenarioFile, knobs: [PolicyKnob], folder: ScenarioFolder
  ) throws -> Entry {
    let listed = scenario.spec.policies.firstIndex { $0.label == label || $0.name == label }
    let name = listed.map { scenario.spec.policies[$0].name } ?? label
    guard PolicyCatalog.names.contains(name) else {
      let nearest = nearestName(to: name, in: PolicyCatalog.names)
      throw StudyError(
        "no policy \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    let knob =
      knobs.last { $0.policy == label } ?? PolicyCatalog.knobs.first { $0.policy == name }
    // Without a list in the file there is nothing to keep: the policy alone is put there.
    let index = scenario.listsPolicies ? listed : nil
    let settings = try (knob?.values ?? [""]).map { value in
      let key = knob?.key ?? ""
      let shown = value.isEmpty ? label : "\(label) \(key)=\(value)"
      var policy = try variant(
        of: scenario, name: name, at: index, key: key, value: value, folder: folder)
      policy.label = shown
      return Setting(value: value, policy: policy)
    }
    return Entry(
      label: label, key: knob?.key ?? "",
      isColdReactive: PolicyCatalog.coldReactiveNames.contains(name), settings: settings)
  }

  /// The policy with one key set, read as the scenario would be read.
  private static func variant(
    of scenario: ScenarioFile, name: String, at index: Int?, key: String, value: String,
    folder: ScenarioFolder
  ) throws -> PolicySpec {
    if value.isEmpty, let index { return scenario.spec.policies[index] }
    let texts =
      index.map { ["policies[\($0)].\(name).\(key)=\(value)"] }
      ?? (value.isEmpty
        ? ["policies=[\(name)]"] : ["policies=[\(name)]", "policies[0].\(name).\(key)=\(value)"])
    let overrides = texts.compactMap { ScenarioOverride($0) }
    guard overrides.count == texts.count else {
      throw StudyError("\"\(key)\" is not the key of a policy")
    }
    let policies = try scenario.setting(overrides, folder: folder).spec.policies
    return policies[index ?? 0]
  }
}
