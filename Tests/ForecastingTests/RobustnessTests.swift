// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Testing
import Units

/// Five-minute steps, a day of 288.
let fiveMinutes = StepCalendar(interval: .minutes(5))
let settings = ForecastSettings(horizons: [1, 12, 288])
let percentSettings = ForecastSettings(horizons: [1, 12, 288], bounds: 0...100)

/// Every model of the module on a history, by name.
func allModels(_ history: TrainingSeries, _ settings: ForecastSettings) -> [any Forecaster] {
  let count = history.seriesCount
  return [
    EmpiricalForecaster(
      point: SeasonalNaive(seriesCount: count), settings: settings, history: history),
    EmpiricalForecaster(
      point: SeasonalNaive(seriesCount: count, season: 12), settings: settings, history: history),
    EmpiricalForecaster(
      point: ExponentialSmoothing(fitting: history, horizons: settings.horizons),
      settings: settings, history: history),
    GaussianForecaster(
      point: Arima(
        fitting: history, choice: .fixed(ArimaOrder(1, 1, 1)), horizons: settings.horizons,
        trainingLimit: 100),
      settings: settings, history: history),
  ] + smoothingAndEnsembles.map { $0.make(history, settings) }
}

/// Models that are made by name. An hour is the season, so that hostile series are long enough.
let smoothingAndEnsembles: [ForecastModel] =
  [
    .holtWinters(season: .hours(1), isDamped: false), .holtWinters(season: .hours(1)),
    .profile(season: .hours(1)), .ensemble(), .ensemble(name: "untrained", trees: false),
    .calibrated(.profile(season: .hours(1))),
  ] + publishedRivals()

private func publishedRivals() -> [ForecastModel] {
  var source = DefaultParameters()
  return [
    .press(SignatureMarkov.Parameters(from: &source)),
    .agile(WaveletMarkov.Parameters(from: &source)),
  ]
}

/// Inputs that broke other forecasters: nothing may trap or give NaN on them.
let hostileSeries: [(name: String, values: [Double])] = [
  ("constant", [Double](repeating: 42, count: 700)),
  ("zeros", [Double](repeating: 0, count: 700)),
  ("one point", [7]),
  ("no point", []),
  ("only NaN", [Double](repeating: .nan, count: 700)),
  ("gaps", (0..<700).map { $0 % 7 < 3 ? .nan : Double($0 % 50) }),
  ("spikes of 1e12", (0..<700).map { $0 % 97 == 0 ? 1e12 : Double($0 % 10) }),
  ("infinite", (0..<700).map { $0 % 31 == 0 ? .infinity : $0 % 37 == 0 ? -.infinity : 3 }),
  ("largest numbers", (0..<700).map { $0 % 5 == 0 ? .greatestFiniteMagnitude : -1 }),
]

@Test(
  "Whatever is observed, every forecast is finite, ordered and in bounds",
  arguments: hostileSeries.indices)
func everyForecastIsFinite(index: Int) {
  let values = hostileSeries[index].values
  for settings in [settings, percentSettings] {
    // Half of it as training data, half of it live; then all of it live after a cold start.
    let middle = values.count / 2
    let history = TrainingSeries([Array(values[..<middle])], calendar: fiveMinutes)
    let cold = TrainingSeries(empty: 1, calendar: fiveMinutes)
    let trained = allModels(history, settings).map { ($0, values[middle...]) }
    for (model, live) in trained + allModels(cold, settings).map({ ($0, values[...]) }) {
      var model = model
      for (time, value) in live.enumerated() {
        model.observe([value])
        if time % 50 == 0 { expectSound(&model, settings) }
      }
      expectSound(&model, settings)
    }
  }
}

func expectSound(_ model: inout any Forecaster, _ settings: ForecastSettings) {
  // 300 steps: a horizon that was not fitted.
  var batch = ForecastBatch(
    seriesCount: 1, horizons: settings.horizons + [300], levels: [0.025, 0.5, 0.95, 0.99])
  model.forecast(into: &batch)
  #expect(batch.mean.allSatisfy { $0.isFinite && settings.bounds.contains($0) })
  #expect(batch.quantiles.allSatisfy { $0.isFinite && settings.bounds.contains($0) })
  for horizon in batch.horizons.indices {
    let row = (0..<4).map {
      batch.quantiles[batch.quantileIndex(horizon: horizon, level: $0, series: 0)]
    }
    #expect(row == row.sorted(), "\(model.modelNames[0]) \(row)")
  }
  #expect(model.modelNames.indices.contains(batch.modelIndex[0]))
}
