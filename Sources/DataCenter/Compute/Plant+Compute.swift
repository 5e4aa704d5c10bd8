// SPDX-License-Identifier: Apache-2.0
import TrafficModels
import ControlPlane
import MigrationModels
import ShadowModels
import SimulationKernel
import Units

// Load, CPU sharing, and what VMs get of it.
extension Plant {
  mutating func demandStep(_ step: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    for vm in 0..<vms.count { settleVM(vm, at: now) }
    demand.load(step: step, into: &vms.offeredCores)
    for vm in 0..<vms.count {
      touched.touchVM(vm)
      noteOverload(vm, at: now)
      touched.touchHost(Int(instances.host[vm]))
      var shadow = instances.nextShadow[vm]
      while shadow >= 0 {
        touched.touchHost(Int(instances.host[Int(shadow)]))
        shadow = instances.nextShadow[Int(shadow)]
      }
    }
    if step + 1 < demand.stepCount {
      schedule(.demandStep(Int32(step + 1)), at: demand.start(ofStep: step + 1), &scheduler)
    }
    requestTelemetry(&scheduler)
  }

  /// Follows the moments at which a VM's load crosses the capacity of its primary.
  private mutating func noteOverload(_ vm: Int, at now: SimTime) {
    let isOverloaded = isOverloaded(vm)
    guard isOverloaded != (overloadSince[vm] != .distantFuture) else { return }
    overloadSince[vm] = isOverloaded ? now : .distantFuture
    guard isOverloaded else { return }
    var shadow = instances.nextShadow[vm]
    while shadow >= 0 {
      let slot = Int(shadow)
      if shadows.awaitsOverload[slot] {
        shadowBooks.marginSeconds.append((now - shadows.readyAt[slot]).seconds)
        shadows.awaitsOverload[slot] = false
      }
      shadow = instances.nextShadow[slot]
    }
  }

  func isOverloaded(_ vm: Int) -> Bool {
    vms.offeredCores[vm] > vms.capacityCores[vm] * (1 + VirtualMachines.tolerance)
  }

  /// Books a VM's interval that ends now.
  mutating func settleVM(_ vm: Int, at now: SimTime) {
    let seconds = vms.settle(vm, at: now)
    guard seconds > 0 else { return }
    let model = Int(vms.responseModel[vm])
    if vms.lostRate[vm] > 0 {
      responseTimes.addTimedOut(model: model, weight: vms.lostRate[vm] * seconds)
    }
    var slot = vm
    while slot >= 0 {
      let answering = instances.answering[slot]
      let (offered, capacity) = (answering.offered, answering.capacity)
      if offered > 0 {
        responseTimes.add(
          model: model, offered: offered, capacity: capacity, weight: offered * seconds)
      }
      slot = Int(instances.nextShadow[slot])
    }
  }

  /// Works out the rates of everything touched by the event just handled.
  mutating func settleTouched(_ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    guard !touched.hosts.isEmpty || !touched.vms.isEmpty else { return }
    for host in touched.hosts { settleClock(of: Int(host)) }
    limitPower()
    for host in touched.hosts { reshare(Int(host), at: now) }
    for vm in touched.vms { refresh(Int(vm), &scheduler) }
    touched.clearVMs()
    updatePower(at: now)
    touched.clearHosts()
  }

  /// Shares a host's CPU anew among its instances, max-min with caps.
  private mutating func reshare(_ host: Int, at now: SimTime) {
    hosts.settle(host, at: now)
    scratch.claims.removeAll(keepingCapacity: true)
    var total = 0.0
    for slot in hosts.instances[host] {
      let claim = min(load(of: Int(slot), on: host), cap(of: Int(slot), on: host))
      scratch.claims.append(claim)
      total += claim
    }
    // The hypervisor's own work comes before the instances'.
    let whole = hosts.isServing(host) ? hosts.capacityCores[host] * hosts.speed(of: host) : 0
    let transfers = min(whole, hosts.transferCores[host])
    let capacity = whole - transfers
    let isSaturated = total > capacity * (1 + VirtualMachines.tolerance)
    let level =
      isSaturated ? sharing.level(of: scratch.claims, capacity: capacity) : Double.infinity
    let free = max(0, capacity - total)
    var granted = transfers
    for (index, slot) in hosts.instances[host].enumerated() {
      let slot = Int(slot)
      let amount = min(scratch.claims[index], level)
      let limit = isSaturated ? amount : min(cap(of: slot, on: host), amount + free)
      granted += amount
      if instances.granted[slot] != amount || instances.limit[slot] != limit {
        instances.granted[slot] = amount
        instances.limit[slot] = limit
        touched.touchVM(Int(instances.vm[slot]))
      }
    }
    hosts.grantedCores[host] = granted
    // "Demand at or above capacity" (METRICS.md, SLATAH).
    hosts.isSaturated[host] = total >= capacity * (1 - VirtualMachines.tolerance) && total > 0
  }

  /// What an instance would use if nothing limited it, in reference cores.
  func load(of slot: Int, on host: Int) -> Double {
    let vm = Int(instances.vm[slot])
    // Requests don't reach a host that is cut off; work of its own goes on.
    var load = hosts.isReachable(host) ? instances.share[slot] * vms.offeredCores[vm] : 0
    if slot >= instances.primaryCount {
      return load > 0 ? load : backgroundLoad(of: slot, on: host)
    }
    if vms.workCoreSeconds[vm] > 0 {
      load += vms.workParallelism[vm] * hosts.coreSpeed[host]
    }
    return load
  }

  /// What a shadow without traffic uses.
  private func backgroundLoad(of slot: Int, on host: Int) -> Double {
    let cores =
      switch shadows.state[slot] {
      case .provisioning, .resuming: spec.shadow.provisionCores.value
      case .standby, .syncing, .ready, .active, .draining, .terminating:
        spec.shadow.standbyCores.value
      case .suspended, .terminated: 0.0
      }
    return cores * hosts.coreSpeed[host]
  }

  /// Works out how much of its speed a primary has left, under its migration and its cloning.
  mutating func updateAvailability(of vm: Int, at now: SimTime) {
    var speed = vms.isDown[vm] ? 0.0 : 1.0
    let migration = Int(vms.migration[vm])
    if migration >= 0, let course = migrations[migration]?.course { speed *= course.guestSpeed }
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      speed *= speedOfPrimary(besideShadow: slot)
      slot = Int(instances.nextShadow[slot])
    }
    guard instances.availability[vm] != speed else { return }
    instances.availability[vm] = speed
    touched.touchHost(Int(instances.host[vm]))
    touched.touchVM(vm)
  }

  private func cap(of slot: Int, on host: Int) -> Double {
    instances.sizeCores[slot] * hosts.coreSpeed[host] * hosts.speed(of: host)
      * instances.availability[slot]
  }

  /// Works out what a VM serves and loses from now on.
  private mutating func refresh(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    settleVM(vm, at: now)
    if vms.isMigrating[vm] { updateDirtyRate(of: vm, at: now) }
    followWrites(of: vm, at: now)
    let offered = vms.offeredCores[vm]
    var served = 0.0
    let lost = vms.lostShare[vm] * offered
    var unserved = lost
    // Who asks a target that has failed waits until the timeout.
    vms.lostRate[vm] = lost
    var slot = vm
    while slot >= 0 {
      let load = instances.share[slot] * offered
      let granted = instances.granted[slot]
      // Below the tolerance a difference is rounding of shares, not a shortage.
      if load > granted * (1 + VirtualMachines.tolerance) {
        served += granted
        unserved += load - granted
      } else {
        served += load
      }
      instances.answering[slot] = Answering(offered: load, capacity: instances.limit[slot])
      if load > 0, slot != vm, isOverloaded(vm) { shadows.isUseful[slot] = true }
      slot = Int(instances.nextShadow[slot])
    }
    vms.servedRate[vm] = served
    vms.unservedRate[vm] = unserved
    vms.isDegraded[vm] = unserved > 0
    let host = Int(instances.host[vm])
    let isServing = host >= 0 && hosts.isReachable(host) && instances.availability[vm] > 0
    vms.isOut[vm] = served == 0 && (!isServing || vms.lostShare[vm] >= 1)
    if vms.workCoreSeconds[vm] > 0 || vms.workEvent[vm] != nil { rescheduleWork(vm, &scheduler) }
  }

  /// The finite work of a VM gets what its trace load leaves of the primary's grant.
  private mutating func rescheduleWork(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let traceLoad = instances.share[vm] * vms.offeredCores[vm]
    let rate = max(0, instances.granted[vm] - traceLoad)
    vms.workRate[vm] = rate
    if let handle = vms.workEvent[vm] { _ = scheduler.cancel(handle) }
    vms.workEvent[vm] = nil
    guard vms.workCoreSeconds[vm] > 0, rate > 0 else { return }
    let seconds = vms.workCoreSeconds[vm] / rate
    guard seconds < (end - scheduler.now).seconds + 1 else { return }
    vms.workEvent[vm] = scheduler.schedule(
      .workDone(Int32(vm)), after: .seconds(seconds), priority: 2)
  }

  mutating func finishWork(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    settleVM(vm, at: scheduler.now)
    vms.workEvent[vm] = nil
    vms.workCoreSeconds[vm] = 0
    vms.workRate[vm] = 0
    touched.touchHost(Int(instances.host[vm]))
    touched.touchVM(vm)
    log.append(LogRecord(time: scheduler.now, kind: .workDone, vm: VMID(vm)))
  }

  /// Schedules an event unless it would come after the end of the run.
  mutating func schedule(
    _ event: PlantEvent, at time: SimTime, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    guard time <= end else { return }
    scheduler.schedule(event, at: time, priority: event.priority)
  }
}
