// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import SimulationKernel
import Testing

/// Changes texts at random, with a taste for what YAML and units find special.
struct Mutator {
  var random: RandomStream
  private static let tokens = [
    "&a", "*a", "<<: ", "!!int ", "[", "]", "{", "}", "- ", "? ", ": ", "\n", "\n  ", "\t", "\"",
    "'", "|\n", ">\n", "#", "%", "---\n", "...\n", "\u{0}", "\u{85}", "é", "null", "~", "true",
    "-1", "1e999 s", "9223372036854775808", "-9223372036854775808", "nan", "0x10", "1d 02:00",
    "99999999999999999999d 1:1", "° C", "${FORESHADOW_SHARED}", "/dev/zero", "import: ", ".", "",
  ].map { Array($0.utf8) }

  /// `bytes` after one to eight changes.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.integer(below: 8) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = random.integer(below: bytes.count + 1)
    let end = min(bytes.count, place + random.integer(below: 1 + min(bytes.count, 40)))
    switch random.integer(below: 6) {
    case 0 where place < bytes.count: bytes[place] ^= UInt8(1 << random.integer(below: 8))
    case 1 where place < bytes.count: bytes[place] = UInt8(random.integer(below: 256))
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: random.integer(below: place + 1))
    case 4: bytes.removeSubrange(end...)
    default:
      bytes.insert(
        contentsOf: Self.tokens[random.integer(below: Self.tokens.count)], at: place)
    }
  }
}

@Suite("Scenario fuzzing")
struct ScenarioFuzzTests {
  /// What is mutated: a text with every construct, and the repository's own scenarios.
  private static func corpus() throws -> [[UInt8]] {
    let folder = "Scenarios"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let files = try names.filter { $0.hasSuffix(".yaml") }.sorted().map {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
    }
    var source = RandomParameters(seed: 3)
    _ = ScenarioSpec(from: &source)
    return files + [
      Array(ResolvedPrinter.text(source.frames[0].entries).utf8),
      Array(
        """
        version: 1
        name: "a \\u00e9 'b'"
        about: |
          two
          lines
        workload: { sizing: { percentile: 9.5e1, basis: run }, interpolation: { burst: { step: 30 s } } }
        dataCenter:
          racks:
            - { count: 4, hosts: 10 }
            - { count: 1, hosts: 2, server: { custom: { cores: 32, memory: 128 GiB } } }
        maintenance:
          - { rack: 2, from: 02:00, until: 1d 04:00:00.5 }
        policies: [pvms, { reactive-shadow: { holdOff: 30 min } }, { static-peak: { percentile: 99 } }]
        """.utf8),
    ]
  }

  /// A debug build is far too slow for more.
  private static var usualCount: Int {
    #if DEBUG
      1000
    #else
      100_000
    #endif
  }

  private static let shardCount = 4

  /// `FORESHADOW_FUZZ_COUNT` sets the number of texts, `FORESHADOW_FUZZ_SEED` the seed. With
  /// `FORESHADOW_FUZZ_LAST` each shard keeps the text that it reads in a file of that name and its
  /// number, to be found after a trap.
  @Test(
    "any bytes give a scenario or an error with a place; nothing traps, nothing hangs",
    arguments: 0..<shardCount)
  func bytes(shard: Int) throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FORESHADOW_FUZZ_COUNT"].flatMap { Int($0) } ?? Self.usualCount
    let seed = environment["FORESHADOW_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let last = try environment["FORESHADOW_FUZZ_LAST"].map { try LastText("\($0)-\(shard)") }
    let corpus = try Self.corpus()
    let folder = ScenarioFolder(sharedFolder: nil)
    var accepted = 0
    var refused = 0
    for entity in stride(from: shard, to: count, by: Self.shardCount) {
      var mutator = Mutator(
        random: RandomStream(seed: seed, purpose: "test/fuzz", entity: UInt64(entity)))
      let text = mutator.mutated(corpus[entity / Self.shardCount % corpus.count])
      try last?.keep(text)
      do throws(ScenarioError) {
        let file = try ScenarioFile(text: text, name: "fuzz.yaml", folder: folder)
        if accepted.isMultiple(of: 16) { #expect(file.resolvedText != "") }
        accepted += 1
      } catch {
        let isPlaced = error.problems.allSatisfy { $0.location.line ?? 0 > 0 && $0.message != "" }
        #expect(isPlaced && !error.problems.isEmpty, "seed \(seed), text \(entity): \(error)")
        refused += 1
      }
    }
    // If nothing were accepted, only the YAML parser would have been tried.
    #expect(accepted > 0 && refused > 0)
  }
}

/// A file that always holds the newest text. It stays open: closing it for every text would make
/// the file system write it out every time.
private final class LastText {
  private let file: FileHandle

  init(_ path: String) throws {
    try Data().write(to: URL(fileURLWithPath: path))
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  func keep(_ text: [UInt8]) throws {
    try file.seek(toOffset: 0)
    try file.write(contentsOf: Data(text))
    try file.truncate(atOffset: UInt64(text.count))
  }
}
