// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import Testing
import Units

@Suite("Baseline policies")
struct BaselinePolicyTests {
  private func inventory(vms: Int) -> Inventory {
    Inventory(
      vms: (0..<vms).map {
        .init(name: "vm\($0)", profile: "test", capacity: Cores(1), memory: .gibibytes(1))
      }, hosts: [], racks: [], telemetryInterval: .seconds(15), decisionPeriod: .seconds(60),
      sampleInterval: .minutes(5), typicalShadowLeadTime: .seconds(60))
  }

  private func frame(_ load: Double, at seconds: Int) -> TelemetryFrame {
    var frame = TelemetryFrame(takenAt: .seconds(seconds), vms: 1, hosts: 0, racks: 0)
    frame.offeredCores[0] = load
    return frame
  }

  @Test("reactive: a shadow while load is high, and for the hold-off after")
  func holdOff() {
    var source = DefaultParameters()
    var parameters = ReactiveShadowing.Parameters(from: &source)
    parameters.holdOff = .minutes(10)
    var policy = ReactiveShadowing(parameters: parameters, inventory: inventory(vms: 1))
    var commands = CommandQueue()
    func decide(_ load: Double, _ minutes: Int) -> [Command] {
      policy.observe(frame(load, at: minutes * 60))
      policy.decide(at: .minutes(minutes), commands: &commands)
      let entries = commands.drain()
      for entry in entries {
        policy.receive(
          CommandOutcome(id: entry.id, result: .done(ShadowID(0)), at: .minutes(minutes)),
          commands: &commands)
      }
      return entries.map(\.command)
    }
    #expect(decide(0.9, 0) == [])
    #expect(decide(1.5, 1).count == 1)
    #expect(decide(0.5, 2) == [.shiftTraffic(ShadowID(0), share: Fraction(0.5))])
    #expect(decide(0.5, 10) == [])
    #expect(decide(0.5, 11) == [.shiftTraffic(ShadowID(0), share: Fraction(0))])
  }

  @Test("reactive: telemetry that is missing changes nothing")
  func missing() {
    var source = DefaultParameters()
    var policy = ReactiveShadowing(
      parameters: .init(from: &source), inventory: inventory(vms: 1))
    var commands = CommandQueue()
    policy.observe(frame(.nan, at: 0))
    policy.decide(at: .zero, commands: &commands)
    #expect(commands.drain().isEmpty)
  }

  /// numpy.percentile([1, 2, 4, 8], [95, 50]) = [7.4, 3.0] (default method "linear").
  @Test("static: the percentile of each VM's demand", arguments: [(95.0, 7.4), (50, 3), (100, 8)])
  func staticSizing(percentile: Double, expected: Double) {
    let policy = StaticSizing(demand: [8, 4, 2, 1], percentile: percentile, vmCount: 1)
    let capacity = policy.initialCapacities(sizing: [Cores(0.1)])[0].value
    #expect(abs(capacity - expected) < 1e-12)
  }

  @Test("static: never smaller than the scenario's sizing")
  func staticFloor() {
    let policy = StaticSizing(demand: [1, 1], percentile: 100, vmCount: 2)
    #expect(policy.initialCapacities(sizing: [Cores(3), Cores(0.5)]) == [Cores(3), Cores(1)])
  }
}
