// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import ShadowModels
import SimulationKernel
import Units

// The life of a shadow: ordered, provisioned, synced, given traffic, drained, kept or given up.
//
//   create ─ provisioning ─ standby ─┬─ syncing ─ ready ⇄ active ─ draining ─ ready
//                                    └─ suspended ─ resuming ─ syncing ─ ready
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
    guard !vms.isDown[vm] || vms.migration[vm] >= 0 else { return .refused(.wrongState) }
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
    return present + [migrations[Int(vms.migration[vm])].destination]
  }

  func shadowID(_ slot: Int) -> ShadowID { ShadowID(Int(instances.shadowNumber[slot])) }

  // MARK: Steps that take time

  private mutating func startStep(
    _ step: ShadowStep, of slot: Int, pause: SimTime = .zero,
    _ scheduler: inout Scheduler<PlantEvent>
  ) {
    var duration = sampleDuration(of: step, slot: slot, at: scheduler.now)
    shadows.isStuck[slot] = isStuck(slot)
    if shadows.isStuck[slot] { duration = spec.faults.stuckAfter }
    shadows.stepEvent[slot] = scheduler.schedule(
      .shadowStep(Int32(slot)), after: pause + duration,
      priority: PlantEvent.shadowStep(0).priority)
  }

  /// Draws whether a step never ends by itself.
  private mutating func isStuck(_ slot: Int) -> Bool {
    guard spec.faults.stuckShadowSteps > 0 else { return false }
    var stream = nextStream("shadow/stuck", vm: Int(instances.vm[slot]))
    return stream.bernoulli(spec.faults.stuckShadowSteps)
  }

  /// Draws how long a step takes, from a stream that belongs to this VM and draw alone, so that
  /// two policies that make the same shadow see the same latency.
  private mutating func sampleDuration(of step: ShadowStep, slot: Int, at now: SimTime) -> SimTime {
    let vm = Int(instances.vm[slot])
    var stream = nextStream("shadow/latency", vm: vm)
    let memory = vms.memoryBytes[vm]
    let workingSet = memory * spec.migration.workingSet
    let guest = ShadowGuest(
      memory: Bytes(memory), used: Bytes(memory * spec.migration.nonzeroShare),
      workingSet: Bytes(workingSet), dirtyRate: spec.migration.dirtyRate,
      age: shadows.syncedAt[slot].map { now - $0 } ?? .zero)
    // A step that can never end (no bandwidth for its bytes) ends after the run.
    return spec.shadow.sampleDuration(
      of: step, guest: guest, stream: &stream, bandwidth: spec.migration.bandwidth) ?? .days(3650)
  }

  mutating func nextStream(_ purpose: String, vm: Int) -> RandomStream {
    drawCount[vm] += 1
    return RandomStream(
      seed: spec.seed, purpose: purpose, entity: UInt64(vm) << 32 | UInt64(drawCount[vm]))
  }

  /// A step has ended, well or not.
  mutating func finishShadowStep(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    shadows.stepEvent[slot] = nil
    if stepFails(slot) {
      retryOrGiveUp(slot, &scheduler)
      return
    }
    switch shadows.state[slot] {
    case .provisioning:
      enter(.standby, slot, at: scheduler.now)
      afterStandby(slot, &scheduler)
    case .resuming:
      enter(.syncing, slot, at: scheduler.now)
      startStep(.sync, of: slot, &scheduler)
    case .syncing: becomeReady(slot, &scheduler)
    case .standby:
      enter(.suspended, slot, at: scheduler.now)
      reportDone(slot, &scheduler)
    case .ready, .active, .suspended: finishGrowth(slot, &scheduler)
    case .draining, .terminated:
      preconditionFailure("a shadow in state \(shadows.state[slot]) has no step to finish")
    }
  }

  private mutating func afterStandby(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if shadows.suspendsNext[slot] {
      startStep(.suspend, of: slot, &scheduler)
    } else {
      enter(.syncing, slot, at: scheduler.now)
      startStep(.sync, of: slot, &scheduler)
    }
  }

  private mutating func stepFails(_ slot: Int) -> Bool {
    if shadows.isStuck[slot] { return true }
    guard spec.shadow.failureProbability.contains(where: { $0 > 0 }) else { return false }
    var stream = nextStream("shadow/failure", vm: Int(instances.vm[slot]))
    return spec.shadow.fails(presentStep(of: slot), stream: &stream)
  }

  /// The step that a shadow in its present state is busy with.
  private func presentStep(of slot: Int) -> ShadowStep {
    switch shadows.state[slot] {
    case .resuming: .resume
    case .syncing: .sync
    case .standby: .suspend
    case .ready, .active, .suspended: .hotPlug
    default: .provision
    }
  }

  private mutating func retryOrGiveUp(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    guard shadows.retries[slot] < Int32(spec.shadow.retries) else {
      shadowBooks.failed += 1
      record(.shadowFailed, slot: slot, at: scheduler.now)
      report(shadows.command[slot], .failed(.stepFailed, shadowID(slot)), &scheduler)
      remove(slot, &scheduler)
      return
    }
    shadows.retries[slot] += 1
    startStep(presentStep(of: slot), of: slot, pause: spec.shadow.retryDelay, &scheduler)
  }

  private mutating func becomeReady(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    enter(.ready, slot, at: now)
    shadows.readyAt[slot] = now
    shadows.syncedAt[slot] = now
    shadowBooks.leadTimeSeconds.append((now - shadows.orderedAt[slot]).seconds)
    let vm = Int(instances.vm[slot])
    if overloadSince[vm] != .distantFuture {
      shadowBooks.late += 1
      shadowBooks.marginSeconds.append((overloadSince[vm] - now).seconds)
    } else {
      shadows.awaitsOverload[slot] = true
    }
    reportDone(slot, &scheduler)
  }

  private mutating func reportDone(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let command = shadows.command[slot]
    shadows.command[slot] = nil
    report(command, .done(shadowID(slot)), &scheduler)
  }

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
    case .draining, .terminated: return .refused(.wrongState)
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
      shadows.command[slot] = command
      shadows.suspendsNext[slot] = true
      shadows.awaitsOverload[slot] = false
      enter(.standby, slot, at: scheduler.now)
      startStep(.suspend, of: slot, &scheduler)
      return .accepted(shadowID(slot))
    case .provisioning, .standby:
      shadows.suspendsNext[slot] = true
      return .accepted(shadowID(slot))
    case .active, .draining, .terminated: return .refused(.wrongState)
    }
  }

  /// Shrinking is at once; growing takes the hot-plug time, with the CPU promised from now on.
  mutating func resizeShadow(
    _ slot: Int, size: Double, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let host = Int(instances.host[slot])
    let cores = vms.capacityCores[Int(instances.vm[slot])] * size
    let growth = cores - instances.sizeCores[slot]
    guard growth > 0 else {
      applySize(slot, size: size, at: scheduler.now)
      return .done(shadowID(slot))
    }
    guard shadows.stepEvent[slot] == nil else { return .refused(.targetBusy) }
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
  private mutating func finishGrowth(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
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

  mutating func terminateShadow(
    _ slot: Int, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let id = shadowID(slot)
    if shadows.isUseful[slot] { shadowBooks.useful += 1 } else { shadowBooks.useless += 1 }
    record(.shadowTerminated, slot: slot, at: scheduler.now)
    if let waiting = shadows.command[slot] { report(waiting, .failed(.cancelled, id), &scheduler) }
    remove(slot, &scheduler)
    return .done(id)
  }

  // MARK: Bookkeeping

  mutating func cancelStep(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if let handle = shadows.stepEvent[slot] { _ = scheduler.cancel(handle) }
    shadows.stepEvent[slot] = nil
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
    instances.share[vm] = min(1, instances.share[vm] + instances.share[slot])
    displace(slot, at: now)
    shadows.state[slot] = .terminated
    instances.removeShadow(slot)
    if instances.nextShadow[vm] < 0 { instances.share[vm] = 1 }
    touched.touchHost(Int(instances.host[vm]))
    touched.touchVM(vm)
  }

  mutating func enter(_ state: ShadowState, _ slot: Int, at now: SimTime) {
    settleShadow(slot, at: now)
    shadows.state[slot] = state
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
