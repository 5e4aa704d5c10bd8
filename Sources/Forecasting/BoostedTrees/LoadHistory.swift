// SPDX-License-Identifier: Apache-2.0

/// The past of many series, as training reads it.
struct LoadHistory: Sendable {
  /// Values `[sample, series]`, row-major; NaN is missing.
  let values: [Double]
  let seriesCount: Int
  let sampleCount: Int
  /// Capacity (or scale) of each series: what its features are relative to.
  let capacities: [Double]

  /// Checks the shapes and the capacities.
  init(values: [Double], capacities: [Double]) throws(LearnedModelError) {
    guard !capacities.isEmpty else {
      throw LearnedModelError(.trainingData, at: "capacities", "no series")
    }
    guard values.count % capacities.count == 0 else {
      throw LearnedModelError(
        .trainingData, at: "history",
        "\(values.count) values are no whole number of samples of \(capacities.count) series")
    }
    if let bad = capacities.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw LearnedModelError(
        .trainingData, at: "capacities[\(bad)]",
        "expected a positive finite capacity, found \(capacities[bad])")
    }
    self.values = values
    self.capacities = capacities
    seriesCount = capacities.count
    sampleCount = values.count / capacities.count
  }

  /// Other samples of the series of `other`.
  init(_ other: LoadHistory, values: [Double]) {
    self.values = values
    capacities = other.capacities
    seriesCount = other.seriesCount
    sampleCount = values.count / other.seriesCount
  }

  /// The value of one series at one sample.
  func value(series: Int, sample: Int) -> Double { values[sample * seriesCount + series] }

  /// Whether `series` exceeds `capacity` in the target window of `origin`: 1, 0, or nil when a
  /// missing value leaves it open.
  func overloadLabel(
    series: Int, origin: Int, target: TargetWindow, capacity: Double
  ) -> Float? {
    var complete = true
    for step in target.first...target.last {
      let value = value(series: series, sample: origin + step - 1)
      if value > capacity { return 1 }
      if value.isNaN { complete = false }
    }
    return complete ? 0 : nil
  }
}

/// Which part of a history is learned from, and how its steps lie in the week.
public struct TrainingSampling: Sendable, Equatable {
  /// Rows drawn for one model, at most; the drawing is even over series, time and factors.
  public var maximumRows = 120_000
  /// Series used, at most; evenly spread over all.
  public var maximumSeries = 400
  /// Steps a day; time of day and the windows of the features follow from it.
  public var stepsPerDay = 288
  /// Step of the week at which the history starts (0 is the start of the week's first day).
  public var firstStep = 0

  /// The defaults.
  public init() {}
}

/// Labelled rows of one target window, in the order of their origins.
struct TrainingRows: Sendable {
  var features: FeatureMatrix
  private(set) var labels: [Float]
  /// The origin (number of known samples) of each row.
  private(set) var origins: [Int]

  /// Draws rows from a history.
  ///
  /// - Parameters:
  ///   - history: the loads, and the capacities they are relative to.
  ///   - target: the steps that the label is about.
  ///   - factors: the features are taken once for each, relative to that multiple of the capacity.
  ///   - sampling: how much of the history is used.
  ///   - label: the label of (series, origin, scaled capacity), or nil when the row can't be used.
  /// - Throws: ``LearnedModelError`` when the history has no usable row.
  init(
    history: LoadHistory, target: TargetWindow, factors: [Double], sampling: TrainingSampling,
    label: (_ series: Int, _ origin: Int, _ capacity: Double) -> Float?
  ) throws(LearnedModelError) {
    // A model that has seen only young series would take unknown days for the normal case.
    let warmUp = min(sampling.stepsPerDay, history.sampleCount / 4)
    let origins = max(1, warmUp)..<max(1, warmUp, history.sampleCount - target.last + 1)
    var passes = factors.indices.map {
      FeaturePass(history: history, factor: factors[$0], offset: $0, sampling: sampling)
    }
    let total = origins.count * passes.reduce(0) { $0 + $1.series.count }
    var drawing = EvenDrawing(share: Double(sampling.maximumRows) / Double(max(1, total)))
    var rows: [Float] = []
    rows.reserveCapacity(min(total, sampling.maximumRows + 1) * LoadState.columnCount)
    self.labels = []
    self.origins = []
    for sample in 0..<min(origins.upperBound, history.sampleCount) {
      for index in passes.indices {
        if origins.contains(sample) {
          passes[index].writeFeatures(target: target, firstStep: sampling.firstStep)
          for position in passes[index].series.indices where drawing.next() {
            let series = passes[index].series[position]
            let capacity = passes[index].state.capacities[position]
            guard let value = label(series, sample, capacity) else { continue }
            for column in 0..<LoadState.columnCount {
              rows.append(passes[index].matrix[position, column])
            }
            labels.append(value)
            self.origins.append(sample)
          }
        }
        passes[index].observe(sample: sample, of: history)
      }
    }
    guard !labels.isEmpty else {
      throw LearnedModelError(
        .trainingData, at: "history",
        "\(history.sampleCount) samples hold no complete row for \(target.name)")
    }
    features = FeatureMatrix(rowCount: labels.count, columnCount: LoadState.columnCount)
    for row in 0..<features.rowCount {
      for column in 0..<features.columnCount {
        features[row, column] = rows[row * features.columnCount + column]
      }
    }
  }

  private init(features: FeatureMatrix, labels: [Float], origins: [Int]) {
    self.features = features
    self.labels = labels
    self.origins = origins
  }

  /// The rows whose origin is in `range`.
  func slice(_ range: Range<Int>) -> TrainingRows {
    let first = origins.firstIndex { $0 >= range.lowerBound } ?? origins.count
    let end = origins[first...].firstIndex { $0 >= range.upperBound } ?? origins.count
    var part = FeatureMatrix(rowCount: end - first, columnCount: features.columnCount)
    for column in 0..<features.columnCount {
      for row in first..<end { part[row - first, column] = features[row, column] }
    }
    return TrainingRows(
      features: part, labels: Array(labels[first..<end]), origins: Array(origins[first..<end]))
  }
}

/// One walk through a history with the features of some of its series.
private struct FeaturePass {
  /// The series followed, ascending.
  let series: [Int]
  private(set) var state: LoadState
  private(set) var matrix: FeatureMatrix
  private var values: [Double]

  init(history: LoadHistory, factor: Double, offset: Int, sampling: TrainingSampling) {
    let count = min(history.seriesCount, sampling.maximumSeries)
    // Another offset takes other series, when there are more than are used.
    series = (0..<count).map {
      ($0 * history.seriesCount / count + offset) % history.seriesCount
    }.sorted()
    state = LoadState(
      capacities: series.map { history.capacities[$0] * factor },
      stepsPerDay: sampling.stepsPerDay)
    matrix = FeatureMatrix(rowCount: count, columnCount: LoadState.columnCount)
    values = [Double](repeating: .nan, count: count)
  }

  mutating func writeFeatures(target: TargetWindow, firstStep: Int) {
    state.writeCommon(into: &matrix, firstStep: firstStep)
    state.writeTarget(target, into: &matrix, firstStep: firstStep)
  }

  mutating func observe(sample: Int, of history: LoadHistory) {
    for (position, series) in series.enumerated() {
      values[position] = history.value(series: series, sample: sample)
    }
    state.observe(values)
  }
}

/// Draws a share of a sequence evenly, without randomness: a Weyl sequence with the golden ratio,
/// which is also even within every residue class (each series, each time of day).
private struct EvenDrawing {
  private let threshold: UInt64
  private var position: UInt64 = 0

  init(share: Double) {
    threshold = share >= 1 ? .max : UInt64(share * 0x1p64)
  }

  mutating func next() -> Bool {
    position &+= 0x9E37_79B9_7F4A_7C15
    return position <= threshold
  }
}
