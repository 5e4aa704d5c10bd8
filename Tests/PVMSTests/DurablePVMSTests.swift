// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import PVMS
import Testing
import Units

/// What PVMS does with its store, and without one that works.
@Suite("PVMS and its store")
struct DurablePVMSTests {
  private struct BrokenStore: PolicyStore {
    struct Full: Error {}
    func history(from start: SimTime, to end: SimTime) throws -> [UsageSample] { throw Full() }
    func checkpoint(given configuration: PolicyConfiguration) throws -> PolicyCheckpoint? { nil }
    func journal() throws -> [JournalEntry] { [] }
    func save(_ checkpoint: PolicyCheckpoint, adding samples: [UsageSample]) throws {
      throw Full()
    }
    func append(_ entry: JournalEntry) throws { throw Full() }
  }

  private func center(vms: Int = 1, store: any PolicyStore) -> HandMadeCenter {
    let loads = [Double](repeating: 0.5, count: vms)
    return HandMadeCenter(hosts: 4, hostOfVM: loads.map { _ in 0 }, loads: loads) { inventory in
      let forecast = FixedForecast(means: loads.map { _ in 1.5 }, next: 1)
      return DurablePVMS(
        PVMS(
          parameters: parameters(), inventory: inventory, forecaster: forecast, risk: forecast),
        store: store)
    }
  }

  private func alerts(_ entries: [CommandQueue.Entry]) -> [Alert.Kind] {
    entries.compactMap { entry in
      guard case .raiseAlert(let alert) = entry.command else { return nil }
      return alert.kind
    }
  }

  @Test("commands that nobody has answered are given again with their numbers, others are not")
  func unanswered() {
    var center = center(store: MemoryStore())
    center.decide(at: .seconds(15))
    let lost = center.commands.drain()
    #expect(lost.contains { if case .createShadow = $0.command { true } else { false } })
    center.policy.restart(at: .seconds(20), commands: &center.commands)
    #expect(center.commands.entries.map(\.id) == lost.map(\.id))
    #expect(center.commands.entries.map(\.command) == lost.map(\.command))
    // This time they arrive.
    center.carryOut(at: .seconds(21))
    center.policy.restart(at: .seconds(22), commands: &center.commands)
    #expect(center.commands.entries.isEmpty)
    // The shadow has not been forgotten: no other one is made.
    center.run(from: .seconds(30), minutes: 10)
    let created = center.orders.count { if case .createShadow = $0 { true } else { false } }
    #expect(created == 1)
  }

  @Test("a store that fails is reported once, and the policy goes on without")
  func brokenStore() {
    var center = center(store: BrokenStore())
    var entries: [CommandQueue.Entry] = []
    for minute in 0..<12 {
      center.decide(at: .minutes(minute) + .seconds(15))
      entries += center.carryOut(at: .minutes(minute) + .seconds(15))
    }
    #expect(alerts(entries).count { $0 == .storeFailed } == 1)
    #expect(entries.contains { if case .shiftTraffic = $0.command { true } else { false } })
  }

  @Test("a checkpoint of another data center is not used, and that is said")
  func otherCenter() {
    let store = SharedStore()
    var first = center(vms: 2, store: store)
    first.run(from: .seconds(15), minutes: 12)
    #expect(store.checkpoint(given: nowhere) != nil)
    var second = center(vms: 1, store: store)
    second.decide(at: .seconds(15))
    #expect(alerts(second.commands.entries) == [.storeFailed])
    store.clear()
    var third = center(vms: 1, store: store)
    third.decide(at: .seconds(15))
    #expect(alerts(third.commands.entries).isEmpty)
  }

  private var nowhere: PolicyConfiguration {
    PVMS(
      parameters: parameters(), inventory: HandMadeCenter.inventory(hosts: 1, vms: 1),
      forecaster: FixedForecast(means: [0])
    ).configuration
  }

  @Test("what is kept for long becomes means that add up to the same work", arguments: 1...4)
  func retention(hours: Int) {
    let retention = Retention(full: .hours(hours), span: .hours(1), means: .hours(20))
    let store = SharedStore(retention: retention)
    var center = center(vms: 3, store: store)
    var truth: [Double] = []
    for interval in 0..<12 * 24 {
      center.loads = [Double(interval % 7) / 7, 0.25, .nan]
      truth.append(center.loads[0])
      let start = HandMadeCenter.interval * interval
      for second in [1, 150, 295] {
        center.decide(at: start + .seconds(second))
        center.carryOut(at: start + .seconds(second))
      }
    }
    let history = store.history(from: .zero, to: .hours(24))
    let newest = HandMadeCenter.interval * (12 * 24 - 1)
    let limit = retention.fullLimit(at: newest)
    #expect(limit == .hours(23 - hours))
    let samples = history.filter { $0.span == HandMadeCenter.interval }
    let means = history.filter { $0.span == .hours(1) }
    #expect(samples.allSatisfy { $0.start >= limit })
    #expect(samples.count == (24 * 12) - limit / HandMadeCenter.interval)
    #expect(means.map(\.start) == (3..<limit / .hours(1)).map { .hours($0) })
    for mean in means {
      let first = mean.start / HandMadeCenter.interval
      let expected = truth[first..<first + 12].reduce(0, +) / 12
      #expect(abs(mean.cpuCores[0] - expected) < 1e-9)
      #expect(abs(mean.cpuCores[1] - 0.25) < 1e-9)
      #expect(mean.cpuCores[2].isNaN)
    }
    store.clear()
  }
}
