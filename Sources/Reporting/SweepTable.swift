// SPDX-License-Identifier: Apache-2.0
public import Experiments
public import Studies

/// The results of a sweep as one long table: a row for each point, policy and seed.
public struct SweepTable: Sendable {
  private let plan: SweepPlan

  /// A table of the sweep with this plan.
  public init(_ plan: SweepPlan) { self.plan = plan }

  /// Names of the columns.
  public var header: String {
    line(["point"] + plan.paths + ["policy", "seed", "obstacle"] + Metric.all.map(\.name))
  }

  /// The rows of a result, one for each policy; metrics that do not exist are empty.
  public func rows(of result: SweepResult) -> [String] {
    plan.policies.indices.map { policy in
      let metrics =
        result.metrics.indices.contains(policy)
        ? result.metrics[policy].map { $0.isFinite ? "\($0)" : "" } : Metric.all.map { _ in "" }
      return line(
        ["\(result.unit.point)"] + plan.points[result.unit.point]
          + [plan.policies[policy], "\(result.unit.seed)", result.obstacle ?? ""] + metrics)
    }
  }

  /// The rows of a result as JSON objects.
  public func json(of result: SweepResult) -> [JSONValue] {
    plan.policies.indices.map { policy in
      let metrics = result.metrics.indices.contains(policy) ? result.metrics[policy] : []
      return .object([
        ("point", .integer(result.unit.point)),
        (
          "values",
          .object(zip(plan.paths, plan.points[result.unit.point]).map { ($0, .string($1)) })
        ),
        ("policy", .string(plan.policies[policy])), ("seed", .integer(Int(result.unit.seed))),
        ("obstacle", result.obstacle.map { .string($0) } ?? .null),
        ("metrics", .object(zip(Metric.all, metrics).map { ($0.name, .number($1)) })),
      ])
    }
  }

  /// One record of RFC 4180.
  private func line(_ fields: [String]) -> String {
    fields.map { field in
      field.contains { ",\"\r\n".contains($0) }
        ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",")
  }
}
