// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Testing
import Units

/// A folder of files that exists for the length of a test.
final class TemporaryFolder {
  let path: String

  init(_ files: [String: String]) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    for (name, text) in files {
      let file = URL(fileURLWithPath: "\(path)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("Scenario files")
struct ScenarioFileTests {
  private func read(_ folder: TemporaryFolder, _ overrides: String...) throws -> ScenarioSpec {
    try ScenarioFile(
      path: "\(folder.path)/s.yaml", overrides: overrides.compactMap { ScenarioOverride($0) },
      folder: ScenarioFolder(sharedFolder: nil)
    ).spec
  }

  /// What is wrong, without the folder's name.
  private func complaints(_ folder: TemporaryFolder) -> String {
    do {
      _ = try read(folder)
      return ""
    } catch {
      return "\(error)".replacingOccurrences(of: folder.path, with: "F")
    }
  }

  @Test("a file lies over the files that it imports, the later over the earlier one")
  func layers() throws {
    let folder = try TemporaryFolder([
      "s.yaml": "import: [base/a.yaml, base/b.yaml]\nversion: 1\nname: own",
      "base/a.yaml": "import: c.yaml\nversion: 1\nseed: 1\ndecisionPeriod: 10 s",
      "base/b.yaml": "seed: 2\nrecording: { interval: 1 min }",
      "base/c.yaml": "name: c\nduration: 3 h\nseed: 3\nrecording: { forecasts: false }",
    ])
    let spec = try read(folder)
    #expect(spec.name == "own")
    #expect(spec.seed == 2)
    #expect(spec.duration == .hours(3))
    #expect(spec.decisionPeriod == .seconds(10))
    #expect(spec.recording.interval == .minutes(1))
    #expect(spec.recording.keepsForecasts == false)
    #expect(try read(folder, "seed=9").seed == 9)
  }

  @Test("another model in the upper file replaces the lower file's")
  func models() throws {
    let folder = try TemporaryFolder([
      "s.yaml": "import: base.yaml\nrecording: { vms: { none: {} } }",
      "base.yaml": "version: 1\nrecording: { vms: { sample: { count: 7 } } }",
    ])
    #expect(try read(folder).recording.vmCount == 0)
  }

  @Test("a problem is reported in the file where it stands")
  func places() throws {
    let folder = try TemporaryFolder([
      "s.yaml": "import: base.yaml\nversion: 1\nsed: 1", "base.yaml": "duration: 5",
    ])
    #expect(
      complaints(folder) == """
        F/base.yaml:1:11 duration  needs a unit, e.g. "5 s"
        F/s.yaml:3:1     sed  unknown key; did you mean "seed"?
        2 problems
        """)
  }

  @Test("a cycle is shown, not followed")
  func cycle() throws {
    let folder = try TemporaryFolder([
      "s.yaml": "import: a.yaml\nversion: 1", "a.yaml": "import: s.yaml",
    ])
    #expect(
      complaints(folder) == """
        F/a.yaml:1:9 import  files import each other: F/s.yaml → F/a.yaml → F/s.yaml
        1 problem
        """)
  }

  @Test("a cycle by ever longer paths ends too")
  func longCycle() throws {
    let folder = try TemporaryFolder(["s.yaml": "import: ./s.yaml\nversion: 1"])
    #expect(complaints(folder).contains("import"))
  }

  @Test("a missing import and a missing scenario are told apart from bad ones")
  func missing() throws {
    let folder = try TemporaryFolder(["s.yaml": "import: gone.yaml\nversion: 1"])
    let error = #expect(throws: ScenarioError.self) { try read(folder) }
    #expect(error?.isMissingInput == true)
    #expect(complaints(folder).hasPrefix("F/s.yaml:1:9 import  no file or folder \"F/gone.yaml\""))
    let empty = try TemporaryFolder([:])
    #expect(complaints(empty) == "F/s.yaml  no such file\n1 problem")
  }

  @Test("a device or a folder is no scenario to import", arguments: ["/dev/zero", "/tmp"])
  func devices(path: String) throws {
    let folder = try TemporaryFolder(["s.yaml": "import: \(path)\nversion: 1"])
    #expect(complaints(folder).contains(path))
  }
}

@Suite("Paths in scenarios")
struct ScenarioFolderTests {
  @Test("relative to the file that names them; the shared folder by its variable")
  func located() throws {
    let folder = try TemporaryFolder(["in/s.yaml": "", "in/t.csv": "", "shared/u.csv": ""])
    let file = SourceLocation(source: "\(folder.path)/in/s.yaml", line: 1, column: 1)
    let plain = ScenarioFolder(sharedFolder: nil)
    #expect(plain.locate("t.csv", at: file) == .found("\(folder.path)/in/t.csv"))
    #expect(
      plain.locate("\(folder.path)/in/t.csv", at: file) == .found("\(folder.path)/in/t.csv"))
    let shared = "${FORESHADOW_SHARED}/u.csv"
    let given = ScenarioFolder(sharedFolder: "\(folder.path)/shared")
    #expect(given.locate(shared, at: file) == .found("\(folder.path)/shared/u.csv"))
    // Without the variable: beside the scenario's folder.
    #expect(plain.locate(shared, at: file) == .found("\(folder.path)/in/../shared/u.csv"))
  }

  @Test(
    "what cannot be found is said",
    arguments: [
      ("nowhere.csv", "no file or folder \"x/nowhere.csv\""),
      ("${HOME}/a", "no such variable; known: ${FORESHADOW_SHARED}, at the beginning of a path"),
      ("a\u{0}b", "not a path: it contains a NUL"),
    ])
  func missing(path: String, message: String) {
    let place = SourceLocation(source: "x/s.yaml", line: 1, column: 1)
    #expect(ScenarioFolder(sharedFolder: nil).locate(path, at: place) == .missing(message))
  }
}
