// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Experiments
import Foundation
import SimulationKernel
import Testing
import Units

private func scenario(
  policies: String = "[reactive-shadow, none]", set: [String] = []
) throws -> ScenarioFile {
  let text = """
    version: 1
    name: damage
    duration: 2 h
    workload: { synthetic: { vms: 6 }, history: 1 d, sizing: { percentile: 80 } }
    dataCenter: { racks: { count: 1, hosts: 3, server: dell-r640-2021 } }
    policies: \(policies)
    """
  return try ScenarioFile(
    text: Array(text.utf8), name: "test.yaml",
    overrides: try set.map { try #require(ScenarioOverride($0)) },
    folder: ScenarioFolder(sharedFolder: nil))
}

/// A policy of somebody else who knows nothing of checkpoints.
private struct Outsider: ManagementPolicy {
  func observe(_ frame: TelemetryFrame) {}
  func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {}
  func decide(at now: SimTime, commands: inout CommandQueue) {}
}

@Suite("Checkpoints that are of no use")
struct CheckpointDamageTests {
  private func kind(_ body: () throws -> RunOutcome) -> CheckpointError.Kind? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? CheckpointError)?.kind
    }
  }

  @Test("flipped bits and missing ends are errors, in the state and in the rows")
  func damage() throws {
    let bench = try CheckpointBench(try scenario())
    defer { bench.remove() }
    try bench.interrupt(after: .events(150))
    var random = RandomStream(seed: 1, purpose: "damage")
    for path in [bench.checkpoint, bench.rows] {
      let good = try Data(contentsOf: URL(filePath: path))
      for _ in 0..<150 {
        var bad = good
        if random.bernoulli(0.5) {
          bad[random.integer(below: bad.count)] ^= 1 << UInt8(random.integer(below: 8))
        } else {
          bad = bad.prefix(random.integer(below: bad.count))
        }
        try bad.write(to: URL(filePath: path))
        #expect(kind { try bench.run(resuming: true) } == .damaged)
      }
      try good.write(to: URL(filePath: path))
    }
    // Nothing was lost by the attempts.
    #expect(try bench.run(resuming: true) == bench.run())
  }

  @Test("rows after the last checkpoint do not matter")
  func laterRows() throws {
    let bench = try CheckpointBench(try scenario())
    defer { bench.remove() }
    let whole = try bench.run()
    try bench.interrupt(after: .events(150))
    var rows = try Data(contentsOf: URL(filePath: bench.rows))
    rows.append(contentsOf: [1, 2, 3])
    try rows.write(to: URL(filePath: bench.rows))
    #expect(try bench.run(resuming: true) == whole)
  }

  @Test("a missing checkpoint, missing rows and something else are told apart")
  func missing() throws {
    let bench = try CheckpointBench(try scenario())
    defer { bench.remove() }
    #expect(kind { try bench.run(resuming: true) } == .missing)
    try Data("not one".utf8).write(to: URL(filePath: bench.checkpoint))
    #expect(kind { try bench.run(resuming: true) } == .damaged)
    try bench.interrupt(after: .events(150))
    try FileManager.default.removeItem(atPath: bench.rows)
    #expect(kind { try bench.run(resuming: true) } == .missing)
  }

  @Test(
    "the checkpoint of another run is refused, with what differs",
    arguments: [
      ("duration=3 h", "duration"), ("workload.synthetic.vms=7", "vms"), ("seed=5", "seed"),
      ("policies=[none]", "policy"),
    ])
  func foreign(change: String, reason: String) throws {
    let bench = try CheckpointBench(try scenario())
    defer { bench.remove() }
    try bench.interrupt(after: .events(150))
    let other = try CheckpointBench(try scenario(set: [change]))
    defer { other.remove() }
    for suffix in ["", ".rows"] {
      try FileManager.default.copyItem(
        atPath: bench.checkpoint + suffix, toPath: other.checkpoint + suffix)
    }
    let error = #expect(throws: CheckpointError.self) { try other.run(resuming: true) }
    #expect(error?.kind == .foreign)
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test("a policy that cannot be saved is refused by name, before the run")
  func unsupported() throws {
    let policy = PolicySpec(name: "outsider") { _ in { _ in Outsider() } }
    let bench = try CheckpointBench(try scenario(), policy: policy)
    defer { bench.remove() }
    let error = #expect(throws: CheckpointError.self) {
      try bench.run(checkpoints: .time(.hours(1)))
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.reason.contains("Outsider") == true)
    let whole = try bench.run()
    #expect(whole.eventCount > 0)
  }

  @Test(
    "an interval is a time or a number of events",
    arguments: [
      ("6 h", CheckpointInterval.time(.hours(6))), ("200000", .events(200_000)), ("0", nil),
      ("-1 h", nil), ("often", nil), ("", nil), ("1e300 h", nil),
    ])
  func interval(text: String, expected: CheckpointInterval?) {
    #expect(CheckpointInterval(text) == expected)
  }
}
