// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import DataCenter
import Facility
import Forecasting
import MigrationModels
import ShadowModels
import Units
import Workloads

/// All models by kind: what `foreshadow models` prints and what documentation is checked against.
public enum ModelCatalog {
  /// Models of which a scenario names one.
  public struct Kind: Sendable {
    /// What the kind is called.
    public var name: String
    /// Where in a scenario it is named.
    public var key: String
    /// Name and one sentence of each model.
    public var models: [(name: String, about: String)]
  }

  /// Every kind.
  public static var kinds: [Kind] {
    let policies: [Alternative<DefaultParameters, PolicySpec>] = PolicyCatalog.alternatives()
    let forecasters: [Alternative<DefaultParameters, ForecastModel>] = ForecastModel.alternatives()
    let detectors: [Alternative<DefaultParameters, AnomalyDetectorSpec>] =
      AnomalyDetectorCatalog.alternatives()
    return [
      Kind(name: "policy", key: "policies", models: policies.map { ($0.name, $0.about) }),
      Kind(
        name: "forecaster", key: "policies.pvms.forecaster.model",
        models: forecasters.map { ($0.name, $0.about) }),
      Kind(
        name: "server", key: "dataCenter.racks.server",
        models: ServerCatalog.all.map { ($0.name, $0.about) }),
      Kind(
        name: "placement", key: "dataCenter.placement",
        models: PlacementAlgorithm.allCases.map { ($0.rawValue, $0.about) }),
      Kind(
        name: "profile", key: "workload.synthetic.mix",
        models: WorkloadProfile.all.map { ($0.name, $0.about) }),
      Kind(
        name: "trace-format", key: "workload.trace.format",
        models: TraceFormat.all.map { ($0.name, $0.about) }),
      Kind(
        name: "migration", key: "migration.preset",
        models: MigrationPreset.all.map { ($0.name, $0.about) }),
      Kind(
        name: "anomaly-detector", key: "of the command anomalies",
        models: detectors.map { ($0.name, $0.about) }),
    ]
  }

  /// Kinds as text, one model a line.
  public static func text(_ kinds: [Kind]) -> String {
    kinds.map { kind in
      let width = kind.models.map(\.name.count).max() ?? 0
      let lines = kind.models.map { model in
        "  " + model.name + String(repeating: " ", count: width - model.name.count + 2)
          + model.about
      }
      return (["\(kind.name)  (\(kind.key))"] + lines).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  /// Kinds as JSON.
  public static func json(_ kinds: [Kind]) -> JSONValue {
    .array(
      kinds.map { kind in
        .object([
          ("kind", .string(kind.name)), ("key", .string(kind.key)),
          (
            "models",
            .array(
              kind.models.map { model in
                .object([("name", .string(model.name)), ("about", .string(model.about))])
              })
          ),
        ])
      })
  }
}
