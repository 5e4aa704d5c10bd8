// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import Testing
import Units

private let inventory = Inventory(
  vms: [.init(name: "vm", profile: "test", capacity: Cores(1), memory: .gibibytes(1))],
  hosts: [], racks: [], telemetryInterval: .seconds(15), decisionPeriod: .seconds(60),
  sampleInterval: .minutes(5), typicalShadowLeadTime: .seconds(60))

/// Runs a policy of one VM whose commands are carried out at once; counts its shadows.
private struct OneVM<Policy: ManagementPolicy> {
  var policy: Policy
  private var commands = CommandQueue()
  private(set) var shadows: Set<Int> = []
  private var next = 0

  init(_ policy: Policy) { self.policy = policy }

  mutating func shadowCount(load: Double, at seconds: Int) -> Int {
    var frame = TelemetryFrame(takenAt: .seconds(seconds), vms: 1, hosts: 0, racks: 0)
    frame.offeredCores[0] = load
    policy.observe(frame)
    policy.decide(at: .seconds(seconds), commands: &commands)
    while true {
      let entries = commands.drain()
      if entries.isEmpty { return shadows.count }
      for entry in entries {
        var id: ShadowID?
        switch entry.command {
        case .createShadow:
          id = ShadowID(next)
          shadows.insert(next)
          next += 1
        case .terminateShadow(let shadow): shadows.remove(shadow.number)
        default: break
        }
        policy.receive(
          CommandOutcome(id: entry.id, result: .done(id), at: .seconds(seconds)),
          commands: &commands)
      }
    }
  }
}

@Suite("Scaling policies")
struct ScalingTests {
  /// Kubernetes: desired = ⌈current · metric/target⌉, nothing within 10 %, down after 5 min.
  @Test("threshold autoscaling follows the HPA's rule")
  func horizontalPodAutoscaler() {
    var source = DefaultParameters()
    var stage = OneVM(
      ThresholdAutoscaling(parameters: .init(from: &source), inventory: inventory))
    #expect(stage.shadowCount(load: 0.87, at: 0) == 0)  // 0.87/0.8 is within the tolerance.
    #expect(stage.shadowCount(load: 0.89, at: 15) == 1)  // ⌈1.1125⌉ = 2 instances.
    #expect(stage.shadowCount(load: 2.0, at: 30) == 2)  // ⌈2 · 1/0.8⌉ = 3.
    #expect(stage.shadowCount(load: 0.1, at: 45) == 2)  // The window holds the highest wish.
    #expect(stage.shadowCount(load: 0.1, at: 330) == 2)  // 300 s after the wish for 3.
    #expect(stage.shadowCount(load: 0.1, at: 345) == 0)
  }

  @Test("threshold autoscaling looks at the load each sync only")
  func syncPeriod() {
    var source = DefaultParameters()
    var stage = OneVM(
      ThresholdAutoscaling(parameters: .init(from: &source), inventory: inventory))
    #expect(stage.shadowCount(load: 0.1, at: 0) == 0)
    #expect(stage.shadowCount(load: 3, at: 10) == 0)
    #expect(stage.shadowCount(load: 3, at: 15) == 3)
  }

  @Test("delay-off: added at once, each one gone when not needed for the waiting time")
  func delayOff() {
    var source = DefaultParameters()
    var stage = OneVM(DelayOff(parameters: .init(from: &source), inventory: inventory))
    #expect(stage.shadowCount(load: 2.5, at: 0) == 2)
    #expect(stage.shadowCount(load: 1.5, at: 60) == 2)
    #expect(stage.shadowCount(load: 0.5, at: 119) == 2)
    #expect(stage.shadowCount(load: 0.5, at: 120) == 1)
    #expect(stage.shadowCount(load: 0.5, at: 179) == 1)
    #expect(stage.shadowCount(load: 0.5, at: 180) == 0)
  }

  /// With weights ½ⁿ the newest sample has more than half of all weight, so it is the median.
  @Test("the fading percentile in closed form", arguments: [(50.0, 1.0), (100, 9), (75, 5)])
  func fading(percentile: Double, expected: Double) {
    #expect(fadingPercentile([9, 5, 1], percentile, fading: 0.5) == expected)
  }

  @Test("moving window: constant load L gets 1.15 · L, after a peak capacity decays")
  func movingWindow() {
    var source = DefaultParameters()
    var parameters = MovingWindowScaling.Parameters(from: &source)
    parameters.halfLife = .minutes(5)
    var policy = MovingWindowScaling(parameters: parameters, inventory: inventory)
    var commands = CommandQueue()
    func capacity(_ load: Double, _ minute: Int) -> Double? {
      var frame = TelemetryFrame(takenAt: .minutes(minute), vms: 1, hosts: 0, racks: 0)
      frame.offeredCores[0] = load
      policy.observe(frame)
      policy.decide(at: .minutes(minute), commands: &commands)
      let entries = commands.drain()
      for entry in entries {
        policy.receive(
          CommandOutcome(id: entry.id, result: .done(nil), at: .minutes(minute)),
          commands: &commands)
      }
      guard case .resizePrimary(_, let cores)? = entries.first?.command else { return nil }
      return cores.value
    }
    #expect(capacity(2, 0) == 2 * 1.15)
    #expect(capacity(2, 5) == nil)
    // The peaks have ¾, ⅜·…: with four later samples they hold less than 5 % of the weight.
    var last: Double?
    for minute in stride(from: 10, through: 60, by: 5) {
      if let changed = capacity(1, minute) { last = changed }
    }
    #expect(last == 1.15)
  }
}
