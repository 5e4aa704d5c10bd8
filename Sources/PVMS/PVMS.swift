// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import Forecasting
public import Units

/// Predictive Virtual Machine Shadowing.
///
/// Once a sample interval, a little before it ends, every VM's load is forecast. Two probabilities
/// decide: overload in the next interval (traffic is shifted to a shadow before it begins) and
/// overload within the hour (a cheap suspended standby is kept, because making a shadow from
/// nothing takes longer than one interval's warning). What the forecast missed is dealt with as
/// the reactive policy would. See `PREDICTABILITY` in the module's documentation for why.
public struct PVMS: ManagementPolicy {
  let parameters: PVMSParameters
  let inventory: Inventory
  private var forecaster: any Forecaster
  private var risk: (any OverloadRiskModel)?
  private var batch: ForecastBatch
  private var nowcast: LoadNowcast
  private var planner: ShadowPlanner
  private var maintenance: MaintenancePlanner
  private var lead: LeadTimeEstimate
  private var records: [ForecastRecord] = []
  private var frame: TelemetryFrame?
  private var actedAt: SimTime = .zero
  /// Time stamp of the frame that was last acted on.
  private var actedOn: SimTime?
  private let capacityCores: [Double]
  private var predictability: Predictability
  /// What the forecasts said of the interval that is being filled.
  private var saidOfPresent: [Double] = []

  /// Levels of the quantiles that PVMS asks its forecaster for.
  public static let levels = [0.05, 0.5, 0.8, 0.9, 0.95, 0.99]
  /// Steps ahead: the next interval, and what an hour and a day are depends on the interval.
  public static func horizons(interval: SimTime) -> [Int] {
    let hour = max(2, SimTime.hours(1) / interval)
    let day = max(hour + 1, SimTime.days(1) / interval)
    return [1, hour, day]
  }

  /// A policy ready for time zero.
  ///
  /// - Parameters:
  ///   - parameters: The knobs.
  ///   - inventory: The data center.
  ///   - forecaster: Follows one series a VM, in cores, one step a sample interval; already
  ///     trained on, and fed with, the history before time zero.
  ///   - risk: A direct model of overload; without one, overload is read off the forecasts.
  ///   - history: Mean loads before time zero in cores, `[interval, VM]` row-major, oldest first;
  ///     NaN is missing.
  public init(
    parameters: PVMSParameters, inventory: Inventory, forecaster: any Forecaster,
    risk: (any OverloadRiskModel)? = nil, history: [Double] = []
  ) {
    precondition(forecaster.seriesCount == inventory.vms.count, "one series a VM")
    self.parameters = parameters
    self.inventory = inventory
    self.forecaster = forecaster
    self.risk = risk
    capacityCores = inventory.vms.map(\.capacity.value)
    batch = ForecastBatch(
      seriesCount: inventory.vms.count,
      horizons: PVMS.horizons(interval: inventory.sampleInterval), levels: PVMS.levels)
    nowcast = LoadNowcast(
      vmCount: inventory.vms.count, interval: inventory.sampleInterval,
      telemetryInterval: inventory.telemetryInterval)
    planner = ShadowPlanner(parameters: parameters, vmCount: inventory.vms.count)
    maintenance = MaintenancePlanner(parameters: parameters, inventory: inventory)
    lead = LeadTimeEstimate(initial: inventory.typicalShadowLeadTime)
    predictability = Predictability(
      vmCount: inventory.vms.count,
      stepsPerHour: max(1, SimTime.hours(1) / inventory.sampleInterval), isTrusted: risk != nil)
    recall(history)
    // What is known before the first measurement decides the first interval.
    plan(issuedAt: .zero)
  }

  /// Takes a frame.
  public mutating func observe(_ frame: TelemetryFrame) {
    nowcast.observe(frame)
    self.frame = frame
  }

  /// Takes an outcome, learns from its latency, and orders what follows.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    lead.receive(outcome)
    maintenance.receive(outcome, commands: &commands)
    planner.receive(outcome, commands: &commands)
    lead.noteIssued(commands.entries, at: outcome.at)
  }

  /// Replaces shadows that are gone.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    planner.notice(incident, at: now, commands: &commands)
    lead.noteIssued(commands.entries, at: now)
  }

  /// Decides; see the type's description.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    defer { commands.wake(at: max(nextWake(after: now), now + .milliseconds(1))) }
    guard isDue(at: now) else { return }
    actedAt = now
    actedOn = frame?.takenAt
    if now >= forecastTime {
      let loads = nowcast.close()
      learn(loads, commands: &commands)
      plan(issuedAt: now)
    }
    planner.act(
      at: now, loads: nowcast.latest, isFresh: (frame?.takenAt ?? .zero) >= nowcast.start,
      capacityCores: capacityCores, commands: &commands)
    if let frame { maintenance.act(at: now, frame: frame, commands: &commands) }
    lead.noteIssued(commands.entries, at: now)
  }

  /// Whether there is anything new to decide on: a frame, a forecast that is due, or the passing of
  /// time (hold-offs end, refused orders are tried again).
  private func isDue(at now: SimTime) -> Bool {
    frame?.takenAt != actedOn || now >= forecastTime
      || now - actedAt >= inventory.telemetryInterval
  }

  /// When the present interval is closed: as late as acting in time allows.
  private var forecastTime: SimTime {
    let usable = SimTime(nanoseconds: inventory.sampleInterval.nanoseconds * 4 / 5)
    return nowcast.end - min(lead.activation, usable)
  }

  /// Besides the regular period PVMS wants to be called when the forecast is due, and many times a
  /// telemetry interval: what was measured is acted on as soon as it has arrived.
  private func nextWake(after now: SimTime) -> SimTime {
    let poll = SimTime(nanoseconds: inventory.telemetryInterval.nanoseconds / 15)
    return min(forecastTime, now + max(poll, .milliseconds(100)))
  }

  /// Takes what was before time zero: how large overloads are, and how they follow each other.
  private mutating func recall(_ history: [Double]) {
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
  private mutating func learn(_ loads: [Double], commands: inout CommandQueue) {
    forecaster.observe(loads)
    risk?.observe(loads)
    planner.learn(loads, capacityCores: capacityCores)
    let hasChanged = predictability.observe(
      loads, capacities: capacityCores, probabilities: saidOfPresent,
      threshold: parameters.activeRisk)
    guard hasChanged, parameters.fallsBack else { return }
    commands.issue(.raiseAlert(Alert(kind: .forecastSkill, reason: predictability.reason)))
  }

  /// Makes the forecasts and the plan for the interval that begins at `nowcast.start`.
  private mutating func plan(issuedAt now: SimTime) {
    forecaster.forecast(into: &batch)
    let probabilities = risk?.probabilities() ?? probabilitiesFromForecast()
    saidOfPresent = probabilities.next
    planner.replan(
      batch: batch, risk: believed(probabilities), capacityCores: capacityCores,
      from: nowcast.start, interval: inventory.sampleInterval, leadTime: lead.activation)
    recordForecasts(issuedAt: now, nextRisk: probabilities.next)
  }

  /// What to act on: the forecasts, or a hold-off while they are no better. Without foresight there
  /// is nobody to keep a standby for rather than anybody else.
  private func believed(
    _ forecast: (next: [Double], withinHour: [Double])
  ) -> (next: [Double], withinHour: [Double]) {
    guard parameters.fallsBack, !predictability.isTrusted else { return forecast }
    let holdOff = predictability.holdOffProbabilities()
    return (
      holdOff.map { $0 > parameters.activeRisk ? $0 : 0 },
      [Double](repeating: 0, count: holdOff.count)
    )
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

  /// Takes the forecasts made since the last call.
  public mutating func takeForecasts() -> [ForecastRecord] {
    defer { records = [] }
    return records
  }
}
