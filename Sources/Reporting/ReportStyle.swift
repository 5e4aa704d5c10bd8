// SPDX-License-Identifier: Apache-2.0

/// The colours of reports in light and in dark; they differ in lightness too.
enum ReportColors {
  static let names = [
    "ink", "dim", "page", "card", "rule", "c1", "c2", "c3", "c4", "c5", "c6", "shade",
  ]
  static let light = [
    "#1c2330", "#5c6675", "#fff", "#f4f6f9", "#d9dee6", "#0b62d6", "#d9480f", "#6b7280", "#0f8a5f",
    "#8b3fd1", "#b58900", "#d9480f",
  ]
  static let dark = [
    "#e6e9ef", "#9aa4b2", "#12161d", "#1b212b", "#2f3845", "#6aa7ff", "#ff8a5b", "#a3acb9",
    "#4fd1a0", "#c79bff", "#e6c35c", "#ff8a5b",
  ]

  /// Definitions of the CSS variables.
  static func variables(_ values: [String]) -> String {
    zip(names, values).map { "--\($0):\($1)" }.joined(separator: ";")
  }
}

/// How plots look, with the page's colours.
let plotStyle = """
  svg.plot{width:100%;height:auto;background:var(--card);border-radius:6px}
  svg text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}
  svg .tick{fill:var(--dim)}svg .grid{stroke:var(--rule)}svg .axis{stroke:var(--dim)}
  svg .line{fill:none;stroke-width:1.6;stroke-linejoin:round}svg .fill{opacity:.15;stroke:none}
  svg .fill.dot{opacity:1}svg .line.dash{stroke-dasharray:5 3}
  svg .shade{fill:var(--shade);opacity:.25}
  .c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}
  .c5{stroke:var(--c5)}.c6{stroke:var(--c6)}
  .fill.c1{fill:var(--c1)}.fill.c2{fill:var(--c2)}.fill.c3{fill:var(--c3)}.fill.c4{fill:var(--c4)}
  .fill.c5{fill:var(--c5)}.fill.c6{fill:var(--c6)}
  """

/// The same with the light colours written out: programs that draw SVG files know no variables.
let standalonePlotStyle = zip(ReportColors.names, ReportColors.light).reduce(plotStyle) {
  $0.replacing("var(--\($1.0))", with: $1.1)
}

/// The style sheet of reports: one column, system fonts.
let reportStyle = """
  :root{color-scheme:light dark;\(ReportColors.variables(ReportColors.light))}
  @media(prefers-color-scheme:dark){:root{\(ReportColors.variables(ReportColors.dark))}}
  body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
  main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
  h1{margin:.2em 0;font-size:1.8rem}h2{margin:2em 0 .5em;font-size:1.2rem}
  .about,figcaption,.unit{color:var(--dim)}
  .answer{background:var(--card);border-left:4px solid var(--c1);padding:.6rem 1rem;font-size:1.1rem}
  .answer p{margin:.3em 0}
  .wide{overflow-x:auto}
  table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
  th,td{padding:.3rem .45rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
  th:first-child,td:first-child{text-align:left}thead th{color:var(--dim);font-weight:600}
  figure{margin:1.2rem 0;overflow-x:auto}
  \(plotStyle)
  @media(max-width:40rem){svg.plot{min-width:35rem}}
  pre,code{font:13px/1.4 ui-monospace,monospace}pre{overflow-x:auto;background:var(--card);padding:1rem}
  code{overflow-wrap:anywhere}
  summary{cursor:pointer;color:var(--c1)}
  @media print{body{font-size:11pt}details{display:block}figure{break-inside:avoid}}
  """

/// A page of its own: one file, no script, nothing to load.
func htmlPage(title: String, body: String) -> String {
  """
  <!doctype html>
  <html lang="en"><head><meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>\(htmlEscaped(title)) · Foreshadow</title>
  <style>\(reportStyle)</style></head><body><main>
  \(body)
  </main></body></html>
  """
}
