// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import ControlPlane
import FPGAModel
import Forecasting
import PVMS
import Units
import Workloads

extension PolicyCatalog {
  /// PVMS with the forecaster and the risk model that the scenario names.
  static func pvms<Source: ParameterSource>(_ source: inout Source) -> PolicySpec {
    let parameters = PVMSParameters(from: &source)
    let isRiskLearned =
      source.choice(
        "risk", default: "learned", of: ["learned", "forecast"],
        about: "Overload risk: boosted trees trained on the history, or read off the forecast.")
      == "learned"
    let choice = source.section("forecaster", about: "How loads are forecast.") {
      ForecasterChoice(from: &$0)
    }
    let detector = source.alternative(
      "anomalies", default: "novelty", of: anomalyAlternatives(),
      about: "How loads never seen before are found.")
    let compute = source.alternative(
      "compute", default: "cpu", of: computeChoices(),
      about: "What forecasts and decisions are computed on, and how long that takes.")
    let store = source.alternative(
      "store", default: "memory", of: policyStores(),
      about: "Where samples and state are kept, for a restart of the management server.")
    return PolicySpec(name: "pvms", label: label(&source)) { context in
      let forecaster = try trainedForecaster(choice, compute.arithmetic, context)
      let risk = isRiskLearned ? context.learnedRisk.value { learnedRisk(context) } : nil
      let history = context.history?.cpuCores.values.map { Double($0) } ?? []
      let anomalies = detector.map { spec in
        var watch = AnomalyWatch(
          spec: spec, vmCount: context.run.vms.count, interval: context.run.interval)
        watch.recall(history)
        return watch
      }
      return {
        DurablePVMS(
          PVMS(
            parameters: parameters, inventory: $0, forecaster: forecaster, risk: risk,
            history: history, anomalies: anomalies, backend: compute.backend),
          store: try store())
      }
    }
  }

  private static func anomalyAlternatives<Source: ParameterSource>()
    -> [Alternative<Source, AnomalyDetectorSpec?>]
  {
    let none = Alternative<Source, AnomalyDetectorSpec?>(
      "none", about: "Nobody looks for anomalies."
    ) { _ in nil }
    return [none]
      + AnomalyDetectorCatalog.alternatives().map { known in
        Alternative(known.name, about: known.about) { known.read(&$0) }
      }
  }

  /// A backend, and the arithmetic in which it works out recurrent networks (nil for single
  /// precision).
  struct ComputeChoice: Sendable {
    var backend: any ComputeBackend
    var arithmetic: FixedPointArithmetic?
  }

  /// The backends that a scenario can name: one line each.
  static func computeChoices<Source: ParameterSource>() -> [Alternative<Source, ComputeChoice>] {
    [
      Alternative("cpu", about: "One processor core, VM after VM.") {
        ComputeChoice(backend: CPUBackend(from: &$0))
      },
      Alternative("cpu-batch", about: "Processor cores that compute many VMs in a call.") {
        ComputeChoice(backend: CPUBatchBackend(from: &$0))
      },
      Alternative(
        "fpga", about: "An FPGA card: exactly what its LSTM engines compute, behind queue and DMA."
      ) {
        let card = FPGABackend(from: &$0)
        return ComputeChoice(
          backend: card,
          arithmetic: FixedPointArithmetic(
            .unitParallel(card.engine.format), steps: card.engine.network.steps))
      },
      Alternative("instant", about: "Answers at once.") { _ in
        ComputeChoice(backend: InstantBackend())
      },
    ]
  }

  private static func trainedForecaster(
    _ choice: ForecasterChoice, _ arithmetic: FixedPointArithmetic?, _ context: TrainingContext
  ) throws(LearnedModelError) -> any Forecaster {
    let horizons = PVMS.horizons(interval: context.run.interval)
    return try choice.make(
      context.past, ForecastSettings(horizons: horizons, arithmetic: arithmetic))
  }

  /// Boosted trees need at least a day to learn from; with less, the forecast has to do.
  private static func learnedRisk(_ context: TrainingContext) -> (any OverloadRiskModel)? {
    guard let history = context.history, history.duration >= .days(1) else { return nil }
    var training = OverloadTraining()
    training.seed = UInt32(truncatingIfNeeded: context.seed)
    training.boosting.seed = training.seed
    training.sampling.stepsPerDay = max(1, SimTime.days(1) / history.interval)
    return try? LearnedOverloadRisk(
      history: history.cpuCores.values.map { Double($0) },
      capacities: context.capacities.map(\.value), stepsPerHour: context.stepsPerHour,
      training: training)
  }
}
