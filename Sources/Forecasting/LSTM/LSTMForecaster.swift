// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// The trained network of an ``LSTMForecaster``.
struct LSTMModel: Sendable {
  let network: LSTMNetwork<Float>
  let grid: QuantileGrid
  let stepsPerDay: Int
  /// Mean pinball loss on the held-out part, in units of the median spread.
  let heldOutLoss: Double

  static func shape(horizons: Int, levels: Int, hidden: Int) -> LSTMShape {
    LSTMShape(
      inputs: LSTMInputs.ownCount(horizons: horizons) + LSTMInputs.sharedCount, hidden: hidden,
      outputs: horizons * levels, headSeesInputs: true)
  }
}

/// One LSTM for all series (of a class) that forecasts quantiles at several horizons.
///
/// The head gives every trained quantile of every horizon in units of the series' spread above its
/// level (`LSTMInputs`); the mean is that of the distribution between the quantiles.
public struct LSTMForecaster: Forecaster {
  /// `lstm`, and `lastValue` for a series that has no value yet.
  public let modelNames = ["lstm", "lastValue"]
  let model: LSTMModel
  private var state: LoadState
  private var inputs: LSTMInputs
  private var stream: any LSTMEngine
  private let firstStep: Int
  private let bounds: ClosedRange<Double>

  /// Number of series followed.
  public var seriesCount: Int { state.seriesCount }
  /// The trained network.
  public var network: LSTMNetwork<Float> { model.network }
  /// Steps ahead with outputs of their own.
  public var horizons: [Int] { model.grid.horizons }

  /// A forecaster with a trained network that has observed nothing.
  init(
    model: LSTMModel, scales: [Double], firstStep: Int, bounds: ClosedRange<Double>,
    arithmetic: (any LSTMArithmetic)? = nil
  ) {
    self.model = model
    self.firstStep = firstStep
    self.bounds = bounds
    state = LoadState(capacities: scales, stepsPerDay: model.stepsPerDay)
    inputs = LSTMInputs(seriesCount: scales.count, horizons: model.grid.horizons.count)
    let shared = LSTMInputs.sharedCount
    stream =
      arithmetic?.engine(for: model.network, seriesCount: scales.count, sharedInputs: shared)
      ?? StreamingLSTM(model.network, seriesCount: scales.count, sharedInputs: shared)
  }

  /// Trains on a history and returns a forecaster that has observed it.
  ///
  /// - Parameters:
  ///   - history: the past of the series.
  ///   - settings: horizons with outputs of their own, and the bounds of forecasts.
  ///   - training: size of the network and course of the training.
  /// - Returns: the forecaster.
  /// - Throws: ``LearnedModelError`` when the history is too short for a horizon.
  public static func train(
    history: TrainingSeries, settings: ForecastSettings,
    training: LSTMTraining = LSTMTraining()
  ) throws(LearnedModelError) -> LSTMForecaster {
    let past = try LoadHistory(history, bounds: settings.bounds)
    let sampling = TrainingSampling(calendar: history.calendar, maximumRows: .max)
    let model = try LSTMModel.train(
      history: past, horizons: settings.horizons, sampling: sampling, training: training)
    var forecaster = LSTMForecaster(
      model: model, scales: past.capacities, firstStep: sampling.firstStep,
      bounds: settings.bounds, arithmetic: settings.arithmetic)
    history.replay { forecaster.observe($0) }
    return forecaster
  }

  /// Takes the next value of every series; what is above the upper bound counts as the bound.
  public mutating func observe(_ values: [Double]) {
    state.observe(values.map { min($0, bounds.upperBound) })
    inputs.update(from: state, horizons: model.grid.horizons, firstStep: firstStep)
    stream.step(inputs: inputs.own, shared: inputs.shared)
  }

  /// Starts one series anew with a scale (a typical high load, > 0): another VM in its place.
  public mutating func reset(series: Int, scale: Double) {
    state.reset(series: series, capacity: scale)
    stream.reset(series: series)
  }

  /// Fills the batch.
  public mutating func forecast(into batch: inout ForecastBatch) {
    let outputs = stream.outputs()
    let levelCount = model.grid.levels.count
    let width = model.grid.horizons.count * levelCount
    var quantiles = [Double](repeating: 0, count: levelCount)
    for (position, horizon) in batch.horizons.enumerated() {
      let first = model.grid.trainedIndex(for: horizon) * levelCount
      for series in 0..<seriesCount {
        let known = state.seen[series] > 0
        let scale = state.capacities[series]
        for level in 0..<levelCount {
          let value =
            inputs.level[series]
            + inputs.spread[series] * outputs[series * width + first + level]
          quantiles[level] = known ? Double(value) * scale : 0
        }
        model.grid.tidy(&quantiles, bounds: bounds)
        for (level, value) in batch.levels.enumerated() {
          let index = batch.quantileIndex(horizon: position, level: level, series: series)
          batch.quantiles[index] = model.grid.quantile(value, of: quantiles)
        }
        batch.mean[position * seriesCount + series] = model.grid.mean(of: quantiles)
        batch.modelIndex[series] = known ? 0 : 1
      }
    }
  }
}

extension LSTMForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&state)
    try archive.state(&inputs)
    try stream.archive(&archive)
  }
}
