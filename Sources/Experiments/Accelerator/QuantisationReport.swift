// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Forecasting
import Units

/// How much worse a trained LSTM forecasts in an accelerator's arithmetic: the forecast protocol
/// (rolling origins, one training) in single precision and in each format.
package struct QuantisationReport: Sendable {
  /// Scores of one way to compute.
  package struct Row: Sendable {
    /// `state kept`, `window`, `unit-parallel 16.4`, `ap_fixed<16,6>`.
    package var name: String
    /// All bits of a word; nil for single precision.
    package var bits: Int?
    /// One entry a horizon.
    package var scores: [ForecastScores]
  }

  /// The first row is the model as the processor runs it: single precision, state kept.
  package private(set) var rows: [Row] = []

  /// Evaluates a model file.
  ///
  /// - Parameters:
  ///   - file: of kind `lstm`.
  ///   - formats: what is compared.
  ///   - steps: samples that an inference on the card sees.
  ///   - table: the series.
  ///   - plan: which forecasts are made; its horizons must be the model's.
  ///   - progress: called after each row with the number of rows that are done.
  /// - Throws: `LearnedModelError` when the file is no such model, or another model would have to
  ///   stand in for it on these series.
  package init(
    _ file: SafetensorsFile, formats: [FixedPointArithmetic.Format], steps: Int,
    on table: SeriesTable, plan: EvaluationPlan, progress: (Int) -> Void = { _ in }
  ) throws(LearnedModelError) {
    let model = try ModelRegistry.forecastModel(.lstm, in: file)
    try Self.check(model, table, plan)
    let network = try LSTMForecaster(file: file, scales: [1]).network
    for format in formats {
      guard let problem = FixedPointArithmetic(format, steps: steps).problem(with: network) else {
        continue
      }
      throw LearnedModelError(.content, at: "weights", problem)
    }
    func add(_ name: String, _ bits: Int?, _ arithmetic: FixedPointArithmetic?) {
      let variant = ForecastModel(name: name) { history, settings in
        var settings = settings
        settings.arithmetic = arithmetic
        return model.make(history, settings)
      }
      rows.append(
        Row(
          name: name, bits: bits, scores: ForecastEvaluation.run(variant, on: table, plan: plan)))
      progress(rows.count)
    }
    add("single precision, state kept", nil, nil)
    for format in [.single] + formats {
      add(format.name, format.bits, FixedPointArithmetic(format, steps: steps))
    }
  }

  private static func check(
    _ model: ForecastModel, _ table: SeriesTable, _ plan: EvaluationPlan
  ) throws(LearnedModelError) {
    let history = TrainingSeries(
      table.series.map { Array($0[..<plan.trainCount]) },
      calendar: StepCalendar(interval: .seconds(plan.stepSeconds)))
    let settings = ForecastSettings(horizons: plan.horizons, bounds: plan.bounds)
    if let reason = model.make(history, settings).standInReason {
      throw LearnedModelError(.content, at: "model", reason)
    }
  }
}

extension FixedPointArithmetic.Format {
  /// Name in tables.
  package var name: String {
    switch self {
    case .single: "single precision, window"
    case .unitParallel(let format): "unit-parallel \(format.bits) bit, \(format.integerBits) whole"
    case .reuseFactor(let type): "\(type)"
    }
  }

  /// All bits of a word; nil for single precision.
  package var bits: Int? {
    switch self {
    case .single: nil
    case .unitParallel(let format): format.bits
    case .reuseFactor(let type): type.bits
    }
  }
}
