// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import ShadowModels
import SimulationKernel
import Units

// The steps of a shadow's life that take time: a delay, then what has to come over the network, then
// perhaps a pause of the primary. Any of them may fail, and is tried again or given up.
extension Plant {
  mutating func startStep(
    _ step: ShadowStep, of slot: Int, pause: SimTime = .zero,
    _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let work = spec.shadow.work(of: step, guest: guest(of: slot, at: scheduler.now))
    // A stream that belongs to this VM and draw alone: two policies that make the same shadow see
    // the same latency.
    var stream = nextStream("shadow/latency", vm: Int(instances.vm[slot]))
    var delay = spec.shadow.sampleDelay(of: work, stream: &stream)
    shadows.pendingBytes[slot] = work.bytes.value
    shadows.isStuck[slot] = isStuck(slot)
    if shadows.isStuck[slot] {
      delay = spec.faults.stuckAfter
      shadows.pendingBytes[slot] = 0
    }
    shadows.stepEvent[slot] = scheduler.schedule(
      .shadowStep(Int32(slot)), after: pause + delay,
      priority: PlantEvent.shadowStep(0).priority)
    updateAvailability(of: Int(instances.vm[slot]), at: scheduler.now)
  }

  func guest(of slot: Int, at now: SimTime) -> ShadowGuest {
    let vm = Int(instances.vm[slot])
    let activity = spec.migration.guest
    let memory = Bytes(vms.memoryBytes[vm])
    let rates = activity.dirtyRates(load: Cores(instances.granted[vm]))
    return ShadowGuest(
      memory: memory, used: memory * activity.nonzeroShare,
      workingSet: memory * activity.workingSetShare,
      dirtyRate: BytesPerSecond(rates.cold.value + rates.hot.value),
      age: shadows.syncedAt[slot].map { now - $0 } ?? .zero)
  }

  /// Draws whether a step never ends by itself.
  private mutating func isStuck(_ slot: Int) -> Bool {
    guard spec.faults.stuckShadowSteps > 0 else { return false }
    var stream = nextStream("shadow/stuck", vm: Int(instances.vm[slot]))
    return stream.bernoulli(spec.faults.stuckShadowSteps)
  }

  mutating func nextStream(_ purpose: String, vm: Int) -> RandomStream {
    drawCount[vm] += 1
    return RandomStream(
      seed: spec.seed, purpose: purpose, entity: UInt64(vm) << 32 | UInt64(drawCount[vm]))
  }

  // MARK: Transfers

  /// The delay of a step is over: its bytes follow, if there are any.
  mutating func finishShadowDelay(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    shadows.stepEvent[slot] = nil
    if shadows.course[slot] != nil { return settleClone(slot, &scheduler) }
    let bytes = shadows.pendingBytes[slot]
    shadows.pendingBytes[slot] = 0
    guard bytes > 0 else { return finishShadowStep(slot, &scheduler) }
    guard let (from, kind) = transferSource(of: slot) else {
      return finishWithoutSource(slot, &scheduler)
    }
    if shadows.state[slot] == .provisioning, spec.shadow.liveClone != nil {
      return beginClone(slot, &scheduler)
    }
    let to = NetworkEndpoint.host(Int(instances.host[slot]))
    shadows.flow[slot] = network.add(
      .shadowStep(Int32(slot)), from: from, to: to, kind: kind, bytes: Bytes(bytes),
      isConnected: isConnected(from, to), at: scheduler.now)
  }

  /// All bytes of a step have arrived.
  mutating func finishTransfer(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    shadows.flow[slot] = nil
    finishShadowStep(slot, &scheduler)
  }

  /// Where the bytes of the present step come from; nil when that is gone.
  func transferSource(of slot: Int) -> (NetworkEndpoint, TrafficClass)? {
    if shadows.state[slot] == .provisioning {
      switch spec.shadow.creation {
      case .imageClone, .snapshotRestore: return (.store, .storage)
      case .coldBoot, .warmStandby, .fork, .liveClone: break
      }
    }
    let vm = Int(instances.vm[slot])
    let host = Int(instances.host[vm])
    return host < 0 || (vms.isDown[vm] && !vms.isMigrating[vm]) ? nil : (.host(host), .migration)
  }

  /// What should be copied is gone with the primary: a shadow that holds an older state goes on with
  /// it, one that holds none can't be made.
  private mutating func finishWithoutSource(
    _ slot: Int, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    if shadows.state[slot] == .provisioning {
      retryOrGiveUp(slot, &scheduler)
    } else {
      finishShadowStep(slot, &scheduler)
    }
  }

  /// Ends what was being copied from a primary that is gone.
  mutating func endTransfers(
    fromLostPrimary vm: Int, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    var slots: [Int] = []
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      if let flow = shadows.flow[slot], network.source(of: flow) != .store { slots.append(slot) }
      slot = Int(instances.nextShadow[slot])
    }
    for slot in slots {
      guard let flow = shadows.flow[slot] else { continue }
      removeTransfer(flow, at: scheduler.now)
      shadows.flow[slot] = nil
      endClone(slot, &scheduler)
      finishWithoutSource(slot, &scheduler)
    }
  }

  /// Keeps a shadow that could take traffic in sync with its primary, at a steady rate.
  mutating func updateSync(of slot: Int, at now: SimTime) {
    if let flow = shadows.syncFlow[slot] { removeTransfer(flow, at: now) }
    shadows.syncFlow[slot] = nil
    let rate = syncRate(of: slot, at: now)
    guard isKeptInSync(slot), rate > 0, let (from, kind) = transferSource(of: slot) else { return }
    let to = NetworkEndpoint.host(Int(instances.host[slot]))
    shadows.syncFlow[slot] = network.add(
      .shadowSync(Int32(slot)), from: from, to: to, kind: kind, bytes: Bytes(.infinity),
      cap: rate, isConnected: isConnected(from, to), at: now)
  }

  mutating func updateSyncs(of vm: Int, at now: SimTime) {
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      updateSync(of: slot, at: now)
      slot = Int(instances.nextShadow[slot])
    }
  }

  // MARK: Ends of steps

  /// A step has ended, well or not.
  mutating func finishShadowStep(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if stepFails(slot) {
      retryOrGiveUp(slot, &scheduler)
      return
    }
    switch shadows.state[slot] {
    case .provisioning:
      // A copy of the primary's memory is as old as the copying.
      if spec.shadow.copiesState { shadows.syncedAt[slot] = scheduler.now }
      enter(.standby, slot, at: scheduler.now)
      afterStandby(slot, &scheduler)
    case .resuming:
      enter(.syncing, slot, at: scheduler.now)
      startStep(.sync, of: slot, &scheduler)
    case .syncing: becomeReady(slot, &scheduler)
    case .standby:
      enter(.suspended, slot, at: scheduler.now)
      reportDone(slot, &scheduler)
    case .ready, .active, .draining, .suspended: finishGrowth(slot, &scheduler)
    case .terminating: finishTermination(slot, &scheduler)
    case .terminated:
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
    case .ready, .active, .draining, .suspended: .hotPlug
    case .terminating: .terminate
    default: .provision
    }
  }

  mutating func retryOrGiveUp(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    guard shadows.retries[slot] < Int32(spec.shadow.retries) else {
      // One that does not stop is killed in the end.
      if shadows.state[slot] == .terminating { return finishTermination(slot, &scheduler) }
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
    shadows.syncedAt[slot] = now
    enter(.ready, slot, at: now)
    shadows.readyAt[slot] = now
    register(slot, &scheduler)
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

  mutating func reportDone(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let command = shadows.command[slot]
    shadows.command[slot] = nil
    report(command, .done(shadowID(slot)), &scheduler)
  }
}
