// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Testing
import Units

/// Notes the label of each event with its time.
private struct Recorder: SimulationModel {
  struct Event: Sendable { var label: Int }
  var log: [Int] = []
  var times: [SimTime] = []
  /// What to do in the handler of a label.
  var reactions: [Int: @Sendable (inout Scheduler<Event>) -> Void] = [:]

  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
    log.append(event.label)
    times.append(scheduler.now)
    reactions[event.label]?(&scheduler)
  }
}

@Suite("Scheduler")
struct SchedulerTests {
  @Test("events go by time, then by priority value, then in order of scheduling")
  func totalOrder() {
    var simulator = Simulator(model: Recorder())
    simulator.scheduler.schedule(.init(label: 5), at: .seconds(2))
    simulator.scheduler.schedule(.init(label: 3), at: .seconds(1), priority: 1)
    simulator.scheduler.schedule(.init(label: 1), at: .seconds(1))
    simulator.scheduler.schedule(.init(label: 2), at: .seconds(1))
    simulator.scheduler.schedule(.init(label: 4), at: .seconds(1), priority: .max)
    simulator.scheduler.schedule(.init(label: 0), at: .seconds(1), priority: .min)
    simulator.run(until: .seconds(3))
    #expect(simulator.model.log == [0, 1, 2, 3, 4, 5])
    #expect(simulator.handledEventCount == 6)
  }

  @Test("events at the end are handled, also those scheduled on the way; the clock is the end")
  func endIsIncluded() {
    var simulator = Simulator(model: Recorder())
    simulator.model.reactions[0] = { $0.schedule(.init(label: 1), after: .zero) }
    simulator.scheduler.schedule(.init(label: 0), at: .seconds(5))
    simulator.scheduler.schedule(.init(label: 2), at: .seconds(5) + SimTime(nanoseconds: 1))
    simulator.run(until: .seconds(5))
    #expect(simulator.model.log == [0, 1])
    #expect(simulator.scheduler.now == .seconds(5))
    #expect(simulator.scheduler.pendingCount == 1)
    simulator.run(until: .seconds(9))
    #expect(simulator.model.log == [0, 1, 2])
    #expect(simulator.scheduler.now == .seconds(9))
  }

  @Test("a late event of a lower priority value goes before those still pending at the instant")
  func overtaking() {
    var simulator = Simulator(model: Recorder())
    simulator.model.reactions[0] = {
      $0.schedule(.init(label: 1), after: .zero, priority: -1)
      $0.schedule(.init(label: 3), after: .zero)
    }
    simulator.scheduler.schedule(.init(label: 0), at: .zero)
    simulator.scheduler.schedule(.init(label: 2), at: .zero)
    simulator.run()
    #expect(simulator.model.log == [0, 1, 2, 3])
  }

  @Test("a run can be stopped and continued")
  func stops() {
    var simulator = Simulator(model: Recorder())
    simulator.model.reactions[0] = { $0.stop() }
    simulator.scheduler.schedule(.init(label: 0), at: .seconds(1))
    simulator.scheduler.schedule(.init(label: 1), at: .seconds(1))
    simulator.run(until: .seconds(2))
    #expect(simulator.model.log == [0])
    #expect(simulator.scheduler.now == .seconds(1))
    simulator.run(until: .seconds(2))
    #expect(simulator.model.log == [0, 1])
    #expect(simulator.scheduler.now == .seconds(2))
  }

  @Test("a step handles one event")
  func steps() {
    var simulator = Simulator(model: Recorder(), startingAt: .seconds(-10))
    let before = simulator.step()
    simulator.scheduler.schedule(.init(label: 7), after: .seconds(3))
    let results = [before, simulator.step(), simulator.step()]
    #expect(results == [false, true, false])
    #expect(simulator.model.times == [.seconds(-7)])
  }

  @Test("an event is cancelled once, and not after it was handled")
  func cancels() {
    var simulator = Simulator(model: Recorder())
    let first = simulator.scheduler.schedule(.init(label: 0), at: .seconds(1))
    let second = simulator.scheduler.schedule(.init(label: 1), at: .seconds(1))
    let third = simulator.scheduler.schedule(.init(label: 2), at: .seconds(1))
    let fourth = simulator.scheduler.schedule(.init(label: 3), at: .seconds(2))
    let twice = [simulator.scheduler.cancel(second), simulator.scheduler.cancel(second)]
    #expect(twice == [true, false])
    #expect(simulator.scheduler.pendingCount == 3)
    simulator.step()
    // At this instant one event has been handled, one was cancelled and one is pending.
    let results = [first, second, third, third].map { simulator.scheduler.cancel($0) }
    #expect(results == [false, false, true, false])
    simulator.run()
    #expect(simulator.model.log == [0, 3])
    let handled = simulator.scheduler.cancel(fourth)
    #expect(!handled)
    #expect(simulator.scheduler.pendingCount == 0)
  }

  @Test("an overtaking event can be cancelled before, and not after, it is handled")
  func cancelsOvertaking() {
    var simulator = Simulator(model: Recorder())
    simulator.scheduler.schedule(.init(label: 0), at: .zero)
    simulator.step()
    let early = simulator.scheduler.schedule(.init(label: 1), at: .zero, priority: -1)
    let earlier = simulator.scheduler.schedule(.init(label: 2), at: .zero, priority: -2)
    simulator.step()
    let results = [earlier, early, early].map { simulator.scheduler.cancel($0) }
    #expect(results == [false, true, false])
    simulator.step()
    #expect(simulator.model.log == [0, 2])
  }

  @Test("a copy of a simulator is an independent run")
  func copies() {
    var one = Simulator(model: Recorder())
    for label in 0..<100 { one.scheduler.schedule(.init(label: label), at: .seconds(label)) }
    one.run(until: .seconds(49))
    var other = one
    other.scheduler.schedule(.init(label: -1), at: .seconds(60))
    one.run()
    other.run()
    #expect(one.model.log == Array(0..<100))
    #expect(other.model.log == Array(0...60) + [-1] + Array(61..<100))
  }
}
