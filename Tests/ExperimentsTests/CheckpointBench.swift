// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import SimulationKernel
import Testing

/// A power failure.
private struct PowerFailure: Error {}

/// Everything that a run leaves behind.
struct RunOutcome: Equatable {
  var metrics: [UInt64]
  var degraded: [UInt64]
  var eventCount: Int
  var file: Data
}

/// Runs one policy of a scenario with and without interruptions, in a folder of its own.
struct CheckpointBench {
  let executor: RunExecutor
  let folder: URL

  init(_ scenario: ScenarioFile, policy: PolicySpec? = nil, seed: UInt64? = nil) throws {
    executor = try ComparisonRunner.executor(
      scenario: scenario, policy: try policy ?? #require(scenario.spec.policies.first),
      seed: seed ?? UInt64(scenario.spec.seed))
    folder = FileManager.default.temporaryDirectory.appending(
      path: "foreshadow-checkpoints-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  var output: String { folder.appending(path: "run.h5").path }
  var checkpoint: String { output + ".checkpoint" }
  var rows: String { checkpoint + ".rows" }

  /// A run from time zero, or on from the checkpoint.
  func run(resuming: Bool = false, checkpoints: CheckpointInterval? = nil) throws -> RunOutcome {
    var executor = executor
    executor.request.output = output
    executor.request.checkpoints = checkpoints.map { (checkpoint, $0) }
    executor.request.resumes = resuming ? checkpoint : nil
    let result = try executor.execute()
    return RunOutcome(
      metrics: result.metrics.map(\.bitPattern),
      degraded: result.degradedSecondsByVM.map(\.bitPattern), eventCount: result.eventCount,
      file: try Data(contentsOf: URL(filePath: output)))
  }

  /// A run that ends with its first checkpoint, so many events after its begin.
  func interrupt(after interval: CheckpointInterval, resuming: Bool = false) throws {
    var executor = executor
    executor.request.output = output
    executor.request.checkpoints = (checkpoint, interval)
    executor.request.resumes = resuming ? checkpoint : nil
    executor.request.afterCheckpoint = { throw PowerFailure() }
    #expect(throws: PowerFailure.self) { try executor.execute() }
  }

  /// Interrupts the run at random events and checks that it ends in the same way each time.
  func check(interruptions: Int, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
    let whole = try run()
    var random = RandomStream(seed: 1, purpose: "checkpoints")
    for _ in 0..<interruptions {
      let event = 1 + random.integer(below: whole.eventCount - 1)
      try interrupt(after: .events(event))
      let resumed = try run(resuming: true)
      #expect(resumed == whole, "event \(event)", sourceLocation: sourceLocation)
      #expect(!FileManager.default.fileExists(atPath: checkpoint))
      #expect(!FileManager.default.fileExists(atPath: rows))
    }
  }
}
