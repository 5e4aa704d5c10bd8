// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation

/// Training on the first 2016 samples of `file`, then one step for 10 000 series.
func benchmarkTrees(file: String) throws {
  let text = try String(contentsOfFile: file, encoding: .utf8)
  let series = text.split(separator: "\n").map { line in
    line.split(separator: ",").dropFirst().map { Double($0) ?? .nan }
  }
  let week = 2016
  let history = (0..<week).flatMap { sample in series.map { $0[sample] } }
  let capacities = series.map { max(2, $0[0..<week].sorted()[week * 95 / 100]) }
  var trained: OverloadClassifier?
  try measure("train 2 overload models on \(series.count) × \(week)") {
    trained = try OverloadClassifier.train(
      history: history, seriesCount: series.count, capacities: capacities, horizons: [1, 12],
      seed: 1)
  }
  guard let models = trained?.models else { return }
  let count = 10_000
  var classifier = OverloadClassifier(
    models: models, capacities: (0..<count).map { capacities[$0 % series.count] })
  func step(_ sample: Int) -> [Double] {
    (0..<count).map { series[$0 % series.count][(sample + $0) % week] }
  }
  measure("observe 2016 steps of \(count) series, each") {
    for sample in 0..<week { classifier.observe(step(sample)) }
  }
  var sample = week
  measure("observe \(count) series", repetitions: 21) {
    classifier.observe(step(sample))
    sample += 1
  }
  for horizon in [1, 12] {
    try measure("probabilities of \(count) series, horizon \(horizon)", repetitions: 11) {
      _ = try classifier.probabilities(horizon: horizon)
    }
  }
  try measure("observe and both probabilities of \(count) series", repetitions: 11) {
    classifier.observe(step(sample))
    sample += 1
    _ = try classifier.probabilities(horizon: 1)
    _ = try classifier.probabilities(horizon: 12)
  }
}
