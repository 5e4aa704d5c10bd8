// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units

/// Hosts as they will be when every order given so far has been carried out, and where there is
/// room on them. Made anew for each decision from the newest frame.
struct HostPacking: Sendable {
  /// Expected load of each host in cores.
  private(set) var loadCores: [Double]
  private(set) var freeMemory: [Double]
  /// Expected power of each rack in watts.
  private(set) var rackWatts: [Double]
  private let inventory: Inventory
  private let limits: PackingLimits
  private let isOpen: [Bool]
  private let inletCelsius: [Double]

  /// What a host and a rack may be filled to.
  struct PackingLimits: Sendable {
    var hostLoad: Double
    var rackWatts: Double
    var inletCelsius: Double
  }

  /// Hosts as `frame` shows them, with `expectedCores` as the load of each VM to plan with; only
  /// hosts that are `isOpen` take anything.
  init(
    inventory: Inventory, frame: TelemetryFrame, expectedCores: [Double], limits: PackingLimits,
    isOpen: [Bool]
  ) {
    self.inventory = inventory
    self.limits = limits
    self.isOpen = isOpen
    inletCelsius = frame.rackInletCelsius
    freeMemory = frame.hostFreeMemoryBytes
    rackWatts = frame.rackPowerWatts.map { $0.isFinite ? $0 : 0 }
    var primaries = [Double](repeating: 0, count: inventory.hosts.count)
    for (vm, host) in frame.hostOfVM.enumerated() where host >= 0 {
      primaries[host] += expectedCores[vm]
    }
    // Shadows count in what is measured only.
    loadCores = primaries.indices.map { host in
      let used = frame.hostUsedCores[host]
      return max(primaries[host], used.isFinite ? used : 0)
    }
  }

  /// Expected load of a host over what it may carry.
  func fill(of host: Int) -> Double {
    loadCores[host] / (inventory.hosts[host].cores.value * limits.hostLoad)
  }

  /// The host on which a VM with that expected load fits: the fullest if it is to be tight, the
  /// emptiest otherwise; nil when no host but `source` has room within its own limits and those of
  /// its rack.
  func destination(of vm: Int, cores: Double, isTight: Bool, avoiding source: Int) -> Int? {
    var best: Int?
    for host in inventory.hosts.indices where isOpen[host] && host != source {
      guard freeMemory[host] >= inventory.vms[vm].memory.value,
        loadCores[host] + cores <= inventory.hosts[host].cores.value * limits.hostLoad,
        isRackFit(inventory.hosts[host].rack.index, adding: watts(of: cores, on: host))
      else { continue }
      guard let known = best else {
        best = host
        continue
      }
      if isTight ? fill(of: host) > fill(of: known) : fill(of: host) < fill(of: known) {
        best = host
      }
    }
    return best
  }

  /// Counts a VM as moved.
  mutating func move(_ vm: Int, cores: Double, from source: Int, to target: Int) {
    loadCores[source] -= cores
    loadCores[target] += cores
    freeMemory[target] -= inventory.vms[vm].memory.value
    rackWatts[inventory.hosts[target].rack.index] += watts(of: cores, on: target)
  }

  private func isRackFit(_ rack: Int, adding watts: Double) -> Bool {
    // A rack whose temperature nobody reports is taken to be cool.
    !(inletCelsius[rack] > limits.inletCelsius)
      && (limits.rackWatts <= 0 || rackWatts[rack] + watts <= limits.rackWatts)
  }

  /// Power that a load adds to a host, from the straight line between idle and peak.
  private func watts(of cores: Double, on host: Int) -> Double {
    let curve = inventory.hosts[host].powerWatts
    guard let idle = curve.first, let peak = curve.last else { return 0 }
    return (peak - idle) * cores / inventory.hosts[host].cores.value
  }
}
