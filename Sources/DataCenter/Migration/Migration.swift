// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import SimulationKernel
public import Units

/// One live migration of a primary, waiting or under way.
struct Migration: Sendable, Codable {
  var vm: Int
  var source: Int
  var destination: Int
  var reason: MigrationReason
  var command: CommandID
  /// What is held at the destination until the VM is there.
  var cores: Double
  var memory: Double
  var queuedAt: SimTime
  /// The course of it; nil while it waits for its turn.
  var course: LiveMigration?
  var flow: FlowID?
  var event: EventHandle?
  /// Whether the VM already runs at the destination.
  var hasMoved = false
  /// Bytes after which this try fails; infinite for one that does not.
  var failsAfterBytes = Double.infinity
  /// The try that this was drawn for.
  var drawnAttempt = 0
}

/// Migrations by a number that is used again, and those that wait for their turn.
struct MigrationTable: Sendable, Codable {
  private(set) var entries: ContiguousArray<Migration?> = []
  private var free: [Int32] = []
  /// Those that wait, oldest first.
  var queue: [Int32] = []
  /// Migrations under way.
  var runningCount = 0
  /// Migrations whose course has been changed by something else than its own event.
  var unsettled: [Int32] = []

  subscript(index: Int) -> Migration? {
    get { entries[index] }
    set { entries[index] = newValue }
  }

  mutating func add(_ migration: Migration) -> Int {
    guard let place = free.popLast() else {
      entries.append(migration)
      return entries.count - 1
    }
    entries[Int(place)] = migration
    return Int(place)
  }

  mutating func remove(_ index: Int) {
    entries[index] = nil
    free.append(Int32(index))
    queue.removeAll { $0 == Int32(index) }
    unsettled.removeAll { $0 == Int32(index) }
  }

  /// Changes one in place; without effect when it is gone.
  mutating func update(_ index: Int, _ change: (inout Migration) -> Void) {
    entries[index].update(change)
  }

  /// Changes the course of one in place; without effect unless it is under way.
  mutating func updateCourse(_ index: Int, _ change: (inout LiveMigration) -> Void) {
    entries[index].update { $0.course.update(change) }
  }
}

extension Optional {
  /// Changes what is there in place; without effect when nothing is.
  mutating func update(_ change: (inout Wrapped) -> Void) {
    guard var value = take() else { return }
    change(&value)
    self = value
  }
}

/// What migrations did and cost over a run.
public struct MigrationBooks: Sendable, Codable {
  /// Migrations finished, by reason, in the order of `MigrationReason.allCases`.
  public internal(set) var doneByReason = [Int](
    repeating: 0, count: MigrationReason.allCases.count)
  /// Migrations that a stop rule other than the downtime test ended.
  public internal(set) var forced = 0
  /// Migrations given up.
  public internal(set) var aborted = 0
  /// Further tries of migrations whose first one failed.
  public internal(set) var retries = 0
  /// Data sent, in vain too.
  public internal(set) var bytes = Bytes(0)
  /// Time for which VMs stood still at the end of their migrations, in seconds.
  public internal(set) var downtimeSeconds = 0.0
  /// Time for which migrations waited for others, in seconds.
  public internal(set) var queuedSeconds = 0.0
  /// Seconds from the order to the end of each migration that was not given up.
  public internal(set) var totalSeconds: [Double] = []
}
