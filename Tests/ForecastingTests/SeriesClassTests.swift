// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import SimulationKernel
import Testing
import Units

/// Classes of series, a model for each, and models that are trained again.
@Suite struct SeriesClassTests {
  static let calendar = StepCalendar(interval: .minutes(30))

  /// Series of three kinds: a daily wave, noise, and rare spikes; sizes differ by a factor of 100.
  static func history(seed: UInt64) -> TrainingSeries {
    var random = RandomStream(seed: seed, purpose: "classes")
    let series = (0..<18).map { index -> [Double] in
      let size = pow(10, Double(index % 3))
      return (0..<48 * 6).map { step -> Double in
        switch index / 6 {
        case 0: size * (3 + 2 * sin(2 * .pi * Double(step) / 48) + 0.1 * random.uniform(in: 0..<1))
        case 1: size * (1 + random.uniform(in: 0..<1))
        default: size * ((step * 7 + index) % 40 == 0 ? 10 : 1 + 0.02 * random.uniform(in: 0..<1))
        }
      }
    }
    return TrainingSeries(
      series, calendar: calendar, classes: (0..<18).map { ["wave", "noise", "spikes"][$0 / 6] })
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func clustersAreTheKindsWhateverTheSize(seed: UInt64) {
    let history = Self.history(seed: seed)
    let classes = SeriesClasses(.clusters(3), of: history)
    let indices = classes.indices(of: history)
    #expect(classes.names == ["cluster-1", "cluster-2", "cluster-3"])
    for kind in 0..<3 { #expect(Set(indices[kind * 6..<kind * 6 + 6]).count == 1) }
    #expect(Set(indices).count == 3)
    #expect(SeriesClasses(.clusters(3), of: history) == classes)
  }

  @Test func classesSurviveAFile() throws {
    let history = Self.history(seed: 1)
    let classes = SeriesClasses(.clusters(3), of: history)
    let copy = try JSONDecoder().decode(
      SeriesClasses.self, from: JSONEncoder().encode(classes))
    #expect(copy.indices(of: history) == classes.indices(of: history))
  }

  @Test func metadataNamesTheClassAndAStrangerHasNone() {
    let history = Self.history(seed: 1)
    let classes = SeriesClasses(.metadata, of: history)
    #expect(classes.names == ["noise", "spikes", "wave"])
    #expect(classes.indices(of: history) == (0..<18).map { [2, 0, 1][$0 / 6] })
    let stranger = TrainingSeries([[1, 2]], calendar: Self.calendar, classes: ["new"])
    #expect(classes.indices(of: stranger) == [nil])
  }

  @Test(arguments: [[Double.nan, .nan], [0, 0], [1e12, 1e12], [], [.infinity, 1]])
  func oddSeriesHaveAClass(values: [Double]) {
    let history = TrainingSeries([values, values], calendar: Self.calendar)
    let classes = SeriesClasses(.clusters(4), of: history)
    #expect(classes.indices(of: history).allSatisfy { $0 == 0 })
  }

  /// A model that knows nothing of other series must forecast the same in groups.
  @Test func groupsGiveWhatTheModelGivesAlone() throws {
    let history = Self.history(seed: 2)
    let settings = ForecastSettings(horizons: [1, 4])
    let model = try ForecastModel.named("ses")
    var whole = model.make(history, settings)
    var grouped = model.perClass(.metadata).make(history, settings)
    var batches = (
      ForecastBatch(seriesCount: 18, horizons: [1, 4], levels: [0.1, 0.9]),
      ForecastBatch(seriesCount: 18, horizons: [1, 4], levels: [0.1, 0.9])
    )
    let values = (0..<18).map { Double($0) }
    whole.observe(values)
    grouped.observe(values)
    whole.forecast(into: &batches.0)
    grouped.forecast(into: &batches.1)
    #expect(batches.0.mean == batches.1.mean)
    #expect(batches.0.quantiles == batches.1.quantiles)
    #expect(grouped.modelNames[batches.1.modelIndex[0]] == "ses+emp[wave]")
    #expect(grouped.modelNames[batches.1.modelIndex[17]] == "ses+emp[spikes]")
  }
}

@Suite struct RetrainingTests {
  static let calendar = StepCalendar(interval: .minutes(30))

  /// One value a step for a few series: exponential noise around a level.
  static func values(_ random: inout RandomStream, scale: Double) -> [Double] {
    (0..<8).map { _ in 10 + scale * -log(1 - random.uniform(in: 0..<1)) }
  }

  static func forecaster(
    _ schedule: RetrainingSchedule, _ random: inout RandomStream
  ) throws -> RetrainingForecaster {
    var steps: [[Double]] = []
    for _ in 0..<96 { steps.append(values(&random, scale: 1)) }
    let history = TrainingSeries(
      (0..<8).map { series in steps.map { $0[series] } }, calendar: calendar)
    return RetrainingForecaster(
      try .named("ses"), settings: ForecastSettings(horizons: [1]), history: history,
      schedule: schedule)
  }

  @Test func theTestFollowsItsDefinition() {
    // x̄ stays 1 for 30 values: m = −0.2·30. Then x = 3: the sum rises by 3 − x̄ − 0.2 a step.
    var test = PageHinkley(tolerance: 0.2, threshold: 5, minimumCount: 30)
    for _ in 0..<30 {
      let early = test.observe(1)
      #expect(!early)
    }
    var (mean, sum, count, answered) = (1.0, 0.0, 30.0, false)
    while !answered {
      count += 1
      mean += (3 - mean) / count
      sum += 3 - mean - 0.2
      answered = test.observe(3)
      #expect(answered == (sum > 5))
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func driftIsNoticedAndSteadinessIsNot(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "drift")
    var forecaster = try Self.forecaster(RetrainingSchedule(onDrift: true), &random)
    // Twenty days as before: nothing. Then three times the spread: within two days.
    for _ in 0..<960 { forecaster.observe(Self.values(&random, scale: 1)) }
    #expect(forecaster.retrainings.isEmpty)
    for _ in 0..<96 { forecaster.observe(Self.values(&random, scale: 3)) }
    #expect(forecaster.retrainings.first?.cause == .drift)
    #expect(forecaster.retrainings.count == 1)
  }

  @Test func aSpikeIsNoDrift() throws {
    var random = RandomStream(seed: 4, purpose: "drift")
    var forecaster = try Self.forecaster(RetrainingSchedule(onDrift: true), &random)
    for step in 0..<480 {
      forecaster.observe(Self.values(&random, scale: step % 100 == 50 ? 1e12 : 1))
    }
    #expect(forecaster.retrainings.isEmpty)
  }

  @Test func theScheduleIsKept() throws {
    var random = RandomStream(seed: 5, purpose: "drift")
    var forecaster = try Self.forecaster(
      RetrainingSchedule(every: .days(2), window: .days(3)), &random)
    for _ in 0..<300 { forecaster.observe(Self.values(&random, scale: 1)) }
    #expect(
      forecaster.retrainings
        == [96, 192, 288].map { Retraining(step: $0, cause: .schedule) })
  }

  /// Trained again on a window, the model is the one that is trained on that window at once.
  @Test func aLaterTrainingLearnsFromTheWindowAlone() throws {
    var random = RandomStream(seed: 6, purpose: "drift")
    var forecaster = try Self.forecaster(
      RetrainingSchedule(every: .days(6), window: .days(3)), &random)
    var late: [[Double]] = []
    for _ in 0..<288 {
      late.append(Self.values(&random, scale: 1))
      forecaster.observe(late[late.count - 1])
    }
    let window = late.suffix(144)
    let history = TrainingSeries(
      (0..<8).map { series in window.map { $0[series] } }, calendar: Self.calendar)
    var fresh = try ForecastModel.named("ses").make(history, ForecastSettings(horizons: [1]))
    var expected = ForecastBatch(seriesCount: 8, horizons: [1], levels: [0.05, 0.95])
    var batch = expected
    fresh.forecast(into: &expected)
    forecaster.forecast(into: &batch)
    #expect(batch == expected)
  }

  @Test func gapsAndSilenceAreSurvived() throws {
    var random = RandomStream(seed: 7, purpose: "drift")
    var forecaster = try Self.forecaster(
      RetrainingSchedule(every: .days(1), onDrift: true, window: .days(2)), &random)
    for step in 0..<200 {
      forecaster.observe([Double](repeating: step % 3 == 0 ? 0 : .nan, count: 8))
    }
    var batch = ForecastBatch(seriesCount: 8, horizons: [1, 9], levels: [0.5])
    forecaster.forecast(into: &batch)
    #expect((batch.mean + batch.quantiles).allSatisfy { $0.isFinite })
  }

  @Test func profilesCanHaveModelsOfTheirOwn() throws {
    let history = SeriesClassTests.history(seed: 1)
    let settings = ForecastSettings(horizons: [1, 48])
    let seasonal = try ForecastModel.named("seasonal-naive")
    let naive = try ForecastModel.named("naive")
    var mixed = naive.except([("wave", seasonal), ("unknown", seasonal)]).make(history, settings)
    func forecast(_ forecaster: inout any Forecaster) -> ForecastBatch {
      var batch = ForecastBatch(
        seriesCount: forecaster.seriesCount, horizons: [1, 48], levels: [0.1, 0.5, 0.9])
      forecaster.forecast(into: &batch)
      return batch
    }
    var pure: [any Forecaster] = [seasonal, naive].map { $0.make(history, settings) }
    let (answer, first, second) = (forecast(&mixed), forecast(&pure[0]), forecast(&pure[1]))
    for series in 0..<18 {
      let expected = series < 6 ? first : second
      #expect(answer.mean[series] == expected.mean[series])
      #expect(answer.mean[18 + series] == expected.mean[18 + series])
      #expect(
        mixed.modelNames[answer.modelIndex[series]].hasSuffix(series < 6 ? "[wave]" : "[others]"))
    }
    #expect(first.mean != second.mean)
  }
}
