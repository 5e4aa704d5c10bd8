// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Units

// From measured loads to a plan: what is learned, what is forecast, what is believed of it.
extension PVMS {
  /// Takes what was before time zero: how large overloads are, and how they follow each other.
  mutating func recall(_ history: [Double]) {
    let count = inventory.vms.count
    guard count > 0 else { return }
    for start in stride(from: 0, through: history.count - count, by: count) {
      let loads = Array(history[start..<start + count])
      state.planner.learn(loads, capacityCores: capacityCores)
      _ = state.predictability.observe(
        loads, capacities: capacityCores, probabilities: [], threshold: 1)
    }
  }

  /// Takes the loads of an interval, and whether its forecasts were worth anything.
  ///
  /// - Returns: VMs whose load is an anomaly and close to capacity: they need help now.
  mutating func learn(_ loads: [Double], commands: inout CommandQueue) -> [Int] {
    var usual = loads
    let urgent = findAnomalies(&usual, commands: &commands)
    forecaster.observe(usual)
    state.planner.learn(usual, capacityCores: capacityCores)
    // Grown once and for all, the trees look at the present but do not learn from it.
    risk?.observe(loads)
    let hasChanged = state.predictability.observe(
      usual, capacities: capacityCores, probabilities: state.saidOfPresent,
      threshold: parameters.activeRisk)
    if hasChanged, parameters.fallsBack {
      commands.issue(.raiseAlert(Alert(kind: .forecastSkill, reason: state.predictability.reason)))
    }
    return urgent
  }

  private mutating func findAnomalies(
    _ loads: inout [Double], commands: inout CommandQueue
  ) -> [Int] {
    guard let lower = state.batch.levels.firstIndex(of: 0.05),
      let upper = state.batch.levels.firstIndex(of: 0.99)
    else { return [] }
    let count = state.batch.seriesCount
    func bounds(_ level: Int) -> ArraySlice<Double> {
      let start = state.batch.quantileIndex(horizon: 0, level: level, series: 0)
      return state.batch.quantiles[start..<start + count]
    }
    guard
      let findings = anomalies?.observe(&loads, lower: bounds(lower), upper: bounds(upper))
    else { return [] }
    for finding in findings {
      commands.issue(
        .raiseAlert(Alert(kind: .anomaly, vm: VMID(finding.vm), reason: finding.reason)),
        because: .init(
          forecastCores: state.batch.mean[finding.vm],
          upperCores: bounds(upper)[bounds(upper).startIndex + finding.vm]))
    }
    return findings.filter {
      $0.load > parameters.anomalyLoad * capacityCores[$0.vm] && $0.load > state.batch.mean[$0.vm]
    }.map(\.vm)
  }

  /// Lets the models speak of the interval that follows what they have seen.
  mutating func forecastRisks() -> OverloadRisks {
    forecaster.forecast(into: &state.batch)
    let risks = risk?.probabilities()
    let forecast =
      risks.map { OverloadRisks(next: $0.next, withinHour: $0.withinHour) }
      ?? probabilitiesFromForecast()
    state.saidOfPresent = forecast.next
    return forecast
  }

  /// Forecasts of the interval that begins at `start`, to be seen when the backend's answer is there.
  /// VMs that are `anomalous` get a shadow whatever is forecast.
  mutating func plan(
    for start: SimTime, answer: ComputeAnswer, issuedAt now: SimTime, anomalous: [Int]
  ) {
    let forecast = forecastRisks()
    var believed = believed(forecast)
    for vm in anomalous {
      believed.next[vm] = 1
      believed.withinHour[vm] = 1
    }
    let plan = PendingPlan(
      start: start, readyAt: answer.readyAt, batch: state.batch, risk: believed)
    // Answers may overtake each other: those that come first are first, equal ones in order.
    let place = state.pending.firstIndex { $0.readyAt > plan.readyAt } ?? state.pending.endIndex
    state.pending.insert(plan, at: place)
    // What is made up for after an absence speaks of the past: no forecast to be scored.
    if start + inventory.sampleInterval > now {
      recordForecasts(
        for: start, issuedAt: now, answeredAt: answer.readyAt, nextRisk: forecast.next)
    }
  }

  /// Acts from now on by the forecasts that have arrived. A late one is used as what it is: it still
  /// speaks of the interval that it was made for and of the hour after it.
  ///
  /// - Returns: Whether there were any.
  @discardableResult
  mutating func adoptPlans(at now: SimTime) -> Bool {
    var isNew = false
    while let plan = state.pending.first, plan.readyAt <= now {
      // What an overtaken answer speaks of is past.
      state.pending.removeAll { $0.start <= plan.start }
      state.planner.replan(
        batch: plan.batch, risk: plan.risk, capacityCores: capacityCores, from: plan.start,
        interval: inventory.sampleInterval, leadTime: state.lead.activation)
      state.power.replan(plan.batch)
      isNew = true
    }
    return isNew
  }

  /// What to act on: the forecasts, or a hold-off while they are no better. Without foresight there
  /// is nobody to keep a standby for rather than anybody else. A probability that is none (a model
  /// that failed) is replaced in the same way.
  private func believed(
    _ forecast: OverloadRisks
  ) -> OverloadRisks {
    let isTrusted = !parameters.fallsBack || state.predictability.isTrusted
    let isWhole = forecast.next.allSatisfy(\.isFinite)
    if isTrusted, isWhole { return forecast }
    let holdOff = state.predictability.holdOffProbabilities()
    var believed = forecast
    for vm in holdOff.indices where !isTrusted || !forecast.next[vm].isFinite {
      believed.next[vm] = holdOff[vm] > parameters.activeRisk ? holdOff[vm] : 0
      believed.withinHour[vm] = 0
    }
    return believed
  }

  private func probabilitiesFromForecast() -> OverloadRisks {
    let next = capacityCores.indices.map {
      overloadProbability(state.batch, horizon: 0, series: $0, capacity: capacityCores[$0])
    }
    let withinHour = capacityCores.indices.map {
      max(
        next[$0],
        overloadProbability(state.batch, horizon: 1, series: $0, capacity: capacityCores[$0]))
    }
    return OverloadRisks(next: next, withinHour: withinHour)
  }

  private mutating func recordForecasts(
    for start: SimTime, issuedAt now: SimTime, answeredAt: SimTime, nextRisk: [Double]
  ) {
    let count = state.batch.seriesCount
    guard let lower = state.batch.levels.firstIndex(of: 0.05),
      let upper = state.batch.levels.firstIndex(of: 0.95)
    else { return }
    for (index, horizon) in state.batch.horizons.enumerated() {
      let lowerStart = state.batch.quantileIndex(horizon: index, level: lower, series: 0)
      let upperStart = state.batch.quantileIndex(horizon: index, level: upper, series: 0)
      records.append(
        ForecastRecord(
          issuedAt: now, targetStart: start + inventory.sampleInterval * (horizon - 1),
          horizon: horizon, meanCores: Array(state.batch.mean[index * count..<(index + 1) * count]),
          lowerCores: Array(state.batch.quantiles[lowerStart..<lowerStart + count]),
          upperCores: Array(state.batch.quantiles[upperStart..<upperStart + count]),
          overloadProbability: index == 0 ? nextRisk : [], alarmThreshold: parameters.activeRisk,
          answeredAt: answeredAt))
    }
  }
}
