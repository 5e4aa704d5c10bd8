// SPDX-License-Identifier: Apache-2.0

/// How overload models are trained.
public struct OverloadTraining: Sendable, Equatable {
  /// How the trees are grown; ``seed`` replaces the seed in here.
  public var boosting = BoostingParameters()
  /// Which part of the history is learned from.
  public var sampling = TrainingSampling()
  /// The capacities are multiplied by each of these, and the models learn from all.
  ///
  /// With one capacity a model learns how often *this* capacity was exceeded in *this* history:
  /// if capacities were chosen from it (a 95th percentile, say) it believes that every VM has 5 %
  /// of overloads to use up. With several it must look at the load.
  public var capacityFactors = [0.8, 1, 1.25]
  /// Share of the history, at its end, that is held out to calibrate and to score a first model;
  /// the final one is grown from all of it. In (0, 1).
  public var heldOutShare = 0.2
  /// Seed of the row and feature drawing.
  public var seed: UInt32 = 1

  /// The defaults.
  public init() {}
}

/// The overload model of one target window: trees, calibration, and how good they were.
public struct OverloadModel: Sendable {
  /// What the probability is of.
  public let target: TargetWindow
  /// Trees for the log-odds, on the features of `LoadState`.
  public let trees: GradientBoostedTrees
  /// From the trees' probabilities to calibrated ones.
  public let calibration: PlattScaling
  /// How it did on the held-out part, before the final trees were grown from all of it.
  public let heldOut: Score

  /// Scores of a probability model.
  public struct Score: Sendable, Equatable, Codable {
    /// Number of rows scored.
    public var rowCount = 0
    /// Share of rows with an overload.
    public var overloadShare = 0.0
    /// Calibrated predictions against what happened.
    public var reliability = ReliabilityTable(probabilities: [], labels: [])
  }

  /// Trains the model of one target window.
  ///
  /// - Throws: ``LearnedModelError`` when the history is too short.
  static func train(
    history: LoadHistory, target: TargetWindow, training: OverloadTraining
  ) throws(LearnedModelError) -> OverloadModel {
    let rows = try TrainingRows(
      history: history, target: target, factors: training.capacityFactors,
      sampling: training.sampling
    ) { history.overloadLabel(series: $0, origin: $1, target: target, capacity: $2) }
    var boosting = training.boosting
    boosting.seed = training.seed
    // No held-out row may share a target value with a row that the first model has learned from.
    let cut = Int((Double(history.sampleCount) * (1 - training.heldOutShare)).rounded())
    let early = rows.slice(0..<max(0, cut - target.last + 1))
    let late = rows.slice(cut..<Int.max)
    var calibration = PlattScaling()
    var score = Score()
    if !early.labels.isEmpty, !late.labels.isEmpty {
      let first = try GradientBoostedTrees.train(
        early.features, labels: early.labels, objective: .logistic, parameters: boosting)
      let raw = try first.predict(late.features).map(Double.init)
      calibration = PlattScaling(fitting: raw, labels: late.labels)
      score.rowCount = raw.count
      score.overloadShare = late.labels.reduce(0) { $0 + Double($1) } / Double(raw.count)
      score.reliability = ReliabilityTable(
        probabilities: raw.map { calibration($0) }, labels: late.labels)
    }
    let trees = try GradientBoostedTrees.train(
      rows.features, labels: rows.labels, objective: .logistic, parameters: boosting)
    return OverloadModel(target: target, trees: trees, calibration: calibration, heldOut: score)
  }
}
