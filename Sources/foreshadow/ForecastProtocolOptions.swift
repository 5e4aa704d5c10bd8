// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Forecasting

/// Which forecasts of which series are scored: what every command on the forecast protocol is told.
struct ForecastProtocolOptions: ParsableArguments {
  @Option(help: "Lines name,v0,v1,… of equal length; empty fields are gaps.", completion: .file())
  var data: String

  @Option(help: "Number of values at the beginning of each series that are known.")
  var train: Int

  @Option(
    help: ArgumentHelp("First and last origin and the step between.", valueName: "first:last:step"))
  var origins: OriginRange

  @Option(help: "Take only the series named in this file, one a line.", completion: .file())
  var sample: String?

  @Option(help: "Seconds between two values.")
  var step = 300.0

  @Option(help: ArgumentHelp("Forecasts are clipped to it.", valueName: "low:high"))
  var bounds = ValueRange(range: 0...100)

  /// The series, and the plan of forecasts at these horizons, which fits them.
  func read(horizons: [Int]) throws -> (table: SeriesTable, plan: EvaluationPlan) {
    var table = try SeriesTable(path: data)
    if let sample { table = try table.sampled(path: sample) }
    let plan = EvaluationPlan(
      trainCount: train, horizons: horizons, firstOrigin: origins.first, lastOrigin: origins.last,
      originStride: origins.stride, bounds: bounds.range, stepSeconds: step)
    let problems = plan.problems(length: table.series[0].count)
    guard problems.isEmpty else {
      throw ForecastInputError(message: problems.map { "\(data): \($0)" }.joined(separator: "\n"))
    }
    return (table, plan)
  }
}
