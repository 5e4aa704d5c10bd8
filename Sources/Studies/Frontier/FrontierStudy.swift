// SPDX-License-Identifier: Apache-2.0
public import Experiments

/// A frontier with the comparison that it is made of.
public struct FrontierStudy: Sendable {
  /// What was simulated.
  public let scenario: ScenarioFile
  /// Seeds.
  public let seeds: [UInt64]
  /// What is paid.
  public let cost: Metric
  /// What is lost.
  public let quality: Metric
  /// The curves.
  public let frontier: Frontier

  /// A metric that can be an axis.
  ///
  /// - Throws: ``StudyError`` when there is none of that name, or it is not better when lower.
  public static func axis(_ name: String) throws(StudyError) -> Metric {
    let metric = try Metric.called(name)
    guard metric.better == .lower else {
      throw StudyError("metric \"\(name)\" is not better when lower, so it cannot be an axis")
    }
    return metric
  }

  /// A frontier from a comparison of all settings of a plan.
  ///
  /// - Precondition: The comparison's policies are the plan's.
  /// - Throws: ``StudyError`` when a metric cannot be an axis.
  public init(_ plan: FrontierPlan, _ comparison: Comparison, cost: String, quality: String)
    throws(StudyError)
  {
    precondition(comparison.labels.count == plan.policies.count)
    scenario = comparison.scenario
    seeds = comparison.seeds
    self.cost = try Self.axis(cost)
    self.quality = try Self.axis(quality)
    let positions = (Metric.position(of: cost) ?? 0, Metric.position(of: quality) ?? 0)
    var policy = 0
    frontier = Frontier(
      plan.entries.map { entry in
        let settings = entry.settings.map { setting in
          defer { policy += 1 }
          return Frontier.Setting(
            value: setting.value,
            costs: comparison.values(policy: policy, metric: positions.0),
            losses: comparison.values(policy: policy, metric: positions.1))
        }
        return Frontier.Curve(
          policy: entry.label, key: entry.key, isColdReactive: entry.isColdReactive,
          settings: settings)
      })
  }
}
