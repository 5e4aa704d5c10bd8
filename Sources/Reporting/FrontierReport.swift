// SPDX-License-Identifier: Apache-2.0
public import Experiments
import Statistics
public import Studies
import Units

/// A frontier as tables and sentences, as a picture, and as JSON.
public struct FrontierReport: Sendable {
  let study: FrontierStudy
  private var frontier: Frontier { study.frontier }

  /// A report of a frontier.
  public init(_ study: FrontierStudy) { self.study = study }

  private var headline: String {
    let settings = frontier.curves.reduce(0) { $0 + $1.settings.count }
    return """
      \(study.scenario.spec.name): \(study.quality.name) against \(study.cost.name) · \
      \(frontier.curves.count) policies, \(settings) settings × \(study.seeds.count) seeds
      """
  }

  private static func setting(_ curve: Frontier.Curve, _ index: Int) -> String {
    let value = curve.settings[index].value
    return value.isEmpty ? "–" : "\(curve.key)=\(value)"
  }

  private var points: TextTable {
    var table = TextTable(titles: [
      "policy", "setting", study.cost.name, study.quality.name, "95 %", "front",
    ])
    for curve in frontier.curves {
      for (index, setting) in curve.settings.enumerated() {
        let spread = PairedDifference(setting.losses, minus: setting.losses.map { _ in 0 })
        table.rows.append([
          curve.policy, Self.setting(curve, index), ComparisonTable.rounded(setting.cost),
          ComparisonTable.rounded(setting.loss),
          spread.halfWidth.isNaN ? "" : "± \(ComparisonTable.rounded(spread.halfWidth))",
          curve.front.indices.contains(index) ? "•" : "",
        ])
      }
    }
    return table
  }

  private func table(of kind: Frontier.Gap.Kind) -> TextTable {
    let (equal, other) = metrics(of: kind)
    var table = TextTable(titles: [
      "policy", "setting", equal.name, other.name, "against", "has", "difference", "95 %",
    ])
    for gap in frontier.gaps where gap.kind == kind {
      guard let curve = frontier.curves.first(where: { $0.policy == gap.policy }) else { continue }
      let setting = curve.settings[gap.setting]
      let own = kind == .equalCost ? (setting.cost, setting.loss) : (setting.loss, setting.cost)
      table.rows.append([
        gap.policy, Self.setting(curve, gap.setting), ComparisonTable.rounded(own.0),
        ComparisonTable.rounded(own.1), gap.reference,
        ComparisonTable.rounded(gap.difference.baselineMean)
          + (gap.isReferenceEnd ? " (its end)" : ""),
        Self.percent(gap.difference.mean, of: gap.difference.baselineMean), Self.interval(gap),
      ])
    }
    return table
  }

  /// What is equal and what is compared.
  private func metrics(of kind: Frontier.Gap.Kind) -> (Metric, Metric) {
    kind == .equalCost ? (study.cost, study.quality) : (study.quality, study.cost)
  }

  private static func percent(_ value: Double, of base: Double) -> String {
    guard base > 0, value.isFinite else { return "–" }
    let sign = value > 0 ? "+" : value < 0 ? "−" : ""
    return sign + ComparisonTable.rounded(abs(100 * value / base)) + " %"
  }

  private static func interval(_ gap: Frontier.Gap) -> String {
    let difference = gap.difference
    guard difference.halfWidth.isFinite, difference.baselineMean > 0 else { return "" }
    return [difference.lower, difference.upper].map { percent($0, of: difference.baselineMean) }
      .joined(separator: " … ")
  }

  private var captured: TextTable {
    var table = TextTable(titles: [
      "policy", "setting", study.cost.name, study.quality.name, "best reactive", "oracle",
      "share of the oracle's gain",
    ])
    for capture in frontier.captures {
      guard let curve = frontier.curves.first(where: { $0.policy == capture.policy }) else {
        continue
      }
      let setting = curve.settings[capture.setting]
      table.rows.append([
        capture.policy, Self.setting(curve, capture.setting),
        ComparisonTable.rounded(setting.cost), ComparisonTable.rounded(setting.loss),
        ComparisonTable.rounded(capture.reactiveLoss), ComparisonTable.rounded(capture.oracleLoss),
        Self.percent(capture.share, of: 1),
      ])
    }
    return table
  }

  /// One sentence for each pair of curves and kind of equality.
  var sentences: [String] {
    var seen: [String] = []
    return frontier.gaps.compactMap { first in
      let name = "\(first.kind.rawValue) \(first.policy) \(first.reference)"
      guard !seen.contains(name) else { return nil }
      seen.append(name)
      return sentence(
        frontier.gaps.filter {
          $0.kind == first.kind && $0.policy == first.policy && $0.reference == first.reference
        })
    }
  }

  private func sentence(_ gaps: [Frontier.Gap]) -> String? {
    guard let first = gaps.first else { return nil }
    let (equal, other) = metrics(of: first.kind)
    let measured = gaps.filter { $0.difference.baselineMean > 0 }
    let shares = measured.map { $0.difference.mean / $0.difference.baselineMean }
    guard let least = shares.min(), let most = shares.max() else { return nil }
    let clear = measured.count { $0.difference.upper < 0 }
    let worse = measured.count { $0.difference.lower > 0 }
    return """
      At equal \(equal.name) \(first.policy) differs from \(first.reference) in \(other.name) by \
      \(Self.percent(least, of: 1)) … \(Self.percent(most, of: 1)): less at \(clear) and more at \
      \(worse) of \(measured.count) settings, by more than the interval.
      """
  }

  private var sections: [(title: String, table: TextTable)] {
    [
      ("Settings", points), ("At equal \(study.cost.name)", table(of: .equalCost)),
      ("At equal \(study.quality.name)", table(of: .equalQuality)),
      ("What certainty would give", captured),
    ].filter { !$0.1.rows.isEmpty }
  }

  /// Tables and sentences for a terminal.
  public var text: String {
    let parts = sections.flatMap { ["", $0.title, ""] + $0.table.lines }
    return ([headline] + parts + [""] + sentences).joined(separator: "\n")
  }

  /// The same as Markdown.
  public var markdown: String {
    let parts = sections.flatMap { ["", "### \($0.title)", ""] + $0.table.markdown }
    return ([headline] + parts + [""] + sentences.map { "- \($0)" }).joined(separator: "\n")
  }

  /// The sentences, the picture and the tables of a page.
  var html: String {
    let tables = sections.map { "<h3>\(htmlEscaped($0.title))</h3>\n\($0.table.html)" }
    return """
      <p>\(htmlEscaped(headline)).</p>
      <figure>\(plot.text)<figcaption>\(htmlEscaped(plot.title))</figcaption></figure>
      <ul>\(sentences.map { "<li>\(htmlEscaped($0))</li>" }.joined(separator: "\n"))</ul>
      <details><summary>Tables</summary>
      \(tables.joined(separator: "\n"))
      </details>
      """
  }

  /// The curves: all settings as dots, the fronts as lines. Settings that cost nothing (`none`)
  /// buy nothing either: their loss would press all curves flat, so they stand in the table only.
  public var plot: SVGPlot {
    let settings = frontier.curves.flatMap(\.settings)
    let (xScale, xPrefix) = Self.prefix(settings.map(\.cost), of: study.cost)
    let (yScale, yPrefix) = Self.prefix(settings.map(\.loss), of: study.quality)
    return SVGPlot(
      title: "\(study.scenario.spec.name): \(study.quality.name) against \(study.cost.name)",
      xLabel: "\(study.cost.name) (\(xPrefix)\(study.cost.units))",
      yLabel: "\(study.quality.name) (\(yPrefix)\(study.quality.units))",
      curves: frontier.curves.compactMap { curve in
        let points = curve.settings.map { (x: $0.cost / xScale, y: $0.loss / yScale) }
        guard points.contains(where: { $0.x > 0 }) else { return nil }
        let front = curve.front.indices.map { points[$0] }.filter { $0.x > 0 }
        var line = SVGPlot.Curve(curve.policy, front)
        line.dots = points.filter { $0.x > 0 }
        return line
      })
  }

  /// The SI prefix that keeps an axis' numbers short.
  private static func prefix(_ values: [Double], of metric: Metric) -> (Double, String) {
    guard ["s", "J", "W"].contains(metric.units), let most = values.max() else { return (1, "") }
    return [(1e9, "G"), (1e6, "M"), (1e3, "k")].first { most >= 10 * $0.0 } ?? (1, "")
  }

  /// Everything, with the figures of each seed.
  public var json: JSONValue {
    .object([
      ("scenario", .string(study.scenario.spec.name)),
      ("scenarioDigest", .string(study.scenario.digest)),
      ("program", .string("foreshadow \(ForeshadowVersion.current)")),
      ("cost", .string(study.cost.name)), ("quality", .string(study.quality.name)),
      ("seeds", .array(study.seeds.map { .integer(Int($0)) })),
      ("curves", .array(frontier.curves.map(json))),
      ("bestReactive", frontier.bestReactive.map(json) ?? .null),
      ("gaps", .array(frontier.gaps.map(json))),
      ("captures", .array(frontier.captures.map(json))),
    ])
  }

  private func json(_ curve: Frontier.Curve) -> JSONValue {
    .object([
      ("policy", .string(curve.policy)), ("knob", .string(curve.key)),
      ("isColdReactive", .bool(curve.isColdReactive)),
      ("front", .array(curve.front.indices.map { .integer($0) })),
      (
        "settings",
        .array(
          curve.settings.map {
            .object([
              ("value", .string($0.value)), ("cost", .number($0.cost)), ("loss", .number($0.loss)),
              ("costs", .array($0.costs.map { .number($0) })),
              ("losses", .array($0.losses.map { .number($0) })),
            ])
          })
      ),
    ])
  }

  private func json(_ gap: Frontier.Gap) -> JSONValue {
    let difference = gap.difference
    return .object([
      ("kind", .string(gap.kind.rawValue)), ("policy", .string(gap.policy)),
      ("setting", .integer(gap.setting)), ("reference", .string(gap.reference)),
      ("isReferenceEnd", .bool(gap.isReferenceEnd)),
      ("referenceMean", .number(difference.baselineMean)), ("mean", .number(difference.mean)),
      ("lower95", .number(difference.lower)), ("upper95", .number(difference.upper)),
      ("bootstrapLower95", .number(gap.bootstrap.lower)),
      ("bootstrapUpper95", .number(gap.bootstrap.upper)),
      ("effectSize", .number(difference.effectSize)),
    ])
  }

  private func json(_ capture: Frontier.Capture) -> JSONValue {
    .object([
      ("policy", .string(capture.policy)), ("setting", .integer(capture.setting)),
      ("reactiveLoss", .number(capture.reactiveLoss)),
      ("oracleLoss", .number(capture.oracleLoss)), ("share", .number(capture.share)),
    ])
  }
}
