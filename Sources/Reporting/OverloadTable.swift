// SPDX-License-Identifier: Apache-2.0
public import Forecasting

/// How well overloads were foretold, as text and as a picture.
public struct OverloadTable {
  private let report: OverloadReport
  private let reference: String?

  /// The table of a report.
  ///
  /// - Parameters:
  ///   - report: what was found.
  ///   - reference: predictor with which the others are compared at equal alarms; nil for none.
  public init(_ report: OverloadReport, reference: String?) {
    self.report = report
    self.reference = reference
  }

  /// A table a question, then what the probabilities are worth.
  public var text: String {
    let plan = report.plan
    var parts = [
      "\(report.data): \(report.seriesCount) series, horizon \(plan.horizons[0]), trained on the "
        + "first \(plan.trainCount) values; capacity = percentile \(report.capacity.percentile) of "
        + "these, at least \(report.capacity.minimum)"
    ]
    if let first = report.results.first {
      parts.append(
        "Onsets: \(first.onset.eventCount) of \(first.onset.momentCount) moments within capacity. "
          + "True / false positive rate in %\n" + table { $0.onset })
      parts.append(
        "Overloads: \(first.overload.eventCount) of \(first.overload.momentCount) moments. "
          + "True / false positive rate in %\n" + table { $0.overload })
    }
    parts.append(
      report.results.map {
        "\($0.predictor): expected calibration error "
          + "\(($0.expectedCalibrationError * 100).fixed(2)) %"
      }.joined(separator: "\n"))
    return parts.joined(separator: "\n\n")
  }

  private func table(_ skill: (OverloadReport.Result) -> OverloadReport.Skill) -> String {
    var table = TextTable(
      titles: ["predictor", "area"]
        + OverloadReport.alarmsPerEvent.map { "\($0.fixed($0 < 1 ? 1 : 0)) alarms each" })
    let against = report.results.first { $0.predictor == reference }.map(skill)
    for result in report.results {
      let own = skill(result)
      table.rows.append(
        [result.predictor, own.area?.fixed(4) ?? "–"]
          + own.matched.map {
            "\(($0.truePositiveRate * 100).fixed(1)) / \(($0.falsePositiveRate * 100).fixed(2))"
          })
      guard let against, result.predictor != reference else { continue }
      table.rows.append(
        ["  against \(reference ?? "")", ""]
          + zip(own.matched, against.matched).map { own, other in
            Self.ratio(own.truePositiveRate, other.truePositiveRate) + " / "
              + Self.ratio(own.falsePositiveRate, other.falsePositiveRate)
          })
    }
    return table.lines.joined(separator: "\n")
  }

  private static func ratio(_ value: Double, _ other: Double) -> String {
    other > 0 ? "×\((value / other).fixed(2))" : "–"
  }

  /// The characteristics of onsets.
  public var picture: SVGPlot {
    SVGPlot(
      title: "Onsets of overload foretold, \(report.data.split(separator: "/").last ?? "")",
      xLabel: "false positive rate (%)", yLabel: "true positive rate (%)",
      curves: report.results.map { result in
        SVGPlot.Curve(
          result.predictor,
          result.onset.curve.map { (x: $0.falsePositiveRate * 100, y: $0.truePositiveRate * 100) })
      })
  }
}
