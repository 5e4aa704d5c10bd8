// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import MigrationModels
import Units

/// `foreshadow migrate`: the course of one live migration over a fixed link.
struct MigrateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract:
      "Show how one virtual machine would move: total, downtime, bytes, rounds, why it ended.",
    discussion: """
      Sizes and rates carry their unit: 512MiB, 406MB, 40MiB/s, 800Mbit/s, 300ms.

      Example: foreshadow migrate --ram 512MiB --nonzero 406MB --working-set 256MiB \
      --dirty-rate 40MiB/s --link 800Mbit/s

      MB is 10^6 bytes, MiB 2^20, B and B/s are exact. The cap holds while the guest runs, the link \
      always; where both are given the smaller one counts. SimGrid's rows: --preset simgrid with --ram, \
      --dirty-rate and --link, its working set (90 % of the memory) is the default. QEMU's: --ram is \
      ram-total, --nonzero normal-bytes of one pass, --dirty-rate in MiB/s, --cap max-bandwidth. A guest \
      stopped by hand while it is copied is --pause-after.
      """)

  @Option(help: "Memory of the guest.", transform: { try quantity($0, .data) })
  var ram: Double

  @Option(help: "Memory that is not zeros (default: all).", transform: { try quantity($0, .data) })
  var nonzero: Double?

  @Option(
    help: "Memory that the guest rewrites (default: 90 % of the non-zero memory).",
    transform: { try quantity($0, .data) })
  var workingSet: Double?

  @Option(
    help: "Rate at which it rewrites it (default: not at all).",
    transform: { try quantity($0, .dataRate) })
  var dirtyRate: Double = 0

  @Option(
    help: "A small part that is rewritten faster, besides the working set.",
    transform: { try quantity($0, .data) })
  var hotSet: Double = 0

  @Option(
    help: "Rate at which the hot set is rewritten.", transform: { try quantity($0, .dataRate) })
  var hotDirtyRate: Double = 0

  @Option(help: "Order of the writes: \(names(AccessPattern.self)).")
  var access = AccessPattern.sequential

  @Option(
    help: "Greatest rate while the guest runs (default: the preset's).",
    transform: { try quantity($0, .dataRate) })
  var cap: Double?

  @Option(
    help: "Rate of the link (default: as fast as the hosts copy).",
    transform: { try quantity($0, .dataRate) })
  var link: Double?

  @Option(help: "So many equal migrations start at once and share the link.")
  var concurrent = 1

  @Option(
    help: "Longest stop that is aimed at (default: the preset's).",
    transform: { try duration($0) })
  var downtimeLimit: SimTime?

  @Option(help: "Implementation: \(MigrationPreset.all.map(\.name).joined(separator: ", ")).")
  var preset = MigrationPreset.qemu.name

  @Option(help: "Method (default: the preset's): \(names(MigrationMethod.self)).")
  var method: MigrationMethod?

  @Flag(help: "Slow the guest down step by step while it dirties too much.")
  var autoConverge = false

  @Option(
    help: "Delta cache for pages that are sent again (QEMU's XBZRLE).",
    transform: { try quantity($0, .data) })
  var deltaCache: Double?

  @Option(help: "Bytes on the wire for each byte of memory, 0 to 1 (default: the preset's).")
  var compressionFactor: Double?

  @Option(help: "Switch to post-copy after this time.", transform: { try duration($0) })
  var postCopyAfter: SimTime?

  @Option(help: "Pause the guest after this time.", transform: { try duration($0) })
  var pauseAfter: SimTime?

  @Option(help: "Force the final stop after this time.", transform: { try duration($0) })
  var switchOverAfter: SimTime?

  @Option(help: "Cancel after this time.", transform: { try duration($0) })
  var cancelAfter: SimTime?

  @Flag(help: "Print the timeline as JSON.")
  var json = false

  mutating func execute() throws {
    let answer: MigrationTimeline
    do {
      answer = try question().answer()
    } catch let error as MigrationQuestionError {
      throw ValidationError(Self.message(error))
    }
    guard json else { return try Console.write(answer.text) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try Console.write(String(decoding: encoder.encode(answer), as: UTF8.self))
  }

  private func question() throws -> MigrationQuestion {
    guard ram > 0 else { throw ValidationError("--ram is more than 0 B") }
    guard (1...100_000).contains(concurrent) else {
      throw ValidationError("--concurrent is a number from 1 to 100000")
    }
    guard (0.001...1).contains(compressionFactor ?? 1) else {
      throw ValidationError("--compression-factor is a number from 0.001 to 1")
    }
    let filled = min(nonzero ?? ram, ram)
    let memory = MigratingMemory(
      ram: Bytes(ram), nonzero: Bytes(filled),
      cold: WorkingSet(
        size: Bytes(workingSet ?? 0.9 * filled), dirtyRate: BytesPerSecond(dirtyRate),
        access: access),
      hot: WorkingSet(
        size: Bytes(hotSet), dirtyRate: BytesPerSecond(hotDirtyRate), access: access))
    var spec = try MigrationQuestion.spec(preset: preset)
    if let method { spec.method = method }
    if let downtimeLimit { spec.stop.downtimeLimit = downtimeLimit }
    if let cap { spec.transport.capBytesPerSecond = cap }
    if let compressionFactor { spec.transport.compressionFactor = compressionFactor }
    if autoConverge { spec.throttling.mode = .stepped }
    if let deltaCache {
      spec.transport.deltaFactor = MigrationTransport.typicalDeltaFactor
      spec.transport.deltaCacheBytes = deltaCache
    }
    var question = MigrationQuestion(
      memory: memory, spec: spec, link: link.map { BytesPerSecond($0 / Double(concurrent)) })
    question.postCopyAfter = postCopyAfter
    question.pauseAfter = pauseAfter
    question.switchOverAfter = switchOverAfter
    question.cancelAfter = cancelAfter
    return question
  }

  private static func message(_ error: MigrationQuestionError) -> String {
    switch error {
    case .unknownPreset(let name, let nearest):
      let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
      return "there is no preset \"\(name)\"\(hint)"
    case .noBandwidth:
      return "give a --link or a --cap above 0: nothing else bounds the rate of this migration"
    case .noEnd: return "at this rate the transfer takes longer than a hundred years"
    }
  }
}

extension AccessPattern: ExpressibleByArgument {}
extension MigrationMethod: ExpressibleByArgument {}

private func names<Name: CaseIterable & RawRepresentable<String>>(_ type: Name.Type) -> String {
  type.allCases.map(\.rawValue).joined(separator: ", ")
}

/// A size or rate on the command line, at least 0.
func quantity(_ text: String, _ dimension: Units.Dimension) throws -> Double {
  let value: Double
  do {
    value = try parseQuantity(text, as: dimension)
  } catch UnitParsingError.missingUnit {
    throw ValidationError("\"\(text)\" needs a unit, as in \(dimension.example)")
  } catch UnitParsingError.unknownUnit(let unit, _, let nearest) {
    let hint = nearest.map { "; did you mean \($0)?" } ?? ""
    throw ValidationError("\"\(unit)\" is not a unit here\(hint)")
  } catch {
    throw ValidationError("\"\(text)\" is not a value such as \(dimension.example)")
  }
  guard (0...1e15).contains(value) else {
    throw ValidationError("\"\(text)\" is negative or beyond all measure")
  }
  return value
}

/// A length of time on the command line, up to ten years.
func duration(_ text: String) throws -> SimTime {
  let seconds = try quantity(text, .time)
  guard seconds <= SimTime.days(3650).seconds else {
    throw ValidationError("\"\(text)\" is longer than ten years")
  }
  return .seconds(seconds)
}
