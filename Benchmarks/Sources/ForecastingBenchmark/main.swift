// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Units

/// Timings and figures of the statistical forecasts, one JSON object on standard output.
///
///   ForecastingBenchmark fit FILE                 ARIMA(2,0,1) of every series of a table
///   ForecastingBenchmark forecast COUNT           the default model, COUNT series × 3 horizons
///   ForecastingBenchmark evaluate FILE TRAIN HORIZONS FIRST:LAST:STEP MODELS [SAMPLE]
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

func table(_ path: String) throws -> SeriesTable {
  try SeriesTable(parsing: String(contentsOfFile: path, encoding: .utf8), file: path)
}

func fit(_ path: String) throws {
  let table = try table(path)
  let start = cpuSeconds()
  let fits = table.series.map { ArimaFit($0, order: ArimaOrder(2, 0, 1)) }
  let seconds = cpuSeconds() - start
  let likelihoods = fits.map { $0?.logLikelihood.description ?? "null" }.joined(separator: ",")
  print(
    "{\"series\":\(fits.count),\"cpuSeconds\":\(seconds),\"logLikelihoods\":[\(likelihoods)]}")
}

/// Synthetic loads: a day's cycle, noise and bursts, different in every series.
func load(series: Int, step: Int) -> Double {
  let phase = Double((step + series * 7) % 288) / 288 * 2 * Double.pi
  let hash = UInt64(truncatingIfNeeded: series &* 1_000_003 &+ step) &* 0x9E37_79B9_7F4A_7C15
  let noise = Double(hash >> 40) / Double(1 << 24)
  return 20 + 10 * sin(phase) + 5 * noise + (hash % 97 == 0 ? 40 : 0)
}

func forecast(_ count: Int) {
  let horizons = [1, 12, 288]
  // Two days and a bit: as old as it must be for every member to answer.
  let steps = 2 * 288 + 24
  let history = TrainingSeries(
    (0..<count).map { series in (0..<steps).map { load(series: series, step: $0) } },
    calendar: StepCalendar(interval: .minutes(5)))
  let settings = ForecastSettings(horizons: horizons, bounds: 0...100)
  var observing = cpuSeconds()
  var model = ForecastModel.ensemble().make(history, settings)
  observing = cpuSeconds() - observing
  var batch = ForecastBatch(
    seriesCount: count, horizons: horizons, levels: ForecastEvaluation.levels)
  var seconds = Double.infinity
  for _ in 0..<20 {
    let start = cpuSeconds()
    model.forecast(into: &batch)
    seconds = min(seconds, cpuSeconds() - start)
  }
  let checksum = batch.quantiles.reduce(0, +)
  print(
    "{\"series\":\(count),\"horizons\":3,\"forecastCpuSeconds\":\(seconds),"
      + "\"makeMicrosecondsPerValue\":\(observing / Double(steps * count) * 1e6),"
      + "\"checksum\":\(checksum)}")
}

func model(_ name: String) -> ForecastModel {
  switch name {
  case "ses+emp":
    return ForecastModel(name: name) { history, settings in
      EmpiricalForecaster(
        point: ExponentialSmoothing(fitting: history, horizons: settings.horizons),
        settings: settings, history: history)
    }
  default: return .ensemble()
  }
}

func evaluate(_ arguments: [String]) throws {
  var table = try table(arguments[0])
  let origins = arguments[3].split(separator: ":").compactMap { Int($0) }
  let plan = EvaluationPlan(
    trainCount: Int(arguments[1]) ?? 0,
    horizons: arguments[2].split(separator: ",").compactMap { Int($0) },
    firstOrigin: origins[0], lastOrigin: origins[1], originStride: origins[2])
  if arguments.count > 5 {
    let names = try String(contentsOfFile: arguments[5], encoding: .utf8)
    table = try table.sampled(names.split(separator: "\n").map(String.init), file: arguments[5])
  }
  for name in arguments[4].split(separator: ",") {
    let start = cpuSeconds()
    for score in ForecastEvaluation.run(model(String(name)), on: table, plan: plan) {
      let losses = score.pinball.map { String(format: "%.3f", $0) }.joined(separator: " ")
      let line = String(
        format: "h%d %@  sum %.3f  cover %.3f %.3f  bias %.3f RMSE %.2f", score.horizon, losses,
        score.pinballSum, score.interval90.coverage, score.interval95.coverage, score.bias,
        score.rootMeanSquareError)
      print(name, line)
      for alarm in score.alarms where alarm.event.hasPrefix("onset") { print("   ", alarm) }
    }
    print(name, "CPU", cpuSeconds() - start)
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "fit" where arguments.count == 2: try fit(arguments[1])
case "forecast": forecast(arguments.count > 1 ? Int(arguments[1]) ?? 100_000 : 100_000)
case "evaluate" where arguments.count >= 6: try evaluate(Array(arguments.dropFirst()))
default:
  FileHandle.standardError.write(Data("usage: fit FILE | forecast COUNT | evaluate …\n".utf8))
  exit(64)
}
