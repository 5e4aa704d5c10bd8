// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import Testing
import Units

@Suite("Rebalancing")
struct RebalancingTests {
  private func orders(
    loads: [Double], hosts: [Int], free: [Double] = [64e9, 64e9, 64e9],
    _ adjust: (inout Rebalancing.Parameters) -> Void = { _ in }
  ) -> [Command] {
    var source = DefaultParameters()
    var parameters = Rebalancing.Parameters(from: &source)
    adjust(&parameters)
    let inventory = Inventory(
      vms: loads.indices.map {
        .init(name: "vm\($0)", profile: "test", capacity: Cores(10), memory: .gibibytes(1))
      },
      hosts: (0..<3).map {
        .init(
          name: "h\($0)", rack: RackID(0), cores: Cores(10), memory: .gibibytes(64),
          bootTime: .seconds(60))
      },
      racks: [], telemetryInterval: .seconds(15), decisionPeriod: .seconds(60),
      sampleInterval: .minutes(5), typicalShadowLeadTime: .seconds(60))
    var policy = Rebalancing(parameters: parameters, inventory: inventory)
    var frame = TelemetryFrame(takenAt: .zero, vms: loads.count, hosts: 3, racks: 0)
    frame.offeredCores = loads
    frame.hostOfVM = hosts
    frame.hostIsAvailable = [true, true, true]
    frame.hostFreeMemoryBytes = free
    policy.observe(frame)
    var commands = CommandQueue()
    policy.decide(at: .zero, commands: &commands)
    return commands.drain().map(\.command)
  }

  private func move(_ vm: Int, _ host: Int) -> Command {
    .migrate(VMID(vm), destination: HostID(host), reason: .hotSpot)
  }

  /// Loads 9, 3, 0 of 10. The move of 4 gives 5, 3, 4 (σ = 0.0816), of 3: 6, 3, 3 (0.1414).
  @Test("the move that lowers the imbalance most, until it is below the target")
  func hillClimbing() {
    #expect(orders(loads: [4, 3, 2, 3], hosts: [0, 0, 0, 1]) == [move(0, 2)])
  }

  @Test("a target of 0 goes on as long as a move gains enough")
  func everyGain() {
    // 5, 3, 4 cannot be improved: the least VM of the fullest host is 2.
    #expect(
      orders(loads: [4, 3, 2, 3], hosts: [0, 0, 0, 1]) { $0.target = 0 } == [move(0, 2)])
    // 6, 0, 0 → 4, 2, 0 → 2, 2, 2.
    #expect(
      orders(loads: [2, 2, 2], hosts: [0, 0, 0]) { $0.target = 0 } == [move(0, 1), move(1, 2)])
  }

  @Test("a balanced cluster is left alone; no move to a host without memory")
  func nothing() {
    #expect(orders(loads: [4, 4, 4], hosts: [0, 1, 2]).isEmpty)
    #expect(orders(loads: [4, 4], hosts: [0, 0], free: [64e9, 64e9, 0]) == [move(0, 1)])
  }
}
