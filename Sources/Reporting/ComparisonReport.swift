// SPDX-License-Identifier: Apache-2.0
import ControlPlane
public import Experiments
import HDF5
import Units

/// A comparison as one HTML file: works offline and without scripts, in light and dark, on paper
/// and on a phone. The answer comes first, then figures, pictures, decisions, and where it is from.
public struct ComparisonReport {
  private let comparison: Comparison
  /// Run files of the first seed, one a policy.
  private let runs: [RunFileReader]

  /// A report; opens the run files of the first seed.
  ///
  /// - Parameters:
  ///   - comparison: What to report.
  ///   - paths: Run files of the first seed, in the order of the policies.
  /// - Throws: `HDF5Error` when one cannot be read.
  public init(_ comparison: Comparison, runFiles paths: [String]) throws {
    self.comparison = comparison
    runs = try paths.map { try RunFileReader(path: $0) }
  }

  /// The pictures by file name, without extension.
  ///
  /// - Throws: `HDF5Error` when a run file cannot be read.
  public func plots() throws -> [(name: String, plot: SVGPlot)] {
    var result: [(String, SVGPlot)] = [
      ("degraded-over-time", try overTime("Degraded VM-minutes an hour", "VM-min/h", degraded)),
      ("power-over-time", try overTime("Power of all racks", "kW", power)),
      ("shadows-over-time", try overTime("Share of load on shadows", "% of load", shadowShare)),
    ]
    for (vm, name) in try worstVMs() {
      for (index, run) in runs.enumerated() {
        let title = "\(name) under \(comparison.labels[index])"
        result.append(("vm-\(name)-\(comparison.labels[index])", try vmPlot(vm, run, title)))
      }
    }
    return result
  }

  /// The page.
  ///
  /// - Throws: `HDF5Error` when a run file cannot be read.
  public func html() throws -> String {
    let table = ComparisonTable(comparison)
    let spec = comparison.scenario.spec
    let pictures = try plots().map {
      "<figure>\($0.plot.text)<figcaption>\(htmlEscaped($0.plot.title))</figcaption></figure>"
    }
    return htmlPage(
      title: spec.name,
      body: """
        <h1>\(htmlEscaped(spec.name))</h1>
        <p class="about">\(htmlEscaped(spec.about))</p>
        <section class="answer">\(table.answer.map { "<p>\(htmlEscaped($0))</p>" }.joined())</section>
        <h2>Policies</h2>
        <p>\(htmlEscaped(table.headline)). ± and intervals are 95 % confidence over seeds.</p>
        \(table.html)
        <h2>Over time, first seed</h2>
        \(pictures.joined(separator: "\n"))
        <h2>All figures</h2>
        <details><summary>\(Metric.all.count) metrics, mean over seeds</summary>\(allMetrics)</details>
        <h2>Decisions</h2>
        <details><summary>Events of the worst VM under \(htmlEscaped(comparison.labels[0]))</summary>
        \(try decisions())</details>
        <h2>Where this comes from</h2>
        \(provenance())
        """)
  }

  // MARK: Pictures

  private func overTime(
    _ title: String, _ unit: String, _ values: (RunFileReader) throws -> [Double]
  ) throws -> SVGPlot {
    let curves = try runs.enumerated().map { index, run in
      let times = try run.times().map { $0.seconds / 3600 }
      return SVGPlot.Curve(
        comparison.labels[index], Array(zip(times, try values(run))).map { (x: $0, y: $1) })
    }
    return SVGPlot(title: title, yLabel: unit, curves: curves)
  }

  /// Sum over the columns of each row.
  private func rowSums(_ run: RunFileReader, _ variable: String, _ subject: RunFileReader.Subject)
    throws -> [Double]
  {
    let values = try run.values(of: variable, subject)
    let rows = try run.times().count
    guard rows > 0 else { return [] }
    let columns = values.count / rows
    return (0..<rows).map { row in
      values[row * columns..<(row + 1) * columns].reduce(0) { $0 + Double($1) }
    }
  }

  private func degraded(_ run: RunFileReader) throws -> [Double] {
    let step = comparison.scenario.spec.recording.interval.seconds
    return try rowSums(run, "degradedSeconds", .vms).map { $0 / 60 * 3600 / step }
  }

  private func power(_ run: RunFileReader) throws -> [Double] {
    try rowSums(run, "powerWatts", .racks).map { $0 / 1000 }
  }

  private func shadowShare(_ run: RunFileReader) throws -> [Double] {
    let offered = try run.values(of: "offeredCores", .vms)
    let share = try run.values(of: "shadowShare", .vms)
    let rows = try run.times().count
    guard rows > 0 else { return [] }
    let columns = offered.count / rows
    return (0..<rows).map { row in
      var total = 0.0
      var moved = 0.0
      for column in row * columns..<(row + 1) * columns {
        total += Double(offered[column])
        moved += Double(offered[column]) * Double(share[column])
      }
      return total > 0 ? 100 * moved / total : 0
    }
  }

  /// The VMs with most degraded time under the last policy but the oracle, worst first.
  private func worstVMs() throws -> [(position: Int, name: String)] {
    guard let run = runs.first else { return [] }
    let names = try run.vmNames()
    let seconds = comparison.results[0][0].degradedSecondsByVM
    return names.indices.filter { $0 < seconds.count }
      .sorted { (-seconds[$0], $0) < (-seconds[$1], $1) }
      .prefix(3).map { ($0, names[$0]) }
  }

  private func vmPlot(_ vm: Int, _ run: RunFileReader, _ title: String) throws -> SVGPlot {
    let times = try run.times().map { $0.seconds / 3600 }
    let load = try run.values(of: "offeredCores", .vms, at: vm).map { Double($0) }
    let capacity = try run.values(of: "capacityCores", .vms, at: vm).map { Double($0) }
    let degraded = try run.values(of: "degradedSeconds", .vms, at: vm)
    let step = comparison.scenario.spec.recording.interval.seconds / 3600
    let shaded = zip(times, degraded).filter { $0.1 > 0 }.map { (from: $0.0 - step, to: $0.0) }
    return SVGPlot(
      title: title, yLabel: "cores",
      curves: [
        .init("load", Array(zip(times, load)).map { (x: $0, y: $1) }, isFilled: true),
        .init("ready capacity", Array(zip(times, capacity)).map { (x: $0, y: $1) }, isStep: true),
      ], shaded: shaded)
  }

  // MARK: Tables

  private var allMetrics: String {
    let head = comparison.labels.map { "<th>\(htmlEscaped($0))</th>" }.joined()
    let rows = Metric.all.indices.map { metric in
      let cells = comparison.labels.indices.map { policy in
        let values = comparison.values(policy: policy, metric: metric)
        let mean = values.reduce(0, +) / Double(values.count)
        return "<td>\(ComparisonTable.rounded(mean))</td>"
      }
      let definition = Metric.all[metric]
      let unit = definition.units == "1" ? "" : definition.units
      return """
        <tr><th title="\(htmlEscaped(definition.about))">\(definition.name)</th>\
        <td class="unit">\(htmlEscaped(unit))</td>\(cells.joined())</tr>
        """
    }
    return """
      <div class="wide"><table><thead><tr><th>metric</th><th>unit</th>\(head)</tr></thead>\
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      """
  }

  private func decisions() throws -> String {
    guard let run = runs.first, let worst = try worstVMs().first else { return "" }
    let lines = try run.events().filter { $0.vm == worst.name }.prefix(200).map { event in
      let reason = event.rationale
      var why = ""
      if reason.overloadProbability.isFinite {
        why += "P(overload) \(ComparisonTable.rounded(reason.overloadProbability)) "
      }
      if reason.upperCores.isFinite {
        why += "upper \(ComparisonTable.rounded(reason.upperCores)) "
      }
      if reason.leadTimeSeconds.isFinite {
        why += "lead \(ComparisonTable.rounded(reason.leadTimeSeconds)) s"
      }
      let value = event.value.isFinite ? ComparisonTable.rounded(event.value) : ""
      return """
        <tr><td>\(event.time)</td><td>\(htmlEscaped(event.kind))</td>\
        <td>\(htmlEscaped(event.host))</td><td>\(value)</td>\
        <td>\(htmlEscaped(why + event.detail))</td></tr>
        """
    }
    return """
      <div class="wide"><table><thead><tr><th>time</th><th>event on \(htmlEscaped(worst.name))</th>\
      <th>host</th><th>value</th><th>reason</th></tr></thead>\
      <tbody>\(lines.joined(separator: "\n"))</tbody></table></div>
      """
  }

  private func provenance() -> String {
    let command = comparison.scenario.compareCommand(
      policies: comparison.labels, seedCount: comparison.seeds.count)
    let seeds = comparison.seeds.map(String.init).joined(separator: ", ")
    return """
      <p>Foreshadow \(ForeshadowVersion.current), scenario digest \
      <code>\(comparison.scenario.digest)</code>, seeds \(seeds).</p>
      <p><code>\(htmlEscaped(command))</code></p>
      <details><summary>Scenario</summary><pre>\(htmlEscaped(comparison.scenario.writtenText))</pre>
      </details>
      """
  }
}
