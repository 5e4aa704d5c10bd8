// SPDX-License-Identifier: Apache-2.0

/// Overload models as a model file: the trees of each target as the boosting library's document
/// (`<target>.trees`, U8) and its calibration (`<target>.calibration`, F64: slope, intercept).
extension SafetensorsFile {
  /// The file of the models of a classifier.
  ///
  /// - Parameters:
  ///   - classifier: its models and calendar are stored, its state is not.
  ///   - trainedSeries: series it was trained on.
  ///   - trainedSamples: samples of each.
  public init(_ classifier: OverloadClassifier, trainedSeries: Int, trainedSamples: Int) {
    var header = ModelHeader(
      kind: "overload-trees", features: OverloadClassifier.featureNames, scaling: "capacity",
      stepsPerDay: classifier.stepsPerDay, trainedSeries: trainedSeries,
      trainedSamples: trainedSamples, targets: classifier.models.map(\.target.name))
    var tensors: [String: Tensor] = [:]
    for model in classifier.models {
      let name = model.target.name
      let bytes = model.trees.modelBytes
      tensors["\(name).trees"] = Tensor(shape: [bytes.count], values: .bytes(bytes))
      tensors["\(name).calibration"] = Tensor(
        shape: [2], values: .double([model.calibration.slope, model.calibration.intercept]))
      header.scores["\(name).expectedCalibrationError"] =
        model.heldOut.reliability.expectedCalibrationError
      header.scores["\(name).overloadShare"] = model.heldOut.overloadShare
      header.scores["\(name).heldOutRows"] = Double(model.heldOut.rowCount)
    }
    self.init(tensors: tensors, metadata: header.metadata())
  }

  /// A tensor of bytes.
  func bytes(named name: String) throws(LearnedModelError) -> [UInt8] {
    guard case .bytes(let bytes)? = tensors[name]?.values else {
      throw LearnedModelError(.content, at: name, "expected a tensor of type U8")
    }
    return bytes
  }

  /// A tensor of `count` doubles.
  func doubles(named name: String, count: Int) throws(LearnedModelError) -> [Double] {
    guard case .double(let values)? = tensors[name]?.values, values.count == count else {
      throw LearnedModelError(.content, at: name, "expected a tensor of \(count) F64")
    }
    return values
  }
}

extension OverloadClassifier {
  /// A classifier with the models of a file, which has observed nothing yet.
  ///
  /// - Parameters:
  ///   - file: made by `SafetensorsFile.init(_:trainedSeries:trainedSamples:)`.
  ///   - capacities: one a series, positive and finite.
  ///   - firstStep: step of the week of the first value to come.
  /// - Throws: ``LearnedModelError`` when the file holds no such models, or ones that were trained
  ///   on other features than this version computes.
  public init(
    file: SafetensorsFile, capacities: [Double], firstStep: Int = 0
  ) throws(LearnedModelError) {
    let header = try ModelHeader(of: file, kinds: ["overload-trees"])
    guard header.features == Self.featureNames else {
      throw LearnedModelError(.content, at: "features", "not the features of this version")
    }
    guard header.stepsPerDay >= 1 else {
      throw LearnedModelError(.content, at: "stepsPerDay", "expected 1 or more")
    }
    var models: [OverloadModel] = []
    for name in header.targets {
      guard let target = TargetWindow(name: name) else {
        throw LearnedModelError(.content, at: "targets", "\"\(name)\" is no target window")
      }
      let trees = try GradientBoostedTrees(modelBytes: file.bytes(named: "\(name).trees"))
      guard trees.featureCount == header.features.count else {
        throw LearnedModelError(.content, at: "\(name).trees", "trained on other features")
      }
      let scaling = try file.doubles(named: "\(name).calibration", count: 2)
      var calibration = PlattScaling()
      calibration.slope = scaling[0]
      calibration.intercept = scaling[1]
      guard scaling.allSatisfy(\.isFinite) else {
        throw LearnedModelError(.content, at: "\(name).calibration", "expected finite numbers")
      }
      models.append(
        OverloadModel(target: target, trees: trees, calibration: calibration, heldOut: .init()))
    }
    self.init(
      models: models, capacities: capacities, stepsPerDay: header.stepsPerDay,
      firstStep: firstStep)
  }
}
