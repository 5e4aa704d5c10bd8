// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import PVMS
import Testing
import Units

/// Windows in which hosts must be empty.
@Suite("Maintenance in PVMS's plans")
struct MaintenanceTests {
  /// Twelve VMs on three hosts of ten cores; two hosts are enough for them.
  private func center(hasWindow: Bool) -> HandMadeCenter {
    let loads = [Double](repeating: 0.9, count: 12)
    let window = Inventory.MaintenanceWindow(
      hosts: [HostID(1)], start: .minutes(60), end: .minutes(120))
    return HandMadeCenter(
      hosts: 3, hostOfVM: loads.indices.map { $0 % 3 }, loads: loads,
      maintenance: hasWindow ? [window] : []
    ) { inventory in
      let forecast = FixedForecast(means: loads)
      let knobs = parameters {
        $0.power.mode = .predictive
        $0.power.spareHosts = 0
      }
      return PVMS(
        parameters: knobs, inventory: inventory, forecaster: forecast, risk: forecast)
    }
  }

  private func hostsTurnedOff(_ center: HandMadeCenter) -> [HostID] {
    center.orders.compactMap { order in
      guard case .powerHost(let host, .off) = order else { return nil }
      return host
    }
  }

  @Test("power plans don't count a host that is about to be maintained", arguments: [false, true])
  func power(hasWindow: Bool) {
    var center = center(hasWindow: hasWindow)
    center.run(from: .seconds(15), minutes: 59)
    #expect(hostsTurnedOff(center).count == (hasWindow ? 0 : 1))
  }

  @Test("the host is empty before its window, and nothing is put there until it ends")
  func emptied() {
    var center = center(hasWindow: true)
    center.run(from: .seconds(15), minutes: 59)
    #expect(!center.hostOfVM.contains(1))
    center.run(from: .minutes(60), minutes: 59)
    #expect(!center.hostOfVM.contains(1))
    let targets = center.orders.compactMap { order -> HostID? in
      guard case .migrate(_, let host, let reason) = order else { return nil }
      #expect(reason == .maintenance)
      return host
    }
    #expect(targets.count == 4)
  }

  @Test("a shadow is not made on a host that is about to be maintained")
  func shadows() {
    var center = HandMadeCenter(
      hosts: 3, hostOfVM: [0], loads: [0.5],
      maintenance: [.init(hosts: [HostID(2)], start: .minutes(60), end: .minutes(120))]
    ) { inventory in
      let forecast = FixedForecast(means: [1.5], next: 1)
      return PVMS(
        parameters: parameters(), inventory: inventory, forecaster: forecast, risk: forecast)
    }
    center.run(from: .seconds(15), minutes: 2)
    let avoided = center.orders.compactMap { order -> [HostID]? in
      guard case .createShadow(_, _, _, let hosts) = order else { return nil }
      return hosts
    }
    #expect(avoided == [[HostID(2)]])
  }
}
