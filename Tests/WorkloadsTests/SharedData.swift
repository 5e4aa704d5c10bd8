// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Workloads

/// The public traces that the repository doesn't carry: `$FORESHADOW_SHARED`, or `../shared`.
enum SharedData {
  static let root = ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"

  /// Why tests against the real traces don't run where there are none.
  static let absent: Comment = "skipped: no shared data"

  static let isPresent: Bool = {
    let isThere = FileManager.default.fileExists(atPath: path("planetlab/20110303.csv"))
    if !isThere { print("skipped: no shared data") }
    return isThere
  }()

  /// A file or folder under `data/`.
  static func path(_ relative: String) -> String { "\(root)/data/\(relative)" }

  static func input(_ relative: String) -> TraceInput { .path(path(relative)) }

  static func text(_ relative: String) throws -> String {
    try String(contentsOfFile: path(relative), encoding: .utf8)
  }

  /// The lines `name,v0,v1,…` of a wide CSV, as an independent and slow reading of it.
  static func wide(_ relative: String) throws -> [String: [Double]] {
    var rows: [String: [Double]] = [:]
    for line in try text(relative).split(separator: "\n") {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      rows[String(fields[0])] = fields.dropFirst().map { Double($0) ?? .nan }
    }
    return rows
  }
}

/// A trace from text in memory.
func readText(
  _ text: String, name: String = "trace.csv", format: String? = nil,
  _ configure: (inout TraceReadingOptions) -> Void = { _ in }
) throws(TraceError) -> DemandTrace {
  var options = TraceReadingOptions()
  configure(&options)
  return try DemandTrace.read(
    [.bytes(Array(text.utf8), name: name)], format: format, options: options)
}
