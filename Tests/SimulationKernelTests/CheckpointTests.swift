// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import StateArchive
import Testing
import Units

/// Schedules, cancels and logs at random, so that any difference in state shows in the log.
struct RandomWalkModel: SimulationModel {
  enum Event: Sendable, Equatable, Codable { case hop(Int), mark }

  var stream: RandomStream
  var handles: [EventHandle] = []
  var log: [Int64] = []

  init(seed: UInt64) { stream = RandomStream(seed: seed, purpose: "walk") }

  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
    log.append(scheduler.now.nanoseconds)
    guard case .hop(let number) = event else { return }
    log.append(Int64(number))
    // Short whole steps make ties, also with the present instant.
    for _ in 0..<stream.integer(below: 3) + (scheduler.pendingCount < 20 ? 1 : 0) {
      let delay = SimTime(nanoseconds: Int64(stream.integer(below: 4)))
      let priority = Int8(stream.integer(below: 3) - 1)
      let event = stream.bernoulli(0.2) ? Event.mark : .hop(stream.integer(below: 1000))
      handles.append(scheduler.schedule(event, after: delay, priority: priority))
    }
    if scheduler.pendingCount > 50 || stream.bernoulli(0.2) {
      let victim = handles[stream.integer(below: handles.count)]
      log.append(scheduler.cancel(victim) ? 1 : 0)
    }
    if handles.count > 60 { handles.removeFirst(30) }
  }
}

extension RandomWalkModel: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&stream)
    try archive.state(&handles)
    try archive.state(&log)
  }
}

@Suite("Checkpoints")
struct CheckpointTests {
  static func started(seed: UInt64) -> Simulator<RandomWalkModel> {
    var simulator = Simulator(model: RandomWalkModel(seed: seed))
    for number in 0..<5 { simulator.scheduler.schedule(.hop(number), at: .zero) }
    return simulator
  }

  @Test("a run that is taken up from its pending events goes on as if nothing had happened")
  func resumes() throws {
    for seed in 0..<20 as Range<UInt64> {
      var whole = Self.started(seed: seed)
      var parts = Self.started(seed: seed)
      for _ in 0..<200 {
        for _ in 0..<7 {
          whole.step()
          parts.step()
        }
        // Often in the middle of an instant, with handles of handled and of cancelled events about.
        parts.scheduler = try Scheduler(
          now: parts.scheduler.now, nextSequence: parts.scheduler.nextSequence,
          pendingEvents: parts.scheduler.pendingEvents.reversed())
      }
      let sameLog = parts.model.log == whole.model.log
      let samePending = parts.scheduler.pendingEvents == whole.scheduler.pendingEvents
      #expect(sameLog && samePending, "seed \(seed)")
      #expect(whole.model.log.count > 500, "seed \(seed)")
    }
  }

  @Test("a whole run goes through its bytes, at any number of events")
  func archives() throws {
    for seed in 0..<20 as Range<UInt64> {
      var whole = Self.started(seed: seed)
      var saved = Self.started(seed: seed)
      let end = SimTime(nanoseconds: 300)
      let count = 1 + 13 * Int(seed)
      let isOver = saved.run(until: end, atMost: count)
      #expect(!isOver)
      #expect(saved.handledEventCount == count)
      var archive = StateArchive()
      try saved.archive(&archive)
      var reader = StateArchive(reading: archive.bytes)
      var resumed = Simulator(model: RandomWalkModel(seed: 0))
      try resumed.archive(&reader)
      try reader.finish()
      let isComplete = resumed.run(until: end, atMost: .max)
      #expect(isComplete)
      whole.run(until: end)
      #expect(resumed.model.log == whole.model.log, "seed \(seed)")
      #expect(resumed.scheduler.pendingEvents == whole.scheduler.pendingEvents, "seed \(seed)")
      #expect(resumed.scheduler.now == end && whole.scheduler.now == end)
      #expect(resumed.handledEventCount == whole.handledEventCount)
    }
  }

  @Test("pending events are listed in the order in which they are handled, without cancelled ones")
  func lists() {
    var scheduler = Scheduler<Int>()
    let stream = { (purpose: String) in RandomStream(seed: 3, purpose: purpose) }
    var times = stream("times")
    var handles: [EventHandle] = []
    for number in 0..<500 {
      let time = SimTime(nanoseconds: Int64(times.integer(below: 100)))
      let priority = Int8(times.integer(below: 5) - 2)
      handles.append(scheduler.schedule(number, at: time, priority: priority))
    }
    for number in stride(from: 0, to: 500, by: 7) { scheduler.cancel(handles[number]) }
    let listed = scheduler.pendingEvents
    #expect(listed.count == scheduler.pendingCount)
    var handled: [Int] = []
    while let event = scheduler.popNext() { handled.append(event) }
    #expect(listed.map(\.event) == handled)
    #expect(!handled.contains { $0 % 7 == 0 })
  }

  @Test("a damaged checkpoint is refused")
  func refuses() {
    func pending(at seconds: Int, sequence: UInt64) -> PendingEvent<Int> {
      PendingEvent(
        handle: EventHandle(time: .seconds(seconds), priority: 0, sequence: sequence), event: 0)
    }
    func restore(_ events: [PendingEvent<Int>], next: UInt64 = 5) throws(RestoreError) {
      _ = try Scheduler(now: .seconds(10), nextSequence: next, pendingEvents: events)
    }
    let good = pending(at: 10, sequence: 4)
    #expect(throws: Never.self) { try restore([good]) }
    #expect(throws: RestoreError.eventInThePast(position: 1)) {
      try restore([good, pending(at: 9, sequence: 3)])
    }
    #expect(throws: RestoreError.unknownSequence(position: 0)) {
      try restore([pending(at: 11, sequence: 5)])
    }
    #expect(throws: RestoreError.duplicateSequence(position: 1)) {
      try restore([good, pending(at: 12, sequence: 4)])
    }
    #expect(throws: RestoreError.sequenceOutOfRange) { try restore([], next: 1 << 56) }
  }
}
