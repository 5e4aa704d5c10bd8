// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Facility
import SimulationKernel
public import Units

/// Names of host states as run files list them.
public enum HostStateNames {
  /// The power states in their declared order, then `failed`.
  public static let all = ServerPowerState.allCases.map(\.rawValue) + ["failed"]

  static func position(_ state: ServerPowerState) -> Int {
    ServerPowerState.allCases.firstIndex(of: state) ?? 0
  }
}

/// The books of a whole run, summed over VMs and hosts in inventory order.
public struct PlantTotals: Sendable {
  /// Simulated time.
  public var duration: SimTime
  /// VMs.
  public var vmCount: Int
  /// Time in which some instance got less than its part of the load, over all VMs.
  public var degradedVmSeconds = 0.0
  /// Time in which load exceeded the primary's capacity.
  public var overloadVmSeconds = 0.0
  /// The part of it that was degraded.
  public var degradedOverloadVmSeconds = 0.0
  /// Time in which no instance served.
  public var downtimeVmSeconds = 0.0
  /// Load offered, in core-seconds.
  public var offeredCoreSeconds = 0.0
  /// Load served, in core-seconds.
  public var servedCoreSeconds = 0.0
  /// Load not served, in core-seconds.
  public var unservedCoreSeconds = 0.0
  /// Load not served because of migrations, in core-seconds.
  public var migrationLossCoreSeconds = 0.0
  /// Energy of all hosts.
  public var hostEnergy = Joules(0)
  /// Part of it that is due to migrations, clones and state sync: what the hosts would have drawn
  /// less without the CPU that they took, and what their model adds.
  public var transferEnergy = Joules(0)
  /// Time hosts were not switched off.
  public var hostOnSeconds = 0.0
  /// Mean over hosts that ran instances of the share of that time with demand at capacity or above.
  public var saturatedShareOfActiveTime = 0.0
  /// Times a host was switched off or sent to sleep.
  public var hostPowerCycles = 0
  /// Time in which all hosts of a rack were off.
  public var rackOffSeconds = 0.0
  /// Degraded time of each VM.
  public var degradedSecondsByVM: [Double]

  /// Relative difference between offered work and served plus unserved work.
  public var workImbalance: Double {
    guard offeredCoreSeconds > 0 else { return 0 }
    return abs(offeredCoreSeconds - servedCoreSeconds - unservedCoreSeconds) / offeredCoreSeconds
  }
}

extension Plant {
  /// The books; call after ``close(at:)``.
  public func totals(at now: SimTime) -> PlantTotals {
    var totals = PlantTotals(
      duration: now, vmCount: vms.count, degradedSecondsByVM: Array(vms.degradedSeconds))
    for vm in 0..<vms.count {
      totals.degradedVmSeconds += vms.degradedSeconds[vm]
      totals.overloadVmSeconds += vms.overloadSeconds[vm]
      totals.degradedOverloadVmSeconds += vms.degradedOverloadSeconds[vm]
      totals.downtimeVmSeconds += vms.downtimeSeconds[vm]
      totals.offeredCoreSeconds += vms.offeredCoreSeconds[vm]
      totals.servedCoreSeconds += vms.servedCoreSeconds[vm]
      totals.unservedCoreSeconds += vms.unservedCoreSeconds[vm]
      totals.migrationLossCoreSeconds += vms.migrationLossCoreSeconds[vm]
    }
    var activeHosts = 0
    for host in 0..<hosts.count {
      totals.hostEnergy += Joules(hosts.energyJoules[host])
      totals.transferEnergy += Joules(hosts.transferJoules[host])
      totals.hostOnSeconds += hosts.onSeconds[host]
      totals.hostPowerCycles += Int(hosts.powerCycles[host])
      if hosts.activeSeconds[host] > 0 {
        activeHosts += 1
        totals.saturatedShareOfActiveTime +=
          hosts.saturatedSeconds[host] / hosts.activeSeconds[host]
      }
    }
    if activeHosts > 0 { totals.saturatedShareOfActiveTime /= Double(activeHosts) }
    totals.rackOffSeconds = rackOffSeconds.reduce(0, +)
    return totals
  }
}
