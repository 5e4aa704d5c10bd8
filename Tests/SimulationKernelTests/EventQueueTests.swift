// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Testing
import Units

/// The obvious event list: an array in the total order, searched from front to back.
private struct SortedList {
  struct Item: Equatable {
    var time: SimTime
    var priority: Int8
    var sequence: Int
  }

  var items: [Item] = []
  var now = SimTime.zero
  var issued = 0

  mutating func schedule(at time: SimTime, priority: Int8) {
    let item = Item(time: time, priority: priority, sequence: issued)
    issued += 1
    func goesBefore(_ other: Item) -> Bool {
      time != other.time ? time < other.time : priority < other.priority
    }
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if goesBefore(items[middle]) { high = middle } else { low = middle + 1 }
    }
    items.insert(item, at: low)
  }

  mutating func cancel(sequence: Int) -> Bool {
    guard let index = items.firstIndex(where: { $0.sequence == sequence }) else { return false }
    items.remove(at: index)
    return true
  }

  mutating func pop() -> Int? {
    if items.isEmpty { return nil }
    let first = items.removeFirst()
    now = first.time
    return first.sequence
  }
}

/// How far ahead events are scheduled: each a way to hurt some kind of queue.
enum DelayPattern: CaseIterable, Sendable {
  case instant, fewTies, exponential, everyMagnitude, shrinking, bimodal, lockstep, farthest

  /// A delay that does not lead beyond the end of time.
  func delay(_ stream: inout RandomStream, step: Int, now: SimTime) -> SimTime {
    min(unlimitedDelay(&stream, step: step, now: now), .distantFuture - now)
  }

  private func unlimitedDelay(
    _ stream: inout RandomStream, step: Int, now: SimTime
  ) -> SimTime {
    switch self {
    case .instant: return .zero
    case .fewTies: return SimTime(nanoseconds: Int64(stream.integer(below: 3)))
    case .exponential: return .seconds(stream.exponential(mean: 1))
    case .everyMagnitude:
      return SimTime(nanoseconds: Int64(stream.next() >> UInt64(3 + stream.integer(below: 61))))
    case .shrinking: return SimTime(nanoseconds: Int64(1_000_000_000 / (step + 1)))
    case .bimodal:
      return stream.bernoulli(0.9)
        ? SimTime(nanoseconds: Int64(stream.integer(below: 1000))) : .days(stream.integer(below: 9))
    case .lockstep: return .seconds(120) - now % .seconds(60)
    case .farthest:
      return stream.bernoulli(0.5)
        ? .distantFuture : SimTime(nanoseconds: Int64(stream.integer(below: 70000)))
    }
  }
}

@Suite("Event queue against a sorted list")
struct EventQueueTests {
  /// Grows to some thousands of events, shrinks to none, and so on; with cancelling on the way.
  private static func walk(
    _ pattern: DelayPattern, seed: UInt64, operations: Int, cancelShare: Double, priorities: Int
  ) -> String? {
    var stream = RandomStream(seed: seed, purpose: "queue walk")
    var scheduler = Scheduler<Int>()
    var model = SortedList()
    var handles: [EventHandle] = []
    var isGrowing = true
    for step in 0..<operations {
      if stream.bernoulli(2.0 / 3000) { isGrowing.toggle() }
      let choice = stream.uniform()
      if choice < cancelShare && !handles.isEmpty {
        // Mostly recent handles: old ones are long gone.
        let back = stream.integer(below: min(handles.count, 500)) + 1
        let handle = handles[handles.count - back]
        let expected = model.cancel(sequence: Int(handle.sequence))
        if scheduler.cancel(handle) != expected { return "cancel differs at \(step)" }
      } else if stream.bernoulli(isGrowing ? 0.8 : 0.3) {
        let delay = pattern.delay(&stream, step: step, now: model.now)
        let priority = Int8(stream.integer(below: priorities) - priorities / 2)
        let handle = scheduler.schedule(handles.count, after: delay, priority: priority)
        handles.append(handle)
        model.schedule(at: model.now + delay, priority: priority)
      } else {
        let expected = model.pop()
        if scheduler.popNext() != expected { return "event differs at \(step)" }
        if scheduler.now != model.now { return "clock differs at \(step)" }
      }
      if scheduler.pendingCount != model.items.count { return "count differs at \(step)" }
    }
    return drain(&scheduler, &model)
  }

  private static func drain(_ scheduler: inout Scheduler<Int>, _ model: inout SortedList) -> String?
  {
    while let expected = model.pop() {
      if scheduler.popNext() != expected { return "event differs while draining" }
    }
    return scheduler.popNext() == nil ? nil : "an event too many"
  }

  @Test("every event comes in the total order", arguments: DelayPattern.allCases)
  func totalOrder(pattern: DelayPattern) {
    for seed in 0..<6 as Range<UInt64> {
      let fault = Self.walk(
        pattern, seed: seed, operations: 12_000, cancelShare: 0, priorities: seed < 3 ? 1 : 3)
      #expect(fault == nil, "seed \(seed)")
    }
  }

  @Test("cancelled events do not come, all others do", arguments: DelayPattern.allCases)
  func cancelling(pattern: DelayPattern) {
    for seed in 10..<14 as Range<UInt64> {
      let fault = Self.walk(
        pattern, seed: seed, operations: 12_000, cancelShare: seed < 12 ? 0.1 : 0.45,
        priorities: 256)
      #expect(fault == nil, "seed \(seed)")
    }
  }

  /// What a plant does at a tick: one handler schedules (and cancels) for very many entities, some
  /// of the times before all that are pending; between ticks it looks for due events in vain.
  private static func bursts(_ pattern: DelayPattern, seed: UInt64) -> String? {
    var stream = RandomStream(seed: seed, purpose: "queue bursts")
    var scheduler = Scheduler<Int>()
    var model = SortedList()
    var handles: [EventHandle] = []
    for step in 0..<40 {
      // Each burst has a place and a scale of its own, so later ones fall in front of earlier ones.
      let base = pattern.delay(&stream, step: step, now: model.now)
      let divisor = Int64(1) << Int64(stream.integer(below: 40))
      for _ in 0..<stream.integer(below: 900) {
        let whole = pattern.delay(&stream, step: step, now: model.now + base)
        let delay = base + SimTime(nanoseconds: whole.nanoseconds / divisor)
        handles.append(scheduler.schedule(handles.count, after: delay))
        model.schedule(at: model.now + delay, priority: 0)
        if stream.bernoulli(0.3) {
          let handle = handles[stream.integer(below: handles.count)]
          let expected = model.cancel(sequence: Int(handle.sequence))
          if scheduler.cancel(handle) != expected { return "cancel differs at \(step)" }
        }
      }
      let patience = pattern.delay(&stream, step: step, now: model.now)
      let end = model.now + SimTime(nanoseconds: patience.nanoseconds / divisor)
      for _ in 0..<stream.integer(below: 700) {
        let isDue = model.items.first.map { $0.time <= end } ?? false
        let expected = isDue ? model.pop() : nil
        if scheduler.popNext(notAfter: end) != expected { return "event differs at \(step)" }
        if scheduler.now != model.now { return "clock differs at \(step)" }
      }
    }
    return drain(&scheduler, &model)
  }

  @Test("one handler may schedule very many events", arguments: DelayPattern.allCases)
  func bursts(pattern: DelayPattern) {
    for seed in 20..<26 as Range<UInt64> {
      #expect(Self.bursts(pattern, seed: seed) == nil, "seed \(seed)")
    }
  }

  @Test("simultaneous events come in order of scheduling, those of now included")
  func simultaneous() {
    let count = 100_000
    var scheduler = Scheduler<Int>(startingAt: .seconds(-5))
    for number in 0..<count { scheduler.schedule(number, at: .zero) }
    var next = 0
    var isInOrder = true
    while let event = scheduler.popNext() {
      isInOrder = isInOrder && event == next
      next += 1
      if event < count { scheduler.schedule(event + count, after: .zero) }
    }
    #expect(isInOrder)
    #expect(next == 2 * count)
  }

  @Test("ever-growing and shrinking populations keep their order")
  func growth() {
    var stream = RandomStream(seed: 7, purpose: "growth")
    var scheduler = Scheduler<Int>()
    for _ in 0..<50 { scheduler.schedule(0, after: .seconds(stream.exponential(mean: 1))) }
    var last = SimTime.zero
    var popped = 0
    var isInOrder = true
    while popped < 60_000, scheduler.popNext() != nil {
      isInOrder = isInOrder && last <= scheduler.now
      last = scheduler.now
      popped += 1
      // Two for one up to 30 000 events, none for one after that.
      if popped > 30_000 { continue }
      for _ in 0..<2 { scheduler.schedule(0, after: .seconds(stream.exponential(mean: 1))) }
    }
    #expect(isInOrder)
    #expect(popped == 60_000)
    #expect(scheduler.pendingCount == 50)
  }

  @Test("copies made at any moment have futures of their own", arguments: DelayPattern.allCases)
  func copies(pattern: DelayPattern) {
    var stream = RandomStream(seed: 5, purpose: "copies")
    var scheduler = Scheduler<Int>()
    var model = SortedList()
    for step in 0..<4000 {
      if step % 500 == 499 {
        var copy = scheduler
        var copiedModel = model
        let extra = SimTime(nanoseconds: Int64(step))
        if model.now < .distantFuture - extra {
          copy.schedule(copiedModel.issued, after: extra)
          copiedModel.schedule(at: copiedModel.now + extra, priority: 0)
        }
        #expect(Self.drain(&copy, &copiedModel) == nil)
      }
      if stream.bernoulli(0.6) {
        let delay = pattern.delay(&stream, step: step, now: model.now)
        scheduler.schedule(model.issued, after: delay)
        model.schedule(at: model.now + delay, priority: 0)
      } else {
        let expected = model.pop()
        let event = scheduler.popNext()
        #expect(event == expected)
      }
    }
    #expect(Self.drain(&scheduler, &model) == nil)
  }

  @Test("timeouts that are always cancelled do not pile up")
  func timeouts() {
    var scheduler = Scheduler<Int>()
    var greatest = 0
    var isRight = true
    for number in 0..<50_000 {
      let timeout = scheduler.schedule(-1, after: .days(365))
      scheduler.schedule(number, after: .milliseconds(1))
      let event = scheduler.popNext()
      isRight = isRight && event == number && scheduler.cancel(timeout)
      greatest = max(greatest, scheduler.storedCount)
    }
    #expect(isRight)
    #expect(scheduler.pendingCount == 0)
    // Cancelled events are dropped once there are 512 of them and they are the greater part.
    #expect(greatest <= 514)
  }
}
