// SPDX-License-Identifier: Apache-2.0
public import Forecasting

/// An evaluation as text: for each horizon a table with a line a metric and a column a model.
public struct EvaluationTable {
  private let report: EvaluationReport

  /// The table of a report.
  public init(_ report: EvaluationReport) { self.report = report }

  /// Every metric of the protocol. The models stand in the order of their pinball losses, the best
  /// one first; `R/P` is recall and precision of alarms.
  public var text: String {
    let plan = report.plan
    var parts = [
      """
      \(report.data): \(report.seriesCount) series, \(report.originCount) origins from \
      \(plan.firstOrigin) by \(plan.originStride), trained on the first \(plan.trainCount) values
      """
    ]
    parts += report.standIns.map { "\($0.model): a simpler model answered; \($0.reason)" }
    for horizon in plan.horizons { parts.append(table(horizon)) }
    return parts.joined(separator: "\n\n")
  }

  private func table(_ horizon: Int) -> String {
    let scores = report.scores(horizon: horizon).enumerated()
      .sorted { ($0.element.pinballSum, $0.offset) < ($1.element.pinballSum, $1.offset) }
      .map(\.element)
    var rows = [["h = \(horizon)"] + scores.map(\.model)]
    for (name, value) in Self.metrics {
      rows.append([name] + scores.map { Self.number(value($0)) })
    }
    for event in ["spike80", "spikeP95", "onset80", "onsetP95"] {
      for level in ForecastScores.pinballLevels {
        rows.append(
          ["\(event) R/P at \(level)"]
            + scores.map { Self.alarm($0, event: event, level: level) })
      }
    }
    return Self.aligned(rows)
  }

  private static var metrics: [(String, (ForecastScores) -> Double)] {
    var metrics: [(String, (ForecastScores) -> Double)] = [("pinball sum", { $0.pinballSum })]
    for (index, level) in ForecastScores.pinballLevels.enumerated() {
      metrics.append(("pinball \(level)", { $0.pinball.isEmpty ? .nan : $0.pinball[index] }))
    }
    metrics += [
      ("MAE", { $0.meanAbsoluteError }), ("RMSE", { $0.rootMeanSquareError }),
      ("RMSE, mean of series", { $0.rootMeanSquareErrorSeriesMean }), ("bias", { $0.bias }),
      ("MASE", { $0.meanAbsoluteScaledError }),
      ("MASE, median", { $0.meanAbsoluteScaledErrorMedian }),
      ("coverage of 90 %", { $0.interval90.coverage }), ("width of 90 %", { $0.interval90.width }),
      ("Winkler of 90 %", { $0.winkler90 }),
      ("coverage of 95 %", { $0.interval95.coverage }), ("width of 95 %", { $0.interval95.width }),
    ]
    for (index, level) in ForecastScores.belowLevels.enumerated() {
      metrics.append(("share below \(level)", { $0.below.isEmpty ? .nan : $0.below[index] }))
    }
    metrics += [
      ("over-provision 0.95", { $0.overProvision95 }),
      ("under-provision 0.95", { $0.underProvision95 }),
    ]
    return metrics
  }

  private static func alarm(_ score: ForecastScores, event: String, level: Double) -> String {
    guard let alarm = score.alarms.first(where: { $0.event == event && $0.level == level }) else {
      return "–"
    }
    return
      "\(alarm.recall.map { $0.fixed(2) } ?? "–")/\(alarm.precision.map { $0.fixed(2) } ?? "–")"
  }

  private static func number(_ value: Double) -> String { value.isFinite ? value.fixed(4) : "–" }

  /// Rows with the first column to the left and the others to the right.
  static func aligned(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + space : space + text
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
