// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// Why a written schedule could not be taken up again.
public enum RestoreError: Error, Sendable, Equatable {
  /// The event at this position is due before the clock.
  case eventInThePast(position: Int)
  /// The event at this position has a sequence number that was never issued.
  case unknownSequence(position: Int)
  /// The event at this position has the sequence number of another.
  case duplicateSequence(position: Int)
  /// The next sequence number is beyond 2^56.
  case sequenceOutOfRange
}

extension RestoreError: CustomStringConvertible {
  /// What is wrong, in a sentence.
  public var description: String {
    switch self {
    case .eventInThePast(let position):
      "pending event \(position) is due before the clock of the checkpoint"
    case .unknownSequence(let position):
      "pending event \(position) has a sequence number that was never issued"
    case .duplicateSequence(let position):
      "pending event \(position) has the sequence number of another event"
    case .sequenceOutOfRange:
      "the next sequence number is greater than 2^56 - 1"
    }
  }
}

extension Scheduler {
  /// The events that wait, in the order in which they will be handled. O(n log n).
  ///
  /// Together with ``now`` and ``nextSequence`` this is the scheduler's whole state.
  public var pendingEvents: [PendingEvent<Event>] {
    queue.allEntries()
      .filter { !cancelled.contains($0.key.sequence) }
      .sorted { $0.key < $1.key }
      .map { entry in
        let key = entry.key
        return PendingEvent(
          handle: EventHandle(
            time: key.time, priority: key.priority, sequence: key.sequence),
          event: entry.event)
      }
  }

  /// Takes up a schedule that was written out. O(n log n).
  ///
  /// The run goes on as it would have: the same order, the same numbers for new events, and handles
  /// that were issued before still cancel their events.
  ///
  /// - Parameters:
  ///   - now: The clock.
  ///   - nextSequence: The number that the next scheduled event gets.
  ///   - pendingEvents: What waits, in any order.
  /// - Throws: ``RestoreError`` if these cannot be a scheduler's state.
  /// - Precondition: `Event` is a plain value, without references.
  public init(
    now: SimTime, nextSequence: UInt64, pendingEvents: [PendingEvent<Event>]
  ) throws(RestoreError) {
    self.init(startingAt: now)
    guard nextSequence <= EventKey.largestSequence else { throw .sequenceOutOfRange }
    issued = nextSequence
    listedBelow = nextSequence
    for (position, pending) in pendingEvents.enumerated() {
      let handle = pending.handle
      guard handle.time >= now else { throw .eventInThePast(position: position) }
      guard handle.sequence < nextSequence else { throw .unknownSequence(position: position) }
      guard listed.insert(handle.sequence) else { throw .duplicateSequence(position: position) }
      let key = EventKey(
        time: handle.time, priority: handle.priority, sequence: handle.sequence)
      queue.push(QueueEntry(key: key, event: pending.event))
    }
  }
}

extension Scheduler: Archivable where Event: Codable {
  /// Exchanges clock, numbers and pending events.
  ///
  /// - Throws: ``RestoreError`` if what is read cannot be a scheduler's state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    var (now, next, pending) = (self.now, nextSequence, pendingEvents)
    try archive.state(&now)
    try archive.state(&next)
    try archive.state(&pending)
    guard archive.isReading else { return }
    self = try Scheduler(now: now, nextSequence: next, pendingEvents: pending)
  }
}
