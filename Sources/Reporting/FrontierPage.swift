// SPDX-License-Identifier: Apache-2.0
public import Experiments
public import Studies

/// The same runs seen against several costs: all frontiers of a scenario as one document.
public struct FrontierPage: Sendable {
  private let reports: [FrontierReport]

  /// A page.
  ///
  /// - Precondition: There is a study, and all are of the same runs.
  public init(_ studies: [FrontierStudy]) {
    precondition(!studies.isEmpty)
    reports = studies.map { FrontierReport($0) }
  }

  /// Tables and sentences for a terminal.
  public var text: String { reports.map(\.text).joined(separator: "\n\n") }

  /// The same as Markdown.
  public var markdown: String {
    guard reports.count > 1 else { return reports[0].markdown }
    return reports.map { "## Against \($0.study.cost.name)\n\n" + $0.markdown }
      .joined(separator: "\n\n")
  }

  /// Everything, with the figures of each seed: an object, or an array of one object a cost.
  public var json: JSONValue {
    reports.count == 1 ? reports[0].json : .array(reports.map(\.json))
  }

  /// The pictures by file name, without extension.
  public var plots: [(name: String, plot: SVGPlot)] {
    reports.enumerated().map { index, report in
      (index == 0 ? "frontier" : "frontier-\(report.study.cost.name)", report.plot)
    }
  }

  /// One HTML file that works offline and without scripts.
  public var html: String {
    let scenario = reports[0].study.scenario
    let sections = reports.map {
      "<h2>Against \(htmlEscaped($0.study.cost.name))</h2>\n\($0.html)"
    }
    let seeds = reports[0].study.seeds.map(String.init).joined(separator: ", ")
    return htmlPage(
      title: "\(scenario.spec.name): frontiers",
      body: """
        <h1>\(htmlEscaped(scenario.spec.name)): frontiers</h1>
        <p class="about">\(htmlEscaped(scenario.spec.about))</p>
        <p>Each dot is a policy under one setting of its own knob, averaged over seeds; a line \
        joins the settings that no other one of the policy beats. Down and left is better.</p>
        \(sections.joined(separator: "\n"))
        <h2>Where this comes from</h2>
        <p>Foreshadow \(ForeshadowVersion.current), scenario digest \
        <code>\(scenario.digest)</code>, seeds \(seeds).</p>
        <details><summary>Scenario</summary><pre>\(htmlEscaped(scenario.writtenText))</pre>
        </details>
        """)
  }
}
