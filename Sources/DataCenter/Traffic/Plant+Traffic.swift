// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import SimulationKernel
import TrafficModels
import Units

// Moving shares of a VM's load between its instances. A VM has a `LoadBalancer` from the time its
// first shadow answers, or its primary fails, until everything is with the primary again.
extension Plant {
  /// Orders the balancer to send `share` of the VM's new sessions to a ready shadow.
  mutating func shiftTraffic(
    _ slot: Int, share: Double, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let now = scheduler.now
    let vm = Int(instances.vm[slot])
    let state = shadows.state[slot]
    let target = Int(shadows.target[slot])
    guard state == .ready || state == .active || state == .draining, target > 0 else {
      return .refused(.wrongState)
    }
    if state == .draining, share > 0 {
      // Taken back into service before its sessions ended.
      enter(.active, slot, at: now)
    }
    let isThere =
      instances.share[slot] == share && balancers[vm]?.isSettled(target) == true
      && balancers[vm]?.weight(of: target) == share
    if isThere, state != .draining { return .done(shadowID(slot)) }
    cancelShift(slot, &scheduler)
    shadows.orderedShare[slot] = share
    shadows.shiftCommand[slot] = command
    // Draining already: this command is answered when the sessions have ended.
    if isThere { return .accepted(shadowID(slot)) }
    settleVM(vm, at: now)
    balancers[vm].update { $0.order(share: share, of: target, at: now) }
    followBalancer(of: vm, &scheduler)
    return .accepted(shadowID(slot))
  }

  /// Withdraws a shift that is on its way or draining; its command has failed.
  mutating func cancelShift(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    guard let command = shadows.shiftCommand[slot] else { return }
    shadows.shiftCommand[slot] = nil
    report(command, .failed(.cancelled, shadowID(slot)), &scheduler)
  }

  // MARK: Targets

  private mutating func needBalancer(of vm: Int, at now: SimTime) {
    settleVM(vm, at: now)
    if balancers[vm] == nil { balancers[vm] = LoadBalancer(spec: spec.traffic, start: now) }
  }

  /// A shadow answers from now on: the balancer checks it.
  mutating func register(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    let vm = Int(instances.vm[slot])
    needBalancer(of: vm, at: now)
    var target = 0
    balancers[vm].update { target = $0.addTarget(at: now) }
    shadows.target[slot] = Int32(target)
    followBalancer(of: vm, &scheduler)
  }

  /// A shadow is taken out in good order: what it had goes to the others at once.
  mutating func deregister(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let target = Int(shadows.target[slot])
    guard target > 0 else { return }
    let vm = Int(instances.vm[slot])
    shadows.target[slot] = -1
    instances.share[slot] = 0
    settleVM(vm, at: scheduler.now)
    balancers[vm].update { $0.removeTarget(target, at: scheduler.now) }
    followBalancer(of: vm, &scheduler)
  }

  /// A shadow has gone with its host: its share is lost until the balancer notices.
  mutating func failTarget(of slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let target = Int(shadows.target[slot])
    guard target > 0 else { return }
    let vm = Int(instances.vm[slot])
    shadows.target[slot] = -1
    instances.share[slot] = 0
    settleVM(vm, at: scheduler.now)
    balancers[vm].update { $0.fail(target, at: scheduler.now, isGone: true) }
    followBalancer(of: vm, &scheduler)
  }

  /// The primary has gone with its host, or answers again.
  mutating func changePrimary(
    of vm: Int, answers: Bool, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let now = scheduler.now
    needBalancer(of: vm, at: now)
    balancers[vm].update { answers ? $0.recover(0, at: now) : $0.fail(0, at: now) }
    followBalancer(of: vm, &scheduler)
  }

  // MARK: What the balancer does

  mutating func continueBalancer(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    balancerEvents[vm] = nil
    settleVM(vm, at: scheduler.now)
    balancers[vm].update { $0.advance(to: scheduler.now) }
    followBalancer(of: vm, &scheduler)
  }

  /// Takes over the balancer's shares, follows what they mean for shadows, and schedules its next
  /// event.
  private mutating func followBalancer(of vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    guard let balancer = balancers[vm] else { return }
    instances.share[vm] = balancer.shares[0]
    vms.lostShare[vm] = balancer.lostShare
    var slot = Int(instances.nextShadow[vm])
    var hasTargets = false
    var shifted: [Int] = []
    while slot >= 0 {
      let target = Int(shadows.target[slot])
      if target > 0 {
        hasTargets = true
        instances.share[slot] = balancer.shares[target]
        shifted.append(slot)
      }
      slot = Int(instances.nextShadow[slot])
    }
    touchInstances(of: vm)
    if let handle = balancerEvents[vm] { _ = scheduler.cancel(handle) }
    balancerEvents[vm] = nil
    if let next = balancer.nextEvent() {
      if next <= end {
        balancerEvents[vm] = scheduler.schedule(
          .balancerEvent(Int32(vm)), at: max(next, scheduler.now),
          priority: PlantEvent.balancerEvent(0).priority)
      }
    } else if !hasTargets, balancer.shares[0] == 1 {
      balancers[vm] = nil
    }
    for slot in shifted { followTarget(slot, balancer, &scheduler) }
  }

  private mutating func followTarget(
    _ slot: Int, _ balancer: LoadBalancer, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let now = scheduler.now
    let target = Int(shadows.target[slot])
    guard target > 0 else { return }
    let weight = balancer.weight(of: target)
    let hasTraffic = weight > 0 || instances.share[slot] > 0
    if hasTraffic, shadows.state[slot] == .ready { enter(.active, slot, at: now) }
    guard balancer.isSettled(target), shadows.shiftCommand[slot] != nil else { return }
    if shadows.orderedShare[slot] > 0 {
      record(.trafficShifted, slot: slot, at: now, value: weight)
      reportShift(slot, &scheduler)
    } else if balancer.isDrained(target) {
      record(.trafficShifted, slot: slot, at: now, value: 0)
      if shadows.state[slot] != .ready { enter(.ready, slot, at: now) }
      // Traffic is away only when the sessions have ended.
      reportShift(slot, &scheduler)
    } else if shadows.state[slot] == .active {
      enter(.draining, slot, at: now)
    }
  }

  private mutating func reportShift(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let command = shadows.shiftCommand[slot]
    shadows.shiftCommand[slot] = nil
    report(command, .done(shadowID(slot)), &scheduler)
  }

  // MARK: Helpers

  /// Hosts of all instances of a VM; -1 for one without host.
  func instanceHosts(of vm: Int) -> [Int] {
    var result: [Int] = []
    var slot = vm
    while slot >= 0 {
      result.append(Int(instances.host[slot]))
      slot = Int(instances.nextShadow[slot])
    }
    return result
  }

  /// Everything that runs for the VM must be shared anew.
  mutating func touchInstances(of vm: Int) {
    for host in instanceHosts(of: vm) { touched.touchHost(host) }
    touched.touchVM(vm)
  }
}
