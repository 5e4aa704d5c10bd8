// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Foundation
import SimulationKernel
import Units
import Workloads

/// A run under way: how far it is, and the files that it writes.
struct RunSession {
  var progress: RunProgress
  let recorder: RunRecorder?
  private let request: RunRequest
  private let identity: CheckpointIdentity?
  private var checkpoints: RunCheckpoints?
  private var journal: RowJournal?

  /// Begins the run, or takes it up at a checkpoint.
  ///
  /// - Throws: ``CheckpointError``, `HDF5Error`.
  init(_ request: RunRequest, progress: RunProgress) throws {
    self.request = request
    self.progress = progress
    let inventory = progress.simulator.model.inventory
    let wanted =
      request.checkpoints == nil && request.resumes == nil ? nil : try CheckpointIdentity(request)
    var known = wanted
    if let path = request.resumes, let wanted {
      known = try self.progress.restore(from: path, wanted: wanted)
    }
    identity = known
    let recorder = try request.output.map {
      try RunRecorder(
        path: $0, request: request, inventory: inventory,
        provenance: known?.provenance ?? RunProvenance(request))
    }
    self.recorder = recorder
    do {
      try openFiles()
    } catch {
      recorder?.discard()
      throw error
    }
  }

  /// Beside each checkpoint stand the rows of the run file.
  static func journalPath(ofCheckpoint path: String) -> String { path + ".rows" }

  private mutating func openFiles() throws {
    let target = request.checkpoints.map { Self.journalPath(ofCheckpoint: $0.path) }
    if let source = request.resumes, let recorder, let length = identity?.journalLength {
      var rows = Self.journalPath(ofCheckpoint: source)
      if let target, target != rows {
        try copy(rows, to: target)
        rows = target
      }
      let taken = try RowJournal(resuming: rows, length: length) { try recorder.record($0) }
      if target != nil { journal = taken }
    } else if let target, recorder != nil {
      journal = try RowJournal(creating: target)
    }
    guard let wanted = request.checkpoints, let identity else { return }
    // Whoever cannot be saved says so now, not after hours.
    _ = try progress.saved(identity, for: wanted.path)
    checkpoints = RunCheckpoints(
      path: wanted.path, interval: wanted.interval, progress: progress)
  }

  private func copy(_ source: String, to target: String) throws(CheckpointError) {
    do {
      if FileManager.default.fileExists(atPath: target) {
        try FileManager.default.removeItem(atPath: target)
      }
      try FileManager.default.copyItem(atPath: source, toPath: target)
    } catch {
      throw CheckpointError(kind: .missing, path: source, reason: error.localizedDescription)
    }
  }

  /// Goes on to `end`, recording and saving on the way.
  mutating func advance(to end: SimTime) throws {
    let step = request.scenario.spec.recording.interval
    while progress.recordedUntil < end {
      let next = min(progress.recordedUntil + step, end)
      let stop = min(next, checkpoints?.nextTime ?? .distantFuture)
      let left = (checkpoints?.nextEvents ?? .max) - progress.eventCount
      let isThere = progress.simulator.run(until: stop, atMost: left)
      if let failure = progress.simulator.model.policyFailure { throw failure }
      if isThere, stop == next { try record(until: next) }
      guard let identity else { continue }
      if try checkpoints?.saveIfDue(&progress, identity: identity, journal: journal) == true {
        try request.afterCheckpoint()
      }
    }
  }

  private mutating func record(until time: SimTime) throws {
    let capacities = request.world.capacities.map(\.value)
    let forecasts = progress.simulator.model.takeForecasts()
    for record in forecasts {
      progress.score.add(record, demand: request.world.run, capacities: capacities)
    }
    let events = progress.simulator.model.takeLog()
    progress.recordedUntil = time
    guard let recorder else { return }
    let stretch = RecordedStretch(
      events: events, forecasts: recorder.keepsForecasts ? forecasts : [],
      readings: progress.simulator.model.readings(at: time))
    try recorder.record(stretch)
    try journal?.append(stretch)
  }

  /// Removes what an interrupted run would go on from.
  func removeCheckpoints() {
    for path in [request.checkpoints?.path, request.resumes] {
      guard let path else { continue }
      try? FileManager.default.removeItem(atPath: path)
      try? FileManager.default.removeItem(atPath: Self.journalPath(ofCheckpoint: path))
    }
  }
}
