// SPDX-License-Identifier: Apache-2.0
public import Experiments
public import Studies

/// A regression check for people (text, Markdown), build servers (JUnit XML) and programs (JSON).
public struct RegressionReport: Sendable {
  private let check: RegressionCheck
  private let name: String

  /// A report of the check of the baseline called `name`.
  public init(_ check: RegressionCheck, name: String) {
    self.check = check
    self.name = name
  }

  private var titles: [String] {
    ["policy", "metric", "baseline", "now", "worse by", "tolerance", "p", ""]
  }

  private func cells(_ row: RegressionCheck.Row) -> [String] {
    [
      row.policy, row.metric, ComparisonTable.rounded(row.baseline),
      ComparisonTable.rounded(row.current), worsening(row),
      ComparisonTable.rounded(100 * row.tolerance) + " %",
      row.probability.isNaN ? "–" : row.probability.fixed(4), word(row.verdict),
    ]
  }

  /// "+2.1 % ± 0.4 %"; in units of the metric where the baseline is 0.
  private func worsening(_ row: RegressionCheck.Row) -> String {
    guard row.worsening.isFinite else { return "–" }
    let isShare = row.baseline != 0
    let scale = isShare ? 100 / abs(row.baseline) : 1
    let unit = isShare ? " %" : ""
    let value = row.worsening * scale
    let sign = value > 0 ? "+" : value < 0 ? "−" : ""
    let half = row.halfWidth * scale
    let spread = half > 0 ? " ± \(ComparisonTable.rounded(half))" : ""
    return sign + ComparisonTable.rounded(abs(value)) + spread + unit
  }

  private func word(_ verdict: RegressionCheck.Verdict) -> String {
    switch verdict {
    case .same: "same"
    case .within: "ok"
    case .better: "better"
    case .worse: "WORSE"
    case .missing: "MISSING"
    }
  }

  /// The judgement in one line.
  var headline: String {
    let failures = check.rows.count(where: \.isFailure)
    let kind = check.isPaired ? "same seeds, paired" : "other seeds, Welch's test"
    return failures == 0
      ? "\(name): passed (\(check.rows.count) figures, \(kind))"
      : "\(name): \(failures) of \(check.rows.count) figures worse (\(kind))"
  }

  private var notes: [String] {
    var notes: [String] = []
    if !check.isScenarioSame {
      notes.append("The scenario is not what it was when the baseline was written.")
    }
    if check.isPassed, check.rows.contains(where: { $0.verdict == .better }) {
      notes.append("Some figures are better; --update makes them the new baseline.")
    }
    return notes
  }

  /// A table for a terminal.
  public var text: String {
    let lines = TextTable(titles: titles, rows: check.rows.map(cells)).lines
    return ([headline, ""] + lines + (notes.isEmpty ? [] : [""] + notes)).joined(separator: "\n")
  }

  /// The same as Markdown.
  public var markdown: String {
    let lines = TextTable(titles: titles, rows: check.rows.map(cells)).markdown
    return (["### \(headline)", ""] + lines + (notes.isEmpty ? [] : [""] + notes))
      .joined(separator: "\n")
  }

  /// JUnit XML: one test case a figure.
  public var junit: String {
    let failures = check.rows.count(where: \.isFailure)
    let cases = check.rows.map { row in
      let head = """
        <testcase classname="\(xmlText(name)).\(xmlText(row.policy))" name="\(xmlText(row.metric))"
        """
      guard row.isFailure else { return "    \(head)/>" }
      let message = xmlText(
        "\(word(row.verdict)): \(ComparisonTable.rounded(row.baseline)) → "
          + "\(ComparisonTable.rounded(row.current)), \(worsening(row)), tolerance "
          + "\(ComparisonTable.rounded(100 * row.tolerance)) %")
      return "    \(head)><failure message=\"\(message)\"/></testcase>"
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
        <testsuite name="\(xmlText(name))" tests="\(check.rows.count)" failures="\(failures)">
      \(cases.joined(separator: "\n"))
        </testsuite>
      </testsuites>

      """
  }

  /// Everything for programs.
  public var json: JSONValue {
    .object([
      ("baseline", .string(name)), ("isPassed", .bool(check.isPassed)),
      ("isPaired", .bool(check.isPaired)), ("isScenarioSame", .bool(check.isScenarioSame)),
      (
        "rows",
        .array(
          check.rows.map { row in
            .object([
              ("policy", .string(row.policy)), ("metric", .string(row.metric)),
              ("baseline", .number(row.baseline)), ("current", .number(row.current)),
              ("worsening", .number(row.worsening)), ("halfWidth", .number(row.halfWidth)),
              ("relative", .number(row.relative)), ("tolerance", .number(row.tolerance)),
              ("probability", .number(row.probability)),
              ("verdict", .string(row.verdict.rawValue)),
            ])
          })
      ),
    ])
  }

  /// Text in XML 1.0: escaped, without the controls that XML does not have.
  private func xmlText(_ text: String) -> String {
    htmlEscaped(String(text.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }))
  }
}
