// SPDX-License-Identifier: Apache-2.0
public import Experiments
import Statistics
import Units

/// A comparison as a table for a terminal or a Markdown page, and in sentences.
public struct ComparisonTable: Sendable {
  private struct Column {
    var title: [String]
    var cell: (Comparison, Int) -> String
  }

  private let comparison: Comparison

  /// A table of the comparison.
  public init(_ comparison: Comparison) { self.comparison = comparison }

  private var columns: [Column] {
    [
      Column(title: ["degraded", "VM-min/day"]) { comparison, policy in
        Self.meanWithSpread(comparison, policy, "degradedMinutesPerVmDay", scale: 1)
      },
      Column(title: ["missed", "overload"]) { Self.percent($0, $1, "missedOverloadShare") },
      Column(title: ["unserved", "core-h"]) {
        Self.number($0, $1, "unservedCoreSeconds", scale: 1 / 3600)
      },
      Column(title: ["p99", "ms"]) { Self.number($0, $1, "responseTimeP99Milliseconds", scale: 1) },
      Column(title: ["energy", "kWh"]) { comparison, policy in
        let name =
          Metric.position(of: "energyTotalJoules") == nil ? "energyItJoules" : "energyTotalJoules"
        return Self.number(comparison, policy, name, scale: 1 / 3.6e6)
      },
      Column(title: ["PUE", ""]) { Self.number($0, $1, "pue", scale: 1) },
      Column(title: ["shadow time", "active / standby"]) { comparison, policy in
        let active = Self.shareOfVMTime(comparison, policy, "shadowActiveVmSeconds")
        let standby = Self.shareOfVMTime(comparison, policy, "shadowStandbyVmSeconds")
        return "\(Self.percentText(active)) / \(Self.percentText(standby))"
      },
    ]
  }

  /// Headline, table and sentences for a terminal.
  public var text: String {
    ([headline, ""] + alignedRows() + [""] + sentences).joined(separator: "\n")
  }

  /// The same as Markdown.
  public var markdown: String {
    let titles = ["policy"] + columns.map { $0.title.joined(separator: " ") }
    let rule = ["---"] + columns.map { _ in "--:" }
    let rows = comparison.labels.indices.map { policy in
      [comparison.labels[policy]] + columns.map { $0.cell(comparison, policy) }
    }
    let lines = ([titles, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    return ([headline, ""] + lines + [""] + sentences.map { "- " + $0.trimmed }).joined(
      separator: "\n")
  }

  /// What was compared, in one line.
  var headline: String {
    let spec = comparison.scenario.spec
    let parts = [
      "\(comparison.vmCount) VMs", "\(spec.duration)", "\(comparison.sampleInterval) samples",
      "\(comparison.labels.count) policies × \(comparison.seeds.count) seeds",
    ]
    let note = spec.workload.sizing.isInSample ? "\nVMs are sized in-sample" : ""
    return parts.joined(separator: " · ") + note
  }

  /// The sentences, for a report.
  var answer: [String] { sentences.map(\.trimmed) }

  /// The table for a report.
  var html: String {
    let head = columns.map { "<th>\(htmlEscaped($0.title.joined(separator: " ")))</th>" }
    let rows = comparison.labels.indices.map { policy in
      let cells = columns.map { "<td>\(htmlEscaped($0.cell(comparison, policy)))</td>" }
      return "<tr><th>\(htmlEscaped(comparison.labels[policy]))</th>\(cells.joined())</tr>"
    }
    return """
      <div class="wide"><table><thead><tr><th>policy</th>\(head.joined())</tr></thead>\
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      """
  }

  private func alignedRows() -> [String] {
    let names = ["", ""] + comparison.labels
    var lines = names.map { " " + $0.padded(to: (names.map(\.count).max() ?? 0) + 3) }
    for column in columns {
      let cells = column.title + comparison.labels.indices.map { column.cell(comparison, $0) }
      let width = cells.map(\.count).max() ?? 0
      for row in cells.indices { lines[row] += cells[row].padded(to: width + 3) }
    }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
  }

  /// What the first policy does better or worse than each other one.
  private var sentences: [String] {
    guard let degraded = Metric.position(of: "degradedVmSeconds"),
      let energy = Metric.position(of: "energyItJoules")
    else { return [] }
    let first = comparison.labels[0]
    return comparison.labels.indices.dropFirst().map { other in
      let difference = comparison.difference(policy: 0, baseline: other, metric: degraded)
      let used = comparison.difference(policy: 0, baseline: other, metric: energy)
      let name = comparison.labels[other]
      guard difference.baselineMean > 0 else {
        return
          " \(name) has no degraded VM-minutes; \(first) has \(Self.rounded(difference.mean / 60))."
      }
      // Seed by seed, so that an interval of a share stays a share.
      let baseline = comparison.values(policy: other, metric: degraded)
      let shares = zip(comparison.values(policy: 0, metric: degraded), baseline).map {
        $1 > 0 ? 1 - $0 / $1 : 0
      }
      let relative = PairedDifference(shares, minus: shares.map { _ in 0 })
      let energyText = (used.relative >= 0 ? "+" : "−") + Self.rounded(abs(100 * used.relative))
      return """
         \(Self.change(relative, of: "degraded VM-minutes", from: first, to: name)), at \
        \(energyText) % IT energy.
        """
    }
  }

  /// "A has 40 % fewer … than B (95 % CI …)", or "A has 12 times the … of B" where percent would
  /// be hard to read. `share` is one minus the ratio.
  private static func change(
    _ share: PairedDifference, of noun: String, from first: String, to other: String
  ) -> String {
    let half = share.halfWidth
    func interval(_ centre: Double, _ half: Double) -> String {
      half.isNaN ? "" : " (95 % CI \(rounded(centre - half)) … \(rounded(centre + half)))"
    }
    guard share.mean > -1 else {
      let times = 1 - share.mean
      return "\(first) has \(rounded(times)) times the \(noun) of \(other)\(interval(times, half))"
    }
    let direction = share.mean >= 0 ? "fewer" : "more"
    let percent = 100 * abs(share.mean)
    return """
      \(first) has \(rounded(percent)) % \(direction) \(noun) than \
      \(other)\(interval(percent, 100 * half))
      """
  }

  private static func meanWithSpread(
    _ comparison: Comparison, _ policy: Int, _ name: String, scale: Double
  ) -> String {
    guard let metric = Metric.position(of: name) else { return "–" }
    let values = comparison.values(policy: policy, metric: metric).map { $0 * scale }
    let interval = PairedDifference(values, minus: values.map { _ in 0 })
    let half = interval.halfWidth.isNaN ? "" : " ± \(rounded(interval.halfWidth))"
    return rounded(interval.mean) + half
  }

  private static func mean(_ comparison: Comparison, _ policy: Int, _ name: String) -> Double {
    guard let metric = Metric.position(of: name) else { return .nan }
    let values = comparison.values(policy: policy, metric: metric)
    return values.reduce(0, +) / Double(values.count)
  }

  private static func number(
    _ comparison: Comparison, _ policy: Int, _ name: String, scale: Double
  ) -> String { rounded(mean(comparison, policy, name) * scale) }

  private static func percent(_ comparison: Comparison, _ policy: Int, _ name: String) -> String {
    percentText(mean(comparison, policy, name))
  }

  private static func shareOfVMTime(
    _ comparison: Comparison, _ policy: Int, _ name: String
  ) -> Double {
    let vmSeconds = comparison.scenario.spec.duration.seconds * Double(comparison.vmCount)
    return mean(comparison, policy, name) / vmSeconds
  }

  private static func percentText(_ share: Double) -> String {
    share.isFinite ? rounded(100 * share) + " %" : "–"
  }

  /// Three significant digits, no exponent; a dash for what does not exist.
  static func rounded(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    let digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
    let text = value.fixed(digits)
    return text == "-0" ? "0" : text
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
  var trimmed: String { String(drop { $0 == " " }) }
}

extension Double {
  /// Decimal text with a fixed number of digits after the point, without locale.
  func fixed(_ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (self * scale).rounded()
    guard abs(scaled) < 9e15 else { return String(self) }
    let whole = Int64(abs(scaled))
    let sign = scaled < 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let unit = Int64(scale)
    let fraction = String(whole % unit)
    return sign + String(whole / unit) + "."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
