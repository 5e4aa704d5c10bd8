// SPDX-License-Identifier: Apache-2.0
public import Experiments

/// A forecast of one VM for people: a table with a plot of characters, and a picture.
public struct ForecastText {
  private let forecast: TraceForecast

  /// The text of a forecast.
  public init(_ forecast: TraceForecast) { self.forecast = forecast }

  /// What was asked, which model answered and why, the forecasts, and a plot.
  public var text: String {
    [header, table, plot.text].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var header: String {
    let asked = forecast.askedModel
    let answered = forecast.answeringModel
    let lines = [
      "\(forecast.vm): \(forecast.metric.rawValue) in \(unit.name)",
      "known   \(forecast.history.count) samples of \(Self.duration(forecast.intervalSeconds))",
      "model   \(answered)" + (answered == asked ? "" : "  (asked for: \(asked))"),
    ]
    return (lines + forecast.notes.map { "note    \($0)" }).joined(separator: "\n")
  }

  private var table: String {
    let hasTruth = forecast.steps.contains { forecast.truth(ofHorizon: $0.horizon) != nil }
    let hasTime = forecast.startEpochSeconds != nil
    var rows = [
      ["ahead"] + (hasTime ? ["time"] : []) + ["mean"]
        + TraceForecast.levels.map { "\(($0 * 100).fixed(0)) %" } + (hasTruth ? ["came"] : [])
    ]
    for step in forecast.steps {
      var row = [Self.duration(Double(step.horizon) * forecast.intervalSeconds)]
      if hasTime { row.append(forecast.time(ofHorizon: step.horizon) ?? "–") }
      row += ([step.mean] + step.quantiles).map(number)
      if hasTruth { row.append(forecast.truth(ofHorizon: step.horizon).map(number) ?? "–") }
      rows.append(row)
    }
    return EvaluationTable.aligned(rows)
  }

  private func number(_ value: Double) -> String {
    ComparisonTable.rounded(value / unit.size)
  }

  /// Bytes are shown in the largest unit that leaves the known values readable.
  private var unit: (name: String, size: Double) {
    let name = forecast.metric.units
    guard name.hasPrefix("B") else { return (name, 1) }
    let largest = forecast.history.filter(\.isFinite).max() ?? 0
    let scale =
      [("GiB", 1_073_741_824.0), ("MiB", 1_048_576), ("KiB", 1024)]
      .first { largest >= $0.1 } ?? ("B", 1)
    return (scale.0 + name.dropFirst(), scale.1)
  }

  /// A length of time with its largest fitting unit.
  static func duration(_ seconds: Double) -> String {
    let units = [("d", 86_400.0), ("h", 3600), ("min", 60)]
    let unit = units.first { seconds >= $0.1 } ?? ("s", 1)
    var text = (seconds / unit.1).fixed(2)
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return "\(text) \(unit.0)"
  }

  /// The known values that a plot shows: about three times the longest horizon, a few dozen at least.
  private var shown: ArraySlice<Double> {
    forecast.history.suffix(max(48, 3 * (forecast.steps.last?.horizon ?? 1)))
  }

  private var plot: TextPlot {
    let past = shown
    return TextPlot(
      past: past.indices.map {
        TextPlot.Point(step: $0 - past.endIndex + 1, value: past[$0] / unit.size)
      },
      future: forecast.path.map { step in
        TextPlot.Point(
          step: step.horizon, value: step.quantiles[1] / unit.size,
          range: step.quantiles[0] / unit.size...step.quantiles[2] / unit.size)
      })
  }

  /// The picture: known values, median, 90 % interval, what came if that is known.
  public var picture: SVGPlot {
    let hours = forecast.intervalSeconds / 3600
    let past = shown
    let size = unit.size
    func path(_ value: (TraceForecast.Step) -> Double) -> [(x: Double, y: Double)] {
      forecast.path.map { (x: Double($0.horizon) * hours, y: value($0) / size) }
    }
    var curves = [
      SVGPlot.Curve(
        "known",
        past.indices.map { (x: Double($0 - past.endIndex + 1) * hours, y: past[$0] / size) }),
      SVGPlot.Curve("median", path { $0.quantiles[1] }),
      SVGPlot.Curve("90 % interval", path { $0.quantiles[0] }),
    ]
    let last = forecast.steps.last?.horizon ?? 1
    if !forecast.truth.isEmpty {
      curves.append(
        SVGPlot.Curve(
          "came",
          forecast.truth.prefix(last).enumerated().map {
            (x: Double($0.offset + 1) * hours, y: $0.element / size)
          }))
    }
    var plot = SVGPlot(
      title: "\(forecast.vm), \(forecast.answeringModel)", xLabel: "hours from now",
      yLabel: "\(forecast.metric.rawValue), \(unit.name)", curves: curves)
    plot.bands = [
      forecast.path.map {
        (x: Double($0.horizon) * hours, low: $0.quantiles[0] / size, high: $0.quantiles[2] / size)
      }
    ]
    return plot
  }
}
