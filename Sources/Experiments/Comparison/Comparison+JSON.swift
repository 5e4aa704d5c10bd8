// SPDX-License-Identifier: Apache-2.0
import Statistics

extension Comparison {
  /// Version of the JSON form.
  static let jsonVersion = 1

  /// Everything: metrics by policy and seed, their units, and paired differences of the first
  /// policy with each other one. Numbers that do not exist (NaN) are null.
  public var json: JSONValue {
    .object([
      ("version", .integer(Self.jsonVersion)),
      ("scenario", .string(scenario.spec.name)),
      ("scenarioDigest", .string(scenario.digest)),
      ("program", .string("foreshadow \(ForeshadowVersion.current)")),
      ("isSizedInSample", .bool(scenario.spec.workload.sizing.isInSample)),
      ("vms", .integer(vmCount)),
      ("seeds", .array(seeds.map { .integer(Int($0)) })),
      (
        "metrics",
        .object(
          Metric.all.map { metric in
            (
              metric.name,
              .object([
                ("units", .string(metric.units)), ("about", .string(metric.about)),
                ("better", metric.better.map { .string($0.rawValue) } ?? .null),
              ])
            )
          })
      ),
      ("policies", .array(labels.indices.map(policyJSON))),
      ("differences", .array((1..<max(1, labels.count)).map { differenceJSON(0, $0) })),
    ])
  }

  private func policyJSON(_ policy: Int) -> JSONValue {
    .object([
      ("policy", .string(labels[policy])),
      (
        "runs",
        .array(
          results[policy].map { run in
            .object([
              ("seed", .integer(Int(run.seed))),
              ("metrics", .object(zip(Metric.all, run.metrics).map { ($0.name, .number($1)) })),
            ])
          })
      ),
      (
        "means",
        .object(
          Metric.all.indices.map { metric in
            let values = values(policy: policy, metric: metric)
            return (
              Metric.all[metric].name, .number(values.reduce(0, +) / Double(values.count))
            )
          })
      ),
    ])
  }

  private func differenceJSON(_ policy: Int, _ baseline: Int) -> JSONValue {
    .object([
      ("policy", .string(labels[policy])), ("baseline", .string(labels[baseline])),
      (
        "metrics",
        .object(
          Metric.all.indices.map { metric in
            let difference = difference(policy: policy, baseline: baseline, metric: metric)
            return (
              Metric.all[metric].name,
              .object([
                ("mean", .number(difference.mean)), ("lower95", .number(difference.lower)),
                ("upper95", .number(difference.upper)),
                ("relative", .number(difference.relative)),
              ])
            )
          })
      ),
    ])
  }
}
