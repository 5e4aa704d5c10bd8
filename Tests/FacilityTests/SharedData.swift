// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Oracles and public data that are not committed, beside the checkout or where FORESHADOW_SHARED
/// says.
enum SharedData {
  static let root = ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"

  /// Whether a file is there; says so when it isn't.
  static func exists(_ name: String) -> Bool {
    let found = FileManager.default.fileExists(atPath: "\(root)/\(name)")
    if !found { print("skipped: no shared data (\(name))") }
    return found
  }

  /// The text of a file.
  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
  }

  /// A JSON file of oracles.
  static func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)"))
    return try JSONDecoder().decode(type, from: data)
  }
}
