// SPDX-License-Identifier: Apache-2.0
public import AnomalyDetection

/// Scores on the Numenta Anomaly Benchmark for people and programs.
public enum NABReportText {
  /// A table, one folder a line.
  public static func table(_ reports: [NABReport]) -> String {
    let header =
      ["folder", "files"] + NABProfile.all.map(\.name) + ["found", "false", "at alarm threshold"]
    let rows = reports.map { report in
      [report.folder, String(report.fileNames.count)]
        + report.results.map { fixedText($0.score, decimals: 2) }
        + [
          "\(report.results[0].hits)/\(report.results[0].windows)",
          String(report.results[0].falsePositives),
          fixedText(report.atAlarmThreshold.score, decimals: 2),
        ]
    }
    return alignedText([header] + rows)
  }

  /// The same with thresholds and every file.
  public static func json(_ reports: [NABReport]) -> JSONValue {
    .object([
      (
        "folders",
        .array(
          reports.map { report in
            .object([
              ("folder", .string(report.folder)),
              (
                "profiles",
                .array(zip(NABProfile.all, report.results).map { json($1, profile: $0.name) })
              ),
              ("atAlarmThreshold", json(report.atAlarmThreshold, profile: "standard")),
              ("files", files(report)),
            ])
          })
      )
    ])
  }

  private static func json(_ result: NABResult, profile: String) -> JSONValue {
    .object([
      ("profile", .string(profile)), ("score", .number(result.score)),
      ("raw", .number(result.raw)), ("threshold", .number(result.threshold)),
      ("windows", .integer(result.windows)), ("found", .integer(result.hits)),
      ("falsePositives", .integer(result.falsePositives)),
    ])
  }

  /// Raw scores of the files under the standard profile.
  private static func files(_ report: NABReport) -> JSONValue {
    .array(
      zip(report.fileNames, report.results[0].files).map { name, raw in
        .object([("file", .string(name)), ("raw", .number(raw))])
      })
  }
}
