// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Units

/// A forecast on its way from the backend.
struct PendingPlan: Sendable {
  /// Start of the interval that it speaks of.
  var start: SimTime
  var readyAt: SimTime
  var batch: ForecastBatch
  var risk: (next: [Double], withinHour: [Double])
}

// From measured loads to a plan: what is learned, what is forecast, what is believed of it.
extension PVMS {
  /// Takes what was before time zero: how large overloads are, and how they follow each other.
  mutating func recall(_ history: [Double]) {
    let count = inventory.vms.count
    guard count > 0 else { return }
    for start in stride(from: 0, through: history.count - count, by: count) {
      let loads = Array(history[start..<start + count])
      planner.learn(loads, capacityCores: capacityCores)
      _ = predictability.observe(
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
    planner.learn(usual, capacityCores: capacityCores)
    // Grown once and for all, the trees look at the present but do not learn from it.
    risk?.observe(loads)
    let hasChanged = predictability.observe(
      usual, capacities: capacityCores, probabilities: saidOfPresent,
      threshold: parameters.activeRisk)
    if hasChanged, parameters.fallsBack {
      commands.issue(.raiseAlert(Alert(kind: .forecastSkill, reason: predictability.reason)))
    }
    return urgent
  }

  private mutating func findAnomalies(
    _ loads: inout [Double], commands: inout CommandQueue
  ) -> [Int] {
    guard let lower = batch.levels.firstIndex(of: 0.05),
      let upper = batch.levels.firstIndex(of: 0.99)
    else { return [] }
    let count = batch.seriesCount
    func bounds(_ level: Int) -> ArraySlice<Double> {
      let start = batch.quantileIndex(horizon: 0, level: level, series: 0)
      return batch.quantiles[start..<start + count]
    }
    guard
      let findings = anomalies?.observe(&loads, lower: bounds(lower), upper: bounds(upper))
    else { return [] }
    for finding in findings {
      commands.issue(
        .raiseAlert(Alert(kind: .anomaly, vm: VMID(finding.vm), reason: finding.reason)),
        because: .init(
          forecastCores: batch.mean[finding.vm],
          upperCores: bounds(upper)[bounds(upper).startIndex + finding.vm]))
    }
    return findings.filter {
      $0.load > parameters.anomalyLoad * capacityCores[$0.vm] && $0.load > batch.mean[$0.vm]
    }.map(\.vm)
  }

  /// Forecasts of the interval that begins at `nowcast.start`, to be seen when the backend's answer
  /// is there. VMs that are `anomalous` get a shadow whatever is forecast.
  mutating func prepare(answer: ComputeAnswer, issuedAt now: SimTime, anomalous: [Int]) {
    forecaster.forecast(into: &batch)
    let forecast = risk?.probabilities() ?? probabilitiesFromForecast()
    saidOfPresent = forecast.next
    var believed = believed(forecast)
    for vm in anomalous {
      believed.next[vm] = 1
      believed.withinHour[vm] = 1
    }
    let plan = PendingPlan(
      start: nowcast.start, readyAt: answer.readyAt, batch: batch, risk: believed)
    // Answers may overtake each other: those that come first are first, equal ones in order.
    let place = pending.firstIndex { $0.readyAt > plan.readyAt } ?? pending.endIndex
    pending.insert(plan, at: place)
    recordForecasts(issuedAt: now, nextRisk: forecast.next)
  }

  /// Acts from now on by the forecasts that have arrived. A late one is used as what it is: it still
  /// speaks of the interval that it was made for and of the hour after it.
  ///
  /// - Returns: Whether there were any.
  @discardableResult
  mutating func adoptPlans(at now: SimTime) -> Bool {
    var isNew = false
    while let plan = pending.first, plan.readyAt <= now {
      // What an overtaken answer speaks of is past.
      pending.removeAll { $0.start <= plan.start }
      planner.replan(
        batch: plan.batch, risk: plan.risk, capacityCores: capacityCores, from: plan.start,
        interval: inventory.sampleInterval, leadTime: lead.activation)
      power.replan(plan.batch)
      isNew = true
    }
    return isNew
  }

  /// What to act on: the forecasts, or a hold-off while they are no better. Without foresight there
  /// is nobody to keep a standby for rather than anybody else. A probability that is none (a model
  /// that failed) is replaced in the same way.
  private func believed(
    _ forecast: (next: [Double], withinHour: [Double])
  ) -> (next: [Double], withinHour: [Double]) {
    let isTrusted = !parameters.fallsBack || predictability.isTrusted
    let isWhole = forecast.next.allSatisfy(\.isFinite)
    if isTrusted, isWhole { return forecast }
    let holdOff = predictability.holdOffProbabilities()
    var believed = forecast
    for vm in holdOff.indices where !isTrusted || !forecast.next[vm].isFinite {
      believed.next[vm] = holdOff[vm] > parameters.activeRisk ? holdOff[vm] : 0
      believed.withinHour[vm] = 0
    }
    return believed
  }

  private func probabilitiesFromForecast() -> (next: [Double], withinHour: [Double]) {
    let next = capacityCores.indices.map {
      overloadProbability(batch, horizon: 0, series: $0, capacity: capacityCores[$0])
    }
    let withinHour = capacityCores.indices.map {
      max(
        next[$0], overloadProbability(batch, horizon: 1, series: $0, capacity: capacityCores[$0]))
    }
    return (next, withinHour)
  }

  private mutating func recordForecasts(issuedAt now: SimTime, nextRisk: [Double]) {
    let count = batch.seriesCount
    guard let lower = batch.levels.firstIndex(of: 0.05),
      let upper = batch.levels.firstIndex(of: 0.95)
    else { return }
    for (index, horizon) in batch.horizons.enumerated() {
      let lowerStart = batch.quantileIndex(horizon: index, level: lower, series: 0)
      let upperStart = batch.quantileIndex(horizon: index, level: upper, series: 0)
      records.append(
        ForecastRecord(
          issuedAt: now, targetStart: nowcast.start + inventory.sampleInterval * (horizon - 1),
          horizon: horizon, meanCores: Array(batch.mean[index * count..<(index + 1) * count]),
          lowerCores: Array(batch.quantiles[lowerStart..<lowerStart + count]),
          upperCores: Array(batch.quantiles[upperStart..<upperStart + count]),
          overloadProbability: index == 0 ? nextRisk : [], alarmThreshold: parameters.activeRisk))
    }
  }
}
