// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The shared data and oracles, which are not part of this repository.
enum SharedData {
  static let root =
    ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"
  static let nab = root + "/data/nab"
  static let exists = FileManager.default.fileExists(
    atPath: nab + "/labels/combined_windows.json")
  static let skipReason: Comment = "skipped: no shared data"

  /// Scores by file of an oracle `file,row,score`.
  static func oracleScores(_ detector: String) throws -> [String: [Double]] {
    let path = root + "/oracles/nab/\(detector)_realAWSCloudwatch_scores.csv"
    var scores: [String: [Double]] = [:]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
    {
      let fields = line.split(separator: ",")
      try #require(fields.count == 3)
      let score = try #require(Double(fields[2]))
      try #require(Int(fields[1]) == scores[String(fields[0])]?.count ?? 0)
      scores[String(fields[0]), default: []].append(score)
    }
    return scores
  }
}
