// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts

// The update of all hosts at an instant: demand, CPU sharing, energy, loss of idle VMs.
extension Replay {
  /// A full update: shares of all hosts, energy of the time since the last one, idle VMs go.
  mutating func update(at now: Double, isTick: Bool) {
    demand.set(&state, alive: aliveVMs, at: now)
    if isTick, planner?.rules.needsHistory == true {
      for vm in aliveVMs { state.history.append(state.share[Int(vm)], of: Int(vm)) }
    }
    let span = now - previousUpdate
    let isNonPowerAware = spec.policy == .nonPowerAware
    var spanJoules = 0.0
    for host in 0..<state.hostCount {
      if isNonPowerAware {
        spanJoules += state.curves.power(of: Int(state.kindOfHost[host]), at: 1) * span
      }
      if state.vms[host].isEmpty, hostBooks[host].isSettledOff { continue }
      let before = state.utilisation[host]
      let powerBefore = state.power[host]
      updateHost(host, at: now)
      if before != 0, !isNonPowerAware {
        spanJoules += (powerBefore + (state.power[host] - powerBefore) / 2) * span
      }
    }
    if span > 0 { joules += spanJoules }
    previousUpdate = now
    destroyIdleVMs()
  }

  /// Shares a host's CPU among its VMs and records what everybody gets.
  mutating func updateHost(_ host: Int, at now: Double) {
    if movingCount[host] == 0 {
      updateQuietHost(host, at: now)
    } else {
      updateBusyHost(host, at: now)
    }
  }

  /// A host without migrations: everybody gets what it asks for as long as there is enough.
  private mutating func updateQuietHost(_ host: Int, at now: Double) {
    let core = state.coreCapacity(host)
    var available = state.capacity(host)
    var (used, requested) = (0.0, 0.0)
    var isScarce = false
    var hasIdle = false
    let count = state.vms[host].count
    for position in 0..<count {
      let request = state.demand[Int(state.vms[host][position])]
      let capped = min(request, core)
      if available < capped {
        isScarce = true
        break
      }
      available -= capped
      used += capped
      requested += request
      if request == 0 { hasIdle = true }
    }
    if isScarce { return updateBusyHost(host, at: now) }
    for position in 0..<count {
      let vm = Int(state.vms[host][position])
      let request = state.demand[vm]
      vmBooks[vm].record(
        at: now, allocated: min(request, core), requested: request, isMigrating: false)
    }
    if hasIdle { hostsWithIdleVMs.append(Int32(host)) }
    finish(host, at: now, used: used, requested: requested, available: available)
  }

  /// A host with migrations or with less than is asked for.
  ///
  /// A VM that leaves occupies all of its share and gets 90 % of it; one that arrives occupies and
  /// gets 10 % of its demand. When that is too much, all shares are scaled and rounded down.
  private mutating func updateBusyHost(_ host: Int, at now: Double) {
    let total = state.capacity(host)
    let core = state.coreCapacity(host)
    let vms = state.vms[host]
    mostHeld[host] = max(mostHeld[host], Int32(vms.count))
    grants.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    var available = total
    var isScarce = false
    for vm in vms {
      let capped = min(state.demand[Int(vm)], core)
      let isArriving = isIncoming(Int(vm), at: host)
      let weight = isArriving ? capped * 0.1 : capped
      weights.append(weight)
      grants.append(
        isArriving ? capped * 0.1 : isMigrating[Int(vm)] ? capped * 0.9 : capped)
      if available >= weight { available -= weight } else { isScarce = true }
    }
    if isScarce {
      available = 0
      let held = max(mostHeld[host], planner?.mostTried[host] ?? 0)
      let factor = total / hashOrder.sum(of: vms, weights: weights, mostHeld: Int(held))
      for (position, vm) in vms.enumerated() {
        let capped = min(state.demand[Int(vm)], core)
        let scaled =
          isIncoming(Int(vm), at: host)
          ? capped * 0.1 * factor
          : isMigrating[Int(vm)] ? capped * factor * 0.9 : capped * factor
        grants[position] = scaled.rounded(.down)
      }
    }
    var (used, requested) = (0.0, 0.0)
    var hasIdle = false
    for (position, vm) in vms.enumerated() {
      let request = state.demand[Int(vm)]
      var grant = grants[position]
      if isIncoming(Int(vm), at: host) {
        requested += spec.quirks.countsIncomingInFull ? request : request * 0.1
      } else {
        let isLeaving = isMigrating[Int(vm)]
        vmBooks[Int(vm)].record(
          at: now, allocated: grant, requested: request, isMigrating: isLeaving)
        if isLeaving { grant /= 0.9 } else if request == 0 { hasIdle = true }
        requested += request
      }
      used += grant
    }
    if hasIdle { hostsWithIdleVMs.append(Int32(host)) }
    finish(host, at: now, used: used, requested: requested, available: available)
  }

  @inline(__always)
  private func isIncoming(_ vm: Int, at host: Int) -> Bool {
    firstTarget[vm] == Int32(host) || secondTarget[vm] == Int32(host)
  }

  /// Notes a host's state. At ticks nothing migrates, so what is used is what is granted.
  private mutating func finish(
    _ host: Int, at now: Double, used: Double, requested: Double, available: Double
  ) {
    state.granted[host] = used
    state.available[host] = available
    state.demanded[host] = requested
    let share = used / state.capacity(host)
    let utilisation = share > 1 && share < 1.01 ? 1 : share
    state.utilisation[host] = utilisation
    state.power[host] = state.curves.power(of: Int(state.kindOfHost[host]), at: utilisation)
    if let ended = hostBooks[host].record(at: now, used: used, requested: requested) {
      shutdowns.append(ended, of: host)
    }
  }

  /// VMs that ask for nothing and are not on their way are destroyed for good.
  mutating func destroyIdleVMs() {
    guard !hostsWithIdleVMs.isEmpty else { return }
    defer { hostsWithIdleVMs.removeAll(keepingCapacity: true) }
    guard spec.quirks.losesIdleVMs else { return }
    for host in hostsWithIdleVMs {
      let idle = state.vms[Int(host)].filter { isIdle($0) }
      for vm in idle {
        hostOfVM[Int(vm)] = -1
        state.memoryFree[Int(host)] += state.memory[Int(vm)]
      }
      state.vms[Int(host)].removeAll { hostOfVM[Int($0)] < 0 }
    }
    aliveVMs.removeAll { hostOfVM[Int($0)] < 0 }
  }

  private func isIdle(_ vm: Int32) -> Bool {
    state.demand[Int(vm)] == 0 && !isMigrating[Int(vm)]
  }
}
