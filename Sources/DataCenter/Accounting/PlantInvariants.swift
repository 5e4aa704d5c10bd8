// SPDX-License-Identifier: Apache-2.0
import ControlPlane

extension Plant {
  /// What must hold after every event, in words where it does not; for tests and debugging.
  ///
  /// Memory is never oversold, traffic shares of a VM sum to 1, only shadows that are ready, active
  /// or draining have a share, every primary is on exactly one running host or down, and no link
  /// carries more than it can.
  public func brokenInvariants() -> [String] {
    var broken: [String] = []
    for host in 0..<hosts.count { broken += brokenInvariants(ofHost: host) }
    for vm in 0..<vms.count { broken += brokenInvariants(ofVM: vm) }
    return broken + network.brokenInvariants()
  }

  /// Sums of reservations pass through many additions; a byte is far below any instance.
  private static var byteTolerance: Double { 1 }

  private func brokenInvariants(ofHost host: Int) -> [String] {
    var broken: [String] = []
    let name = inventory.hosts[host].name
    if hosts.reservedMemoryBytes[host] > hosts.memoryBytes[host] + Self.byteTolerance {
      broken.append("\(name): memory oversold by \(hosts.reservedMemoryBytes[host])")
    }
    var held = 0.0
    for slot in hosts.instances[host] {
      held += instances.memoryBytes[Int(slot)]
      if Int(instances.host[Int(slot)]) != host {
        broken.append("\(name): lists an instance that is elsewhere")
      }
    }
    for case let migration? in migrations.entries
    where migration.destination == host && !migration.hasMoved {
      held += migration.memory
    }
    if abs(held - hosts.reservedMemoryBytes[host]) > Self.byteTolerance {
      broken.append("\(name): reserves \(hosts.reservedMemoryBytes[host]) B for \(held) B")
    }
    var promised = 0.0
    for slot in hosts.instances[host] {
      promised += instances.sizeCores[Int(slot)]
      if Int(slot) >= instances.primaryCount { promised += shadows.pendingCores[Int(slot)] }
    }
    for case let migration? in migrations.entries
    where migration.destination == host && !migration.hasMoved {
      promised += migration.cores
    }
    if abs(promised - hosts.reservedCores[host]) > 1e-9 {
      broken.append("\(name): promises \(hosts.reservedCores[host]) cores for \(promised)")
    }
    if hosts.grantedCores[host] > hosts.capacityCores[host] * (1 + 1e-9) {
      broken.append("\(name): grants more CPU than it has")
    }
    return broken
  }

  private func brokenInvariants(ofVM vm: Int) -> [String] {
    var broken: [String] = []
    let name = inventory.vms[vm].name
    var shares = instances.share[vm] + vms.lostShare[vm]
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      shares += instances.share[slot]
      switch shadows.state[slot] {
      case .ready, .active, .draining: break
      default:
        if instances.share[slot] != 0 {
          broken.append("\(name): traffic on a shadow in state \(shadows.state[slot])")
        }
      }
      if Int(instances.host[slot]) == Int(instances.host[vm]), vms.migration[vm] < 0 {
        broken.append("\(name): shadow beside its primary")
      }
      slot = Int(instances.nextShadow[slot])
    }
    if abs(shares - 1) > 1e-9 { broken.append("\(name): shares sum to \(shares)") }
    let host = Int(instances.host[vm])
    if host >= 0, !vms.isDown[vm], !hosts.isServing(host) {
      broken.append("\(name): runs on a host that does not")
    }
    if !vms.isDown[vm], instances.host[vm] < 0 { broken.append("\(name): up without a host") }
    if !vms.isDown[vm], listings(of: vm) != 1 {
      broken.append("\(name): on \(listings(of: vm)) hosts")
    }
    return broken
  }

  /// How often hosts list an instance.
  private func listings(of slot: Int) -> Int {
    hosts.instances.reduce(0) { $0 + $1.count { $0 == Int32(slot) } }
  }
}
