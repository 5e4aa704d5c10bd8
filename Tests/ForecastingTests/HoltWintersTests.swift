// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Testing
import Units

/// Rounding of a few hundred additions of numbers of about 100.
private let exact = 1e-9
/// Values kept as 32-bit floats.
private let single = 1e-5

private func follow(_ model: inout some PointForecaster, _ values: [Double]) {
  for value in values {
    [value].withUnsafeBufferPointer { model.observe($0) }
  }
}

private func prediction(_ model: some PointForecaster, _ horizon: Int) -> Double {
  var result = [0.0]
  result.withUnsafeMutableBufferPointer { model.predict(horizon: horizon, fitted: 0, into: $0) }
  return result[0]
}

private let season = [5.0, -3, 0, 2, -4, 0]

/// A line plus a season of zero mean.
private func line(_ time: Int) -> Double { 20 + 0.5 * Double(time) + season[time % 6] }

@Test("A line with a season is continued exactly, whatever the speeds", arguments: 0..<4)
func holtWintersContinuesALine(index: Int) {
  let speeds = HoltWinters.candidates(season: 6, isDamped: false)
  let parameters = speeds[index * (speeds.count - 1) / 3]
  var model = HoltWinters(parameters: [parameters], season: 6)
  follow(&model, (0..<40).map(line))
  #expect(model.modelIndex(series: 0) == 0)
  for horizon in [1, 2, 6, 7, 12, 100] {
    #expect(abs(prediction(model, horizon) - line(39 + horizon)) < exact)
  }
}

@Test("A series that starts late, with gaps, has the same season")
func holtWintersStartsLate() {
  var model = HoltWinters(
    parameters: [.init(alpha: 0.2, beta: 0.01, gamma: 0.1, phi: 1)], season: 6)
  follow(
    &model, [.nan, .nan, .nan, .nan] + (4..<40).map { $0 > 20 && $0 % 5 == 0 ? .nan : line($0) })
  for horizon in [1, 5, 6, 13] {
    #expect(abs(prediction(model, horizon) - line(39 + horizon)) < exact)
  }
}

@Test("A damped trend adds φʰ of itself at step h")
func dampedTrendFades() {
  let phi = 0.8
  var model = HoltWinters(
    parameters: [.init(alpha: 0.5, beta: 0.1, gamma: 0, phi: phi)], season: 1, isDamped: true)
  follow(&model, [1, 3, 4, 9, 5, 8])
  let steps = (1...6).map { prediction(model, $0 + 1) - prediction(model, $0) }
  for (step, next) in zip(steps, steps.dropFirst()) { #expect(abs(next - phi * step) < exact) }
}

@Test("Without trend and season it is exponential smoothing")
func levelAloneIsExponentialSmoothing() {
  var model = HoltWinters(
    parameters: [.init(alpha: 0.3, beta: 0, gamma: 0, phi: 1)], season: 1)
  // Two equal values start a state without trend.
  follow(&model, [10, 10, 14, 6, 20])
  var level = 10.0
  for value in [14.0, 6, 20] { level += 0.3 * (value - level) }
  #expect(abs(prediction(model, 1) - level) < exact)
  #expect(abs(prediction(model, 50) - level) < exact)
}

@Test("Fitting finds slow speeds for noise around a season and fast ones for a random walk")
func fittingTellsNoiseFromWalk() {
  var state: UInt64 = 7
  func noise() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 40) / Double(1 << 24) - 0.5
  }
  let steady = (0..<600).map { season[$0 % 6] + noise() }
  var walk = [0.0]
  for _ in 1..<600 { walk.append((walk.last ?? 0) + noise()) }
  let history = TrainingSeries([steady, walk], calendar: fiveMinutes)
  let model = HoltWinters(fitting: history, season: 6)
  #expect(model.parameters[0].alpha <= 0.1)
  #expect(model.parameters[1].alpha >= 0.6)
}

@Test("A profile is the mean of the last seasons at the phase, without what is missing")
func profileIsAMeanOverSeasons() {
  var model = SeasonalProfile(seriesCount: 1, season: 4, seasons: 3)
  follow(&model, [1, 2])
  #expect(model.modelIndex(series: 0) == 1)
  #expect(prediction(model, 1) == 1.5)
  // Seasons 0 … 4; the last three count.
  var more: [Double] = [3, 4]
  for season in 1...4 { more += (1...4).map { Double(10 * season + $0) } }
  more[more.count - 4] = .nan
  follow(&model, more)
  #expect(model.modelIndex(series: 0) == 0)
  #expect(abs(prediction(model, 1) - (21 + 31) / 2) < single)
  #expect(abs(prediction(model, 2) - (22 + 32 + 42) / 3) < single)
  #expect(abs(prediction(model, 8) - (24 + 34 + 44) / 3) < single)
}
