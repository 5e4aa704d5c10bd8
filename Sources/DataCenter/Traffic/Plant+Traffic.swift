// SPDX-License-Identifier: Apache-2.0
import TrafficModels
import ControlPlane
import SimulationKernel
import Units

// Moving a share of a VM's load between its instances.
extension Plant {
  /// Orders the balancer to send `share` of the VM's load to a ready shadow.
  mutating func shiftTraffic(
    _ slot: Int, share: Double, command: CommandID, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let state = shadows.state[slot]
    if state == .draining, share > 0 {
      // Taken back into service before its sessions ended.
      cancelStep(slot, &scheduler)
      enter(.active, slot, at: scheduler.now)
    } else {
      guard state == .ready || state == .active || (state == .draining && share == 0) else {
        return .refused(.wrongState)
      }
    }
    let isThere = instances.share[slot] == share && shadows.shiftEvent[slot] == nil
    if isThere, state != .draining { return .done(shadowID(slot)) }
    cancelShift(slot, &scheduler)
    shadows.orderedShare[slot] = share
    shadows.shiftCommand[slot] = command
    // Draining already: this command is answered when the sessions have ended.
    if isThere { return .accepted(shadowID(slot)) }
    shadows.shiftEvent[slot] = scheduler.schedule(
      .trafficShifted(Int32(slot)), after: shiftDelay(of: slot, at: scheduler.now),
      priority: PlantEvent.trafficShifted(0).priority)
    return .accepted(shadowID(slot))
  }

  /// New weights take the shift time, and an instance that has just begun to answer is first given
  /// its health check.
  private func shiftDelay(of slot: Int, at now: SimTime) -> SimTime {
    max(spec.traffic.shiftTime, shadows.readyAt[slot] + spec.traffic.healthCheckDelay - now)
  }

  /// Without session affinity only requests under way are left; with it, sessions end exponentially
  /// and what is left of them after the timeout is cut. Five means leave less than 1 %.
  private var drainTime: SimTime {
    min(spec.traffic.drainTimeout, spec.traffic.sessionMean * 5)
  }

  /// Withdraws a shift that is on its way or draining; its command has failed.
  mutating func cancelShift(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if let handle = shadows.shiftEvent[slot] { _ = scheduler.cancel(handle) }
    shadows.shiftEvent[slot] = nil
    if let command = shadows.shiftCommand[slot] {
      shadows.shiftCommand[slot] = nil
      report(command, .failed(.cancelled, shadowID(slot)), &scheduler)
    }
  }

  /// The balancer has new weights: the primary takes what the shadows don't.
  mutating func applyShare(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    let vm = Int(instances.vm[slot])
    shadows.shiftEvent[slot] = nil
    settleVM(vm, at: now)
    let others = shareOfShadows(of: vm, except: slot)
    let share = min(shadows.orderedShare[slot], max(0, 1 - others))
    instances.share[slot] = share
    instances.share[vm] = max(0, 1 - others - share)
    touchInstances(of: vm)
    record(.trafficShifted, slot: slot, at: now, value: share)
    if share > 0 {
      if shadows.state[slot] != .active { enter(.active, slot, at: now) }
    } else if shadows.state[slot] == .active {
      cancelStep(slot, &scheduler)
      enter(.draining, slot, at: now)
      shadows.stepEvent[slot] = scheduler.schedule(
        .trafficDrained(Int32(slot)), after: drainTime,
        priority: PlantEvent.trafficDrained(0).priority)
      // Traffic is away only when the sessions have ended: `finishDrain` reports.
      return
    }
    reportShift(slot, &scheduler)
  }

  private mutating func reportShift(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let command = shadows.shiftCommand[slot]
    shadows.shiftCommand[slot] = nil
    report(command, .done(shadowID(slot)), &scheduler)
  }

  mutating func finishDrain(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    shadows.stepEvent[slot] = nil
    enter(.ready, slot, at: scheduler.now)
    reportShift(slot, &scheduler)
  }

  private func shareOfShadows(of vm: Int, except excluded: Int) -> Double {
    var sum = 0.0
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      if slot != excluded { sum += instances.share[slot] }
      slot = Int(instances.nextShadow[slot])
    }
    return sum
  }

  /// Everything that runs for the VM must be shared anew.
  func instanceHosts(of vm: Int) -> [Int] {
    var result: [Int] = []
    var slot = vm
    while slot >= 0 {
      result.append(Int(instances.host[slot]))
      slot = Int(instances.nextShadow[slot])
    }
    return result
  }

  mutating func touchInstances(of vm: Int) {
    for host in instanceHosts(of: vm) { touched.touchHost(host) }
    touched.touchVM(vm)
  }
}
