// SPDX-License-Identifier: Apache-2.0
import Foundation
import MigrationModels
import Units

/// The file `qemu_migration.json`: real migrations of a QEMU 7.2 guest on a loaded machine.
struct QemuOracle: Decodable {
  static let file = "qemu_migration.json"

  struct Run: Decodable {
    var name: String
    var wsMb: Double
    var rateReqMibS: Double
    var rand: Bool
    var bwMbS: Double
    var downtimeLimitMs: Double
    var caps: String
    var params: [String: Double]
    var postcopyAfter: Double?
    var forcedStopAt: Double?
    var status: String
    var totalMs: Double?
    var downtimeMs: Double?
    var observedGapMs: Double?
    var ramTotal: Double?
    var nonzeroBytes: Double?
    var shapedLink: Bool
    var transferred: Double?

    /// Bits per second of the shaped link, from the name of the case (`…_link800mbit_…`).
    var linkBitsPerSecond: Double? {
      guard shapedLink, let range = name.range(of: "link") else { return nil }
      return Double(name[range.upperBound...].prefix { $0.isNumber }).map { $0 * 1e6 }
    }

    /// Whether the network, not the emulated processor, was the limit.
    var isNetworkBound: Bool { shapedLink || bwMbS <= 200 }
  }
  var runs: [Run]
}

extension QemuOracle.Run {
  /// The question that this run answers, all with the one preset `qemu`.
  var question: MigrationQuestion? {
    guard let ramTotal, let nonzeroBytes else { return nil }
    let guest = MigratingMemory(
      ram: Bytes(ramTotal), nonzero: Bytes(nonzeroBytes),
      cold: WorkingSet(
        size: .mebibytes(wsMb), dirtyRate: BytesPerSecond(rateReqMibS * 1_048_576),
        access: rand ? .random : .sequential))
    var spec = MigrationPreset.qemu.spec
    spec.stop.downtimeLimit = .seconds(downtimeLimitMs / 1000)
    spec.transport.capBytesPerSecond = bwMbS * 1e6
    if caps.contains("auto-converge") { spec.throttling.mode = .stepped }
    if caps.contains("xbzrle") {
      spec.transport.deltaFactor = MigrationTransport.typicalDeltaFactor
      spec.transport.deltaCacheBytes = params["xbzrle-cache-size"] ?? 67_108_864
    }
    var question = MigrationQuestion(
      memory: guest, spec: spec, link: linkBitsPerSecond.map { .bitsPerSecond($0) })
    question.postCopyAfter = postcopyAfter.map { .seconds($0) }
    question.pauseAfter = forcedStopAt.map { .seconds($0) }
    return question
  }
}
