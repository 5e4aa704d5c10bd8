// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Units

/// Decides, from forecasts and present load, how many shadows of each VM carry traffic and how many
/// stand by; the actuator brings it about.
///
/// A plan speaks of one sample interval and is made before it begins. Until it begins the larger of
/// the old and the new plan holds, so that traffic has moved in time; afterwards the new plan alone,
/// as soon as telemetry of the new interval shows that nothing unforeseen has happened.
struct ShadowPlanner: Sendable, Codable {
  @Given private var parameters: PVMSParameters
  private var actuator: ShadowActuator
  private var needs: OverloadNeeds
  private var plannedCount: [Int]
  private var heldCount: [Int]
  private var planStart: SimTime = .zero
  /// Shadows of any kind that should exist, and until when.
  private var keptCount: [Int]
  private var keptUntil: [SimTime]
  private var surpriseUntil: [SimTime]
  private var surpriseCount: [Int]
  private var rationales: [CommandQueue.Rationale]

  init(parameters: PVMSParameters, vmCount: Int) {
    self.parameters = parameters
    actuator = ShadowActuator(
      vmCount: vmCount, standbySize: Fraction(parameters.standbySize),
      hourlyLimit: parameters.actionsPerHour)
    needs = OverloadNeeds(vmCount: vmCount, limit: parameters.maximumShadows)
    plannedCount = [Int](repeating: 0, count: vmCount)
    heldCount = plannedCount
    keptCount = plannedCount
    keptUntil = [SimTime](repeating: .zero, count: vmCount)
    surpriseUntil = keptUntil
    surpriseCount = plannedCount
    rationales = [CommandQueue.Rationale](repeating: .init(), count: vmCount)
  }

  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    actuator.receive(outcome, commands: &commands)
  }

  mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue) {
    actuator.notice(incident, at: now, commands: &commands)
  }

  /// Hosts on which no new shadow is put from now on.
  mutating func avoid(_ hosts: [HostID]) { actuator.avoidedHosts = hosts }

  /// Gives suspended shadows on these hosts up, so that the hosts get empty; what is still wanted is
  /// made anew elsewhere.
  mutating func leave(
    _ hosts: [HostID], shadows: [TelemetryFrame.Shadow], at now: SimTime,
    commands: inout CommandQueue
  ) {
    guard !hosts.isEmpty, !shadows.isEmpty else { return }
    let leaving = Set(hosts)
    for shadow in shadows where shadow.state == .suspended && leaving.contains(shadow.host) {
      actuator.giveUpStandby(shadow.id, of: shadow.vm, at: now, commands: &commands)
    }
  }

  /// Takes the mean loads of an interval.
  mutating func learn(_ loads: [Double], capacityCores: [Double]) {
    needs.observe(loads, capacities: capacityCores)
  }

  /// Makes the plan for the interval that begins at `start`.
  mutating func replan(
    batch: ForecastBatch, risk: OverloadRisks, capacityCores: [Double],
    from start: SimTime, interval: SimTime, leadTime: SimTime
  ) {
    planStart = start
    for vm in capacityCores.indices {
      let capacity = capacityCores[vm]
      let soon = risk.next[vm]
      let withinHour = max(soon, risk.withinHour[vm])
      heldCount[vm] = max(plannedCount[vm], currentSurprise(vm, at: start))
      let tomorrow = overloadProbability(
        batch, horizon: batch.horizons.count - 1, series: vm, capacity: capacity)
      let excess = expectedExcess(batch, horizon: 0, series: vm, capacity: capacity)
      plannedCount[vm] = activeCount(vm, soon: soon, excess: excess / capacity)
      let isStandbyWanted = withinHour > parameters.standbyRisk
      keep(standbyCount(vm, withinHour: withinHour), of: vm, from: start)
      // Nothing soon and nothing at this time tomorrow: not even worth its memory for the dwell time.
      if withinHour <= parameters.standbyRisk * parameters.releaseFactor,
        tomorrow < parameters.dayRisk
      {
        keptUntil[vm] = min(keptUntil[vm], start)
      }
      let speaksOfHour = plannedCount[vm] == 0 && isStandbyWanted
      let price = parameters.riskLevel * Double(max(1, plannedCount[vm])) * capacity
      rationales[vm] = CommandQueue.Rationale(
        forecastCores: batch.mean[vm],
        upperCores: loadExceeded(
          withProbability: parameters.activeRisk, batch, horizon: 0, series: vm),
        overloadProbability: speaksOfHour ? withinHour : soon,
        horizonSeconds: speaksOfHour ? 3600 : interval.seconds, leadTimeSeconds: leadTime.seconds,
        expectedGainCoreSeconds: (soon * excess - price) * interval.seconds)
    }
  }

  /// Number of shadows that should carry traffic when overload is as likely as `soon` and brings
  /// `excess` capacities of load above the first; those that do already need less to go on.
  private func activeCount(_ vm: Int, soon: Double, excess: Double) -> Int {
    // A small excess is worth little work, but degrades the VM as much as a large one.
    let worth = parameters.objective == .unservedWork ? soon * min(1, excess) : soon
    let count = needs.bestCount(vm: vm, risk: worth, price: parameters.activeRisk)
    guard count < plannedCount[vm] else { return count }
    let held = needs.bestCount(
      vm: vm, risk: worth, price: parameters.activeRisk * parameters.releaseFactor)
    return max(count, min(held, plannedCount[vm]))
  }

  /// Number of shadows that should exist. The first is cheap for what it saves; further ones are
  /// held to the standard of active ones.
  private func standbyCount(_ vm: Int, withinHour: Double) -> Int {
    guard withinHour > parameters.standbyRisk else { return 0 }
    return max(1, needs.count(vm: vm, risk: withinHour, threshold: parameters.activeRisk))
  }

  /// Keeps so many shadows for the dwell time; what was kept for longer or more stays until then.
  private mutating func keep(_ count: Int, of vm: Int, from start: SimTime) {
    guard count > 0, count >= keptCount[vm] || start >= keptUntil[vm] else { return }
    keptCount[vm] = count
    keptUntil[vm] = start + parameters.standbyDwell
  }

  private func currentSurprise(_ vm: Int, at now: SimTime) -> Int {
    now < surpriseUntil[vm] ? surpriseCount[vm] : 0
  }

  /// States the goal of every VM.
  ///
  /// Loads measured before the interval that the plan speaks of say nothing about it.
  mutating func act(
    at now: SimTime, loads: [Double], measuredAt: SimTime, capacityCores: [Double],
    commands: inout CommandQueue
  ) {
    let isFresh = measuredAt >= planStart
    for vm in loads.indices {
      // What the plan covers is no surprise; stale telemetry of the last interval says nothing.
      let covered = now < planStart ? heldCount[vm] : plannedCount[vm]
      if isFresh || now < planStart, loads[vm].isFinite {
        let needed = shadowsNeeded(
          for: loads[vm], capacity: capacityCores[vm], threshold: parameters.reactiveThreshold,
          atMost: parameters.maximumShadows)
        if needed > covered, needed >= currentSurprise(vm, at: now) {
          surpriseCount[vm] = needed
          surpriseUntil[vm] = now + max(parameters.surpriseHoldOff, .milliseconds(1))
        }
      }
      var count = plannedCount[vm]
      if now < planStart || !isFresh { count = max(count, heldCount[vm]) }
      count = max(count, currentSurprise(vm, at: now))
      let kept = now < keptUntil[vm] ? keptCount[vm] : 0
      let goal = ShadowGoal(active: count, standby: max(0, kept - count))
      actuator.want(goal, for: VMID(vm), at: now, because: rationales[vm], commands: &commands)
    }
  }
}
