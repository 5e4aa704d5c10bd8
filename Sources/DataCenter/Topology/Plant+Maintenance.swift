// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import SimulationKernel
import Units

// A window closes its hosts to new instances from its start to its end. Emptying them beforehand is
// the policy's work; instances still there at the start go on running and are reported.
extension Plant {
  mutating func beginMaintenance(_ window: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    for host in inventory.maintenance[window].hosts.map(\.index) {
      hosts.inMaintenance[host] = true
      log.append(
        LogRecord(
          time: now, kind: .maintenanceBegins, host: HostID(host),
          value: Double(hosts.instances[host].count),
          detail: hosts.instances[host].isEmpty ? "empty" : "instances still on the host"))
      if !hosts.instances[host].isEmpty { maintenanceConflicts += 1 }
    }
    schedule(.maintenanceEnds(Int32(window)), at: inventory.maintenance[window].end, &scheduler)
    requestTelemetry(&scheduler)
  }

  mutating func endMaintenance(_ window: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    for host in inventory.maintenance[window].hosts.map(\.index) {
      // Windows may overlap: the host is free when the last of them has ended.
      hosts.inMaintenance[host] = inventory.maintenance.enumerated().contains {
        $0.offset != window && $0.element.hosts.contains(HostID(host))
          && $0.element.start <= scheduler.now && $0.element.end > scheduler.now
      }
      log.append(LogRecord(time: scheduler.now, kind: .maintenanceEnds, host: HostID(host)))
    }
    requestTelemetry(&scheduler)
  }
}
