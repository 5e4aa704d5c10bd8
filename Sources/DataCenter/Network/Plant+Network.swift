// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import SimulationKernel
import Units

// Transfers: what happens when one ends or gets another rate, and what they cost their hosts.
extension Plant {
  /// Keeps one event in the schedule for the end of the next transfer.
  mutating func scheduleNetwork(_ scheduler: inout Scheduler<PlantEvent>) {
    let next = network.nextEnd.flatMap { $0 <= end ? $0 : nil }
    guard next != networkEventTime else { return }
    if let handle = networkEvent { _ = scheduler.cancel(handle) }
    networkEventTime = next
    networkEvent = next.map {
      scheduler.schedule(
        .transferEnds, at: max($0, scheduler.now), priority: PlantEvent.transferEnds.priority)
    }
  }

  mutating func wakeNetwork(at now: SimTime) {
    networkEvent = nil
    networkEventTime = nil
    network.advance(to: now)
  }

  /// Answers what the network and the migrations have to tell; false when that is nothing.
  mutating func answerNetwork(_ scheduler: inout Scheduler<PlantEvent>) -> Bool {
    guard network.hasNews || !migrations.unsettled.isEmpty || !shadows.unsettledClones.isEmpty
    else { return false }
    for transfer in network.takeEnded() {
      chargeHosts(transfer, rate: 0)
      if case .shadowStep(let slot) = transfer.owner { finishTransfer(Int(slot), &scheduler) }
    }
    for (transfer, rate) in network.takeRateChanges() {
      chargeHosts(transfer, rate: rate)
      switch transfer.owner {
      case .migration(let index): setMigrationRate(Int(index), rate, at: scheduler.now)
      case .shadowStep(let slot): setCloneRate(Int(slot), rate, at: scheduler.now)
      case .shadowSync: break
      }
    }
    while let index = migrations.unsettled.popLast() { settleMigration(Int(index), &scheduler) }
    while let slot = shadows.unsettledClones.popLast() { settleClone(Int(slot), &scheduler) }
    return true
  }

  /// Ends a transfer before its time.
  mutating func removeTransfer(_ flow: FlowID, at now: SimTime) {
    if let transfer = network.remove(flow, at: now) { chargeHosts(transfer, rate: 0) }
  }

  /// Sets what a copy of a guest's memory costs at both ends: CPU by what goes over the link, power by
  /// the payload in it. State that an application keeps in sync is part of what its instances use
  /// anyway; pages that the hypervisor keeps in sync are not.
  private mutating func chargeHosts(_ transfer: PlantNetwork.Transfer, rate: Double) {
    guard transfer.kind == .migration, rate == 0 || isMemoryCopy(transfer.owner) else { return }
    let cost = spec.migration.model.cost
    var payload = rate
    if isCourse(transfer.owner) { payload *= spec.migration.model.transport.goodput }
    let watts = cost.transferPower(at: BytesPerSecond(payload)).value
    let source = charge(
      transfer.from, instead: transfer.sourceCost,
      .init(cores: cost.sourceCoreSecondsPerGigabyte * rate / 1e9, watts: watts))
    let target = charge(
      transfer.to, instead: transfer.targetCost,
      .init(cores: cost.targetCoreSecondsPerGigabyte * rate / 1e9, watts: watts))
    network.setCosts(source: source, target: target, of: transfer.flow)
  }

  private func isMemoryCopy(_ owner: TransferOwner) -> Bool {
    switch owner {
    case .migration: true
    case .shadowStep(let slot): shadows.state[Int(slot)] == .provisioning
    case .shadowSync(let slot): isFollowingPages(Int(slot))
    }
  }

  private func isCourse(_ owner: TransferOwner) -> Bool {
    switch owner {
    case .migration: true
    case .shadowStep(let slot): shadows.course[Int(slot)] != nil
    case .shadowSync: false
    }
  }

  private mutating func charge(
    _ end: NetworkEndpoint, instead before: PlantNetwork.HostCost, _ cost: PlantNetwork.HostCost
  ) -> PlantNetwork.HostCost {
    guard case .host(let host) = end else { return .init() }
    var cost = cost
    cost.cores *= hosts.coreSpeed[host]
    guard cost != before else { return before }
    hosts.transferCount[host] += (cost.isNothing ? 0 : 1) - (before.isNothing ? 0 : 1)
    // A sum that goes up and down keeps dust; without transfers it is exactly nothing.
    let isIdle = hosts.transferCount[host] == 0
    let (cores, watts) = (hosts.transferCores[host], hosts.copyWatts[host])
    hosts.transferCores[host] = isIdle ? 0 : max(0, cores + cost.cores - before.cores)
    hosts.copyWatts[host] = isIdle ? 0 : max(0, watts + cost.watts - before.watts)
    touched.touchHost(host)
    return cost
  }

  /// Whether both ends can be reached.
  func isConnected(_ from: NetworkEndpoint, _ to: NetworkEndpoint) -> Bool {
    isReachable(from) && isReachable(to)
  }

  func isReachable(_ end: NetworkEndpoint) -> Bool {
    guard case .host(let host) = end else { return true }
    return hosts.isReachable(host)
  }

  /// Tells the network that an element fails or works again.
  mutating func changeNetwork(_ element: NetworkElement, fails: Bool, at now: SimTime) {
    network.change(element, fails: fails, at: now)
  }
}
