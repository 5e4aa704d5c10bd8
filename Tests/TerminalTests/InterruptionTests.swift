// SPDX-License-Identifier: Apache-2.0
import Foundation
import Terminal
import Testing

@Suite("Interruption")
struct InterruptionTests {
  @Test("SIGINT ends with 130; what is unfinished goes away, what is complete stays")
  func interrupt() async throws {
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .exitCode(130)) { [folder = folder as String] in
      try await Self.write(into: folder, interruptedBy: SIGINT)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["complete"])
  }

  @Test("SIGTERM ends with 143 and does the same")
  func terminate() async throws {
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .exitCode(143)) { [folder = folder as String] in
      try await Self.write(into: folder, interruptedBy: SIGTERM)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["complete"])
  }

  static func temporaryFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Sends this process a signal while it has a complete and an unfinished file.
  static func write(into folder: String, interruptedBy number: Int32) async throws {
    let interruption = Interruption()
    for name in ["unfinished", "complete"] {
      try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      interruption.protect("\(folder)/\(name)")
    }
    interruption.release("\(folder)/complete")
    kill(ProcessInfo.processInfo.processIdentifier, number)
    // The handler ends the process; the sleep only keeps it from ending by itself before that.
    try await Task.sleep(for: .seconds(60))
    withExtendedLifetime(interruption) {}
  }
}
