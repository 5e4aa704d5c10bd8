// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing
import Units

/// Models of several classes in a folder, and forecasts with them.
@Suite struct RegistryTests {
  static let settings = ForecastSettings(horizons: [1, 4])
  static let calendar = StepCalendar(interval: .minutes(30))

  static func history(_ classes: [String]) -> TrainingSeries {
    TrainingSeries(
      classes.enumerated().map { index, name -> [Double] in
        (0..<240).map { step -> Double in
          let wave = sin(2 * .pi * Double(step) / 48)
          return 5 + (name == "wave" ? 3 * wave : Double((step * 7 + index) % 5))
        }
      }, calendar: calendar, classes: classes)
  }

  static func registry() -> ModelRegistry {
    let name = "registry-\(ProcessInfo.processInfo.globallyUniqueString)"
    return ModelRegistry(folder: FileManager.default.temporaryDirectory.path + "/" + name)
  }

  static func trained(
    _ model: TrainableModel, rule: ClassRule, in registry: ModelRegistry
  ) throws -> RegistryTraining.Result {
    let training = RegistryTraining(
      model, metric: "cpu", rule: rule, settings: settings, effort: 4)
    let result = try training.run(history(["wave", "wave", "noise"]), hasCalendar: false)
    try registry.write(result.models.map { ($0.name, $0.file) })
    return result
  }

  @Test(arguments: TrainableModel.allCases)
  func everySeriesGetsTheModelOfItsClass(model: TrainableModel) throws {
    let registry = Self.registry()
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    let result = try Self.trained(model, rule: .metadata, in: registry)
    #expect(result.skipped.isEmpty)
    let base = "cpu-\(model.rawValue)"
    #expect(try registry.names() == [base, "\(base)-noise", "\(base)-wave"])
    #expect(result.models.allSatisfy { !$0.header.scores.isEmpty })
    let stored = try registry.forecastModel(named: model.rawValue, metric: "cpu")
    var forecaster = stored.make(Self.history(["noise", "wave", "new"]), Self.settings)
    var batch = ForecastBatch(seriesCount: 3, horizons: [1, 4], levels: [0.05, 0.95])
    forecaster.forecast(into: &batch)
    let names = batch.modelIndex.map { forecaster.modelNames[$0] }
    let name = model.rawValue
    #expect(names == ["\(name)[noise]", "\(name)[wave]", "\(name)[all]"])
    #expect((batch.mean + batch.quantiles).allSatisfy { $0.isFinite })
  }

  @Test func aClassTooYoungIsSkippedByName() throws {
    let training = RegistryTraining(
      .trees, metric: "cpu", rule: .metadata, settings: Self.settings, effort: 2)
    var series = [Double](repeating: .nan, count: 240)
    for step in 200..<240 { series[step] = Double(step % 3) }
    let wave = (0..<240).map { Double($0 % 48) }
    let history = TrainingSeries(
      [wave, series], calendar: Self.calendar, classes: ["wave", "young"])
    let result = try training.run(history, hasCalendar: false)
    #expect(result.models.map(\.header.className) == [nil, "wave"])
    #expect(result.skipped.map(\.className) == ["young"])
    #expect(result.skipped.first?.reason.contains("found 40") == true)
  }

  @Test func otherSamplesADayAndNoValuesAreAnsweredBySmoothing() throws {
    let registry = Self.registry()
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    _ = try Self.trained(.trees, rule: .one, in: registry)
    let stored = try registry.forecastModel(named: "trees", metric: "cpu")
    let faster = TrainingSeries(
      [[1, 2, 3]], calendar: StepCalendar(interval: .minutes(5)))
    #expect(stored.make(faster, Self.settings).standInReason?.contains("48 samples a day") == true)
    let nothing = TrainingSeries(empty: 2, calendar: Self.calendar)
    #expect(stored.make(nothing, Self.settings).standInReason?.contains("scale") == true)
  }

  @Test func whatIsNotThereIsNamed() throws {
    let registry = Self.registry()
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    _ = try Self.trained(.trees, rule: .one, in: registry)
    func message(_ name: String, _ metric: String) -> String {
      do {
        _ = try registry.forecastModel(named: name, metric: metric)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message("default", "cpu") == "")
    #expect(message("lstm", "cpu").contains("it has cpu-trees"))
    #expect(message("trees", "disk").contains("no trees model for disk"))
    #expect(message("ses", "cpu").contains("models that are: trees, lstm"))
  }

  @Test func aDamagedFileIsFoundBeforeARun() throws {
    let registry = Self.registry()
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    _ = try Self.trained(.lstm, rule: .one, in: registry)
    let file = try registry.read("cpu-lstm")
    var tensors = file.tensors
    tensors["out.bias"] = nil
    try registry.write(SafetensorsFile(tensors: tensors, metadata: file.metadata), name: "cpu-lstm")
    #expect(throws: LearnedModelError.self) {
      try registry.forecastModel(named: "lstm", metric: "cpu")
    }
  }

  @Test func aReplacementRemovesWhatItReplacesAndNoPartIsLeft() throws {
    let registry = Self.registry()
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    let first = try Self.trained(.trees, rule: .metadata, in: registry)
    var staged: [String] = []
    try registry.write(
      [(first.models[0].name, first.models[0].file)], removing: first.models.map(\.name)
    ) { staged.append($0) }
    #expect(staged.count == 1)
    let files = try FileManager.default.contentsOfDirectory(atPath: registry.folder)
    #expect(files.count == 1)
    #expect(try registry.names() == ["cpu-trees"])
  }

  @Test func aBadNameWritesNothing() throws {
    let registry = Self.registry()
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    let file = SafetensorsFile(tensors: [:], metadata: [:])
    #expect(throws: LearnedModelError.self) {
      try registry.write([("good", file), ("../bad", file)])
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: registry.folder)
    #expect(files.isEmpty)
  }
}
