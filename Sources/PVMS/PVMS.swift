// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import Forecasting
public import StateArchive
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
  let capacityCores: [Double]
  var forecaster: any Forecaster
  var risk: (any OverloadRiskModel)?
  var anomalies: AnomalyWatch?
  var backend: any ComputeBackend
  /// What is known and planned, apart from what the models have learned.
  var state: PVMSState
  /// Usual time of a forecast and the decision that follows from it.
  private let usualLatency: SimTime
  var records: [ForecastRecord] = []
  /// Intervals closed since somebody asked, if anybody does.
  var closed: [UsageSample] = []
  var keepsSamples = false

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
  ///   - anomalies: Watches for loads never seen; already fed with the history. Nil for none.
  ///   - backend: What forecasts and decisions are computed on.
  public init(
    parameters: PVMSParameters, inventory: Inventory, forecaster: any Forecaster,
    risk: (any OverloadRiskModel)? = nil, history: [Double] = [],
    anomalies: AnomalyWatch? = nil, backend: any ComputeBackend = InstantBackend()
  ) {
    precondition(forecaster.seriesCount == inventory.vms.count, "one series a VM")
    self.parameters = parameters
    self.inventory = inventory
    self.forecaster = forecaster
    self.risk = risk
    self.anomalies = anomalies
    self.backend = backend
    self.backend.begin(seed: inventory.seed)
    usualLatency =
      backend.predictionLatency(vmCount: inventory.vms.count)
      + backend.balancingLatency(vmCount: inventory.vms.count)
    capacityCores = inventory.vms.map(\.capacity.value)
    state = PVMSState(
      batch: ForecastBatch(
        seriesCount: inventory.vms.count,
        horizons: PVMS.horizons(interval: inventory.sampleInterval), levels: PVMS.levels),
      nowcast: LoadNowcast(
        vmCount: inventory.vms.count, interval: inventory.sampleInterval,
        telemetryInterval: inventory.telemetryInterval),
      planner: ShadowPlanner(parameters: parameters, vmCount: inventory.vms.count),
      power: RackPowerPlanner(
        parameters: parameters.power, targetHostLoad: parameters.targetHostLoad,
        inventory: inventory),
      maintenance: MaintenancePlanner(parameters: parameters, inventory: inventory),
      lead: LeadTimeEstimate(initial: inventory.typicalShadowLeadTime),
      predictability: Predictability(
        vmCount: inventory.vms.count,
        stepsPerHour: max(1, SimTime.hours(1) / inventory.sampleInterval),
        isTrusted: risk != nil))
    recall(history)
    // What is known before the first measurement decides the first interval, in time for it: the
    // backend worked it out before time zero.
    plan(
      for: .zero, answer: ComputeAnswer(readyAt: .zero), issuedAt: .zero, anomalous: [])
    adoptPlans(at: .zero)
  }

  /// Takes a frame. Intervals that were over before it was taken, and that nobody has closed (the
  /// management server was away), are closed first.
  public mutating func observe(_ frame: TelemetryFrame) {
    var frame = frame
    // Nothing arrives before it was taken: a stamp of the future is an agent's clock that is ahead.
    frame.takenAt = min(frame.takenAt, frame.arrivedAt)
    while frame.takenAt > state.nowcast.end { state.missed.append(closeInterval()) }
    state.nowcast.observe(frame)
    state.frame = frame
    state.hasReportedSilence = false
  }

  /// Takes an outcome, learns from its latency, and orders what follows.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    state.lead.receive(outcome)
    state.power.receive(outcome)
    state.maintenance.receive(outcome, commands: &commands)
    state.planner.receive(outcome, commands: &commands)
    state.lead.noteIssued(commands.entries, at: outcome.at)
  }

  /// Replaces shadows that are gone.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    state.planner.notice(incident, at: now, commands: &commands)
    state.lead.noteIssued(commands.entries, at: now)
  }

  /// Decides; see the type's description.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    defer { commands.wake(at: max(nextWake(after: now), now + .milliseconds(1))) }
    let missed = state.missed
    state.missed = []
    for interval in missed { turn(interval, at: now, commands: &commands) }
    if now >= forecastTime { turn(closeInterval(), at: now, commands: &commands) }
    let hasNewPlan = adoptPlans(at: now)
    if hasNewPlan || isDue(at: now) {
      let answer = backend.balance(vmCount: inventory.vms.count, at: now)
      let before = state.decisionsFallBack
      state.decisionsFallBack = report(
        answer, of: "decisions", before: before, commands: &commands)
      state.request = BalancingRequest(
        loads: state.nowcast.latest, takenAt: state.frame?.takenAt ?? .zero,
        readyAt: answer.readyAt)
      state.actedAt = now
      state.actedOn = state.frame?.takenAt
    }
    guard let request = state.request, now >= request.readyAt else { return }
    state.request = nil
    act(request, at: now, commands: &commands)
  }

  /// Whether a call of `decide` at `now` would do anything but ask to be called again.
  func hasWork(at now: SimTime) -> Bool {
    !state.missed.isEmpty || now >= forecastTime || isDue(at: now)
      || state.pending.contains { $0.readyAt <= now }
      || state.request.map { $0.readyAt <= now } ?? false
  }

  private mutating func closeInterval() -> ClosedInterval {
    let start = state.nowcast.start
    let loads = state.nowcast.close()
    if keepsSamples {
      closed.append(
        UsageSample(
          start: start, span: inventory.sampleInterval, cpuCores: loads, newest: state.frame))
    }
    return ClosedInterval(start: start, loads: loads)
  }

  /// Learns from an interval and plans the one after it.
  private mutating func turn(
    _ interval: ClosedInterval, at now: SimTime, commands: inout CommandQueue
  ) {
    let anomalous = learn(interval.loads, commands: &commands)
    let answer = backend.predict(vmCount: inventory.vms.count, at: now)
    let before = state.forecastsFallBack
    state.forecastsFallBack = report(answer, of: "forecasts", before: before, commands: &commands)
    plan(
      for: interval.start + inventory.sampleInterval, answer: answer, issuedAt: now,
      anomalous: anomalous)
  }

  private mutating func act(
    _ request: BalancingRequest, at now: SimTime, commands: inout CommandQueue
  ) {
    let closing = state.maintenance.hostsToAvoid(at: now)
    let leaving = closing + state.power.hostsToAvoid
    state.planner.avoid(leaving + state.power.fullHosts(state.frame))
    state.planner.leave(leaving, shadows: state.frame?.shadows ?? [], at: now, commands: &commands)
    state.planner.act(
      at: now, loads: request.loads, measuredAt: request.takenAt, capacityCores: capacityCores,
      commands: &commands)
    if let frame = state.frame {
      state.maintenance.act(at: now, frame: frame, commands: &commands)
      state.power.act(at: now, frame: frame, closing: closing, commands: &commands)
    }
    reportSilence(at: now, commands: &commands)
    state.lead.noteIssued(commands.entries, at: now)
  }

  /// Says when the processor begins to stand in for the accelerator, and when it ends.
  ///
  /// - Returns: whether it stands in.
  private func report(
    _ answer: ComputeAnswer, of work: String, before: Bool, commands: inout CommandQueue
  ) -> Bool {
    let fallsBack = answer.fallbackVMs > 0
    guard fallsBack != before else { return fallsBack }
    let reason =
      fallsBack
      ? "\(work) of \(answer.fallbackVMs) VMs worked out by the processor"
      : "the accelerator works out \(work) again"
    commands.issue(.raiseAlert(Alert(kind: .computeFallback, reason: reason)))
    return fallsBack
  }

  /// Says once that nothing has been measured for longer than load can have stayed the same.
  private mutating func reportSilence(at now: SimTime, commands: inout CommandQueue) {
    let since = now - (state.frame?.takenAt ?? .zero)
    guard since > inventory.sampleInterval * 2, !state.hasReportedSilence else { return }
    state.hasReportedSilence = true
    commands.issue(
      .raiseAlert(
        Alert(kind: .telemetryMissing, reason: "nothing measured for \(since); the last plan holds")
      ))
  }

  /// Whether there is anything new to decide on: a frame, or the passing of time (hold-offs end,
  /// refused orders are tried again). What is being computed is not asked for twice.
  private func isDue(at now: SimTime) -> Bool {
    guard state.request == nil else { return false }
    return state.frame?.takenAt != state.actedOn
      || now - state.actedAt >= inventory.telemetryInterval
  }

  /// When the present interval is closed: as late as acting in time allows.
  private var forecastTime: SimTime {
    let usable = SimTime(nanoseconds: inventory.sampleInterval.nanoseconds * 4 / 5)
    return state.nowcast.end - min(state.lead.activation + usualLatency, usable)
  }

  /// Besides the regular period PVMS wants to be called when the forecast is due, when the backend
  /// has an answer, and many times a telemetry interval: what was measured is acted on as soon as
  /// it has arrived.
  private func nextWake(after now: SimTime) -> SimTime {
    let poll = SimTime(nanoseconds: inventory.telemetryInterval.nanoseconds / 15)
    var wake = min(forecastTime, now + max(poll, .milliseconds(100)))
    if let first = state.pending.first { wake = min(wake, first.readyAt) }
    if let request = state.request { wake = min(wake, request.readyAt) }
    return wake
  }

  /// Takes the forecasts made since the last call.
  public mutating func takeForecasts() -> [ForecastRecord] {
    defer { records = [] }
    return records
  }
}

extension PVMS {
  /// Exchanges what is known, planned and learned.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&state, given: configuration.userInfo)
    try forecaster.archive(&archive)
    try risk?.archive(&archive)
    try anomalies?.archive(&archive)
    try backend.archive(&archive)
    try archive.state(&records)
    try archive.state(&closed)
  }
}
