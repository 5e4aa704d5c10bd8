// SPDX-License-Identifier: Apache-2.0
public import StateArchive
import Units

/// Boosted trees as a member of an ensemble, trained on the history that the ensemble lives through.
///
/// A model that is judged on what it was trained on looks better than it is. So two are trained: one
/// on the first `judgedFrom` of the history, which answers in the rest of it, where the ensemble
/// finds out how good trees are here, and one on all of it, which answers afterwards.
public struct TreeExperts: QuantileExperts {
  /// Share of the history after which the first model answers.
  static let judgedFrom = 0.6
  /// Samples of a history below which there are no trees.
  static let minimumSamples = 48

  /// `trees`.
  public let expertNames = ["trees"]
  /// Number of series followed.
  public var seriesCount: Int { state.seriesCount }
  private let horizons: [Int]
  /// Models by the step from which they answer, ascending.
  private let stages: [(firstStep: Int, model: GlobalTreesModel)]
  private let scales: [Double]
  private let firstStep: Int
  private var state: LoadState
  private var features: FeatureMatrix
  /// What ``prepare(horizons:)`` has forecast, `[horizon, series, level]`; NaN: no forecast.
  private var prepared: [Float] = []
  private var step = 0

  /// Trains on `history`; the state is that before its first value. Nil when it is too short.
  public init?(history: TrainingSeries, settings: ForecastSettings, seed: UInt32 = 1) {
    guard history.sampleCount >= Self.minimumSamples,
      let past = try? LoadHistory(history, bounds: settings.bounds)
    else { return nil }
    let sampling = TrainingSampling(calendar: history.calendar, maximumRows: 50_000)
    let split = Int(Double(history.sampleCount) * Self.judgedFrom)
    let boosting = GlobalTreesModel.parameters(seed: seed)
    stages = [split, history.sampleCount].map { end in
      (
        end,
        GlobalTreesModel.train(
          history: past.prefix(end), horizons: settings.horizons, sampling: sampling,
          boosting: boosting)
      )
    }
    horizons = settings.horizons
    scales = past.capacities
    firstStep = sampling.firstStep
    state = LoadState(capacities: scales, stepsPerDay: sampling.stepsPerDay)
    features = FeatureMatrix(rowCount: scales.count, columnCount: LoadState.columnCount)
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    state.observe(Array(values))
    step += 1
  }

  /// Computes the features once and lets the trees of each horizon answer for all series.
  public mutating func prepare(horizons: [Int]) {
    let levels = ExpertTable.levels.count
    let size = horizons.count * seriesCount * levels
    // Taken out for the time of writing, and reused: fresh memory costs more than the trees.
    var prepared = self.prepared
    self.prepared = []
    if prepared.count == size {
      for index in prepared.indices { prepared[index] = .nan }
    } else {
      prepared = [Float](repeating: .nan, count: size)
    }
    defer { self.prepared = prepared }
    guard let model = stages.last(where: { $0.firstStep <= step })?.model else { return }
    state.writeCommon(into: &features, firstStep: firstStep)
    for (position, horizon) in horizons.enumerated() {
      let fitted = self.horizons.firstIndex { $0 >= horizon } ?? self.horizons.count - 1
      guard let member = model.members[fitted] else { continue }
      state.writeTarget(.at(self.horizons[fitted]), into: &features, firstStep: firstStep)
      features.replaceUnknown()
      prepared.withUnsafeMutableBufferPointer { all in
        guard let start = all.baseAddress else { return }
        let rows = start + position * seriesCount * levels
        member.trees.predict(features, into: rows)
        for series in 0..<seriesCount {
          let isKnown = Int(state.seen[series]) >= minimumSample
          let base = features[series, member.baseColumn]
          let scale = isKnown ? Float(scales[series]) : .nan
          let row = rows + series * levels
          for level in 0..<levels { row[level] = (base + row[level]) * scale }
        }
      }
    }
  }

  /// Copies what was prepared.
  public func write(into table: ExpertTable) {
    let levels = ExpertTable.levels.count
    prepared.withUnsafeBufferPointer { all in
      guard let start = all.baseAddress else { return }
      for horizon in table.horizons.indices {
        for series in table.series {
          table.quantiles(horizon: horizon, series: series, expert: 0).update(
            from: start + (horizon * seriesCount + series) * levels, count: levels)
        }
      }
    }
  }
}

extension LoadHistory {
  /// The first samples.
  func prefix(_ count: Int) -> LoadHistory {
    LoadHistory(self, values: Array(values.prefix(count * seriesCount)))
  }
}

extension TreeExperts {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&state)
    try archive.state(&step)
  }
}
