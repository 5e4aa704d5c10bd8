// SPDX-License-Identifier: Apache-2.0
public import Experiments
import Statistics
public import Studies

/// The answer to a what-if question: a sentence, a table, a picture, and JSON.
public struct WhatIfReport: Sendable {
  private let study: WhatIf

  /// A report of an answer.
  public init(_ study: WhatIf) { self.study = study }

  private var path: String { study.question.axis.path }
  private var goals: String {
    study.question.goals.map(\.description).joined(separator: " and ")
  }

  /// The answer in a sentence.
  public var sentence: String {
    let tried = "\(study.candidates.count) of \(study.levelCount) values tried"
    let runs = "\(study.question.seedCount) seeds, policy \(study.policy)"
    guard let answer = study.answer else {
      return "No value of \(path) meets \(goals) (\(tried), \(runs))."
    }
    let candidate = study.candidates[answer]
    let figures = study.metrics.indices.map { metric in
      "\(study.metrics[metric].name) \(figure(candidate, metric))"
    }
    let which =
      study.question.price.map { "with the lowest \($0.name)" } ?? "that comes first"
    return """
      \(path) = \(candidate.value) is the value \(which) that meets \(goals): \
      \(figures.joined(separator: ", ")) (\(tried), \(runs)).\(doubt(candidate))
      """
  }

  /// A goal that is met by the mean, but not by the whole interval.
  private func doubt(_ candidate: WhatIf.Candidate) -> String {
    let unsure = study.question.goals.indices.filter { index in
      let interval = spread(candidate, index)
      guard interval.halfWidth.isFinite else { return false }
      let goal = study.question.goals[index]
      return !(goal.isMet(by: interval.lower) && goal.isMet(by: interval.upper))
    }
    guard let first = unsure.first else { return "" }
    return """
       The 95 % interval reaches beyond \(study.question.goals[first]); more seeds would tell.
      """
  }

  private func spread(_ candidate: WhatIf.Candidate, _ metric: Int) -> PairedDifference {
    let values = candidate.figures[metric]
    return PairedDifference(values, minus: values.map { _ in 0 })
  }

  private func figure(_ candidate: WhatIf.Candidate, _ metric: Int) -> String {
    guard candidate.obstacle == nil else { return "–" }
    let interval = spread(candidate, metric)
    let half = interval.halfWidth
    let mean = ComparisonTable.rounded(interval.mean)
    return half.isFinite ? "\(mean) ± \(ComparisonTable.rounded(half))" : mean
  }

  private var table: TextTable {
    var table = TextTable(titles: [path] + study.metrics.map(\.name) + ["goals", ""])
    for (index, candidate) in study.candidates.enumerated() {
      table.rows.append(
        [candidate.value] + study.metrics.indices.map { figure(candidate, $0) }
          + [
            candidate.obstacle ?? (candidate.isMet ? "met" : "not met"),
            index == study.answer ? "←" : "",
          ])
    }
    return table
  }

  private var note: String {
    study.isComplete
      ? "" : "\nBisected: no value that was tried contradicts goals that are met from one on."
  }

  /// Sentence and table for a terminal.
  public var text: String {
    ([sentence, ""] + table.lines).joined(separator: "\n") + note
  }

  /// The same as Markdown.
  public var markdown: String {
    ([sentence, ""] + table.markdown).joined(separator: "\n") + note
  }

  /// A picture for each metric over the values, with the limits of the goals.
  public var plots: [(name: String, plot: SVGPlot)] {
    let places = study.candidates.indices.map { place(study.candidates[$0].value, $0) }
    var plots: [(name: String, plot: SVGPlot)] = []
    for (index, metric) in study.metrics.enumerated() {
      guard !plots.contains(where: { $0.name == metric.name }) else { continue }
      let points = study.candidates.indices.map {
        (x: places[$0], y: study.candidates[$0].mean(index))
      }
      var curve = SVGPlot.Curve(metric.name, points)
      curve.dots = points
      let limits = study.question.goals.filter { $0.metric.name == metric.name }.map { goal in
        SVGPlot.Curve(
          goal.description,
          [places.min() ?? 0, places.max() ?? 1].map { (x: $0, y: goal.limit) })
      }
      plots.append(
        (
          metric.name,
          SVGPlot(
            title: "\(metric.name) over \(path)", xLabel: path,
            yLabel: "\(metric.name) (\(metric.units))", curves: [curve] + limits)
        ))
    }
    return plots
  }

  /// The number that a value begins with; its position when there is none.
  private func place(_ value: String, _ index: Int) -> Double {
    Double(value.prefix { $0.isNumber || "+-.eE".contains($0) }) ?? Double(index)
  }

  /// Everything, with the figures of each seed.
  public var json: JSONValue {
    .object([
      ("scenario", .string(study.scenario.spec.name)),
      ("scenarioDigest", .string(study.scenario.digest)),
      ("program", .string("foreshadow \(ForeshadowVersion.current)")),
      ("policy", .string(study.policy)), ("path", .string(path)),
      ("goals", .array(study.question.goals.map { .string($0.description) })),
      ("minimise", study.question.price.map { .string($0.name) } ?? .null),
      ("answer", study.answer.map { .string(study.candidates[$0].value) } ?? .null),
      ("sentence", .string(sentence)), ("valueCount", .integer(study.levelCount)),
      ("isComplete", .bool(study.isComplete)),
      ("candidates", .array(study.candidates.map(json))),
    ])
  }

  private func json(_ candidate: WhatIf.Candidate) -> JSONValue {
    var metrics: [(key: String, value: JSONValue)] = []
    for (metric, values) in zip(study.metrics, candidate.figures)
    where !metrics.contains(where: { $0.key == metric.name }) {
      metrics.append((metric.name, .array(values.map { .number($0) })))
    }
    return .object([
      ("value", .string(candidate.value)), ("isMet", .bool(candidate.isMet)),
      ("obstacle", candidate.obstacle.map { .string($0) } ?? .null),
      ("metrics", .object(metrics)),
    ])
  }
}
