// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Testing
import Units

@Suite("A comparison")
struct ComparisonTests {
  private static let scenario = """
    version: 1
    name: test
    duration: 3 h
    workload:
      synthetic: { vms: 20 }
      history: 1 d
      sizing: { percentile: 90, minimum: 25 % }
    dataCenter:
      racks: { count: 2, hosts: 3, server: dell-r640-2021 }
    policies: [reactive-shadow, none, oracle, { pvms: { risk: forecast } }]
    """

  private func file(_ text: String = scenario, set: [String] = []) throws -> ScenarioFile {
    try ScenarioFile(
      text: Array(text.utf8), name: "test.yaml",
      overrides: try set.map { try #require(ScenarioOverride($0)) },
      folder: ScenarioFolder(sharedFolder: nil))
  }

  private func compare(
    _ scenario: ScenarioFile, jobs: Int = 2, seeds: Int = 2, output: String? = nil
  ) throws -> Comparison {
    try ComparisonRunner(
      scenario: scenario, policies: scenario.spec.policies, seedCount: seeds, jobs: jobs,
      outputFolder: output
    ).run()
  }

  @Test("is the same on one thread and on two, and a second time")
  func deterministic() throws {
    let scenario = try file()
    let first = try compare(scenario, jobs: 1).json.prettyText
    #expect(try compare(scenario, jobs: 2).json.prettyText == first)
    #expect(try compare(scenario, jobs: 2).json.prettyText == first)
  }

  @Test("does not depend on the recording interval", arguments: ["7 s", "60 s", "300 s", "1 h"])
  func recordingInterval(interval: String) throws {
    func metrics(_ interval: String) throws -> [[[Double]]] {
      let scenario = try file(set: ["recording.interval='\(interval)'"])
      return try compare(scenario, seeds: 1).results.map { $0.map(\.metrics) }
    }
    let left = try metrics(interval).flatMap { $0 }.flatMap { $0 }.map(\.bitPattern)
    let right = try metrics("900 s").flatMap { $0 }.flatMap { $0 }.map(\.bitPattern)
    #expect(left == right)
  }

  @Test("writes run files that are equal byte for byte")
  func runFiles() throws {
    let scenario = try file()
    func bytes(_ name: String) throws -> [Data] {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "foreshadow-test-\(name)-\(ProcessInfo.processInfo.processIdentifier)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      _ = try compare(scenario, seeds: 1, output: folder.path)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(
        names == [
          "none-seed1.h5", "oracle-seed1.h5", "pvms-seed1.h5", "reactive-shadow-seed1.h5",
        ])
      return try names.map { try Data(contentsOf: folder.appendingPathComponent($0)) }
    }
    #expect(try bytes("a") == bytes("b"))
  }

  @Test("the oracle degrades least, no control degrades every overload")
  func order() throws {
    let comparison = try compare(try file(), seeds: 3)
    let metric = try #require(Metric.position(of: "degradedVmSeconds"))
    let missed = try #require(Metric.position(of: "missedOverloadShare"))
    for seed in comparison.seeds.indices {
      let degraded = comparison.results.map { $0[seed].metrics[metric] }
      #expect(degraded[2] <= degraded.min() ?? 0)
      #expect(degraded[1] == degraded.max() ?? 0)
      #expect(comparison.results[1][seed].metrics[missed] == 1)
    }
  }

  @Test("every metric is named once, in camelCase, and stands in the JSON with its unit")
  func metricNames() throws {
    let names = Metric.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(
      names.allSatisfy { name in
        name.first?.isLowercase == true && name.allSatisfy { $0.isLetter || $0.isNumber }
      })
    let text = try compare(try file(), seeds: 1).json.prettyText
    for name in names { #expect(text.contains("\"\(name)\"")) }
    // The metrics of the design, by the names that users rely on.
    for name in [
      "degradedVmSeconds", "missedOverloadShare", "unservedCoreSeconds",
      "responseTimeP99Milliseconds", "slatah", "pdm", "slav", "esv", "shadowActiveVmSeconds",
      "shadowStandbyVmSeconds", "leadTimeSecondsP95", "migrations", "overloadTruePositiveRate",
      "decisionLatencySecondsP99", "commandsPerVmHour", "energyItJoules", "energyTotalJoules",
      "energyCoolingJoules", "energyNetworkJoules", "energyDistributionLossJoules", "pue",
      "rackPeakWatts", "facilityPeakWatts", "inletAboveRecommendedRackSeconds", "carbonGrams",
      "waterLitres", "costTotal", "hostOnSeconds", "rackOffSeconds",
    ] { #expect(names.contains(name), "\(name)") }
  }

  @Test("shuffled lines of a trace file change nothing")
  func shuffledTrace() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "foreshadow-shuffle-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let lines = (0..<12).map { vm in
      "vm\(vm)," + (0..<288).map { String((vm * 7 + $0 * $0 * 3) % 97) }.joined(separator: ",")
    }
    func result(_ lines: [String], ending: String) throws -> String {
      let path = folder.appendingPathComponent("day.csv")
      try Data((lines.joined(separator: "\n") + ending).utf8).write(to: path)
      let text = """
        version: 1
        duration: 6 h
        workload:
          trace: { path: "\(path.path)", format: planetlab, virtualCPUs: 2 }
          sizing: { basis: run }
        dataCenter: { racks: { count: 1, hosts: 3 } }
        policies: [reactive-shadow, oracle]
        """
      return try compare(try file(text), seeds: 1).json.prettyText
    }
    let sorted = try result(lines, ending: "\n")
    #expect(try result(lines.reversed(), ending: "\n") == sorted)
    // A last line without its end is a line.
    #expect(try result(lines, ending: "") == sorted)
  }
}

@Suite("Files that a scenario names")
struct ScenarioInputTests {
  @Test(
    "a server from a SPECpower file draws what the file says",
    .enabled(if: hasShared, "skipped: no shared data"))
  func specPower() throws {
    let path = Self.shared + "/data/specpower/specpower_all.csv"
    func energy(_ server: String) throws -> Double {
      let text = """
        version: 1
        duration: 1 h
        workload: { synthetic: { vms: 2 }, history: 1 d }
        dataCenter: { racks: { count: 1, hosts: 1, server: \(server) } }
        policies: [none]
        """
      let scenario = try ScenarioFile(
        text: Array(text.utf8), name: "t.yaml", folder: ScenarioFolder(sharedFolder: nil))
      let comparison = try ComparisonRunner(
        scenario: scenario, policies: scenario.spec.policies, seedCount: 1, jobs: 1
      ).run()
      let metric = try #require(Metric.position(of: "energyItJoules"))
      return comparison.results[0][0].metrics[metric]
    }
    // The catalogue's server is this very result, so the same load costs the same energy.
    let fromFile = try energy(
      "{ specpower: { file: \"\(path)\", system: \"PowerEdge R640\", publication: \"Sep 13, 2017\" } }"
    )
    #expect(fromFile > 0)
    #expect(abs(fromFile / (try energy("dell-r640-2017")) - 1) < 0.01)
  }

  private static let shared =
    ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"
  private static let hasShared = FileManager.default.fileExists(
    atPath: shared + "/data/specpower/specpower_all.csv")
}
