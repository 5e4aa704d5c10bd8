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

  /// `FORESHADOW_FUZZ_COUNT` sets the number of texts, `FORESHADOW_FUZZ_SEED` the first one's seed.
  /// With `FORESHADOW_FUZZ_LAST` the text being read is kept in that file, to be found after a trap.
  @Test("any bytes give a scenario or an error with a place; nothing traps, nothing hangs")
  func bytes() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FORESHADOW_FUZZ_COUNT"].flatMap { Int($0) } ?? 1000
    let seed = environment["FORESHADOW_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let corpus = try Self.corpus()
    var accepted = 0
    for entity in 0..<count {
      var mutator = Mutator(
        random: RandomStream(seed: seed, purpose: "test/fuzz", entity: UInt64(entity)))
      let text = mutator.mutated(corpus[entity % corpus.count])
      if let last = environment["FORESHADOW_FUZZ_LAST"] {
        try Data(text).write(to: URL(fileURLWithPath: last))
      }
      do throws(ScenarioError) {
        let file = try ScenarioFile(
          text: text, name: "fuzz.yaml", folder: ScenarioFolder(sharedFolder: nil))
        if accepted.isMultiple(of: 16) { #expect(file.resolvedText != "") }
        accepted += 1
      } catch {
        let isPlaced = error.problems.allSatisfy { $0.location.line ?? 0 > 0 && $0.message != "" }
        #expect(isPlaced && !error.problems.isEmpty, "seed \(seed), text \(entity): \(error)")
      }
    }
    // If nothing were accepted, only the YAML parser would have been tried.
    #expect(accepted > 0 && accepted < count)
  }
}
