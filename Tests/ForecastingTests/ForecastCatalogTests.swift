// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Testing
import Units

/// Every model of the catalogue, by name, on short, odd and missing history.
@Suite struct ForecastCatalogTests {
  static let settings = ForecastSettings(horizons: [1, 3], bounds: 0...100)

  static func history(series: Int, samples: Int) -> TrainingSeries {
    let values = (0..<series).map { s -> [Double] in
      (0..<samples).map { sample -> Double in Double(10 + (3 * s + sample * sample) % 17) }
    }
    return TrainingSeries(values, calendar: StepCalendar(interval: .minutes(5)))
  }

  static func forecast(_ forecaster: any Forecaster) -> ForecastBatch {
    var forecaster = forecaster
    var batch = ForecastBatch(
      seriesCount: forecaster.seriesCount, horizons: [1, 2, 3, 9], levels: [0.05, 0.5, 0.95])
    forecaster.forecast(into: &batch)
    return batch
  }

  @Test func namesAreThose() {
    #expect(
      Set(ForecastModel.names).isSuperset(of: [
        "default", "ensemble", "naive", "seasonal-naive", "ses", "arima", "autoarima", "trees",
        "lstm", "holt-winters", "profile",
      ]))
    #expect(Set(ForecastModel.names).count == ForecastModel.names.count)
  }

  @Test(arguments: ForecastModel.names, [0, 1, 15, 60])
  func alwaysAForecastThatNamesItsModel(name: String, samples: Int) throws {
    let model = try ForecastModel.named(name)
    #expect(model.name == name)
    let forecaster = model.make(Self.history(series: 3, samples: samples), Self.settings)
    #expect(forecaster.seriesCount == 3)
    let batch = Self.forecast(forecaster)
    let known = Self.settings.bounds
    #expect(batch.mean.allSatisfy { known.contains($0) })
    #expect(batch.quantiles.allSatisfy { known.contains($0) })
    #expect(batch.modelIndex.allSatisfy { forecaster.modelNames.indices.contains($0) })
  }

  @Test(arguments: ["trees", "lstm"])
  func aLearnedModelWithoutTwoDaysIsReplacedByName(name: String) throws {
    let forecaster = try ForecastModel.named(name)
      .make(Self.history(series: 1, samples: 300), Self.settings)
    let reason = try #require(forecaster.standInReason)
    #expect(reason.contains("576"))
    #expect(forecaster.modelNames.first == name)
    #expect(forecaster.modelNames[Self.forecast(forecaster).modelIndex[0]] == "ses+emp")
  }

  @Test func withFewErrorsTheIntervalIsWideAndSaysSo() throws {
    let model = try ForecastModel.named("ses")
    let short = model.make(Self.history(series: 1, samples: 20), Self.settings)
    let long = model.make(Self.history(series: 1, samples: 400), Self.settings)
    #expect(short.modelNames[Self.forecast(short).modelIndex[0]] == "ses+wide")
    #expect(long.modelNames[Self.forecast(long).modelIndex[0]] == "ses+emp")
    let (wide, narrow) = (Self.forecast(short), Self.forecast(long))
    func width(_ batch: ForecastBatch) -> Double {
      batch.quantiles[batch.quantileIndex(horizon: 0, level: 2, series: 0)]
        - batch.quantiles[batch.quantileIndex(horizon: 0, level: 0, series: 0)]
    }
    #expect(width(wide) > width(narrow))
  }

  @Test func aSeasonIsBelievedFromTheSecondOnwards() throws {
    let model = try ForecastModel.named("seasonal-naive")
    let young = model.make(Self.history(series: 1, samples: 400), Self.settings)
    let old = model.make(Self.history(series: 1, samples: 700), Self.settings)
    #expect(young.modelNames[Self.forecast(young).modelIndex[0]] == "naive+emp")
    #expect(old.modelNames[Self.forecast(old).modelIndex[0]] == "snaive288+emp")
  }

  @Test func anUnknownModelNamesTheNearestOne() {
    #expect(throws: UnknownModelError(name: "autoarma")) { try ForecastModel.named("autoarma") }
    #expect("\(UnknownModelError(name: "autoarma"))".contains("did you mean \"autoarima\"?"))
  }
}
