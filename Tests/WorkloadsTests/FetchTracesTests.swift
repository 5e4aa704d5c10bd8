// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Workloads

/// The script, run as a process.
enum FetchTraces {
  static let script = "scripts/fetch-traces"

  /// Where there is no Python, the script can't run and its tests are skipped.
  static let canRun =
    FileManager.default.isExecutableFile(atPath: script)
    && ((try? run(["--list"]).status) ?? 1) == 0

  /// Runs the script; standard output and error go to a file, so that no pipe can fill up.
  static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let path = NSTemporaryDirectory() + "/fetch-\(UUID().uuidString).txt"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let output = try #require(FileHandle(forWritingAtPath: path))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: script)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: path, encoding: .utf8))
  }
}

/// `scripts/fetch-traces --from`, which does everything but the download.
@Suite("scripts/fetch-traces", .enabled(if: FetchTraces.canRun, "skipped: no python3"))
struct FetchTracesTests {
  static func write(_ text: String, to path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  static func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  @Test("files without a published checksum are recorded, and must stay the same")
  func recorded() throws {
    try TraceFileTests.withFolder { path in
      let (from, to) = ("\(path)/from", "\(path)/to")
      let readings = "\(from)/vm_cpu_readings-file-1-of-125.csv.gz"
      try Self.write("0,vm,1,2,1.5\n", to: readings)
      try Self.write("vm,s,d,0,300,2,1,2,Interactive,2,4\n", to: "\(from)/vmtable.csv.gz")
      let first = try FetchTraces.run(["azure-v1", "--from", from, "--to", to])
      #expect(first.status == 0, "\(first.text)")
      #expect(first.text.contains("CC-BY 4.0"))
      #expect(first.text.contains("2 checksums recorded"))
      #expect(try Self.names(in: to) == ["azure-v1", "checksums.txt"])
      let trace = try DemandTrace.read([.path("\(to)/azure-v1")])
      #expect(trace.vms.map(\.virtualCPUs) == [2])

      try Self.write("0,vm,1,2,1.6\n", to: readings)
      let second = try FetchTraces.run(["azure-v1", "--from", from, "--to", to])
      #expect(second.status == 1)
      #expect(second.text.contains("recorded in"))
      #expect(try Self.names(in: to) == ["azure-v1", "checksums.txt"])
      #expect(try DemandTrace.read([.path("\(to)/azure-v1")]).cpuCores == trace.cpuCores)
    }
  }

  @Test("a wrong checksum, a missing file, an unknown name: nothing is written")
  func refused() throws {
    try TraceFileTests.withFolder { path in
      let (from, to) = ("\(path)/from", "\(path)/to")
      try Self.write("1\n2\n", to: "\(from)/20110303/some_ vm")
      let forged = try FetchTraces.run(["planetlab", "--from", from, "--to", to])
      #expect(forged.status == 1)
      #expect(forged.text.contains("20110303.csv: SHA-256 is"))
      let missing = try FetchTraces.run(["azure-v2", "--from", from, "--to", to])
      #expect(missing.status == 1 && missing.text.contains("has no vmtable.csv.gz"))
      #expect(try Self.names(in: to) == [])
      #expect(try FetchTraces.run(["planetlap", "--to", to]).status == 64)
      #expect(try FetchTraces.run([]).status == 64)
    }
  }

  @Test(
    "the real files pass their checksums",
    .enabled(if: SharedData.isPresent, SharedData.absent),
    arguments: [
      ("planetlab", "planetlab", "3 of them with a known checksum"),
      ("bitbrains", "bitbrains_rnd/raw_sample", "8 files, 0 of them"),
      ("carbon", "carbon", "5 of them with a known checksum"),
    ])
  func real(name: String, folder: String, line: String) throws {
    try TraceFileTests.withFolder { path in
      let result = try FetchTraces.run([name, "--from", SharedData.path(folder), "--to", path])
      #expect(result.status == 0 && result.text.contains(line), "\(result.text)")
    }
  }
}
