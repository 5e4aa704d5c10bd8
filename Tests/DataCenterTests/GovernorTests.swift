// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Facility
import SimulationKernel
import Testing
import Units

/// Sums of a few thousand intervals of one second and more.
private let sumTolerance = 1e-9

/// What a governor saves and costs in the plant.
@Suite("Governors in the plant")
struct GovernorTests {
  /// A host of four cores (100…200 W) with one VM of two cores, an hour for each load.
  private func totals(
    _ governor: DVFSGovernor, loads: [Double],
    change: @escaping (inout PlantSpec) -> Void = { _ in }
  ) throws -> PlantTotals {
    var fixture = PlantFixture()
    fixture.hosts = [.init(cores: 4, idle: Watts(100), busy: Watts(200))]
    fixture.vms = [.init(capacity: Cores(2), load: loads)]
    fixture.duration = .hours(loads.count)
    fixture.adjust = {
      $0.dataCenter.dvfs = FrequencyScaling(
        governor: governor, steps: FrequencySteps(speeds: [1, 0.75, 0.5], exponent: 2))
      change(&$0)
    }
    var simulator = try fixture.simulator()
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    return simulator.model.totals(at: simulator.now)
  }

  /// Two cores of work for a VM whose cores run at half speed: half is done. The host uses one of
  /// the two cores' worth that it has at that step: `100 + 100·(1/2)·0.5² = 112.5 W`.
  @Test("powersave does half the work of a busy VM, at a lower power")
  func powersave() throws {
    let slow = try totals(.powersave, loads: [2])
    #expect(abs(slow.unservedCoreSeconds - 3600) < sumTolerance * 3600)
    #expect(abs(slow.hostEnergy.value - 112.5 * 3600) < sumTolerance * 112.5 * 3600)
    let fast = try totals(.performance, loads: [2])
    #expect(fast.unservedCoreSeconds == 0)
    #expect(fast.hostEnergy.value == 150 * 3600)
  }

  /// The VM's cores are 0.875, 0.5625 and 0.3125 busy; with a headroom of 1.25 the steps are 1, 0.75, 0.5:
  /// `100 + 100·(load/4/s)·s² = 100 + 25·load·s` watts.
  @Test("schedutil follows the load and loses no work")
  func schedutil() throws {
    let loads = [1.75, 1.125, 0.625, 1.75]
    let totals = try totals(.schedutil(headroom: 1.25), loads: loads)
    #expect(totals.unservedCoreSeconds == 0)
    let watts = zip(loads, [1, 0.75, 0.5, 1]).map { 100 + 25 * $0 * $1 }
    let expected = watts.reduce(0, +) * 3600
    #expect(abs(totals.hostEnergy.value - expected) < sumTolerance * expected)
  }

  /// 0.34 of the fastest clock and 0.69 of the slowest are both between the thresholds.
  @Test("conservative stays between its thresholds, and depends on where it came from")
  func conservative() throws {
    let governor = DVFSGovernor.conservative(up: 0.8, down: 0.2)
    let fromBelow = try totals(governor, loads: [0.25, 0.6875])
    let fromAbove = try totals(governor, loads: [1.75, 0.6875])
    let slow = (100 + 25 * 0.25 * 0.5 + 100 + 25 * 0.6875 * 0.5) * 3600
    let fast = (100 + 25 * 1.75 + 100 + 25 * 0.6875) * 3600
    #expect(abs(fromBelow.hostEnergy.value - slow) < sumTolerance * slow)
    #expect(abs(fromAbove.hostEnergy.value - fast) < sumTolerance * fast)
    #expect(fromBelow.unservedCoreSeconds == 0)
  }

  @Test("ondemand never does less work, and never draws more than performance")
  func ondemand() throws {
    let loads = [0.1, 1.9, 0.5, 1.2, 2, 0.8]
    let saving = try totals(.ondemand(threshold: 0.8), loads: loads)
    let fastest = try totals(.performance, loads: loads)
    #expect(saving.unservedCoreSeconds == 0)
    #expect(saving.hostEnergy < fastest.hostEnergy)
  }

  /// A budget of 125 W leaves a quarter of the curve; the governor asks for all, and gets that.
  @Test("firmware's limit is above the governor's wish")
  func capped() throws {
    let cut: (inout PlantSpec) -> Void = {
      $0.facility.distribution.rackCaps = [
        .init(start: .zero, end: .hours(2), power: Watts(125))
      ]
    }
    let governed = try totals(.schedutil(headroom: 1.25), loads: [2, 2], change: cut)
    let plain = try totals(.performance, loads: [2, 2], change: cut)
    #expect(governed.unservedCoreSeconds == plain.unservedCoreSeconds)
    #expect(plain.unservedCoreSeconds > 0)
  }
}
