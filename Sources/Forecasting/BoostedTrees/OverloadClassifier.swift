// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Calibrated probabilities that loads exceed their capacities, for many series at once.
///
/// ```swift
/// var classifier = try OverloadClassifier.train(
///   history: history, seriesCount: 100, capacities: capacities, horizons: [1, 12], seed: 7)
/// classifier.observe(loads)                                  // every step
/// let soon = classifier.probabilities(horizon: 1)            // P(next value > capacity)
/// let withinAnHour = classifier.probabilities(horizon: 12)   // P(any of the next 12 > capacity)
/// ```
///
/// One global model a target window, grown from all series: boosted trees on the load relative to
/// the capacity. It serves series it was not trained on, so VMs may come and go
/// (``reset(series:capacity:)``). A plain value: a copy is a checkpoint.
public struct OverloadClassifier: Sendable {
  /// The models, one a target window, in the order of training.
  public let models: [OverloadModel]
  /// Steps a day.
  public let stepsPerDay: Int
  private let firstStep: Int
  private var state: LoadState
  private var features: FeatureMatrix
  private var commonFeaturesAreCurrent = false

  /// A classifier with trained models that has observed nothing yet.
  ///
  /// - Parameters:
  ///   - models: as ``models`` of another classifier or from a file.
  ///   - capacities: one a series, positive and finite, in the unit of the loads.
  ///   - stepsPerDay: as in the training of the models.
  ///   - firstStep: step of the week of the first value to come.
  public init(
    models: [OverloadModel], capacities: [Double], stepsPerDay: Int = 288, firstStep: Int = 0
  ) {
    self.models = models
    self.stepsPerDay = stepsPerDay
    self.firstStep = firstStep
    state = LoadState(capacities: capacities, stepsPerDay: stepsPerDay)
    features = FeatureMatrix(rowCount: capacities.count, columnCount: LoadState.columnCount)
  }

  /// Trains a model for each target window and returns a classifier that has observed `history`.
  ///
  /// - Parameters:
  ///   - history: loads `[sample, series]`, row-major; NaN is missing.
  ///   - capacities: one a series, positive and finite, in the unit of the loads.
  ///   - targets: what the probabilities are of.
  ///   - training: how the models are trained.
  /// - Returns: the classifier.
  /// - Throws: ``LearnedModelError`` when shapes don't fit or the history is too short.
  public static func train(
    history: [Double], capacities: [Double], targets: [TargetWindow],
    training: OverloadTraining = OverloadTraining()
  ) throws(LearnedModelError) -> OverloadClassifier {
    let past = try LoadHistory(values: history, capacities: capacities)
    var models: [OverloadModel] = []
    for target in targets {
      models.append(try OverloadModel.train(history: past, target: target, training: training))
    }
    var classifier = OverloadClassifier(
      models: models, capacities: capacities, stepsPerDay: training.sampling.stepsPerDay,
      firstStep: training.sampling.firstStep)
    for sample in 0..<past.sampleCount {
      classifier.observe(
        Array(history[sample * past.seriesCount..<(sample + 1) * past.seriesCount]))
    }
    return classifier
  }

  /// Trains a model of "overload within the next `h` steps" for each horizon `h`.
  ///
  /// - Precondition: `capacities.count == seriesCount`; horizons are ≥ 1.
  /// - Throws: ``LearnedModelError`` when shapes don't fit or the history is too short.
  public static func train(
    history: [Double], seriesCount: Int, capacities: [Double], horizons: [Int], seed: UInt32
  ) throws(LearnedModelError) -> OverloadClassifier {
    precondition(capacities.count == seriesCount, "one capacity a series")
    var training = OverloadTraining()
    training.seed = seed
    return try train(
      history: history, capacities: capacities, targets: horizons.map { .within($0) },
      training: training)
  }

  /// Names of the features that the models see, in the order of the columns.
  public static var featureNames: [String] { LoadState.names }

  /// Number of series.
  public var seriesCount: Int { state.seriesCount }

  /// The capacity of each series.
  public var capacities: [Double] { state.capacities }

  /// Takes the next load of every series; NaN is missing.
  ///
  /// - Precondition: `values.count == seriesCount`.
  public mutating func observe(_ values: [Double]) {
    state.observe(values)
    commonFeaturesAreCurrent = false
  }

  /// Forgets one series and starts it anew with `capacity`: another VM, or a resized one.
  ///
  /// - Precondition: `capacity` is positive and finite.
  public mutating func reset(series: Int, capacity: Double) {
    state.reset(series: series, capacity: capacity)
    commonFeaturesAreCurrent = false
  }

  /// P(any of the next `horizon` values > capacity), one a series, in [0, 1].
  ///
  /// - Throws: ``LearnedModelError`` when there is no model for `.within(horizon)`.
  public mutating func probabilities(
    horizon: Int
  ) throws(LearnedModelError) -> [Double] {
    try probabilities(of: .within(horizon))
  }

  /// The probability of an overload in `target`, one a series, in [0, 1].
  ///
  /// - Throws: ``LearnedModelError`` when there is no model for `target`.
  public mutating func probabilities(
    of target: TargetWindow
  ) throws(LearnedModelError) -> [Double] {
    guard let model = models.first(where: { $0.target == target }) else {
      throw LearnedModelError(
        .content, at: target.name,
        "expected one of \(models.map(\.target.name).joined(separator: ", "))")
    }
    if !commonFeaturesAreCurrent {
      state.writeCommon(into: &features, firstStep: firstStep)
      commonFeaturesAreCurrent = true
    }
    state.writeTarget(target, into: &features, firstStep: firstStep)
    return try model.trees.predict(features).map { model.calibration(Double($0)) }
  }
}

extension OverloadClassifier: Archivable {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&state)
    if archive.isReading { commonFeaturesAreCurrent = false }
  }
}
