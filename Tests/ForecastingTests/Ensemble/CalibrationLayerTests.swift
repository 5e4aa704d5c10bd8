// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Numerics
import SimulationKernel
import Testing
import Units

/// Independent normal noise around a level.
private struct Noise {
  var stream = RandomStream(seed: 11, purpose: "noise")

  mutating func values(_ count: Int, level: Double, deviation: Double) -> [Double] {
    (0..<count).map { _ in level + deviation * StandardNormal.quantile(max(stream.uniform(), 1e-12))
    }
  }
}

/// Counts how often values lie in the 90 % interval one step ahead.
private func coverage(
  of model: inout any Forecaster, steps: Int, _ next: () -> [Double]
) -> Double {
  var batch = ForecastBatch(seriesCount: model.seriesCount, horizons: [1], levels: [0.05, 0.95])
  var inside = 0
  for _ in 0..<steps {
    model.forecast(into: &batch)
    let values = next()
    for series in values.indices {
      let low = batch.quantiles[batch.quantileIndex(horizon: 0, level: 0, series: series)]
      let high = batch.quantiles[batch.quantileIndex(horizon: 0, level: 1, series: series)]
      inside += (low...high).contains(values[series]) ? 1 : 0
    }
    model.observe(values)
  }
  return Double(inside) / Double(steps * model.seriesCount)
}

private let count = 40
private let oneStep = ForecastSettings(horizons: [1])

/// Every model with the layer on top; whether it is judged on what it was trained on is the layer's
/// business.
private let calibratedModels: [ForecastModel] =
  ([
    ForecastModel(name: "naive") { history, settings in
      EmpiricalForecaster(
        point: SeasonalNaive(seriesCount: history.seriesCount), settings: settings,
        history: history)
    },
    ForecastModel(name: "ses") { history, settings in
      EmpiricalForecaster(
        point: ExponentialSmoothing(fitting: history, horizons: settings.horizons),
        settings: settings, history: history)
    },
    ForecastModel(name: "arima") { history, settings in
      GaussianForecaster(
        point: Arima(
          fitting: history, choice: .fixed(ArimaOrder(1, 0, 0)), horizons: settings.horizons,
          trainingLimit: 100),
        settings: settings, history: history)
    },
    .profile(season: .hours(1)), .holtWinters(season: .hours(1)),
  ] as [ForecastModel]).map { .calibrated($0) } + [.ensemble(trees: false), .ensemble()]

@Test(
  "With exchangeable noise, 90 % of values lie in the 90 % interval",
  arguments: calibratedModels.indices)
func coverageIsNominal(index: Int) {
  var noise = Noise()
  func next() -> [Double] { noise.values(count, level: 50, deviation: 5) }
  let past = (0..<300).map { _ in next() }
  let history = TrainingSeries(
    (0..<count).map { series in past.map { $0[series] } }, calendar: fiveMinutes)
  var model = calibratedModels[index].make(history, oneStep)
  let steps = 300
  let share = coverage(of: &model, steps: steps, next)
  // 4σ of a binomial of all values, and one point for the offsets' own wandering.
  let bound = 4 * (0.9 * 0.1 / Double(steps * count)).squareRoot() + 0.01
  #expect(abs(share - 0.9) < bound, "\(calibratedModels[index].name): \(share)")
}

@Test(
  "After a shift, intervals are wide enough again within 600 steps, and not much too wide",
  arguments: calibratedModels.indices)
func coverageRecovers(index: Int) {
  var noise = Noise()
  var isShifted = false
  func next() -> [Double] {
    noise.values(count, level: isShifted ? 80 : 50, deviation: isShifted ? 15 : 5)
  }
  let past = (0..<300).map { _ in next() }
  let history = TrainingSeries(
    (0..<count).map { series in past.map { $0[series] } }, calendar: fiveMinutes)
  var model = calibratedModels[index].make(history, oneStep)
  isShifted = true
  let shocked = coverage(of: &model, steps: 5, next)
  #expect(shocked < 0.85, "the shift does not hurt, so nothing is shown: \(shocked)")
  _ = coverage(of: &model, steps: 595, next)
  let share = coverage(of: &model, steps: 200, next)
  // Two days of five-minute steps. Up to five points too wide, not three either way: the pools of
  // past errors still hold the shift itself, and the offsets shrink slowly (0.93 to 0.94 measured
  // for models with pooled errors).
  #expect((0.87...0.95).contains(share), "\(calibratedModels[index].name): \(share)")
}

@Test("The layer corrects a forecaster whose intervals are three times too narrow")
func layerCorrectsANarrowForecaster() {
  var noise = Noise()
  func next() -> [Double] { noise.values(count, level: 50, deviation: 5) }
  let empty = TrainingSeries(empty: count, calendar: fiveMinutes)
  var narrow: any Forecaster = Narrow(seriesCount: count)
  let before = coverage(of: &narrow, steps: 100, next)
  // ±5 · 1.645 / 3 holds 2Φ(0.548) − 1 = 41.6 % of a normal distribution.
  #expect(abs(before - 0.416) < 0.03)
  var model: any Forecaster = CalibratedForecaster(
    Narrow(seriesCount: count), settings: oneStep, history: empty)
  _ = coverage(of: &model, steps: 300, next)
  let share = coverage(of: &model, steps: 200, next)
  #expect(abs(share - 0.9) < 0.02, "\(share)")
}

@Test("A day ahead, a weekend is met with what the weekend before has taught")
func layerRemembersTheWeekBefore() {
  var noise = Noise()
  let day = 24
  let hourly = StepCalendar(interval: .hours(1))
  let settings = ForecastSettings(horizons: [day])
  var model: any Forecaster = CalibratedForecaster(
    Narrow(seriesCount: count), settings: settings,
    history: TrainingSeries(empty: count, calendar: hourly))
  var batch = ForecastBatch(seriesCount: count, horizons: [day], levels: [0.05, 0.95])
  var intervals: [ForecastBatch] = []
  var inside = 0
  for step in 0..<27 * day {
    // Two days of the week are three times as wild as the others.
    let isWild = step / day % 7 >= 5
    let values = noise.values(count, level: 50, deviation: isWild ? 15 : 5)
    // The first wild day of the fourth week: nothing of it is known when it is forecast.
    if step / day == 26 {
      let issued = intervals[step - day]
      for series in 0..<count {
        let low = issued.quantiles[issued.quantileIndex(horizon: 0, level: 0, series: series)]
        let high = issued.quantiles[issued.quantileIndex(horizon: 0, level: 1, series: series)]
        inside += (low...high).contains(values[series]) ? 1 : 0
      }
    }
    model.observe(values)
    model.forecast(into: &batch)
    intervals.append(batch)
  }
  // 90 % of the quiet days' noise lies within ±8.2, which holds 2Φ(0.55) − 1 = 42 % of the wild
  // days'; two parts of quiet scores and one of wild ones give ±15.7 and 70 %.
  let share = Double(inside) / Double(day * count)
  #expect((0.6...0.8).contains(share), "\(share)")
}

/// A normal distribution of a third of the right spread.
private struct Narrow: Forecaster {
  let modelNames = ["narrow"]
  let seriesCount: Int
  mutating func observe(_ values: [Double]) {}
  mutating func forecast(into batch: inout ForecastBatch) {
    for horizon in batch.horizons.indices {
      for series in 0..<seriesCount {
        batch.mean[horizon * seriesCount + series] = 50
        for (level, share) in batch.levels.enumerated() {
          let index = batch.quantileIndex(horizon: horizon, level: level, series: series)
          batch.quantiles[index] = 50 + 5.0 / 3 * StandardNormal.quantile(share)
        }
      }
    }
  }
}
