// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Studies
import Testing

/// A scenario that runs in a moment and in which the hold-off matters.
enum SmallScenario {
  static let text = """
    version: 1
    name: small
    duration: 12 h
    workload:
      synthetic: { vms: 80 }
      history: 1 d
      sizing: { percentile: 90, minimum: 25 % }
    dataCenter:
      racks: { count: 2, hosts: 8, server: dell-r640-2021 }
    policies: [{ reactive-shadow: { holdOff: 30 min } }]
    """

  static func file(set: [String] = []) throws -> ScenarioFile {
    try ScenarioFile(
      text: Array(text.utf8), name: "small.yaml",
      overrides: try set.map { try #require(ScenarioOverride($0)) },
      folder: ScenarioFolder(sharedFolder: nil))
  }

  static func compare(set: [String] = [], seeds: ClosedRange<UInt64> = 1...5) throws -> Comparison {
    let scenario = try file(set: set)
    var runner = ComparisonRunner(
      scenario: scenario, policies: scenario.spec.policies, seedCount: seeds.count, jobs: 2)
    runner.seeds = Array(seeds)
    return try runner.run()
  }
}

@Suite("The regression check")
struct RegressionTests {
  private static let watched = ["degradedVmSeconds", "servedCoreSeconds", "shadowActiveVmSeconds"]

  private func baseline(
    _ comparison: Comparison, metrics: [String] = watched, tolerance: Double = 0.01
  ) -> Baseline {
    Baseline(
      comparison, scenario: "small.yaml", settings: ["seed=1"],
      watches: metrics.map { Baseline.Watch(metric: $0, tolerance: tolerance) },
      command: "test")
  }

  private func verdicts(_ check: RegressionCheck) -> [RegressionCheck.Verdict] {
    check.rows.map(\.verdict)
  }

  @Test("the same program gives the same figures")
  func same() throws {
    let check = RegressionCheck(
      baseline(try SmallScenario.compare()), against: try SmallScenario.compare())
    #expect(check.isPassed && check.isPaired && check.isScenarioSame)
    #expect(verdicts(check) == [.same, .same, .same])
  }

  @Test("a worsened policy is caught, and its undoing is an improvement")
  func worsened() throws {
    let good = try SmallScenario.compare()
    let bad = try SmallScenario.compare(set: ["policies[0].reactive-shadow.holdOff=0 s"])
    let check = RegressionCheck(baseline(good), against: bad)
    #expect(!check.isPassed && !check.isScenarioSame)
    #expect(check.rows[0].verdict == .worse && check.rows[0].relative > 0.01)
    #expect(check.rows[2].verdict == .better)
    let back = RegressionCheck(baseline(bad, metrics: ["degradedVmSeconds"]), against: good)
    #expect(back.isPassed && back.rows[0].verdict == .better)
    // A tolerance as wide as the difference lets it pass.
    let wide = baseline(good, tolerance: check.rows[0].relative * 1.001)
    #expect(RegressionCheck(wide, against: bad).isPassed)
  }

  /// Differences of +2 % of the mean with a spread of 1 % over five seeds.
  @Test("two percent are found with five seeds; chance of the same size is not")
  func sensitivity() throws {
    let metric = try #require(Metric.position(of: "degradedVmSeconds"))
    var old = try SmallScenario.compare()
    for seed in 0..<5 { old.results[0][seed].metrics[metric] = 1000 + 300 * Double(seed) }
    func change(_ shares: [Double]) -> RegressionCheck {
      var new = old
      for seed in 0..<5 {
        new.results[0][seed].metrics[metric] += 1600 * shares[seed]
      }
      return RegressionCheck(baseline(old), against: new)
    }
    #expect(change([0.01, 0.015, 0.02, 0.025, 0.03]).rows[0].verdict == .worse)
    #expect(change([-0.2, 0.25, 0.1, -0.15, 0.1]).rows[0].verdict == .within)
    #expect(change([0.001, 0.002, 0.001, 0.002, 0.001]).rows[0].verdict == .within)
  }

  @Test("a figure that is gone fails; one that was never there does not")
  func missing() throws {
    let metric = try #require(Metric.position(of: "degradedVmSeconds"))
    let good = try SmallScenario.compare()
    var gone = good
    gone.results[0][2].metrics[metric] = .nan
    let check = RegressionCheck(baseline(good), against: gone)
    #expect(check.rows[0].verdict == .missing && !check.isPassed)
    #expect(RegressionCheck(baseline(gone), against: gone).isPassed)
  }

  @Test("other seeds are no worsening")
  func otherSeeds() throws {
    let stored = baseline(try SmallScenario.compare())
    let check = RegressionCheck(stored, against: try SmallScenario.compare(seeds: 101...105))
    #expect(!check.isPaired && check.isPassed)
    #expect(check.rows.contains { $0.baseline != $0.current })
  }

  @Test("a baseline reads back as it was written")
  func roundTrip() throws {
    let stored = baseline(try SmallScenario.compare())
    let text = stored.json.prettyText
    #expect(try Baseline(Data(text.utf8), file: "b.json") == stored)
  }

  @Test(
    "a bad baseline is named with its key",
    arguments: [
      ("\"version\": 1", "\"version\": 9", "version"),
      ("\"seedCount\": 5", "\"seedCount\": 0", "seedCount"),
      ("\"seedCount\": 5", "\"seedCount\": \"5\"", "seedCount"),
      ("\"seedCount\": 5", "\"seedCount\": 6", "policies[0].values.degradedVmSeconds"),
      ("\"firstSeed\": 1,", "", "firstSeed"),
      ("\"firstSeed\": 1,", "\"firstSeed\": -1,", "firstSeed"),
      ("\"tolerance\": 0.01", "\"tolerance\": -1", "metrics[0].tolerance"),
      ("\"name\": \"degradedVmSeconds\"", "\"name\": \"degradedVmSecond\"", "metrics[0].name"),
      ("\"name\": \"degradedVmSeconds\"", "\"name\": \"migrations\"", "metrics[0].name"),
      ("\"policy\": \"reactive-shadow\"", "\"policy\": 3", "policies[0].policy"),
      ("\"version\": 1", "\"version\": ", ""),
    ])
  func malformed(old: String, new: String, key: String) throws {
    let text = baseline(try SmallScenario.compare()).json.prettyText
    #expect(text.contains(old))
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    let error = #expect(throws: BaselineError.self) {
      try Baseline(Data(changed.utf8), file: "b.json")
    }
    #expect(error?.key == key && error?.isMissing == false)
    #expect(error?.description.hasPrefix("b.json: ") == true)
    #expect(error?.message.isEmpty == false)
  }

  @Test("a missing file is said to be missing")
  func noFile() {
    let error = #expect(throws: BaselineError.self) { try Baseline(path: "/nowhere/b.json") }
    #expect(error?.isMissing == true)
  }
}
