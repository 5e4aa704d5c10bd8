// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Units

/// Trains on the first week of `file`, forecasts once an hour of the second, and prints the pinball
/// losses (no factor 2) of the forecast protocol.
func scoreQuantiles(file: String, models: [String]) throws {
  let text = try String(contentsOfFile: file, encoding: .utf8)
  let series = text.split(separator: "\n").map { line in
    line.split(separator: ",").dropFirst().map { Double($0) ?? .nan }
  }
  let week = 2016
  let history = TrainingSeries(
    series.map { Array($0[0..<week]) }, calendar: StepCalendar(interval: .minutes(5)))
  let settings = ForecastSettings(horizons: [1, 12, 288], bounds: 0...100)
  for name in models.isEmpty ? ["trees"] : models {
    var forecaster: (any Forecaster)?
    try measure("train \(name) on \(series.count) × \(week)") {
      forecaster =
        name == "lstm"
        ? try LSTMForecaster.train(history: history, settings: settings)
        : try QuantileTreesForecaster.train(history: history, settings: settings)
    }
    if let forecaster { score(forecaster, series: series, from: week) }
  }
}

private func score(_ start: any Forecaster, series: [[Double]], from week: Int) {
  var forecaster = start
  let levels = [0.025, 0.05, 0.5, 0.9, 0.95, 0.975, 0.99]
  let horizons = [1, 12, 288]
  var losses = [[Double]](
    repeating: [Double](repeating: 0, count: levels.count), count: horizons.count)
  var squares = [Double](repeating: 0, count: horizons.count)
  var covered = squares
  var count = 0.0
  for origin in week...3744 {
    if (origin - week) % 12 == 0 {
      var batch = ForecastBatch(seriesCount: series.count, horizons: horizons, levels: levels)
      forecaster.forecast(into: &batch)
      for (h, horizon) in horizons.enumerated() {
        for (index, values) in series.enumerated() {
          let truth = values[origin + horizon - 1]
          squares[h] +=
            (truth - batch.mean[h * series.count + index])
            * (truth - batch.mean[h * series.count + index])
          let low = batch.quantiles[batch.quantileIndex(horizon: h, level: 1, series: index)]
          let high = batch.quantiles[batch.quantileIndex(horizon: h, level: 4, series: index)]
          covered[h] += truth >= low && truth <= high ? 1 : 0
          for (l, level) in levels.enumerated() {
            let error =
              truth - batch.quantiles[batch.quantileIndex(horizon: h, level: l, series: index)]
            losses[h][l] += max(level * error, (level - 1) * error)
          }
        }
      }
      count += Double(series.count)
    }
    forecaster.observe(series.map { $0[origin] })
  }
  for (h, horizon) in horizons.enumerated() {
    let means = losses[h].map { ($0 / count * 1000).rounded() / 1000 }
    let sum = means[2] + means[3] + means[4] + means[6]
    print(
      "h \(horizon): pinball .5 \(means[2]) .9 \(means[3]) .95 \(means[4]) .99 \(means[6])",
      "sum \(sum), RMSE \((squares[h] / count).squareRoot()), cov90 \(covered[h] / count)")
  }
}
