// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import PVMS
import Testing
import Units

/// Where PVMS puts things, and where not.
@Suite("Limits of racks and hosts")
struct PlacementLimitTests {
  /// Host 0 is too full by its neighbours; hosts 1 to 3 are empty.
  private func crowded(
    next: Double = 0, _ adjust: (inout PVMSParameters) -> Void = { _ in }
  ) -> HandMadeCenter {
    let loads = [Double](repeating: 0.95, count: 10)
    return HandMadeCenter(
      hosts: 4, hostOfVM: [Int](repeating: 0, count: 10), loads: loads
    ) { inventory in
      let forecast = FixedForecast(means: loads, next: next)
      return PVMS(
        parameters: parameters(adjust), inventory: inventory, forecaster: forecast, risk: forecast)
    }
  }

  private func targets(_ center: HandMadeCenter) -> Set<Int> {
    Set(
      center.orders.compactMap {
        guard case .migrate(_, let host?, .hotSpot) = $0 else { return nil }
        return host.index
      })
  }

  @Test("a full host is relieved by moving a VM: no VM is over its capacity, so no shadow is made")
  func migrationInsteadOfShadow() {
    var center = crowded()
    center.run(from: .seconds(15), minutes: 3)
    #expect(!targets(center).isEmpty)
    #expect(!center.orders.contains { if case .createShadow = $0 { true } else { false } })
    // 9.5 cores on ten at 0.9: one VM is enough, and none is moved twice.
    #expect(center.hostOfVM.count { $0 == 0 } == 9)
  }

  @Test("a VM over its own capacity gets a shadow, whatever its host")
  func shadowInsteadOfMigration() {
    var center = HandMadeCenter(hosts: 4, hostOfVM: [0], loads: [0.5]) { inventory in
      let forecast = FixedForecast(means: [1.5], next: 1)
      return PVMS(
        parameters: parameters(), inventory: inventory, forecaster: forecast, risk: forecast)
    }
    center.run(from: .seconds(15), minutes: 3)
    #expect(targets(center).isEmpty)
    #expect(center.orders.contains { if case .createShadow = $0 { true } else { false } })
  }

  @Test("nothing is moved into a rack whose inlet is too warm", arguments: [26.0, 27.5])
  func inletTemperature(celsius: Double) {
    var center = crowded()
    center.inletCelsius = [22, celsius, celsius, 22]
    // The only cool rack is a bit fuller than the others, which would be preferred.
    center.hostOfVM[0] = 3
    center.loads = center.loads.map { $0 * 1.06 }
    center.run(from: .seconds(15), minutes: 3)
    #expect(targets(center) == (celsius > 27 ? [3] : [1]))
  }

  @Test("nothing is moved into a rack that would draw more than it may")
  func rackPower() {
    var center = crowded { $0.power.rackPowerLimitWatts = 205 }
    // A move adds about 9.5 W to a rack.
    center.rackWatts = [200, 200, 196, 190]
    center.run(from: .seconds(15), minutes: 1)
    #expect(targets(center) == [3])
  }

  @Test("a shadow keeps away from hot racks and from racks at their power limit")
  func shadows() {
    var center = HandMadeCenter(hosts: 4, hostOfVM: [0], loads: [0.5]) { inventory in
      let forecast = FixedForecast(means: [1.5], next: 1)
      return PVMS(
        parameters: parameters { $0.power.rackPowerLimitWatts = 500 }, inventory: inventory,
        forecaster: forecast, risk: forecast)
    }
    center.inletCelsius[1] = 30
    center.rackWatts[2] = 500
    center.run(from: .seconds(15), minutes: 1)
    let avoided = center.orders.compactMap { order -> [HostID]? in
      guard case .createShadow(_, _, _, let avoided) = order else { return nil }
      return avoided
    }
    #expect(avoided.first == [HostID(1), HostID(2)])
  }

  // MARK: Suspend or terminate

  @Test(
    "a shadow that the hour does not need is suspended if tomorrow looks bad, else terminated",
    arguments: [false, true])
  func dayForecast(isTomorrowBad: Bool) {
    var center = HandMadeCenter(hosts: 4, hostOfVM: [0], loads: [0.5]) { inventory in
      oneSpike(
        parameters: parameters(), inventory: inventory, tomorrow: isTomorrowBad ? 2 : 0.5)
    }
    center.run(from: .seconds(15), minutes: 30)
    let isSuspended = center.orders.contains {
      if case .suspendShadow = $0 { true } else { false }
    }
    let isTerminated = center.orders.contains {
      if case .terminateShadow = $0 { true } else { false }
    }
    #expect(isSuspended == isTomorrowBad)
    #expect(isTerminated == !isTomorrowBad)
    // The dwell time ends, whatever tomorrow brings.
    center.run(from: .minutes(31), minutes: 40)
    #expect(center.orders.contains { if case .terminateShadow = $0 { true } else { false } })
  }

  /// PVMS whose models say that the first intervals are bad and all others good.
  private func oneSpike(
    parameters: PVMSParameters, inventory: Inventory, tomorrow: Double
  ) -> PVMS {
    let spike = SpikeForecast(tomorrow: tomorrow)
    return PVMS(parameters: parameters, inventory: inventory, forecaster: spike, risk: spike)
  }
}
