// SPDX-License-Identifier: Apache-2.0

/// Learned forecasters as model files. A file holds the model, not the state of the series: a
/// forecaster made from it has observed nothing and is given the series' scales and then their past.
extension SafetensorsFile {
  /// The file of an LSTM: its parameters under PyTorch's names (F32).
  ///
  /// - Parameters:
  ///   - forecaster: its network is stored.
  ///   - trainedSeries: series it was trained on.
  ///   - trainedSamples: samples of each.
  public init(_ forecaster: LSTMForecaster, trainedSeries: Int, trainedSamples: Int) {
    let model = forecaster.model
    var header = ModelHeader(
      kind: "lstm", features: LSTMInputs.names(horizons: model.grid.horizons),
      scaling: ModelHeader.seriesScale, stepsPerDay: model.stepsPerDay,
      trainedSeries: trainedSeries, trainedSamples: trainedSamples,
      targets: model.grid.horizons.map { TargetWindow.at($0).name })
    header.levels = model.grid.levels
    if model.heldOutLoss.isFinite { header.scores["heldOutPinball"] = model.heldOutLoss }
    var tensors: [String: Tensor] = [:]
    for parameter in model.network.shape.parameters {
      tensors[parameter.name] = Tensor(
        shape: parameter.shape, values: .float(Array(model.network.parameters[parameter.range])))
    }
    self.init(tensors: tensors, metadata: header.metadata())
  }

  /// The file of quantile trees: each ensemble as the boosting library's document (U8), named
  /// `<target>.<level>` and `<target>.mean`.
  ///
  /// - Parameters:
  ///   - forecaster: its trees are stored.
  ///   - trainedSeries: series it was trained on.
  ///   - trainedSamples: samples of each.
  public init(_ forecaster: QuantileTreesForecaster, trainedSeries: Int, trainedSamples: Int) {
    let model = forecaster.model
    var header = ModelHeader(
      kind: "quantile-trees", features: LoadState.names, scaling: ModelHeader.seriesScale,
      stepsPerDay: model.stepsPerDay, trainedSeries: trainedSeries,
      trainedSamples: trainedSamples,
      targets: model.grid.horizons.map { TargetWindow.at($0).name })
    header.levels = model.grid.levels
    var tensors: [String: Tensor] = [:]
    for (horizon, ensembles) in zip(header.targets, model.trees) {
      for (name, trees) in zip(model.grid.ensembleNames, ensembles) {
        let bytes = trees.modelBytes
        tensors["\(horizon).\(name)"] = Tensor(shape: [bytes.count], values: .bytes(bytes))
      }
    }
    self.init(tensors: tensors, metadata: header.metadata())
  }
}

extension ModelHeader {
  /// What loads are divided by in the forecasters.
  fileprivate static let seriesScale = "upper bound, or 95th percentile of the series"

  /// Horizons and levels of a forecaster's file.
  fileprivate func grid() throws(LearnedModelError) -> QuantileGrid {
    let horizons = try targets.map { name throws(LearnedModelError) -> Int in
      guard let target = TargetWindow(name: name), target.first == target.last else {
        throw LearnedModelError(.content, at: "targets", "\"\(name)\" is no single step ahead")
      }
      return target.last
    }
    guard !horizons.isEmpty, zip(horizons, horizons.dropFirst()).allSatisfy(<) else {
      throw LearnedModelError(.content, at: "targets", "expected ascending horizons")
    }
    guard !levels.isEmpty, levels.allSatisfy({ $0 > 0 && $0 < 1 }),
      zip(levels, levels.dropFirst()).allSatisfy(<)
    else {
      throw LearnedModelError(.content, at: "levels", "expected ascending levels in (0, 1)")
    }
    guard stepsPerDay >= 1 else {
      throw LearnedModelError(.content, at: "stepsPerDay", "expected 1 or more")
    }
    return QuantileGrid(horizons: horizons, levels: levels)
  }
}

extension QuantileGrid {
  /// Names of the ensembles of one horizon.
  fileprivate var ensembleNames: [String] { levels.map { "\($0)" } + ["mean"] }
}

extension LSTMForecaster {
  /// A forecaster with the network of a file, which has observed nothing.
  ///
  /// - Parameters:
  ///   - file: made by `SafetensorsFile.init(_:trainedSeries:trainedSamples:)` or by PyTorch in
  ///     the same form.
  ///   - scales: a typical high load of each series, positive and finite.
  ///   - firstStep: step of the week of the first value to come.
  ///   - bounds: values that can occur.
  ///   - arithmetic: what the network is worked out in; nil for single precision.
  /// - Throws: ``LearnedModelError`` when the file holds no such network.
  public init(
    file: SafetensorsFile, scales: [Double], firstStep: Int = 0,
    bounds: ClosedRange<Double> = 0...Double.infinity, arithmetic: (any LSTMArithmetic)? = nil
  ) throws(LearnedModelError) {
    let header = try ModelHeader(of: file, kinds: ["lstm"])
    let grid = try header.grid()
    guard header.features == LSTMInputs.names(horizons: grid.horizons) else {
      throw LearnedModelError(.content, at: "features", "not the features of this version")
    }
    guard let hidden = file.tensors["weight_hh_l0"]?.shape.last, hidden >= 1 else {
      throw LearnedModelError(.content, at: "weight_hh_l0", "expected [4·hidden, hidden]")
    }
    let shape = LSTMModel.shape(
      horizons: grid.horizons.count, levels: grid.levels.count, hidden: hidden)
    guard StreamingLSTM.supports(shape) else {
      throw LearnedModelError(
        .content, at: "weight_hh_l0", "expected a width that is a multiple of 8 up to 512")
    }
    var parameters: [Float] = []
    for parameter in shape.parameters {
      guard let tensor = file.tensors[parameter.name], tensor.shape == parameter.shape,
        case .float(let values) = tensor.values, values.allSatisfy(\.isFinite)
      else {
        throw LearnedModelError(
          .content, at: parameter.name, "expected finite F32 of shape \(parameter.shape)")
      }
      parameters += values
    }
    let model = LSTMModel(
      network: LSTMNetwork(shape: shape, parameters: parameters), grid: grid,
      stepsPerDay: header.stepsPerDay, heldOutLoss: header.scores["heldOutPinball"] ?? .nan)
    self.init(
      model: model, scales: scales, firstStep: firstStep, bounds: bounds, arithmetic: arithmetic)
  }
}

extension QuantileTreesForecaster {
  /// A forecaster with the trees of a file, which has observed nothing.
  ///
  /// - Parameters:
  ///   - file: made by `SafetensorsFile.init(_:trainedSeries:trainedSamples:)`.
  ///   - scales: a typical high load of each series, positive and finite.
  ///   - firstStep: step of the week of the first value to come.
  ///   - bounds: values that can occur.
  /// - Throws: ``LearnedModelError`` when the file holds no such trees.
  public init(
    file: SafetensorsFile, scales: [Double], firstStep: Int = 0,
    bounds: ClosedRange<Double> = 0...Double.infinity
  ) throws(LearnedModelError) {
    let header = try ModelHeader(of: file, kinds: ["quantile-trees"])
    let grid = try header.grid()
    guard header.features == LoadState.names else {
      throw LearnedModelError(.content, at: "features", "not the features of this version")
    }
    var trees: [[GradientBoostedTrees]] = []
    for horizon in header.targets {
      var ensembles: [GradientBoostedTrees] = []
      for name in grid.ensembleNames {
        let ensemble = try GradientBoostedTrees(modelBytes: file.bytes(named: "\(horizon).\(name)"))
        guard ensemble.featureCount == LoadState.columnCount else {
          throw LearnedModelError(
            .content, at: "\(horizon).\(name)", "trained on other features")
        }
        ensembles.append(ensemble)
      }
      trees.append(ensembles)
    }
    let model = QuantileTreesModel(grid: grid, stepsPerDay: header.stepsPerDay, trees: trees)
    self.init(model: model, scales: scales, firstStep: firstStep, bounds: bounds)
  }
}
