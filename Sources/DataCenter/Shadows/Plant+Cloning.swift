// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import ShadowModels
import SimulationKernel
import Units

// Live clones: the primary's memory leaves in the rounds of a live migration, but both sides run
// afterwards, and the clone follows the primary page by page until it first gets traffic.
extension Plant {
  /// The rounds and transport of the section on migration, with the clone's own stop. A clone cannot
  /// run on the target before it is complete, so what would be post-copied is forced.
  private func cloneSpec(_ clone: ShadowCreation.LiveClone) -> MigrationSpec {
    var model = spec.migration.model
    model.method = .preCopy
    model.stop.downtimeLimit = clone.downtimeLimit
    if model.stop.onExhaustion == .postCopy { model.stop.onExhaustion = .forceSwitchOver }
    if model.stop.onTimeout == .postCopy { model.stop.onTimeout = .forceSwitchOver }
    model.cost.guestSlowdown = clone.slowdown
    // The step as a whole is what is tried again.
    model.attempts = 1
    return model
  }

  /// Begins to copy the primary's memory, or waits until it is not copied to another place.
  mutating func beginClone(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let vm = Int(instances.vm[slot])
    guard let clone = spec.shadow.liveClone, let (from, kind) = transferSource(of: slot) else {
      return retryOrGiveUp(slot, &scheduler)
    }
    let now = scheduler.now
    if vms.migration[vm] >= 0 || isBeingCopied(vm) {
      shadows.pendingBytes[slot] = vms.memoryBytes[vm]
      shadows.stepEvent[slot] = scheduler.schedule(
        .shadowStep(Int32(slot)), after: max(spec.shadow.retryDelay, .seconds(1)),
        priority: PlantEvent.shadowStep(0).priority)
      return
    }
    let to = NetworkEndpoint.host(Int(instances.host[slot]))
    let memory = spec.migration.guest.memory(
      ram: Bytes(vms.memoryBytes[vm]), load: Cores(instances.granted[vm]))
    shadows.flow[slot] = network.add(
      .shadowStep(Int32(slot)), from: from, to: to, kind: kind, bytes: Bytes(.infinity), cap: 0,
      isConnected: isConnected(from, to), at: now)
    shadows.course[slot] = LiveMigration(memory: memory, spec: cloneSpec(clone), start: now)
    settleClone(slot, &scheduler)
  }

  /// Tells a clone the rate that its transfer has from now on.
  mutating func setCloneRate(_ slot: Int, _ rate: Double, at now: SimTime) {
    guard shadows.course[slot] != nil else { return }
    shadows.course[slot].update { $0.setBandwidth(BytesPerSecond(rate), at: now) }
    noteUnsettledClone(slot)
  }

  private mutating func noteUnsettledClone(_ slot: Int) {
    if !shadows.unsettledClones.contains(Int32(slot)) {
      shadows.unsettledClones.append(Int32(slot))
    }
  }

  /// Brings primary, transfer and schedule to where the course is now.
  mutating func settleClone(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    shadows.course[slot].update { $0.advance(to: now) }
    guard let course = shadows.course[slot] else { return }
    if let summary = course.summary { return finishClone(slot, summary, &scheduler) }
    let vm = Int(instances.vm[slot])
    updateAvailability(of: vm, at: now)
    if let flow = shadows.flow[slot], let (from, _) = transferSource(of: slot) {
      let to = NetworkEndpoint.host(Int(instances.host[slot]))
      network.setCap(
        course.wantedLinkRate.value, of: flow, isConnected: isConnected(from, to), at: now)
    }
    if let handle = shadows.stepEvent[slot] { _ = scheduler.cancel(handle) }
    shadows.stepEvent[slot] = nil
    guard let next = course.nextEvent(), next <= end else { return }
    shadows.stepEvent[slot] = scheduler.schedule(
      .shadowStep(Int32(slot)), at: max(now, next), priority: PlantEvent.shadowStep(0).priority)
  }

  private mutating func finishClone(
    _ slot: Int, _ summary: MigrationSummary, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    if let flow = shadows.flow[slot] { removeTransfer(flow, at: scheduler.now) }
    shadows.flow[slot] = nil
    endClone(slot, &scheduler)
    guard summary.ending != .aborted else { return retryOrGiveUp(slot, &scheduler) }
    if summary.isForced { shadowBooks.forcedClones += 1 }
    shadowBooks.clonePauseSeconds += summary.downtime.seconds
    finishShadowStep(slot, &scheduler)
  }

  /// The copying is over, complete or not; without effect when there is none.
  mutating func endClone(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    shadows.course[slot].update { $0.advance(to: scheduler.now) }
    guard let course = shadows.course[slot] else { return }
    shadowBooks.cloneBytes += Bytes(course.sentBytes)
    shadows.course[slot] = nil
    shadows.unsettledClones.removeAll { $0 == Int32(slot) }
    if let handle = shadows.stepEvent[slot] { _ = scheduler.cancel(handle) }
    shadows.stepEvent[slot] = nil
    updateAvailability(of: Int(instances.vm[slot]), at: scheduler.now)
  }

  /// Whether a VM's memory is being copied to a clone.
  private func isBeingCopied(_ vm: Int) -> Bool {
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      if shadows.course[slot] != nil { return true }
      slot = Int(instances.nextShadow[slot])
    }
    return false
  }

  /// Whether a clone of a VM has been ordered and is not there yet.
  func isCloning(_ vm: Int) -> Bool {
    guard spec.shadow.liveClone != nil else { return false }
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      if shadows.state[slot] == .provisioning { return true }
      slot = Int(instances.nextShadow[slot])
    }
    return false
  }

  /// Whether the hypervisor tracks the primary's writes to send them to this shadow.
  func isFollowingPages(_ slot: Int) -> Bool {
    guard spec.shadow.liveClone != nil, !shadows.hasCutOver[slot] else { return false }
    return shadows.state[slot] == .syncing || shadows.state[slot] == .ready
  }

  /// Speed that a shadow leaves to its primary.
  func speedOfPrimary(besideShadow slot: Int) -> Double {
    if let course = shadows.course[slot] { return course.guestSpeed }
    guard let clone = spec.shadow.liveClone, isFollowingPages(slot) else { return 1 }
    return 1 - clone.slowdown
  }

  // MARK: Following the primary's writes

  /// Rate at which a shadow that is kept in sync is sent what changes.
  ///
  /// By the load that the primary is offered: what it is granted depends on the CPU that the sync
  /// itself takes.
  func syncRate(of slot: Int, at now: SimTime) -> Double {
    let vm = Int(instances.vm[slot])
    var guest = guest(of: slot, at: now)
    let load = min(instances.share[vm] * vms.offeredCores[vm], instances.sizeCores[vm])
    let rates = spec.migration.guest.dirtyRates(load: Cores(load))
    guest.dirtyRate = BytesPerSecond(rates.cold.value + rates.hot.value)
    return spec.shadow.syncRate(of: guest, hasCutOver: !isFollowingPages(slot)).value
  }

  /// Whether a shadow could take traffic, so that its state must be the primary's.
  func isKeptInSync(_ slot: Int) -> Bool {
    switch shadows.state[slot] {
    case .ready, .active, .draining: true
    default: false
    }
  }

  private mutating func setSyncRate(_ slot: Int, at now: SimTime) {
    let rate = syncRate(of: slot, at: now)
    guard let flow = shadows.syncFlow[slot], let before = network.cap(of: flow), rate > 0,
      let (from, _) = transferSource(of: slot)
    else { return updateSync(of: slot, at: now) }
    guard rate != before else { return }
    let to = NetworkEndpoint.host(Int(instances.host[slot]))
    network.setCap(rate, of: flow, isConnected: isConnected(from, to), at: now)
  }

  /// A primary under another load changes its memory faster or slower.
  mutating func followWrites(of vm: Int, at now: SimTime) {
    guard spec.migration.guest.dirtyRatePerCore > 0 else { return }
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      if shadows.course[slot] != nil {
        let rates = spec.migration.guest.dirtyRates(load: Cores(instances.granted[vm]))
        shadows.course[slot].update {
          $0.setDirtyRate(cold: rates.cold, hot: rates.hot, at: now)
        }
        noteUnsettledClone(slot)
      } else if isKeptInSync(slot) {
        setSyncRate(slot, at: now)
      }
      slot = Int(instances.nextShadow[slot])
    }
  }
}
