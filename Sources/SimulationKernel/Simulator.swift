// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// A system that changes its state at events.
///
/// ```swift
/// struct Blinker: SimulationModel {
///   enum Event: Sendable { case toggle }
///   var isOn = false
///   mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
///     isOn.toggle()
///     scheduler.schedule(.toggle, after: .seconds(1))
///   }
/// }
/// var simulator = Simulator(model: Blinker())
/// simulator.scheduler.schedule(.toggle, at: .zero)
/// simulator.run(until: .minutes(1))
/// ```
public protocol SimulationModel {
  /// What can happen: a plain value such as an enum with ids, never a closure or a reference.
  associatedtype Event: Sendable

  /// Changes the state at the time `scheduler.now`, and schedules what follows.
  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>)
}

/// Runs a model: takes the pending events in their total order and hands each to the model.
///
/// Generic over the model, so that the loop is compiled for its event type: no existential, no
/// closure and no allocation per event. A simulator is a value; a copy is an independent run.
public struct Simulator<Model: SimulationModel> {
  /// The system's state.
  public var model: Model
  /// The clock and the pending events.
  public var scheduler: Scheduler<Model.Event>
  @usableFromInline var handled: Int

  /// How many events the model has handled.
  @inlinable public var handledEventCount: Int { handled }

  /// A run that has not begun.
  ///
  /// - Precondition: `Model.Event` is a plain value, without references.
  @inlinable
  public init(model: Model, startingAt start: SimTime = .zero) {
    self.init(model: model, scheduler: Scheduler(startingAt: start))
  }

  /// A run that goes on from a scheduler's state, for a checkpoint.
  @inlinable
  public init(model: Model, scheduler: Scheduler<Model.Event>, handledEventCount: Int = 0) {
    self.model = model
    self.scheduler = scheduler
    handled = handledEventCount
  }

  /// Handles every event due at or before `end`, then sets the clock to `end`.
  ///
  /// Events *at* `end` are handled, also those that are scheduled for it on the way. After
  /// ``Scheduler/stop()`` the clock stays at the last event.
  ///
  /// - Precondition: `end` is not before the clock.
  @inlinable
  public mutating func run(until end: SimTime) {
    precondition(end >= scheduler.now, "a run must not end before its clock")
    if handleEvents(notAfter: end) { scheduler.advance(to: end) }
  }

  /// Handles the next events due at or before `end`, but no more than `count` of them.
  ///
  /// - Returns: True, with the clock at `end`, if no more were due; false, with the clock at the
  ///   last of them, if the count was reached or the run stopped.
  /// - Precondition: `end` is not before the clock.
  @inlinable
  public mutating func run(until end: SimTime, atMost count: Int) -> Bool {
    precondition(end >= scheduler.now, "a run must not end before its clock")
    scheduler.isStopRequested = false
    var left = count
    while left > 0 {
      guard let event = scheduler.popNext(notAfter: end) else {
        scheduler.advance(to: end)
        return true
      }
      handled += 1
      left -= 1
      model.handle(event, scheduler: &scheduler)
      if scheduler.isStopRequested { return false }
    }
    return false
  }

  /// Handles events until none is pending or ``Scheduler/stop()``; the clock stays at the last.
  @inlinable
  public mutating func run() {
    _ = handleEvents(notAfter: .distantFuture)
  }

  /// Handles the next event.
  ///
  /// - Returns: False if no event was pending.
  @inlinable
  @discardableResult
  public mutating func step() -> Bool {
    guard let event = scheduler.popNext() else { return false }
    handled += 1
    model.handle(event, scheduler: &scheduler)
    return true
  }

  /// The loop; false if it was stopped.
  @inlinable
  mutating func handleEvents(notAfter end: SimTime) -> Bool {
    scheduler.isStopRequested = false
    while let event = scheduler.popNext(notAfter: end) {
      handled += 1
      model.handle(event, scheduler: &scheduler)
      if scheduler.isStopRequested { return false }
    }
    return true
  }
}

extension Simulator: Archivable where Model: Archivable, Model.Event: Codable {
  /// Exchanges the whole run.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&handled)
    try scheduler.archive(&archive)
    try model.archive(&archive)
  }
}
