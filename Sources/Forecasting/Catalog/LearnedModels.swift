// SPDX-License-Identifier: Apache-2.0
import Units

/// Models that learn from all series together, as scenarios name them.
extension ForecastModel {
  static func quantileTrees(_ source: inout some ParameterSource) -> ForecastModel {
    var training = QuantileTreesTraining()
    training.boosting.rounds = source.integer(
      "rounds", default: training.boosting.rounds, in: 1...2000, about: "Trees an ensemble.")
    training.maximumRows = source.integer(
      "rows", default: training.maximumRows, in: 1000...10_000_000,
      about: "Rows drawn from the history for each horizon, at most.")
    let fixed = training
    return learned("trees") { (history, settings) throws(LearnedModelError) -> any Forecaster in
      try QuantileTreesForecaster.train(history: history, settings: settings, training: fixed)
    }
  }

  static func recurrentNetwork(_ source: inout some ParameterSource) -> ForecastModel {
    var training = LSTMTraining()
    training.batches = source.integer(
      "batches", default: training.batches, in: 1...100_000, about: "Batches of training, at most.")
    training.learningRate = source.number(
      "learningRate", default: training.learningRate, in: 1e-6...1,
      about: "Step size of Adam at the start.")
    let fixed = training
    return learned("lstm") { (history, settings) throws(LearnedModelError) -> any Forecaster in
      try LSTMForecaster.train(history: history, settings: settings, training: fixed)
    }
  }
}
