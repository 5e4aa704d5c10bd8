// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import SimulationKernel
import Testing
import Units

/// The learner against one that remembers everything.
@Suite("Latencies of commands") struct CommandLatenciesTests {
  enum Step: Int, CommandStep {
    case create, shift

    init?(begunBy command: Command) {
      switch command {
      case .createShadow: self = .create
      case .shiftTraffic: self = .shift
      default: return nil
      }
    }
  }

  private struct Order {
    var entry: CommandQueue.Entry
    var time: SimTime
  }

  private var learner = CommandLatencies<Step>()
  private var queue = CommandQueue()
  private var open: [Order] = []
  private var done: [Step: [SimTime]] = [:]

  private mutating func order(_ command: Command, at now: SimTime) {
    queue.issue(command)
    let entries = queue.drain()
    learner.noteIssued(entries, at: now)
    for entry in entries where Step(begunBy: entry.command) != nil {
      open.append(Order(entry: entry, time: now))
    }
  }

  private mutating func orderAgain(_ index: Int, at now: SimTime) {
    learner.noteIssued([open[index].entry], at: now)
    open[index].time = now
  }

  /// Each outcome is told twice, after its acceptance.
  private mutating func end(_ index: Int, fails: Bool, at now: SimTime) {
    let order = open.remove(at: index)
    let result = fails ? CommandOutcome.Result.failed(.stepFailed, nil) : .done(nil)
    for told in [.accepted(nil), result, result] {
      learner.receive(CommandOutcome(id: order.entry.id, result: told, at: now))
    }
    guard !fails, let step = Step(begunBy: order.entry.command) else { return }
    done[step, default: []].append(now - order.time)
  }

  /// Orders overtake each other, fail and are given again; between them stand commands that nobody
  /// asks about.
  @Test("knows the percentile of the latest 32 and forgets the rest", arguments: 0..<20)
  mutating func agreesWithALearnerThatForgetsNothing(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "latencies")
    let shadow = ShadowID(3)
    for second in 0..<600 {
      let now = SimTime.seconds(second) + .milliseconds(random.integer(below: 1000))
      switch random.integer(below: 4) {
      case 0:
        order(
          .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []), at: now)
      case 1: order(.shiftTraffic(shadow, share: Fraction(0.5)), at: now)
      case 2: order(.suspendShadow(shadow), at: now)
      default:
        if !open.isEmpty { orderAgain(random.integer(below: open.count), at: now) }
      }
      if random.integer(below: 2) == 0, !open.isEmpty {
        end(random.integer(below: open.count), fails: random.integer(below: 4) == 0, at: now)
      }
      for step in Step.allCases {
        let latest = (done[step] ?? []).suffix(CommandLatencies<Step>.capacity).sorted()
        #expect(learner.count(step) == latest.count)
        #expect(learner.high(step) == (latest.isEmpty ? .zero : latest[latest.count * 9 / 10]))
      }
    }
    #expect(learner.count(.create) == CommandLatencies<Step>.capacity)
  }
}
