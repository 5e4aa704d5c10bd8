// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing

/// The shared data and oracles, which are not part of this repository.
enum SharedData {
  static let root =
    ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"
  static let exists = FileManager.default.fileExists(atPath: root + "/oracles/forecast/ORACLE.md")
  static let skipReason: Comment = "skipped: no shared data"

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  static func json(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: root + "/" + path))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}

/// A data set of the forecast protocol.
struct ProtocolData: Sendable, CustomTestStringConvertible {
  var key: String
  var file: String
  var sample: String?
  var plan: EvaluationPlan
  /// Samples before errors count for the pools (protocol: "since sample 12").
  var testDescription: String { key }

  static let planetlab = ProtocolData(
    key: "planetlab", file: "data/planetlab/20110303.csv",
    sample: "data/planetlab/sample100_20110303.txt",
    plan: EvaluationPlan(
      trainCount: 192, horizons: [1, 12], firstOrigin: 192, lastOrigin: 276, originStride: 1))
  static let azure = ProtocolData(
    key: "azure", file: "data/azure/v1_vm100_avg_cpu_14d_300s.csv", plan: fortnight)
  static let bitbrains = ProtocolData(
    key: "bitbrains", file: "data/bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv", plan: fortnight)
  static let all = [planetlab, azure, bitbrains]

  private static let fortnight = EvaluationPlan(
    trainCount: 2016, horizons: [1, 12, 288], firstOrigin: 2016, lastOrigin: 3744, originStride: 12)

  func table() throws -> SeriesTable {
    let table = try SeriesTable(parsing: SharedData.text(file), file: file)
    guard let sample else { return table }
    let names = try SharedData.text(sample).split(separator: "\n").map(String.init)
    return try table.sampled(names, file: sample)
  }
}

/// Whether the code under test is optimised: the heaviest numeric suites run only then.
var isReleaseBuild: Bool {
  #if DEBUG
    false
  #else
    true
  #endif
}
