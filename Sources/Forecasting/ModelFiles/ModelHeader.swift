// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a model file says about its model besides the weights, stored as the metadata of a
/// ``SafetensorsFile`` under the key `foreshadow` (one JSON object).
public struct ModelHeader: Sendable, Equatable, Codable {
  /// Version of this header; a reader refuses a newer one.
  public var version = 1
  /// Kind of model: `"overload-trees"`, `"quantile-trees"` or `"lstm"`.
  public var kind: String
  /// Names of the features, in the order of the columns.
  public var features: [String]
  /// What loads are divided by before the model sees them.
  public var scaling: String
  /// Steps a day that the model was trained with.
  public var stepsPerDay: Int
  /// Number of series it was trained on.
  public var trainedSeries: Int
  /// Samples of each series that it was trained on.
  public var trainedSamples: Int
  /// Target windows by name, or horizons, in the order of the outputs.
  public var targets: [String]
  /// Quantile levels, ascending; empty for probabilities.
  public var levels: [Double] = []
  /// Scores on the held-out part by name.
  public var scores: [String: Double] = [:]

  /// What the loads are: `cpu`, `memory`, `network` or `disk`; nil in files of unknown origin.
  public var metric: String?
  /// Class of series that the model is for; nil for all.
  public var className: String?
  /// By which the class of a series is found; nil when there is one class.
  public var classes: SeriesClasses?
  /// Length of a sample in seconds.
  public var intervalSeconds: Double?
  /// Calendar time of the first sample trained on, in seconds since 1970; nil when unknown.
  public var trainedFromEpochSeconds: Int64?

  static let metadataKey = "foreshadow"
  static let currentVersion = 1

  /// The header as it stands in a file's metadata.
  func metadata() -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Text, integers and finite numbers can always be encoded.
    let text = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    return [Self.metadataKey: text]
  }

  /// The header of a file, which must be of one of `kinds`.
  ///
  /// - Throws: ``LearnedModelError`` when there is none, it is of another kind or too new.
  public init(of file: SafetensorsFile, kinds: [String]) throws(LearnedModelError) {
    guard let text = file.metadata[Self.metadataKey] else {
      throw LearnedModelError(
        .content, at: "__metadata__", "expected a key \"\(Self.metadataKey)\"")
    }
    do {
      self = try JSONDecoder().decode(ModelHeader.self, from: Data(text.utf8))
    } catch {
      throw LearnedModelError(.content, at: Self.metadataKey, "not a model header: \(error)")
    }
    guard version <= Self.currentVersion else {
      throw LearnedModelError(
        .content, at: "version", "\(version) is newer than \(Self.currentVersion)")
    }
    guard kinds.contains(kind) else {
      throw LearnedModelError(
        .content, at: "kind", "expected \(kinds.joined(separator: " or ")), found \(kind)")
    }
  }

  /// A header.
  public init(
    kind: String, features: [String], scaling: String, stepsPerDay: Int, trainedSeries: Int,
    trainedSamples: Int, targets: [String]
  ) {
    self.kind = kind
    self.features = features
    self.scaling = scaling
    self.stepsPerDay = stepsPerDay
    self.trainedSeries = trainedSeries
    self.trainedSamples = trainedSamples
    self.targets = targets
  }
}
