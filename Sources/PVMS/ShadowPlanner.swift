// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Units

/// Decides, from forecasts and present load, how many shadows of each VM carry traffic and which
/// VMs keep a standby; the actuator brings it about.
///
/// A plan speaks of one sample interval and is made before it begins. Until it begins the larger of
/// the old and the new plan holds, so that traffic has moved in time; afterwards the new plan alone,
/// as soon as telemetry of the new interval shows that nothing unforeseen has happened.
struct ShadowPlanner: Sendable {
  private let parameters: PVMSParameters
  private var actuator: ShadowActuator
  private var plannedCount: [Int]
  private var heldCount: [Int]
  private var planStart: SimTime = .zero
  private var standbyUntil: [SimTime]
  private var surpriseUntil: [SimTime]
  private var surpriseCount: [Int]
  private var rationales: [CommandQueue.Rationale]

  init(parameters: PVMSParameters, vmCount: Int) {
    self.parameters = parameters
    actuator = ShadowActuator(vmCount: vmCount, standbySize: Fraction(parameters.standbySize))
    plannedCount = [Int](repeating: 0, count: vmCount)
    heldCount = plannedCount
    standbyUntil = [SimTime](repeating: .zero, count: vmCount)
    surpriseUntil = standbyUntil
    surpriseCount = plannedCount
    rationales = [CommandQueue.Rationale](repeating: .init(), count: vmCount)
  }

  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    actuator.receive(outcome, commands: &commands)
  }

  mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue) {
    actuator.notice(incident, at: now, commands: &commands)
  }

  /// Makes the plan for the interval that begins at `start`.
  mutating func replan(
    batch: ForecastBatch, risk: (next: [Double], withinHour: [Double]), capacityCores: [Double],
    from start: SimTime, interval: SimTime, leadTime: SimTime
  ) {
    planStart = start
    for vm in capacityCores.indices {
      let capacity = capacityCores[vm]
      let soon = risk.next[vm]
      let withinHour = max(soon, risk.withinHour[vm])
      heldCount[vm] = max(plannedCount[vm], currentSurprise(vm, at: start))
      let upper = loadExceeded(
        withProbability: parameters.activeRisk, batch, horizon: 0, series: vm)
      let count = max(
        1,
        shadowsNeeded(
          for: upper, capacity: capacity, threshold: 1, atMost: parameters.maximumShadows))
      let excess = expectedExcess(batch, horizon: 0, series: vm, capacity: capacity)
      let price = parameters.riskLevel * Double(count) * capacity
      let isWorthIt = isActiveWorthIt(vm, soon: soon, excess: excess, price: price)
      plannedCount[vm] = isWorthIt ? count : 0
      let isStandbyWanted = withinHour > parameters.standbyRisk
      if isStandbyWanted { standbyUntil[vm] = start + parameters.standbyDwell }
      let speaksOfHour = !isWorthIt && isStandbyWanted
      rationales[vm] = CommandQueue.Rationale(
        forecastCores: batch.mean[vm], upperCores: upper,
        overloadProbability: speaksOfHour ? withinHour : soon,
        horizonSeconds: speaksOfHour ? 3600 : interval.seconds, leadTimeSeconds: leadTime.seconds,
        expectedGainCoreSeconds: (soon * excess - price) * interval.seconds)
    }
  }

  /// Whether a shadow should carry traffic; one that does already needs less to go on.
  ///
  /// - Parameters:
  ///   - soon: Probability of overload in the interval.
  ///   - excess: Cores above capacity that an overload brings.
  ///   - price: Cores above capacity that the shadow must save in expectation.
  private func isActiveWorthIt(_ vm: Int, soon: Double, excess: Double, price: Double) -> Bool {
    let part = plannedCount[vm] > 0 ? parameters.releaseFactor : 1
    return switch parameters.objective {
    case .degradedTime: soon > parameters.activeRisk * part
    case .unservedWork: soon * excess > price * part
    }
  }

  private func currentSurprise(_ vm: Int, at now: SimTime) -> Int {
    now < surpriseUntil[vm] ? surpriseCount[vm] : 0
  }

  /// States the goal of every VM.
  ///
  /// `isFresh` says whether `loads` were measured in the interval that the plan speaks of.
  mutating func act(
    at now: SimTime, loads: [Double], isFresh: Bool, capacityCores: [Double],
    commands: inout CommandQueue
  ) {
    for vm in loads.indices {
      // What the plan covers is no surprise; stale telemetry of the last interval says nothing.
      let covered = now < planStart ? heldCount[vm] : plannedCount[vm]
      if isFresh || now < planStart, loads[vm].isFinite {
        let needed = shadowsNeeded(
          for: loads[vm], capacity: capacityCores[vm], threshold: parameters.reactiveThreshold,
          atMost: parameters.maximumShadows)
        if needed > covered {
          surpriseCount[vm] = needed
          surpriseUntil[vm] = now + max(parameters.surpriseHoldOff, .milliseconds(1))
        }
      }
      var count = plannedCount[vm]
      if now < planStart || !isFresh { count = max(count, heldCount[vm]) }
      count = max(count, currentSurprise(vm, at: now))
      let goal: ShadowGoal =
        count > 0 ? .active(count: count) : now < standbyUntil[vm] ? .standby : .none
      if goal != actuator.goal(of: VMID(vm)) || goal != .none {
        actuator.want(
          goal, for: VMID(vm), at: now, because: rationales[vm], commands: &commands)
      }
    }
  }
}
