// SPDX-License-Identifier: Apache-2.0
import DataCenter
import SimulationKernel
import StateArchive
import Units

/// Saves a run from time to time.
struct RunCheckpoints {
  /// Where the newest checkpoint is.
  let file: CheckpointFile
  let interval: CheckpointInterval
  /// When the next one is due, in the measure of ``interval``.
  private(set) var nextTime = SimTime.distantFuture
  private(set) var nextEvents = Int.max

  init(path: String, interval: CheckpointInterval, progress: RunProgress) {
    file = CheckpointFile(path: path)
    self.interval = interval
    plan(after: progress)
  }

  /// Sets when the next one is due.
  private mutating func plan(after progress: RunProgress) {
    switch interval {
    case .time(let period):
      nextTime = (progress.now - progress.now % period) + period
    case .events(let count): nextEvents = progress.eventCount + count
    }
  }

  /// Saves the run if it is time for it.
  ///
  /// - Returns: Whether it was.
  mutating func saveIfDue(
    _ progress: inout RunProgress, identity: CheckpointIdentity, journal: RowJournal?
  ) throws -> Bool {
    guard progress.now >= nextTime || progress.eventCount >= nextEvents else { return false }
    try journal?.synchronize()
    var identity = identity
    identity.journalLength = journal?.length
    try file.write(try progress.saved(identity, for: file.path))
    plan(after: progress)
    return true
  }
}

/// How far a run is.
struct RunProgress: Archivable {
  var simulator: Simulator<Plant>
  var score = ForecastScore()
  /// End of the last recording interval that is complete.
  var recordedUntil = SimTime.zero

  var now: SimTime { simulator.scheduler.now }
  var eventCount: Int { simulator.handledEventCount }

  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&score)
    try archive.state(&recordedUntil)
    try simulator.archive(&archive)
  }

  /// The bytes of a checkpoint.
  ///
  /// - Throws: ``CheckpointError`` with the name of the part that cannot be saved.
  mutating func saved(
    _ identity: CheckpointIdentity, for path: String
  ) throws(CheckpointError) -> [UInt8] {
    do {
      var archive = StateArchive()
      var identity = identity
      try archive.state(&identity)
      try self.archive(&archive)
      return archive.bytes
    } catch {
      throw CheckpointError(kind: .unsupported, path: path, reason: "\(error)")
    }
  }

  /// Takes up what a checkpoint says.
  ///
  /// - Parameters:
  ///   - path: The checkpoint.
  ///   - wanted: The run that is to go on.
  /// - Returns: The identity that the checkpoint states.
  /// - Throws: ``CheckpointError``.
  mutating func restore(
    from path: String, wanted: CheckpointIdentity
  ) throws(CheckpointError) -> CheckpointIdentity {
    var archive = StateArchive(reading: try CheckpointFile(path: path).read())
    var identity = wanted
    do {
      try archive.state(&identity)
    } catch {
      throw CheckpointError(
        kind: .foreign, path: path, reason: "was written by another version of Foreshadow")
    }
    if let objection = identity.objection(to: wanted) {
      throw CheckpointError(kind: .foreign, path: path, reason: objection)
    }
    do {
      try self.archive(&archive)
      try archive.finish()
    } catch {
      throw CheckpointError(kind: .foreign, path: path, reason: "\(error)")
    }
    return identity
  }
}
