// SPDX-License-Identifier: Apache-2.0
public import Units

/// The clock and the events that wait for it.
///
/// Events are handled in a total order: by time, then by priority (the lower value first), then in
/// the order in which they were scheduled. An event that a handler schedules for the present
/// instant takes its place in that order among the events still pending: with a lower priority
/// value than theirs it goes next, with the same one it goes last.
///
/// An event must be a plain value (numbers, ids, enums of them): it is copied as bytes, printed,
/// and written to checkpoints. A scheduler is a value too; a copy is an independent future.
public struct Scheduler<Event> {
  @usableFromInline var clock: SimTime
  @usableFromInline var queue: EventQueue<Event>
  /// Cancelled events that are still in the queue.
  @usableFromInline var cancelled: SequenceSet
  /// The greatest place in the order that was ever taken from the queue. What lies after it has not
  /// been handled, so a handle after it is pending unless it is in ``cancelled``.
  @usableFromInline var passed: EventKey
  /// Pending events that this rule does not fit: those scheduled for a place before `passed`, and
  /// those with a number below `listedBelow`.
  @usableFromInline var listed: SequenceSet
  /// For events with a lower number the list alone tells if they are pending, because the cancelled
  /// ones among them have been dropped.
  @usableFromInline var listedBelow: UInt64
  @usableFromInline var isStopRequested: Bool
  @usableFromInline var issued: UInt64

  /// An empty schedule.
  ///
  /// - Precondition: `Event` is a plain value, without references.
  @inlinable
  public init(startingAt start: SimTime = .zero) {
    precondition(_isPOD(Event.self), "an event must be a plain value, without references")
    clock = start
    queue = EventQueue()
    cancelled = SequenceSet()
    passed = EventKey(biasedTime: 0, rank: 0)
    listed = SequenceSet()
    listedBelow = 0
    isStopRequested = false
    issued = 0
  }

  /// The time of the event being handled, or the time up to which the run has come.
  @inlinable public var now: SimTime { clock }

  /// The number that the next scheduled event gets.
  @inlinable public var nextSequence: UInt64 { issued }

  /// The number of events that wait; cancelled ones do not count.
  @inlinable public var pendingCount: Int { queue.count - cancelled.count }

  /// The number of events in memory, with cancelled ones whose time has not come.
  @inlinable package var storedCount: Int { queue.count }

  /// Schedules an event for a time. Amortised O(1).
  ///
  /// - Parameters:
  ///   - event: What happens.
  ///   - time: When it happens.
  ///   - priority: Which of the events at that time go first: those with the lower value.
  /// - Returns: A handle for cancelling it.
  /// - Precondition: `time` is not before ``now``.
  @inlinable
  @discardableResult
  public mutating func schedule(
    _ event: Event, at time: SimTime, priority: Int8 = 0
  ) -> EventHandle {
    precondition(time >= now, "an event must not be scheduled in the past")
    let sequence = issued
    issued += 1
    let key = EventKey(time: time, priority: priority, sequence: sequence)
    if key < passed { _ = listed.insert(sequence) }
    queue.push(QueueEntry(key: key, event: event))
    return EventHandle(time: time, priority: priority, sequence: sequence)
  }

  /// Schedules an event for a time counted from ``now``. Amortised O(1).
  ///
  /// - Parameters:
  ///   - event: What happens.
  ///   - delay: How long after now.
  ///   - priority: Which of the events at that time go first: those with the lower value.
  /// - Returns: A handle for cancelling it.
  /// - Precondition: `delay` is not negative.
  @inlinable
  @discardableResult
  public mutating func schedule(
    _ event: Event, after delay: SimTime, priority: Int8 = 0
  ) -> EventHandle {
    schedule(event, at: now + delay, priority: priority)
  }

  /// Cancels a pending event. Amortised O(1).
  ///
  /// - Parameter handle: What this scheduler's `schedule` returned.
  /// - Returns: False if the event has already been handled or cancelled.
  @inlinable
  @discardableResult
  public mutating func cancel(_ handle: EventHandle) -> Bool {
    guard handle.sequence < issued, handle.time >= now else { return false }
    let key = EventKey(
      time: handle.time, priority: handle.priority, sequence: handle.sequence)
    if key <= passed || handle.sequence < listedBelow {
      guard listed.remove(handle.sequence) else { return false }
    }
    guard cancelled.insert(handle.sequence) else { return false }
    if cancelled.count > Scheduler.mostIdleCancelled && cancelled.count * 2 > queue.count {
      dropCancelled()
    }
    return true
  }

  /// Ends the run after the event that is being handled; ``now`` stays where it is.
  @inlinable
  public mutating func stop() { isStopRequested = true }

  /// Takes the first pending event and moves the clock to its time. Amortised O(log n) at worst.
  ///
  /// This is what a run loop calls; models have no use for it.
  ///
  /// - Parameter end: Leave events after this time alone.
  /// - Returns: The event, or nil (and an unmoved clock) if none is due by `end`.
  @inlinable
  public mutating func popNext(notAfter end: SimTime = .distantFuture) -> Event? {
    let limit = EventKey.bias(end)
    while let entry = queue.popFirst(notAfter: limit) {
      if passed < entry.key { passed = entry.key }
      if !cancelled.isEmpty && cancelled.remove(entry.key.sequence) { continue }
      if !listed.isEmpty { _ = listed.remove(entry.key.sequence) }
      clock = entry.key.time
      return entry.event
    }
    return nil
  }

  /// Moves the clock to a time before which nothing is pending.
  @inlinable
  mutating func advance(to time: SimTime) { clock = time }

  /// So many cancelled events are not worth a clean-up.
  @inlinable static var mostIdleCancelled: Int { 512 }

  /// Rids the queue of cancelled events, and lists those that are left.
  @inlinable
  @inline(never)
  mutating func dropCancelled() {
    let entries = queue.allEntries()
    queue = EventQueue()
    listed.removeAll()
    listedBelow = issued
    for entry in entries where !cancelled.contains(entry.key.sequence) {
      queue.push(entry)
      _ = listed.insert(entry.key.sequence)
    }
    cancelled.removeAll()
  }
}
