// SPDX-License-Identifier: Apache-2.0
import Experiments
import Forecasting
import Testing

/// PVMS with the forecasters that a scenario can name.
@Suite("Forecasters by name")
struct ForecasterScenarioTests {
  private func run(_ forecasters: [String], history: String = "1 d", basis: String = "history")
    throws -> Comparison
  {
    let policies = forecasters.enumerated().map { index, forecaster in
      "{ pvms: { label: p\(index), risk: forecast, forecaster: \(forecaster) } }"
    }
    let text = """
      version: 1
      name: forecasters
      duration: 3 h
      workload:
        synthetic: { vms: 6 }
        history: \(history)
        sizing: { percentile: 80, minimum: 25 %, basis: \(basis) }
      dataCenter:
        racks: { count: 1, hosts: 4, server: dell-r640-2021 }
      policies: [\(policies.joined(separator: ", "))]
      """
    let scenario = try ScenarioFile(
      text: Array(text.utf8), name: "test.yaml", overrides: [],
      folder: ScenarioFolder(sharedFolder: nil))
    return try ComparisonRunner(
      scenario: scenario, policies: scenario.spec.policies, seedCount: 1, jobs: 2,
      outputFolder: nil
    ).run()
  }

  @Test("a run with each statistical model, with classes and with retraining")
  func models() throws {
    let comparison = try run([
      "{ model: arima }", "{ model: { arima: { p: 1, q: 0, intervals: normal } } }",
      "{ model: naive }", "{ model: seasonal-naive }", "{ model: ses, classes: metadata }",
      "{ model: ses, classes: clusters, clusters: 2 }",
      "{ model: ses, retrain: 1 h, retrainOnDrift: true, retrainWindow: 12 h }",
    ])
    let column = try #require(Metric.position(of: "degradedVmSeconds"))
    for row in comparison.labels.indices {
      let value = try #require(comparison.values(policy: row, metric: column).first)
      #expect(value.isFinite)
    }
  }

  @Test("what is said by default is said by name")
  func defaultIsTheDefault() throws {
    let comparison = try run(["{}", "{ model: ses }", "{ model: ses, classes: one }"])
    let column = try #require(Metric.position(of: "degradedVmSeconds"))
    let values = comparison.labels.indices.map {
      comparison.values(policy: $0, metric: column).first
    }
    #expect(Set(values).count == 1)
  }

  @Test("a model that needs more history than there is acts as the simpler one in its place")
  func coldStart() throws {
    let comparison = try run(
      ["{ model: ses }", "{ model: trees }", "{ model: lstm }"], history: "0 s", basis: "run")
    let column = try #require(Metric.position(of: "shadowActiveVmSeconds"))
    let values = comparison.labels.indices.map {
      comparison.values(policy: $0, metric: column).first
    }
    #expect(Set(values).count == 1 && values[0] ?? 0 > 0)
  }

  @Test("the catalogue is what the command lists")
  func listed() throws {
    let kind = try #require(ModelCatalog.kinds.first { $0.name == "forecaster" })
    #expect(kind.models.map(\.name) == ForecastModel.names)
  }
}
