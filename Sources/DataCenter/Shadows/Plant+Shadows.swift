// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import ShadowModels
import SimulationKernel
import Units

// The life of a shadow: ordered, provisioned, synced, given traffic, drained, kept or given up.
//
//   create ─ provisioning ─ standby ─┬─ syncing ─ ready ⇄ active ─ draining ─ ready
//                                    └─ suspended ─ resuming ─ syncing ─ ready
//   any of them ─ terminating ─ terminated
//
// Memory is held from the order on (a host is never oversold); CPU is promised for the size held
// and used only as load arrives.
extension Plant {
  /// Starts making a shadow; returns why not, if it can't.
  mutating func createShadow(
    _ entry: CommandQueue.Entry, vm: Int, size: Double, suspendsNext: Bool, avoiding: [HostID],
    _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let now = scheduler.now
    let request = PlacementRequest(
      cores: vms.capacityCores[vm] * size, memoryBytes: vms.memoryBytes[vm],
      avoiding: avoiding.map(\.index) + hostsOfInstances(of: vm))
    // Without its primary there is no state to make a shadow of.
    guard !vms.isDown[vm] || vms.isMigrating[vm] else { return .refused(.wrongState) }
    guard let host = placement.host(for: request, in: hosts) else { return .refused(.noHostFits) }
    let slot = instances.addShadow(of: vm)
    shadows.grow(to: instances.slotCount)
    shadows.begin(
      slot, size: size, suspendsNext: suspendsNext, command: entry.id, at: now)
    place(slot, on: host, cores: request.cores, memory: request.memoryBytes, at: now)
    shadowBooks.created += 1
    record(.shadowOrdered, slot: slot, at: now, value: size, rationale: entry.rationale)
    startStep(.provision, of: slot, &scheduler)
    return .accepted(shadowID(slot))
  }

  /// Hosts on which the VM already has an instance: a shadow must not die with its primary.
  private func hostsOfInstances(of vm: Int) -> [Int] {
    let present = instanceHosts(of: vm).filter { $0 >= 0 }
    guard vms.migration[vm] >= 0 else { return present }
    return present + [migrations[Int(vms.migration[vm])].map(\.destination) ?? -1]
  }

  func shadowID(_ slot: Int) -> ShadowID { ShadowID(Int(instances.shadowNumber[slot])) }

  // MARK: Orders to an existing shadow

  mutating func resumeShadow(
    _ slot: Int, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    switch shadows.state[slot] {
    case .ready, .active: return .done(shadowID(slot))
    case .suspended:
      cancelStep(slot, &scheduler)
      shadows.command[slot] = command
      shadows.orderedAt[slot] = scheduler.now
      shadows.retries[slot] = 0
      enter(.resuming, slot, at: scheduler.now)
      startStep(.resume, of: slot, &scheduler)
      return .accepted(shadowID(slot))
    case .provisioning, .standby:
      // Not suspended yet: simply don't suspend.
      guard shadows.suspendsNext[slot] else { return .accepted(shadowID(slot)) }
      shadows.suspendsNext[slot] = false
      shadows.command[slot] = command
      shadows.orderedAt[slot] = scheduler.now
      if shadows.state[slot] == .standby {
        cancelStep(slot, &scheduler)
        enter(.syncing, slot, at: scheduler.now)
        startStep(.sync, of: slot, &scheduler)
      }
      return .accepted(shadowID(slot))
    case .syncing, .resuming:
      shadows.command[slot] = command
      return .accepted(shadowID(slot))
    case .draining, .terminating, .terminated: return .refused(.wrongState)
    }
  }

  mutating func suspendShadow(
    _ slot: Int, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    switch shadows.state[slot] {
    case .suspended: return .done(shadowID(slot))
    case .ready, .syncing, .resuming:
      cancelStep(slot, &scheduler)
      cancelShift(slot, &scheduler)
      deregister(slot, &scheduler)
      shadows.command[slot] = command
      shadows.suspendsNext[slot] = true
      shadows.awaitsOverload[slot] = false
      enter(.standby, slot, at: scheduler.now)
      startStep(.suspend, of: slot, &scheduler)
      return .accepted(shadowID(slot))
    case .provisioning, .standby:
      shadows.suspendsNext[slot] = true
      return .accepted(shadowID(slot))
    case .active, .draining, .terminating, .terminated: return .refused(.wrongState)
    }
  }

  /// Shrinking is at once; growing takes the hot-plug time, with the CPU promised from now on.
  mutating func resizeShadow(
    _ slot: Int, size: Double, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let host = Int(instances.host[slot])
    let cores = vms.capacityCores[Int(instances.vm[slot])] * size
    let growth = cores - instances.sizeCores[slot]
    guard shadows.state[slot] != .terminating else { return .refused(.wrongState) }
    guard growth > 0 else {
      applySize(slot, size: size, at: scheduler.now)
      return .done(shadowID(slot))
    }
    guard shadows.stepEvent[slot] == nil, shadows.flow[slot] == nil else {
      return .refused(.targetBusy)
    }
    guard hosts.fits(host, cores: growth, memory: 0, overcommit: placement.cpuOvercommit) else {
      return .refused(.noHostFits)
    }
    hosts.reservedCores[host] += growth
    shadows.pendingSize[slot] = size
    shadows.pendingCores[slot] = growth
    shadows.command[slot] = command
    startStep(.hotPlug, of: slot, &scheduler)
    return .accepted(shadowID(slot))
  }

  /// The hot-plugged CPU is there.
  mutating func finishGrowth(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let size = shadows.pendingSize[slot]
    withdrawGrowth(slot)
    applySize(slot, size: size, at: scheduler.now)
    reportDone(slot, &scheduler)
  }

  /// Gives back the CPU promised to a growth that has not happened.
  private mutating func withdrawGrowth(_ slot: Int) {
    guard shadows.pendingCores[slot] > 0 else { return }
    hosts.reservedCores[Int(instances.host[slot])] -= shadows.pendingCores[slot]
    shadows.pendingCores[slot] = 0
  }

  private mutating func applySize(_ slot: Int, size: Double, at now: SimTime) {
    let host = Int(instances.host[slot])
    let cores = vms.capacityCores[Int(instances.vm[slot])] * size
    settleShadow(slot, at: now)
    hosts.reservedCores[host] += cores - instances.sizeCores[slot]
    instances.sizeCores[slot] = cores
    shadows.size[slot] = size
    touched.touchHost(host)
  }

  /// Takes a shadow out of service at once; its host keeps the room until it has stopped.
  mutating func terminateShadow(
    _ slot: Int, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let now = scheduler.now
    let id = shadowID(slot)
    guard shadows.state[slot] != .terminating else { return .refused(.wrongState) }
    if shadows.isUseful[slot] { shadowBooks.useful += 1 } else { shadowBooks.useless += 1 }
    report(shadows.command[slot], .failed(.cancelled, id), &scheduler)
    shadows.command[slot] = nil
    settleVM(Int(instances.vm[slot]), at: now)
    cancelStep(slot, &scheduler)
    cancelShift(slot, &scheduler)
    deregister(slot, &scheduler)
    guard spec.shadow.terminateTime > .zero else {
      finishTermination(slot, &scheduler)
      return .done(id)
    }
    shadows.awaitsOverload[slot] = false
    shadows.command[slot] = command
    shadows.retries[slot] = 0
    enter(.terminating, slot, at: now)
    startStep(.terminate, of: slot, &scheduler)
    return .accepted(id)
  }

  /// A shadow has stopped: its host gets everything back.
  mutating func finishTermination(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let id = shadowID(slot)
    let command = shadows.command[slot]
    record(.shadowTerminated, slot: slot, at: scheduler.now)
    remove(slot, &scheduler)
    report(command, .done(id), &scheduler)
  }

  // MARK: Bookkeeping

  mutating func cancelStep(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if let handle = shadows.stepEvent[slot] { _ = scheduler.cancel(handle) }
    shadows.stepEvent[slot] = nil
    if let flow = shadows.flow[slot] { removeTransfer(flow, at: scheduler.now) }
    shadows.flow[slot] = nil
    endClone(slot, &scheduler)
    withdrawGrowth(slot)
  }

  /// Puts an instance on a host and promises what it needs there.
  mutating func place(_ slot: Int, on host: Int, cores: Double, memory: Double, at now: SimTime) {
    hosts.settle(host, at: now)
    instances.host[slot] = Int32(host)
    instances.sizeCores[slot] = cores
    instances.memoryBytes[slot] = memory
    instances.availability[slot] = 1
    hosts.reservedCores[host] += cores
    hosts.reservedMemoryBytes[host] += memory
    hosts.instances[host].append(Int32(slot))
    touched.touchHost(host)
    touched.touchVM(Int(instances.vm[slot]))
  }

  /// Takes an instance off its host and gives back what was promised.
  mutating func displace(_ slot: Int, at now: SimTime) {
    let host = Int(instances.host[slot])
    guard host >= 0 else { return }
    hosts.settle(host, at: now)
    hosts.reservedCores[host] -= instances.sizeCores[slot]
    hosts.reservedMemoryBytes[host] -= instances.memoryBytes[slot]
    if let position = hosts.instances[host].firstIndex(of: Int32(slot)) {
      hosts.instances[host].remove(at: position)
    }
    if hosts.instances[host].isEmpty, hosts.inboundMigrations[host] == 0 {
      // Sums of many additions leave dust; an empty host holds exactly nothing.
      hosts.reservedCores[host] = 0
    }
    instances.host[slot] = -1
    instances.granted[slot] = 0
    instances.limit[slot] = 0
    touched.touchHost(host)
    touched.touchVM(Int(instances.vm[slot]))
  }

  /// Ends a shadow: its traffic returns to the primary, its host gets everything back.
  mutating func remove(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    let vm = Int(instances.vm[slot])
    settleVM(vm, at: now)
    settleShadow(slot, at: now)
    cancelStep(slot, &scheduler)
    cancelShift(slot, &scheduler)
    deregister(slot, &scheduler)
    displace(slot, at: now)
    shadows.state[slot] = .terminated
    updateSync(of: slot, at: now)
    instances.removeShadow(slot)
    updateAvailability(of: vm, at: now)
    touched.touchHost(Int(instances.host[vm]))
    touched.touchVM(vm)
  }

  mutating func enter(_ state: ShadowState, _ slot: Int, at now: SimTime) {
    settleShadow(slot, at: now)
    shadows.state[slot] = state
    if state == .active { shadows.hasCutOver[slot] = true }
    // What it uses without traffic, and whether it is kept in sync, depends on its state.
    touched.touchHost(Int(instances.host[slot]))
    updateSync(of: slot, at: now)
    updateAvailability(of: Int(instances.vm[slot]), at: now)
    let kind: LogKind =
      switch state {
      case .provisioning: .shadowOrdered
      case .standby: .shadowStandby
      case .syncing: .shadowSyncing
      case .ready: .shadowReady
      case .active: .shadowActive
      case .draining: .shadowDraining
      case .suspended: .shadowSuspended
      case .resuming: .shadowResuming
      case .terminating: .shadowTerminating
      case .terminated: .shadowTerminated
      }
    record(kind, slot: slot, at: now)
  }

  /// Books what the shadow held since its last change of state or size.
  mutating func settleShadow(_ slot: Int, at now: SimTime) {
    let seconds = (now - shadows.settledAt[slot]).seconds
    shadows.settledAt[slot] = now
    guard seconds > 0 else { return }
    let position = shadows.state[slot].position
    shadowBooks.secondsByState[position] += seconds
    shadowBooks.coreSecondsByState[position] += instances.sizeCores[slot] * seconds
    shadowBooks.byteSecondsByState[position] += instances.memoryBytes[slot] * seconds
  }

  mutating func record(
    _ kind: LogKind, slot: Int, at now: SimTime, value: Double = .nan, detail: String = "",
    rationale: CommandQueue.Rationale = .init()
  ) {
    log.append(
      LogRecord(
        time: now, kind: kind, vm: VMID(Int(instances.vm[slot])),
        host: instances.host[slot] >= 0 ? HostID(Int(instances.host[slot])) : nil,
        shadow: shadowID(slot), command: shadows.command[slot], value: value,
        detail: detail, rationale: rationale))
  }
}
