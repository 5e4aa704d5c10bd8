// SPDX-License-Identifier: Apache-2.0

/// A model of the catalogue whose parameters can be kept in a file: one line a model and direction.
public enum TrainableModel: String, CaseIterable, Sendable {
  case trees, lstm

  /// The kind that ``ModelHeader`` names.
  var kind: String {
    switch self {
    case .trees: "quantile-trees"
    case .lstm: "lstm"
    }
  }

  /// Effort of a training: trees an ensemble or batches; nil for the default.
  func train(
    _ history: TrainingSeries, _ settings: ForecastSettings, effort: Int?
  ) throws(LearnedModelError) -> SafetensorsFile {
    switch self {
    case .trees:
      var training = QuantileTreesTraining()
      if let effort { training.boosting.rounds = effort }
      let trained = try QuantileTreesForecaster.train(
        history: history, settings: settings, training: training)
      return SafetensorsFile(
        trained, trainedSeries: history.seriesCount, trainedSamples: history.sampleCount)
    case .lstm:
      var training = LSTMTraining()
      if let effort { training.batches = effort }
      let trained = try LSTMForecaster.train(
        history: history, settings: settings, training: training)
      return SafetensorsFile(
        trained, trainedSeries: history.seriesCount, trainedSamples: history.sampleCount)
    }
  }

  /// A forecaster with the parameters of a file that has observed a history.
  func load(
    _ file: SafetensorsFile, _ history: TrainingSeries, _ settings: ForecastSettings
  ) throws(LearnedModelError) -> any Forecaster {
    let scales = try LoadHistory(history, bounds: settings.bounds).capacities
    let first = TrainingSampling(calendar: history.calendar, maximumRows: .max).firstStep
    var forecaster: any Forecaster
    switch self {
    case .trees:
      forecaster = try QuantileTreesForecaster(
        file: file, scales: scales, firstStep: first, bounds: settings.bounds)
    case .lstm:
      forecaster = try LSTMForecaster(
        file: file, scales: scales, firstStep: first, bounds: settings.bounds,
        arithmetic: settings.arithmetic)
    }
    history.replay { forecaster.observe($0) }
    return forecaster
  }
}
