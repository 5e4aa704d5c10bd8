// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Forecasting
import Foundation
import Terminal
import Units
import Workloads

/// `foreshadow train`: forecast models from traces, kept in a folder.
struct TrainCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train forecast models on traces and keep them in a folder.",
    discussion: """
      A model is a safetensors file, which PyTorch reads and writes: weights by their PyTorch names, \
      and a JSON header with features, scaling, training range and scores. `foreshadow forecast \
      --registry DIR` and the scenario key policies.pvms.forecaster.registry use the folder.

      Example: foreshadow train azure.csv --model trees --classes clusters --output Models
      """)

  @Argument(help: "Trace files (plain or gzip) or folders.", completion: .file())
  var files: [String]

  @Option(help: "Models, separated by commas: \(trainableNames).")
  var model = "trees"

  @Option(name: [.short, .long], help: "Folder for the models.", completion: .directory)
  var output: String

  @Option(help: "Also a model for each class: one (none), metadata (profile) or clusters.")
  var classes = ClassKind.one

  @Option(help: "Number of clusters, at most.")
  var clusters = 4

  @Option(
    help: "Samples ahead, ascending, separated by commas (default: 1, an hour and a day).",
    transform: numbers)
  var horizons: [Int]?

  @Option(help: "Trees an ensemble, or batches of the network, at most (default: the model's).")
  var effort: Int?

  @OptionGroup var trace: TraceOptions

  @Flag(help: "Replace models of this metric that are there.")
  var force = false

  @Flag(help: "Print the headers of the models as JSON.")
  var json = false

  func validate() throws {
    guard (1...64).contains(clusters) else { throw ValidationError("--clusters is 1 … 64") }
    guard (1...100_000).contains(effort ?? 1) else {
      throw ValidationError("--effort is 1 … 100000")
    }
  }

  mutating func execute() throws {
    let chosen = try modelNames(model).map(trainable)
    let registry = ModelRegistry(folder: output)
    let trace = try self.trace.read(files)
    let history = try self.trace.history(of: trace, file: files[0])
    let metric = self.trace.metric.rawValue
    let there = try chosen.flatMap { try registry.models(of: $0, metric: metric).map(\.name) }
    if let name = there.first, !force {
      throw OutputError(reason: "\(output)/\(name).safetensors exists; --force replaces it")
    }
    let settings = ForecastSettings(
      horizons: horizons ?? TraceForecast.usualHorizons(interval: trace.interval))
    let interruption = Interruption()
    var models: [(name: String, header: ModelHeader, file: SafetensorsFile)] = []
    for kind in chosen {
      let training = RegistryTraining(
        kind, metric: metric, rule: rule, settings: settings, effort: effort)
      let result = try training.run(history, hasCalendar: trace.startEpochSeconds != nil)
      models += result.models
      for (name, reason) in result.skipped {
        Console.say("\(kind.rawValue): no model for \(name) alone: \(reason)")
      }
    }
    try registry.write(models.map { ($0.name, $0.file) }, removing: there) {
      interruption.protect($0)
    }
    try Console.write(text(of: models))
  }

  private var rule: ClassRule {
    switch classes {
    case .one: .one
    case .metadata: .metadata
    case .clusters: .clusters(clusters)
    }
  }

  private func text(
    of models: [(name: String, header: ModelHeader, file: SafetensorsFile)]
  ) throws -> String {
    guard json else {
      return models.map { name, header, _ in
        let scores = header.scores.sorted { $0.key < $1.key }
          .map { "\($0.key) \(($0.value * 1e4).rounded() / 1e4)" }.joined(separator: ", ")
        return "\(output)/\(name).safetensors  \(header.className ?? "all VMs"), "
          + "\(header.trainedSeries) VMs × \(header.trainedSamples) samples"
          + (scores.isEmpty ? "" : "; \(scores)")
      }.joined(separator: "\n")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(models.map(\.header)), as: UTF8.self)
  }

  private static var trainableNames: String {
    TrainableModel.allCases.map(\.rawValue).joined(separator: ", ")
  }

  private func trainable(_ name: String) throws -> TrainableModel {
    if let model = TrainableModel(rawValue: name) { return model }
    let hint =
      nearestName(to: name, in: TrainableModel.allCases.map(\.rawValue))
      .map { "; did you mean \"\($0)\"?" } ?? ""
    let isKnown = ForecastModel.names.contains(name)
    throw ValidationError(
      isKnown
        ? "\"\(name)\" is not kept in files; use it by name. Kept are: \(Self.trainableNames)"
        : "no model \"\(name)\"\(hint) Known: \(Self.trainableNames)")
  }
}

/// How VMs are divided on the command line.
enum ClassKind: String, ExpressibleByArgument, CaseIterable {
  case one, metadata, clusters
}
