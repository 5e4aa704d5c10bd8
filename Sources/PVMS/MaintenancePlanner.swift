// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units

/// Empties hosts before their maintenance windows, or says in time that it can't be done.
///
/// A VM is moved at most once for a window, to the least loaded host that has room for it now; a VM
/// for which there is none is reported once and looked at again later, so nothing ping-pongs.
struct MaintenancePlanner: Sendable, Codable {
  @Given private var parameters: PVMSParameters
  @Given private var inventory: Inventory
  private var vmOfCommand: [CommandID: Int] = [:]
  private var isMoving: [Bool]
  private var retryAt: [SimTime]
  /// Whether the present window's "no feasible move" has been said for each host.
  private var reportedUntil: [SimTime]
  private static let retryAfter = SimTime.minutes(15)

  init(parameters: PVMSParameters, inventory: Inventory) {
    self.parameters = parameters
    self.inventory = inventory
    isMoving = [Bool](repeating: false, count: inventory.vms.count)
    retryAt = [SimTime](repeating: .zero, count: inventory.vms.count)
    reportedUntil = [SimTime](repeating: .zero, count: inventory.hosts.count)
  }

  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    guard let vm = vmOfCommand[outcome.id] else { return }
    switch outcome.result {
    case .accepted: return
    case .refused(.concurrencyLimit): retryAt[vm] = outcome.at
    case .done, .refused, .failed: retryAt[vm] = outcome.at + Self.retryAfter
    }
    isMoving[vm] = false
    vmOfCommand[outcome.id] = nil
  }

  /// Windows whose hosts must be empty soon, or are closed now.
  private func relevantWindows(at now: SimTime) -> [Inventory.MaintenanceWindow] {
    inventory.maintenance.filter {
      now >= $0.start - parameters.evacuationLead && now < $0.end
    }
  }

  /// Hosts on which nothing new should be put.
  func hostsToAvoid(at now: SimTime) -> [HostID] {
    relevantWindows(at: now).flatMap(\.hosts)
  }

  mutating func act(at now: SimTime, frame: TelemetryFrame, commands: inout CommandQueue) {
    let windows = relevantWindows(at: now)
    guard !windows.isEmpty else { return }
    let closing = Set(windows.flatMap(\.hosts))
    var usedCores = frame.hostUsedCores
    var freeMemory = frame.hostFreeMemoryBytes
    for vm in inventory.vms.indices {
      let host = frame.hostOfVM[vm]
      guard host >= 0, closing.contains(HostID(host)), !isMoving[vm], now >= retryAt[vm] else {
        continue
      }
      let load = frame.usedCores[vm].isFinite ? frame.usedCores[vm] : 0
      let candidates = inventory.hosts.indices.filter {
        frame.hostIsAvailable[$0] && !closing.contains(HostID($0))
          && freeMemory[$0] >= inventory.vms[vm].memory.value
          && usedCores[$0] + load <= inventory.hosts[$0].cores.value * parameters.targetHostLoad
      }
      guard
        let destination = candidates.min(by: {
          usedCores[$0] / inventory.hosts[$0].cores.value
            < usedCores[$1] / inventory.hosts[$1].cores.value
        })
      else {
        reportImpossible(vm, host: host, windows: windows, at: now, commands: &commands)
        continue
      }
      usedCores[destination] += load
      freeMemory[destination] -= inventory.vms[vm].memory.value
      let id = commands.issue(
        .migrate(VMID(vm), destination: HostID(destination), reason: .maintenance),
        because: .init(forecastCores: load))
      vmOfCommand[id] = vm
      isMoving[vm] = true
    }
  }

  private mutating func reportImpossible(
    _ vm: Int, host: Int, windows: [Inventory.MaintenanceWindow], at now: SimTime,
    commands: inout CommandQueue
  ) {
    retryAt[vm] = now + Self.retryAfter
    guard now >= reportedUntil[host] else { return }
    let end = windows.filter { $0.hosts.contains(HostID(host)) }.map(\.end).max() ?? now
    reportedUntil[host] = end
    commands.issue(
      .raiseAlert(
        Alert(
          kind: .noFeasibleMove, vm: VMID(vm), host: HostID(host),
          reason: """
            no host has room for \(inventory.vms[vm].name), which must leave \
            \(inventory.hosts[host].name) before its maintenance
            """)))
  }
}
