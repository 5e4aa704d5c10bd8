// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel

/// How an ``LSTMForecaster`` is trained.
public struct LSTMTraining: Sendable, Equatable {
  /// Width of the layer; a multiple of 8.
  public var hidden = 32
  /// Quantile levels of the head, ascending.
  public var levels = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99]
  /// Steps of a training window; the first eighth warms the state up and is not scored.
  public var windowLength = 168
  /// Windows of one batch.
  public var batchSize = 48
  /// Batches, at most.
  public var batches = 600
  /// Batches between two looks at the held-out part.
  public var checkInterval = 25
  /// Looks without an improvement after which training ends.
  public var patience = 8
  /// Step size of Adam at the start; it falls to zero along a half cosine.
  public var learningRate = 3e-3
  /// Largest length of a gradient.
  public var largestNorm = 1.0
  /// Share of the history, at its end, that decides when to stop.
  public var heldOutShare = 0.15
  /// Seed of the first weights and of the windows.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}
}

extension LSTMModel {
  /// Trains a network for the horizons on a history.
  static func train(
    history: LoadHistory, horizons: [Int], sampling: TrainingSampling, training: LSTMTraining
  ) throws(LearnedModelError) -> LSTMModel {
    let grid = QuantileGrid(horizons: horizons, levels: training.levels)
    let data = LSTMTrainingData(history: history, horizons: horizons, sampling: sampling)
    let cut = Int((Double(data.sampleCount) * (1 - training.heldOutShare)).rounded())
    let last = horizons[horizons.count - 1]
    guard cut - last >= 2, data.sampleCount - cut >= 2 else {
      throw LearnedModelError(
        .trainingData, at: "history",
        "\(history.sampleCount) samples are too few for \(last) steps ahead")
    }
    var course = TrainingCourse(grid: grid, data: data, cut: cut, training: training)
    course.run()
    return LSTMModel(
      network: course.best, grid: grid, stepsPerDay: sampling.stepsPerDay,
      heldOutLoss: Double(course.bestLoss))
  }
}

/// Inputs and targets of all steps of some series.
///
/// Targets are in units of the spread, like the network's outputs, and come with the weight that
/// turns their loss into one in units of the scale: a quiet series counts as little as it is worth.
private struct LSTMTrainingData {
  let sampleCount: Int
  let seriesCount: Int
  let width: Int
  /// `[sample, series, width]`: what is known after that sample.
  private(set) var inputs: [Float] = []
  /// `[sample, series]`.
  private(set) var levels: [Float] = []
  private(set) var spreads: [Float] = []
  private let horizons: [Int]
  private let relative: [Float]
  private let typicalSpread: Float
  /// Largest weight of a row: a series of spikes must not drown the others.
  private static let largestWeight: Float = 10

  init(history: LoadHistory, horizons: [Int], sampling: TrainingSampling) {
    let count = min(history.seriesCount, sampling.maximumSeries)
    let series = (0..<count).map { $0 * history.seriesCount / count }
    sampleCount = history.sampleCount
    seriesCount = count
    self.horizons = horizons
    width = LSTMInputs.ownCount(horizons: horizons.count) + LSTMInputs.sharedCount
    var state = LoadState(
      capacities: series.map { history.capacities[$0] }, stepsPerDay: sampling.stepsPerDay)
    var source = LSTMInputs(seriesCount: count, horizons: horizons.count)
    let limit = Double(LoadState.largest) / Double(LoadState.one)
    var relative: [Float] = []
    for sample in 0..<sampleCount {
      let values = series.map { history.value(series: $0, sample: sample) }
      relative += values.indices.map {
        Float(values[$0].isNaN ? .nan : min(max(values[$0] / state.capacities[$0], 0), limit))
      }
      state.observe(values)
      source.update(from: state, horizons: horizons, firstStep: sampling.firstStep)
      let ownCount = width - LSTMInputs.sharedCount
      for position in 0..<count {
        inputs += source.own[position * ownCount..<(position + 1) * ownCount]
        inputs += source.shared
      }
      levels += source.level
      spreads += source.spread
    }
    self.relative = relative
    typicalSpread = spreads.isEmpty ? 1 : spreads.sorted()[spreads.count / 2]
  }

  /// What a network is asked about some windows.
  struct Batch {
    /// `[step, window, width]`.
    var inputs: [Float] = []
    /// `[step, window, horizon, level]`; outside the scored range, or missing, NaN.
    var targets: [Float] = []
    /// `[step, window]`.
    var weights: [Float] = []
  }

  /// Inputs, targets and weights of windows of `length` samples.
  func batch(
    _ windows: [(series: Int, start: Int)], length: Int, levelCount: Int, scored: Range<Int>,
    warmUp: Int
  ) -> Batch {
    var batch = Batch()
    batch.inputs.reserveCapacity(length * windows.count * width)
    batch.targets.reserveCapacity(length * windows.count * horizons.count * levelCount)
    for step in 0..<length {
      for window in windows {
        let row = (window.start + step) * seriesCount + window.series
        batch.inputs += inputs[row * width..<(row + 1) * width]
        batch.weights.append(min(spreads[row] / typicalSpread, Self.largestWeight))
        for horizon in horizons {
          let sample = window.start + step + horizon
          var target = Float.nan
          if step >= warmUp, scored.contains(sample) {
            let value = relative[sample * seriesCount + window.series]
            target = min(max((value - levels[row]) / spreads[row], -50), 50)
            if value.isNaN { target = .nan }
          }
          for _ in 0..<levelCount { batch.targets.append(target) }
        }
      }
    }
    return batch
  }
}

/// Batches of Adam with a look at the held-out part now and then; keeps the best network.
private struct TrainingCourse {
  private let data: LSTMTrainingData
  private let training: LSTMTraining
  private let loss: LSTMLoss
  private let levelCount: Int
  private let cut: Int
  private let windowLength: Int
  private(set) var best: LSTMNetwork<Float>
  private(set) var bestLoss = Float.infinity

  init(grid: QuantileGrid, data: LSTMTrainingData, cut: Int, training: LSTMTraining) {
    self.data = data
    self.training = training
    self.cut = cut
    loss = .pinball(grid.levels)
    levelCount = grid.levels.count
    windowLength = max(1, min(training.windowLength, cut))
    let shape = LSTMModel.shape(
      horizons: grid.horizons.count, levels: grid.levels.count, hidden: training.hidden)
    var random = RandomStream(seed: training.seed, purpose: "lstm-weights")
    // Uniform in ±1/√hidden, as PyTorch's default for LSTM layers. The head starts at zero: the
    // first forecast is the level, not a random mixture of inputs that would have to be unlearned.
    let bound = 1 / Double(shape.hidden).squareRoot()
    best = LSTMNetwork(
      shape: shape,
      parameters: (0..<shape.parameterCount).map {
        $0 < shape.headOffset ? Float(random.uniform(in: -bound..<bound)) : 0
      })
  }

  mutating func run() {
    var network = best
    var optimizer = AdamOptimizer<Float>(
      count: network.parameters.count, learningRate: Float(training.learningRate),
      largestNorm: Float(training.largestNorm))
    var random = RandomStream(seed: training.seed, purpose: "lstm-windows")
    var looksWithoutGain = 0
    for round in 0..<training.batches {
      if round % training.checkInterval == 0 {
        looksWithoutGain = keepIfBetter(network) ? 0 : looksWithoutGain + 1
        if looksWithoutGain >= training.patience { return }
      }
      let progress = Double(round) / Double(training.batches)
      optimizer.learningRate = Float(training.learningRate * 0.5 * (1 + cos(.pi * progress)))
      let windows = (0..<training.batchSize).map { _ in
        (
          series: random.integer(below: data.seriesCount),
          start: random.integer(below: cut - windowLength + 1)
        )
      }
      let batch = data.batch(
        windows, length: windowLength, levelCount: levelCount, scored: 0..<cut,
        warmUp: windowLength / 8)
      let pass = network.forward(
        batch.inputs, steps: windowLength, batch: windows.count,
        from: network.initialState(batch: windows.count))
      let (_, outputGradient) = weightedLoss(pass.outputs, batch)
      let gradients = network.gradients(outputGradient: outputGradient, pass: pass)
      optimizer.step(&network.parameters, gradient: gradients.parameters)
    }
    _ = keepIfBetter(network)
  }

  /// Scores a network on the held-out part and keeps it if it is the best yet.
  private mutating func keepIfBetter(_ network: LSTMNetwork<Float>) -> Bool {
    // A bounded number of series, evenly spread, each from one window before the cut to the end.
    let count = min(data.seriesCount, 64)
    let start = max(0, cut - windowLength)
    let length = data.sampleCount - start
    let windows = (0..<count).map { (series: $0 * data.seriesCount / count, start: start) }
    let batch = data.batch(
      windows, length: length, levelCount: levelCount, scored: cut..<data.sampleCount,
      warmUp: 0)
    let pass = network.forward(
      batch.inputs, steps: length, batch: count, from: network.initialState(batch: count))
    let value = weightedLoss(pass.outputs, batch).loss
    guard value < bestLoss else { return false }
    bestLoss = value
    best = network
    return true
  }

  /// The pinball loss with each row's weight, and its derivative: the pinball loss of weighted
  /// outputs for weighted targets.
  private func weightedLoss(
    _ outputs: [Float], _ batch: LSTMTrainingData.Batch
  ) -> (loss: Float, gradient: [Float]) {
    let width = outputs.count / max(1, batch.weights.count)
    var (scaled, targets) = (outputs, batch.targets)
    for index in scaled.indices {
      scaled[index] *= batch.weights[index / width]
      targets[index] *= batch.weights[index / width]
    }
    var (value, gradient) = loss.evaluate(scaled, targets: targets)
    for index in gradient.indices { gradient[index] *= batch.weights[index / width] }
    return (value, gradient)
  }
}
