// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing
import Units
import Workloads

/// Damaged files: whatever the bytes are, reading ends, and with a trace or a ``TraceError``.
///
/// A trap or a hang fails the whole test run. `FORESHADOW_MUTATIONS` sets how many mutations of
/// each seed file are tried (default 3000, so 27 000 in all; 100 in an unoptimised build).
@Suite("Random damage to trace files")
struct MutationTests {
  #if DEBUG
    static let usualMutations = 100
  #else
    static let usualMutations = 3000
  #endif
  static let mutationsPerFile =
    ProcessInfo.processInfo.environment["FORESHADOW_MUTATIONS"].flatMap { Int($0) }
    ?? usualMutations
  static let seed: UInt64 = 20_110_303

  /// A small valid file of every format.
  static let seedFiles: [(format: String, name: String, text: String)] = [
    ("planetlab", "20110303/a_b", (0..<40).map { "\($0 * 7 % 100)\n" }.joined()),
    (
      "planetlab", "20110303.csv",
      (0..<3).map { vm in
        "vm_\(vm)," + (0..<288).map { "\($0 * (vm + 3) % 100)" }.joined(separator: ",") + "\n"
      }.joined()
    ),
    (
      "bitbrains", "1.csv",
      ReaderQuirkTests.bitbrainsHeader
        + (0..<12).map { row in
          "\(1_372_629_804 + row * 300);\t2;\t5851.9989;\t87.7799835;\t1.5;\t8218624.0;\t"
            + "1.0345928E6;\t160.86666666666667;\t21.7;\t0.2;\t1.46\n"
        }.joined()
    ),
    (
      "azure-v1", "vm_cpu_readings-file-1-of-125.csv",
      (0..<12).map { "\($0 / 2 * 300),vm\($0 % 2)+/==,0.5,99.25,\($0).75\n" }.joined()
    ),
    (
      "alibaba-2018", "machine_usage.csv",
      (0..<16).map { "m_\($0 / 8),\($0 % 8 * 30),4\($0 % 10),92,,,43.04,33.08,5\n" }.joined()
    ),
    (
      "csv", "plain.csv",
      "time,vm,cpu_percent,mem_mib,net,disk,vcpus,profile\n"
        + (0..<12).map { "\($0 / 2 * 60),\"vm \($0 % 2)\",1\($0).5,512,100,,4,web\n" }.joined()
    ),
    (
      "csv", "calendar.csv",
      "vm,time,cpu\n" + (0..<12).map { "a,2024-02-28T23:\(10 + $0):00Z,0.\($0)\n" }.joined()
    ),
    (
      "wide-csv", "wide.csv",
      (0..<4).map { vm in "v\(vm)," + (0..<30).map { "\($0).5" }.joined(separator: ",") + "\n" }
        .joined()
    ),
  ]

  /// Bytes that mean something to a reader, besides random ones.
  static let special: [UInt8] =
    Array("\0\n\r,;\t\"-+.eE0195 >:TZ_\u{7F}".utf8) + [
      0x80, 0xC3, 0xEF, 0xFF,
    ]

  static func mutate(_ bytes: inout [UInt8], _ random: inout RandomStream) {
    for _ in 0...random.integer(below: 4) {
      let position = random.integer(below: bytes.count + 1)
      let byte =
        random.bernoulli(0.7)
        ? special[random.integer(below: special.count)] : UInt8(random.integer(below: 256))
      switch random.integer(below: 6) {
      case 0 where position < bytes.count: bytes[position] = byte
      case 1 where position < bytes.count: bytes[position] ^= 1 << UInt8(random.integer(below: 8))
      case 2: bytes.insert(byte, at: position)
      case 3 where position < bytes.count:
        bytes.removeSubrange(position..<min(bytes.count, position + 1 + random.integer(below: 9)))
      case 4:
        let from = random.integer(below: bytes.count + 1)
        bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 20)], at: position)
      default: bytes.insert(contentsOf: [UInt8](repeating: byte, count: 25), at: position)
      }
      if bytes.isEmpty { bytes = [byte] }
    }
  }

  /// Every finite value of a trace that was read is a possible one.
  static func isSound(_ trace: DemandTrace) -> Bool {
    trace.sampleCount > 0 && trace.vms.count > 0
      && (0..<trace.sampleCount).allSatisfy { sample in
        trace.cpuCores.row(sample).allSatisfy { $0 >= 0 && $0.isFinite }
      }
  }

  @Test("reading ends with a trace or an error", arguments: seedFiles.indices)
  func survives(index: Int) throws {
    let file = Self.seedFiles[index]
    var random = RandomStream(seed: Self.seed, purpose: "mutation", entity: UInt64(index))
    let original = Array(file.text.utf8)
    #expect(
      try TraceFormat.detect([.bytes(original, name: file.name)]).name == file.format)
    var options = TraceReadingOptions()
    // Short of the limits, so that a mutated time stamp doesn't make a matrix of a gigabyte.
    options.duration = .days(30)
    var accepted = 0
    var refused = 0
    for _ in 0..<Self.mutationsPerFile {
      var bytes = original
      Self.mutate(&bytes, &random)
      let input = TraceInput.bytes(bytes, name: file.name)
      do {
        let format = random.bernoulli(0.5) ? file.format : nil
        let trace = try DemandTrace.read([input], format: format, options: options)
        accepted += 1
        if !Self.isSound(trace) { Issue.record("unsound: \(bytes)") }
      } catch {
        refused += 1
        if error.file.isEmpty || error.expected.isEmpty { Issue.record("empty error: \(bytes)") }
      }
    }
    // Both ways are taken, or the test would test nothing.
    #expect(accepted > 0 && refused > 0, "\(file.format): \(accepted) read, \(refused) refused")
  }

  @Test("the same for a damaged Azure VM table")
  func table() throws {
    var random = RandomStream(seed: Self.seed, purpose: "mutation", entity: 1000)
    let original = Array(
      (0..<4).map { "vm\($0),s,d,0,300,99.5,3.4,94.9,Interactive,\(2 << $0),>64\n" }.joined().utf8)
    let readings = TraceInput.bytes(Array("0,vm1,1,2,1.5\n".utf8), name: "vm_cpu_readings.csv")
    for _ in 0..<Self.mutationsPerFile {
      var bytes = original
      Self.mutate(&bytes, &random)
      var options = TraceReadingOptions()
      options.vmTable = .bytes(bytes, name: "vmtable.csv")
      let trace = try? DemandTrace.read([readings], format: "azure-v2", options: options)
      if let trace, !Self.isSound(trace) { Issue.record("unsound: \(bytes)") }
    }
  }
}
