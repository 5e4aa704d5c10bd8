// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ConsolidationParts
import ControlPlane
import Testing
import Units

/// Three equal hosts of 10 cores, VMs of 10 cores at most.
private struct Stage {
  var policy: Consolidation
  var commands = CommandQueue()
  var frame: TelemetryFrame
  private var minute = 0

  init(loads: [Double], hosts: [Int], _ adjust: (inout ConsolidationParameters) -> Void = { _ in })
  {
    var source = DefaultParameters()
    var parameters = ConsolidationParameters(from: &source)
    adjust(&parameters)
    let inventory = Inventory(
      vms: loads.indices.map {
        .init(
          name: "vm\($0)", profile: "test", capacity: Cores(10), memory: .gibibytes(Double(1 + $0)))
      },
      hosts: (0..<3).map {
        .init(
          name: "h\($0)", rack: RackID(0), cores: Cores(10), memory: .gibibytes(64),
          bootTime: .seconds(60))
      },
      racks: [.init(name: "r", hosts: (0..<3).map { HostID($0) })],
      telemetryInterval: .seconds(15), decisionPeriod: .seconds(60), sampleInterval: .minutes(5),
      typicalShadowLeadTime: .seconds(60))
    policy = Consolidation(parameters: parameters, inventory: inventory)
    frame = TelemetryFrame(takenAt: .zero, vms: loads.count, hosts: 3, racks: 1)
    frame.offeredCores = loads
    frame.hostOfVM = hosts
    frame.hostIsAvailable = [true, true, true]
    frame.hostFreeMemoryBytes = [64e9, 64e9, 64e9]
  }

  /// Shows the frame and asks for a decision, five minutes after the last one.
  mutating func decide() -> [CommandQueue.Entry] {
    policy.observe(frame)
    policy.decide(at: .minutes(minute), commands: &commands)
    minute += 5
    return commands.drain()
  }

  mutating func finish(_ entry: CommandQueue.Entry) -> [Command] {
    if case .migrate(let vm, let host, _) = entry.command, let host {
      frame.hostOfVM[vm.index] = host.index
    }
    if case .powerHost(let host, let target) = entry.command {
      frame.hostIsAvailable[host.index] = target == .on
    }
    policy.receive(
      CommandOutcome(id: entry.id, result: .done(nil), at: .minutes(minute)), commands: &commands)
    return commands.drain().map(\.command)
  }
}

@Suite("Consolidation")
struct ConsolidationTests {
  @Test("two half-empty hosts become one; the empty ones are switched off, and on again on need")
  func fullCircle() {
    var stage = Stage(loads: [2, 3], hosts: [0, 1])
    var orders = stage.decide()
    #expect(
      orders.map(\.command) == [
        .migrate(VMID(0), destination: HostID(1), reason: .consolidation),
        .powerHost(HostID(2), .off),
      ])
    for order in orders { #expect(stage.finish(order).isEmpty) }
    orders = stage.decide()
    #expect(orders.map(\.command) == [.powerHost(HostID(0), .off)])
    _ = stage.finish(orders[0])
    #expect(stage.decide().isEmpty)
    // Overload: the VM with the least memory goes to a host that has to boot first.
    stage.frame.offeredCores = [6, 4]
    orders = stage.decide()
    #expect(orders.map(\.command) == [.powerHost(HostID(0), .on)])
    #expect(
      stage.finish(orders[0]) == [.migrate(VMID(0), destination: HostID(0), reason: .hotSpot)])
  }

  @Test("a move that was refused for want of a slot is tried again")
  func retry() {
    var stage = Stage(loads: [2, 3], hosts: [0, 1]) { $0.switchesOff = false }
    let orders = stage.decide()
    #expect(orders.count == 1)
    stage.policy.receive(
      CommandOutcome(id: orders[0].id, result: .refused(.concurrencyLimit), at: .zero),
      commands: &stage.commands)
    #expect(stage.decide().map(\.command) == orders.map(\.command))
  }

  @Test("hosts that are not available and were not switched off receive nothing")
  func closedHosts() {
    var stage = Stage(loads: [2, 3], hosts: [0, 1]) { $0.switchesOff = false }
    stage.frame.hostIsAvailable = [true, false, false]
    #expect(stage.decide().isEmpty)
  }
}
