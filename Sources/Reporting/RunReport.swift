// SPDX-License-Identifier: Apache-2.0
public import Experiments

/// The figures of one run, for people and for programs.
public enum RunReport {
  /// One line a metric: name, value, unit, meaning. What does not exist is left out.
  public static func text(_ result: RunResult) -> String {
    let rows = zip(Metric.all, result.metrics).filter { $1.isFinite }.map { metric, value in
      (
        metric.name, ComparisonTable.rounded(value), metric.units == "1" ? "" : metric.units,
        metric.about
      )
    }
    let nameWidth = rows.map(\.0.count).max() ?? 0
    let valueWidth = rows.map(\.1.count).max() ?? 0
    let unitWidth = rows.map(\.2.count).max() ?? 0
    let lines = rows.map { name, value, unit, about in
      let number = String(repeating: " ", count: valueWidth - value.count) + value
      return "\(name.padded(to: nameWidth))  \(number) \(unit.padded(to: unitWidth))  \(about)"
    }
    return (["\(result.label), seed \(result.seed), \(result.eventCount) events"] + lines)
      .joined(separator: "\n")
  }

  /// Policy, seed and every metric by name.
  public static func json(_ result: RunResult) -> JSONValue {
    .object([
      ("policy", .string(result.label)), ("seed", .integer(Int(result.seed))),
      ("events", .integer(result.eventCount)),
      ("units", .object(Metric.all.map { ($0.name, .string($0.units)) })),
      ("metrics", .object(zip(Metric.all, result.metrics).map { ($0.name, .number($1)) })),
    ])
  }
}
