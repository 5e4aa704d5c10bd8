// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Oracles that are not committed, found beside the checkout or where FORESHADOW_SHARED says.
enum SharedData {
  static let root =
    ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"

  static func exists(_ name: String) -> Bool {
    let found = FileManager.default.fileExists(atPath: "\(root)/oracles/\(name)")
    if !found { print("skipped: no shared data (\(name))") }
    return found
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/oracles/\(name)"))
    let decoder = JSONDecoder()
    return try decoder.decode(type, from: data)
  }
}
