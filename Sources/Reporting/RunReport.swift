// SPDX-License-Identifier: Apache-2.0
public import Experiments

/// The figures of one run, for people and for programs.
public enum RunReport {
  /// One line a metric: name, value, unit, meaning. What does not exist is left out.
  public static func text(_ result: RunResult) -> String {
    let metrics = zip(Metric.all, result.metrics).map { metric, value in
      RunMetric(name: metric.name, units: metric.units, longName: metric.about, value: value)
    }
    return "\(result.label), seed \(result.seed), \(result.eventCount) events\n" + table(metrics)
  }

  /// What a run file says: where it comes from, its summary, and its first events.
  ///
  /// - Throws: `HDF5Error` when the file cannot be read.
  public static func text(of reader: RunFileReader, eventLimit: Int) throws -> String {
    let provenance = try reader.provenance()
    var parts = [
      "policy    \(provenance.policy)", "seed      \(provenance.seed)",
      "scenario  \(provenance.scenarioDigest)", "program   foreshadow \(provenance.version)",
      "command   \(provenance.command)", "", table(try reader.summary()),
    ]
    if eventLimit > 0 {
      parts += [""] + (try reader.events().prefix(eventLimit).map(line))
    }
    return parts.joined(separator: "\n")
  }

  private static func line(_ event: RunEvent) -> String {
    let subject = [event.vm, event.host].filter { !$0.isEmpty }.joined(separator: " ")
    let shadow = event.shadow.map { " shadow \($0)" } ?? ""
    let value = event.value.isFinite ? "  \(ComparisonTable.rounded(event.value))" : ""
    let detail = event.detail.isEmpty ? "" : "  \(event.detail)"
    return "\(event.time)  \(event.kind)  \(subject)\(shadow)\(value)\(detail)"
  }

  private static func table(_ metrics: [RunMetric]) -> String {
    let rows = metrics.filter { $0.value.isFinite }.map { metric in
      (
        metric.name, ComparisonTable.rounded(metric.value),
        metric.units == "1" ? "" : metric.units, metric.longName
      )
    }
    let nameWidth = rows.map(\.0.count).max() ?? 0
    let valueWidth = rows.map(\.1.count).max() ?? 0
    let unitWidth = rows.map(\.2.count).max() ?? 0
    let lines = rows.map { name, value, unit, about in
      let number = String(repeating: " ", count: valueWidth - value.count) + value
      return "\(name.padded(to: nameWidth))  \(number) \(unit.padded(to: unitWidth))  \(about)"
    }
    return lines.joined(separator: "\n")
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
