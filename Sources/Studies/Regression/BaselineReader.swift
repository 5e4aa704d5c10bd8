// SPDX-License-Identifier: Apache-2.0
import Experiments
public import Foundation
import Units

/// A baseline that cannot be used.
public struct BaselineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file as the user named it.
  public var file: String
  /// Path of the key, e.g. `policies[0].values`; empty for the whole file.
  public var key: String
  /// What was expected and what was found.
  public var message: String
  /// Whether the file is not there or cannot be read.
  public var isMissing: Bool

  /// An error at a key of a file.
  public init(file: String, key: String, message: String, isMissing: Bool = false) {
    self.file = file
    self.key = key
    self.message = message
    self.isMissing = isMissing
  }

  /// `FILE: KEY: MESSAGE`.
  public var description: String {
    ([file] + (key.isEmpty ? [] : [key]) + [message]).joined(separator: ": ")
  }
}

extension Baseline {
  /// Largest file that is read; a baseline has some kilobytes.
  private static let largestFile = 1 << 26
  /// Most seeds of a baseline.
  private static let mostSeeds = 10_000

  /// Reads the baseline at `path`.
  ///
  /// - Throws: ``BaselineError`` with the key.
  public init(path: String) throws(BaselineError) {
    let text: Data
    do {
      text = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw BaselineError(
        file: path, key: "", message: "cannot be read: \(error.localizedDescription)",
        isMissing: true)
    }
    try self.init(text, file: path)
  }

  /// Reads a baseline from text; `file` stands for it in messages.
  ///
  /// - Throws: ``BaselineError`` with the key.
  public init(_ text: Data, file: String) throws(BaselineError) {
    func fail(_ key: String, _ message: String) -> BaselineError {
      BaselineError(file: file, key: key, message: message)
    }
    guard text.count <= Self.largestFile else {
      throw fail("", "larger than \(Self.largestFile) bytes")
    }
    let form: BaselineForm
    do {
      form = try JSONDecoder().decode(BaselineForm.self, from: text)
    } catch let error as DecodingError {
      throw BaselineError(error, file: file)
    } catch {
      throw fail("", error.localizedDescription)
    }
    guard form.version == Self.formatVersion else {
      throw fail(
        "version", "this program reads version \(Self.formatVersion), not \(form.version)")
    }
    guard (1...Self.mostSeeds).contains(form.seedCount) else {
      throw fail("seedCount", "expected 1 … \(Self.mostSeeds), found \(form.seedCount)")
    }
    guard (0...Int(Int32.max)).contains(form.firstSeed) else {
      throw fail("firstSeed", "expected 0 … \(Int32.max), found \(form.firstSeed)")
    }
    guard !form.metrics.isEmpty else { throw fail("metrics", "expected at least one metric") }
    for (index, metric) in form.metrics.enumerated() {
      if let problem = Self.problem(withMetric: metric.name) {
        throw fail("metrics[\(index)].name", problem)
      }
      guard metric.tolerance >= 0, metric.tolerance.isFinite else {
        throw fail("metrics[\(index)].tolerance", "expected a share ≥ 0")
      }
    }
    guard !form.policies.isEmpty else { throw fail("policies", "expected at least one policy") }
    for (index, policy) in form.policies.enumerated() {
      for metric in form.metrics {
        let key = "policies[\(index)].values.\(metric.name)"
        guard let values = policy.values[metric.name] else { throw fail(key, "is not there") }
        guard values.count == form.seedCount else {
          throw fail(key, "expected \(form.seedCount) values, found \(values.count)")
        }
      }
    }
    self.init(form)
  }

  private init(_ form: BaselineForm) {
    self.init(
      scenario: form.scenario, settings: form.set, firstSeed: UInt64(form.firstSeed),
      seedCount: form.seedCount,
      watches: form.metrics.map { Watch(metric: $0.name, tolerance: $0.tolerance) },
      figures: form.policies.map { policy in
        Figures(
          policy: policy.policy,
          values: form.metrics.map { (policy.values[$0.name] ?? []).map { $0 ?? .nan } })
      },
      provenance: Provenance(
        program: form.provenance.program, scenarioDigest: form.provenance.scenarioDigest,
        command: form.provenance.command))
  }

  /// Why a metric cannot be watched; nil when it can.
  public static func problem(withMetric name: String) -> String? {
    guard let position = Metric.position(of: name) else {
      let nearest = nearestName(to: name, in: Metric.all.map(\.name))
      return "no metric \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    }
    return Metric.all[position].better == nil
      ? "metric \"\(name)\" is better neither way, so it cannot worsen" : nil
  }
}

extension BaselineError {
  init(_ error: DecodingError, file: String) {
    func path(_ keys: [any CodingKey]) -> String {
      keys.reduce("") { text, key in
        if let index = key.intValue { return text + "[\(index)]" }
        return text + (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    switch error {
    case .keyNotFound(let key, let context):
      self.init(file: file, key: path(context.codingPath + [key]), message: "is not there")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self.init(file: file, key: path(context.codingPath), message: context.debugDescription)
    case .dataCorrupted(let context):
      let reason = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
      self.init(
        file: file, key: path(context.codingPath), message: reason ?? context.debugDescription)
    @unknown default:
      self.init(file: file, key: "", message: "\(error)")
    }
  }
}

/// The file as it is written.
private struct BaselineForm: Decodable {
  struct WatchForm: Decodable {
    var name: String
    var tolerance: Double
  }
  struct FiguresForm: Decodable {
    var policy: String
    var values: [String: [Double?]]
  }
  struct ProvenanceForm: Decodable {
    var program: String
    var scenarioDigest: String
    var command: String
  }
  var version: Int
  var scenario: String
  var set: [String]
  // Signed, so that a negative one gets a message with its key.
  var firstSeed: Int
  var seedCount: Int
  var metrics: [WatchForm]
  var policies: [FiguresForm]
  var provenance: ProvenanceForm
}
