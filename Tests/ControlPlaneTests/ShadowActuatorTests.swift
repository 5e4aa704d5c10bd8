// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Testing
import Units

@Suite("The shadow actuator")
struct ShadowActuatorTests {
  private var actuator = ShadowActuator(vmCount: 1, standbySize: Fraction(0.25))
  private var commands = CommandQueue()
  private let vm = VMID(0)
  private let shadow = ShadowID(7)

  private mutating func want(_ goal: ShadowGoal, at seconds: Int = 0) -> [Command] {
    actuator.want(
      goal, for: vm, at: .seconds(seconds), because: .init(), commands: &commands)
    return take()
  }

  private var lastIDs: [CommandID] = []
  private mutating func take() -> [Command] {
    let entries = commands.drain()
    if !entries.isEmpty { lastIDs = entries.map(\.id) }
    return entries.map(\.command)
  }

  private mutating func answer(_ result: CommandOutcome.Result, at seconds: Int = 0) -> [Command] {
    for id in lastIDs {
      actuator.receive(
        CommandOutcome(id: id, result: result, at: .seconds(seconds)), commands: &commands)
    }
    return take()
  }

  @Test("makes a full shadow, shifts half of the load, and gives it up again")
  mutating func fullLife() {
    #expect(
      want(.active(count: 1)) == [
        .createShadow(vm: vm, size: Fraction(1), thenSuspend: false, avoiding: [])
      ])
    #expect(answer(.accepted(shadow)) == [])
    #expect(answer(.done(shadow)) == [.shiftTraffic(shadow, share: Fraction(0.5))])
    #expect(answer(.done(shadow)) == [])
    #expect(actuator.activeCount(of: vm) == 1)
    #expect(want(.none) == [.shiftTraffic(shadow, share: Fraction(0))])
    #expect(answer(.done(shadow)) == [.terminateShadow(shadow)])
    #expect(want(.none) == [])
  }

  /// Shadows become ready one after the other, as those on different hosts do.
  @Test(
    "however many join, each takes few commands, and in the end all parts are equal",
    arguments: [1, 2, 4, 5, 16, 49, 63])
  mutating func joining(count: Int) {
    #expect(want(.active(count: count)).count == count)
    let creations = lastIDs
    var shares = [Double](repeating: 0, count: count)
    var shifts = 0
    for (number, creation) in creations.enumerated() {
      actuator.receive(
        CommandOutcome(id: creation, result: .accepted(ShadowID(number)), at: .zero),
        commands: &commands)
    }
    for (number, creation) in creations.enumerated() {
      actuator.receive(
        CommandOutcome(id: creation, result: .done(ShadowID(number)), at: .seconds(number)),
        commands: &commands)
      for entry in commands.drain() {
        guard case .shiftTraffic(let shadow, let share) = entry.command else { continue }
        shifts += 1
        shares[shadow.number] = share.value
        actuator.receive(
          CommandOutcome(id: entry.id, result: .done(nil), at: .seconds(number)),
          commands: &commands)
      }
      // Never more than there is, and at least four in five of those that are ready serve.
      #expect(shares.reduce(0, +) < 1)
      #expect(Double(shares.count { $0 > 0 }) * 1.25 >= Double(number + 1) - 1e-9)
    }
    #expect(shares.allSatisfy { $0 == 1 / Double(count + 1) })
    #expect(actuator.activeCount(of: vm) == count)
    // One after the other would take count·(count + 1)/2.
    #expect(shifts <= 6 * count)
    if count <= 4 { #expect(shifts == count * (count + 1) / 2) }
  }

  @Test("wakes a standby, grows it to full size, and puts it back to sleep small")
  mutating func standby() {
    #expect(
      want(.standby) == [
        .createShadow(vm: vm, size: Fraction(0.25), thenSuspend: true, avoiding: [])
      ])
    _ = answer(.accepted(shadow))
    #expect(answer(.done(shadow)) == [])
    #expect(want(.active(count: 1)) == [.resumeShadow(shadow)])
    #expect(answer(.done(shadow)) == [.resizeShadow(shadow, size: Fraction(1))])
    #expect(answer(.done(shadow)) == [.shiftTraffic(shadow, share: Fraction(0.5))])
    _ = answer(.done(shadow))
    #expect(want(.standby) == [.shiftTraffic(shadow, share: Fraction(0))])
    #expect(
      answer(.done(shadow)) == [
        .resizeShadow(shadow, size: Fraction(0.25)), .suspendShadow(shadow),
      ])
  }

  @Test("waits before it tries again what was refused")
  mutating func refusal() {
    _ = want(.active(count: 1), at: 0)
    #expect(answer(.refused(.noHostFits), at: 0) == [])
    #expect(want(.active(count: 1), at: 299) == [])
    #expect(want(.active(count: 1), at: 300).count == 1)
  }

  @Test("a standby whose host has no room for a full instance is replaced at once")
  mutating func growthRefused() {
    _ = want(.standby)
    _ = answer(.accepted(shadow))
    _ = answer(.done(shadow))
    _ = want(.active(count: 1))
    _ = answer(.done(shadow))
    #expect(
      answer(.refused(.noHostFits)) == [
        .terminateShadow(shadow),
        .createShadow(vm: vm, size: Fraction(1), thenSuspend: false, avoiding: []),
      ])
  }

  @Test("says the same thing only once")
  mutating func idempotent() {
    _ = want(.active(count: 2))
    #expect(want(.active(count: 2)) == [])
  }
}

@Suite("How many shadows")
struct ShadowsNeededTests {
  @Test(
    "as many as bring every instance's part below the threshold",
    arguments: [
      (0.5, 1.0, 1.0, 0), (1.0, 1.0, 1.0, 0), (1.01, 1.0, 1.0, 1), (2.0, 1.0, 1.0, 1),
      (2.01, 1.0, 1.0, 2), (100, 1.0, 1.0, 4), (0.9, 1.0, 0.8, 1), (1, 0.0, 1.0, 0),
      (Double.infinity, 1.0, 1.0, 4), (Double.nan, 1.0, 1.0, 0),
    ])
  func count(load: Double, capacity: Double, threshold: Double, expected: Int) {
    #expect(
      shadowsNeeded(for: load, capacity: capacity, threshold: threshold, atMost: 4) == expected)
  }
}
