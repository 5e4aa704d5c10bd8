// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing
import Units

/// Small trainings with everything that monitoring data may contain.
enum LearnedFixture {
  static let stepsPerDay = 24
  static let calendar = StepCalendar(interval: .hours(1))
  static let levels = [0.05, 0.5, 0.95]

  /// Names of ``series(_:samples:)``.
  static let kinds = ["daily", "constant", "zero", "spikes", "gaps", "late", "never", "negative"]

  /// One series of each kind.
  static func series(samples: Int, seed: UInt64 = 1) -> [[Double]] {
    var random = RandomStream(seed: seed, purpose: "series")
    return kinds.map { kind in
      (0..<samples).map { step in
        let noise = random.uniform()
        let daily = (step % stepsPerDay < 6 ? 60.0 : 20) + 10 * noise
        switch kind {
        case "constant": return 30
        case "zero": return 0
        case "spikes": return noise > 0.98 ? 1e12 : daily
        case "gaps": return noise > 0.5 ? .nan : daily
        case "late": return step < samples - 1 ? .nan : daily
        case "never": return .nan
        case "negative": return -daily
        default: return daily
        }
      }
    }
  }

  static func training() -> OverloadTraining {
    var training = OverloadTraining()
    training.boosting.rounds = 15
    training.boosting.minimumChildWeight = 2
    training.sampling.stepsPerDay = stepsPerDay
    training.sampling.maximumRows = 3000
    return training
  }

  static func rowMajor(_ series: [[Double]]) -> [Double] {
    LoadData.rowMajor(series, 0..<series[0].count)
  }
}

@Suite("Overload classifier on made-up loads")
struct OverloadClassifierTests {
  static let samples = 12 * LearnedFixture.stepsPerDay

  static func classifier(seed: UInt32 = 1) throws -> OverloadClassifier {
    let series = LearnedFixture.series(samples: samples)
    var training = LearnedFixture.training()
    training.seed = seed
    return try OverloadClassifier.train(
      history: LearnedFixture.rowMajor(series),
      capacities: [Double](repeating: 50, count: series.count),
      targets: [.at(1), .within(6)], training: training)
  }

  @Test("It learns the daily overload and gives finite probabilities for every series")
  func learnsAndStaysFinite() throws {
    var classifier = try Self.classifier()
    let future = LearnedFixture.series(samples: 2 * LearnedFixture.stepsPerDay, seed: 2)
    for step in 0..<2 * LearnedFixture.stepsPerDay {
      let probabilities = try classifier.probabilities(horizon: 1)
      let within = try classifier.probabilities(of: .within(6))
      #expect((probabilities + within).allSatisfy { $0 >= 0 && $0 <= 1 })
      let hour = step % LearnedFixture.stepsPerDay
      #expect(hour < 6 ? probabilities[0] > 0.6 : probabilities[0] < 0.4, "hour \(hour)")
      #expect(probabilities[1] < 0.3 && probabilities[2] < 0.3)
      classifier.observe(future.map { $0[step] })
    }
  }

  @Test("Two trainings give the same bytes, another seed gives others")
  func determinism() throws {
    let first = try Self.classifier()
    let second = try Self.classifier()
    #expect(first.models.map(\.trees.modelBytes) == second.models.map(\.trees.modelBytes))
    #expect(first.models.map(\.calibration) == second.models.map(\.calibration))
    let other = try Self.classifier(seed: 2)
    #expect(first.models.map(\.trees.modelBytes) != other.models.map(\.trees.modelBytes))
  }

  @Test("A copy is a checkpoint")
  func checkpoint() throws {
    var classifier = try Self.classifier()
    var copy = classifier
    let values = [Double](repeating: 70, count: LearnedFixture.kinds.count)
    classifier.observe(values)
    let expected = try classifier.probabilities(horizon: 1)
    copy.observe(values)
    #expect(try copy.probabilities(horizon: 1) == expected)
  }

  @Test("A reset series is a new one")
  func reset() throws {
    var classifier = try Self.classifier()
    var fresh = OverloadClassifier(
      models: classifier.models,
      capacities: [Double](repeating: 80, count: LearnedFixture.kinds.count),
      stepsPerDay: LearnedFixture.stepsPerDay)
    // Equal calendars: the reset one has seen whole weeks less five days.
    for _ in 0..<Self.samples {
      fresh.observe([Double](repeating: .nan, count: LearnedFixture.kinds.count))
    }
    for series in LearnedFixture.kinds.indices { classifier.reset(series: series, capacity: 80) }
    let values = LearnedFixture.series(samples: 40, seed: 3)
    for step in 0..<40 {
      classifier.observe(values.map { $0[step] })
      fresh.observe(values.map { $0[step] })
    }
    #expect(try classifier.probabilities(horizon: 1) == fresh.probabilities(horizon: 1))
  }

  @Test("A file gives the same probabilities back")
  func file() throws {
    var classifier = try Self.classifier()
    let file = SafetensorsFile(classifier, trainedSeries: 8, trainedSamples: Self.samples)
    let copy = try SafetensorsFile(bytes: file.bytes())
    #expect(copy == file)
    var loaded = try OverloadClassifier(
      file: copy, capacities: [Double](repeating: 50, count: LearnedFixture.kinds.count))
    for step in LearnedFixture.series(samples: Self.samples)[0].indices {
      loaded.observe(LearnedFixture.series(samples: Self.samples).map { $0[step] })
      if step > 60 { break }
    }
    #expect(loaded.models.map(\.target) == classifier.models.map(\.target))
    #expect(loaded.models.map(\.calibration) == classifier.models.map(\.calibration))
    var features = FeatureMatrix(rowCount: 2, columnCount: OverloadClassifier.featureNames.count)
    for column in 0..<features.columnCount { features[1, column] = 0.7 }
    for (a, b) in zip(loaded.models, classifier.models) {
      #expect(try a.trees.predict(features) == b.trees.predict(features))
    }
    #expect(try !classifier.probabilities(horizon: 1).isEmpty)
    let header = try ModelHeader(of: copy, kinds: ["overload-trees"])
    #expect(header.targets == ["at-1", "within-6"])
    #expect(header.scores["at-1.expectedCalibrationError"] != nil)
  }

  @Test("What can't be trained on is an error that says why")
  func trainingErrors() {
    func train(_ history: [Double], _ capacities: [Double]) throws {
      _ = try OverloadClassifier.train(
        history: history, capacities: capacities, targets: [.at(1)],
        training: LearnedFixture.training())
    }
    #expect(throws: LearnedModelError.self) { try train([], [1]) }
    #expect(throws: LearnedModelError.self) { try train([5], [1]) }
    #expect(throws: LearnedModelError.self) { try train([1, 2, 3], [1, 1]) }
    #expect(throws: LearnedModelError.self) { try train([1, 2], []) }
    #expect(throws: LearnedModelError.self) { try train([1, 2, 3, 4], [1, 0]) }
    #expect(throws: LearnedModelError.self) {
      try train([Double](repeating: .nan, count: 100), [1])
    }
  }
}

@Suite("Learned forecasters")
struct LearnedForecasterTests {
  enum Kind: String, CaseIterable, Sendable { case trees, lstm }
  static let samples = 10 * LearnedFixture.stepsPerDay

  static func forecaster(_ kind: Kind, bounds: ClosedRange<Double>) throws -> any Forecaster {
    let history = TrainingSeries(
      LearnedFixture.series(samples: samples), calendar: LearnedFixture.calendar)
    let settings = ForecastSettings(horizons: [1, 6], bounds: bounds)
    switch kind {
    case .trees:
      var training = QuantileTreesTraining()
      training.boosting.rounds = 10
      training.boosting.learningRate = 0.4
      training.boosting.minimumChildWeight = 5
      training.maximumRows = 2000
      training.levels = [0.05, 0.5, 0.95]
      return try QuantileTreesForecaster.train(
        history: history, settings: settings, training: training)
    case .lstm:
      var training = LSTMTraining()
      training.hidden = 8
      training.batches = 30
      training.batchSize = 8
      training.windowLength = 48
      training.levels = [0.05, 0.5, 0.95]
      return try LSTMForecaster.train(history: history, settings: settings, training: training)
    }
  }

  static func batch(_ forecaster: inout any Forecaster) -> ForecastBatch {
    var batch = ForecastBatch(
      seriesCount: forecaster.seriesCount, horizons: [1, 6, 30], levels: [0.01, 0.05, 0.6, 0.95])
    forecaster.forecast(into: &batch)
    return batch
  }

  @Test("Forecasts are finite, ordered, inside the bounds and flagged", arguments: Kind.allCases)
  func alwaysAForecast(kind: Kind) throws {
    var forecaster = try Self.forecaster(kind, bounds: 0...100)
    let future = LearnedFixture.series(samples: 30, seed: 5)
    for step in 0..<30 {
      let batch = Self.batch(&forecaster)
      #expect((batch.mean + batch.quantiles).allSatisfy { $0 >= 0 && $0 <= 100 })
      for horizon in 0..<3 {
        for series in 0..<batch.seriesCount {
          let quantiles = (0..<4).map {
            batch.quantiles[batch.quantileIndex(horizon: horizon, level: $0, series: series)]
          }
          #expect(zip(quantiles, quantiles.dropFirst()).allSatisfy(<=))
        }
      }
      // "never" has no value, all others have.
      #expect(batch.modelIndex == LearnedFixture.kinds.map { $0 == "never" ? 1 : 0 })
      forecaster.observe(future.map { $0[step] })
    }
  }

  @Test("Without an upper bound the spikes stay finite", arguments: Kind.allCases)
  func unbounded(kind: Kind) throws {
    var forecaster = try Self.forecaster(kind, bounds: 0...Double.infinity)
    for value in [1e12, Double.infinity, -Double.infinity, .nan, 0] {
      forecaster.observe([Double](repeating: value, count: forecaster.seriesCount))
      let batch = Self.batch(&forecaster)
      #expect((batch.mean + batch.quantiles).allSatisfy { $0.isFinite && $0 >= 0 })
    }
  }

  @Test("Two trainings forecast the same bits", arguments: Kind.allCases)
  func determinism(kind: Kind) throws {
    var first = try Self.forecaster(kind, bounds: 0...100)
    var second = try Self.forecaster(kind, bounds: 0...100)
    #expect(Self.batch(&first) == Self.batch(&second))
  }

  @Test("The median follows the day", arguments: Kind.allCases)
  func followsTheDay(kind: Kind) throws {
    var forecaster = try Self.forecaster(kind, bounds: 0...100)
    let future = LearnedFixture.series(samples: LearnedFixture.stepsPerDay, seed: 6)
    var error = 0.0
    var naive = 0.0
    var last = LearnedFixture.series(samples: Self.samples)[0][Self.samples - 1]
    for step in 0..<LearnedFixture.stepsPerDay {
      let batch = Self.batch(&forecaster)
      let median = batch.quantiles[batch.quantileIndex(horizon: 0, level: 2, series: 0)]
      error += abs(future[0][step] - median)
      naive += abs(future[0][step] - last)
      last = future[0][step]
      forecaster.observe(future.map { $0[step] })
    }
    #expect(error < naive, "\(error) against \(naive) of the last value")
  }

  @Test("One sample of history is too short, and said so", arguments: Kind.allCases)
  func tooShort(kind: Kind) {
    let history = TrainingSeries([[1]], calendar: LearnedFixture.calendar)
    let settings = ForecastSettings(horizons: [1])
    #expect(throws: LearnedModelError.self) {
      switch kind {
      case .trees: _ = try QuantileTreesForecaster.train(history: history, settings: settings)
      case .lstm: _ = try LSTMForecaster.train(history: history, settings: settings)
      }
    }
  }

  @Test("A file gives the same forecasts back", arguments: Kind.allCases)
  func file(kind: Kind) throws {
    var forecaster = try Self.forecaster(kind, bounds: 0...100)
    var loaded: any Forecaster
    let scales = [Double](repeating: 100, count: LearnedFixture.kinds.count)
    if let trees = forecaster as? QuantileTreesForecaster {
      let bytes = SafetensorsFile(trees, trainedSeries: 8, trainedSamples: Self.samples).bytes()
      loaded = try QuantileTreesForecaster(
        file: SafetensorsFile(bytes: bytes), scales: scales, bounds: 0...100)
    } else {
      let lstm = try #require(forecaster as? LSTMForecaster)
      let bytes = SafetensorsFile(lstm, trainedSeries: 8, trainedSamples: Self.samples).bytes()
      loaded = try LSTMForecaster(
        file: SafetensorsFile(bytes: bytes), scales: scales, bounds: 0...100)
    }
    let past = LearnedFixture.series(samples: Self.samples)
    for step in 0..<Self.samples { loaded.observe(past.map { $0[step] }) }
    #expect(Self.batch(&loaded) == Self.batch(&forecaster))
  }
}
