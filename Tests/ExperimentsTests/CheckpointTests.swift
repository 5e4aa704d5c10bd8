// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Testing
import Units

private let environment = ProcessInfo.processInfo.environment
private let shared = environment["FORESHADOW_SHARED"] ?? "../shared"

/// Interruptions of each scenario; for a long search set the variable to another number.
private let interruptions = environment["FORESHADOW_CHECKPOINTS"].flatMap { Int($0) } ?? 2

/// The files of `Scenarios/`, by name.
private let scenarioFiles: [String] = {
  let all = (try? FileManager.default.contentsOfDirectory(atPath: "Scenarios")) ?? []
  return all.filter { $0.hasSuffix(".yaml") }.sorted()
}()

/// Policies with everything that can be chosen about them, as a scenario writes them.
private let policies = [
  "none", "static-p95", "static-peak", "reactive-shadow", "standby-all", "consolidation",
  "{ consolidation: { detector: { lrr: 1.2 }, selector: mc } }", "rebalancing",
  "threshold-autoscaling",
  "delay-off", "moving-window", "press", "agile",
  "{ agile: { forecast: { predictor: autoregression } } }", "oracle", "pvms",
  "{ pvms: { store: sqlite } }", "{ pvms: { compute: cpu-batch, anomalies: none } }",
  "{ pvms: { compute: { fpga: { timeBetweenFailures: 1 h, jitter: 0.5 } } } }",
  "{ pvms: { compute: fpga, forecaster: { model: lstm } } }",
  "{ pvms: { risk: forecast, forecaster: { model: default } } }",
  "{ pvms: { risk: forecast, forecaster: { model: ensemble } } }",
  "{ pvms: { risk: forecast, forecaster: { model: naive } } }",
  "{ pvms: { risk: forecast, forecaster: { model: seasonal-naive } } }",
  "{ pvms: { risk: forecast, forecaster: { model: holt-winters } } }",
  "{ pvms: { risk: forecast, forecaster: { model: profile } } }",
  "{ pvms: { risk: forecast, forecaster: { model: arima } } }",
  "{ pvms: { risk: forecast, forecaster: { model: { arima: { p: 1, intervals: normal } } } } }",
  "{ pvms: { risk: forecast, forecaster: { model: autoarima } } }",
  "{ pvms: { risk: forecast, forecaster: { model: trees } } }",
  "{ pvms: { risk: forecast, forecaster: { model: lstm } } }",
  """
  { pvms: { risk: forecast, forecaster: { model: holt-winters, classes: clusters, clusters: 2,
    retrain: 100 min, retrainOnDrift: true, retrainWindow: 12 h } } }
  """,
]

/// A small world in which there is something to do for everybody: VMs sized for their 80th
/// percentile, faults, maintenance, a modelled network.
private func scenario(policy: String, duration: String = "5 h") throws -> ScenarioFile {
  let text = """
    version: 1
    name: checkpoints
    duration: \(duration)
    workload:
      synthetic: { vms: 12 }
      history: 2 d
      sizing: { percentile: 80, minimum: 25 % }
    dataCenter:
      racks: { count: 2, hosts: 3, server: dell-r640-2021 }
    faults:
      events:
        - { what: managementRestart, at: 2 h, duration: 10 min }
        - { what: { hostCrash: { hosts: [r1h02] } }, at: 3 h, duration: 20 min }
    policies: [\(policy)]
    """
  return try ScenarioFile(
    text: Array(text.utf8), name: "test.yaml", folder: ScenarioFolder(sharedFolder: nil))
}

@Suite("Checkpoints")
struct CheckpointTests {
  /// Smaller and shorter where more teaches nothing new; long enough for what fails.
  private static func overrides(_ file: String) -> [String] {
    if file.hasPrefix("consolidation") { return ["duration=1 h"] }
    for trace in ["planetlab", "azure", "bitbrains"] where file.hasPrefix(trace) {
      return ["duration=1 h", "policies=[reactive-shadow]"]
    }
    if file == "offload.yaml" { return [] }
    return ["workload.synthetic.vms=60"]
      + (file.hasPrefix("whatif") ? [] : ["workload.history=2 d"])
      + (file.hasPrefix("free-cooling") || file.contains("climate") ? ["duration=2 d"] : [])
  }

  @Test(
    "a scenario that was interrupted at any event ends as if it had not", arguments: scenarioFiles)
  func scenarios(file: String) throws {
    let found: ScenarioFile
    do {
      found = try ScenarioFile(
        path: "Scenarios/\(file)",
        overrides: try Self.overrides(file).map { try #require(ScenarioOverride($0)) },
        folder: ScenarioFolder(sharedFolder: shared))
    } catch let error as ScenarioError where error.isMissingInput {
      print("skipped: no shared data")
      return
    }
    // A program of somebody else keeps its own state.
    let policy = found.spec.policies.first { $0.name != "external" }
    let bench = try CheckpointBench(found, policy: policy)
    defer { bench.remove() }
    try bench.check(interruptions: interruptions)
  }

  @Test("so does every policy, forecaster, store and backend", arguments: policies)
  func everyPolicy(policy: String) throws {
    let bench = try CheckpointBench(try scenario(policy: policy))
    defer { bench.remove() }
    try bench.check(interruptions: interruptions)
  }

  @Test("all policies of the catalogue are among them")
  func complete() {
    // A program of somebody else keeps its own state.
    for name in PolicyCatalog.names where name != "external" {
      #expect(policies.contains { $0.contains(name) }, "\(name)")
    }
  }

  @Test("a run can be interrupted again and again, at times too")
  func againAndAgain() throws {
    let bench = try CheckpointBench(try scenario(policy: "pvms"))
    defer { bench.remove() }
    let whole = try bench.run()
    try bench.interrupt(after: .time(.minutes(47)))
    try bench.interrupt(after: .events(100), resuming: true)
    try bench.interrupt(after: .time(.minutes(61)), resuming: true)
    #expect(try bench.run(resuming: true, checkpoints: .time(.minutes(30))) == whole)
  }

  @Test("saving changes nothing and leaves nothing")
  func savingChangesNothing() throws {
    let bench = try CheckpointBench(try scenario(policy: "pvms"))
    defer { bench.remove() }
    let whole = try bench.run()
    #expect(try bench.run(checkpoints: .events(37)) == whole)
    #expect(try bench.run(checkpoints: .time(.minutes(7))) == whole)
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
    #expect(left == ["run.h5"])
  }

  @Test("equal runs have equal checkpoints")
  func deterministic() throws {
    let bench = try CheckpointBench(try scenario(policy: "moving-window"))
    defer { bench.remove() }
    try bench.interrupt(after: .events(300))
    let first = try Data(contentsOf: URL(filePath: bench.checkpoint))
    try bench.interrupt(after: .events(300))
    #expect(try Data(contentsOf: URL(filePath: bench.checkpoint)) == first)
  }
}
