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
  let capacityCores: [Double]
  var forecaster: any Forecaster
  var risk: (any OverloadRiskModel)?
  var anomalies: AnomalyWatch?
  var backend: any ComputeBackend
  /// Whether the backend's last forecasts, and its last decision, were partly the processor's.
  private var forecastsFallBack = false
  private var decisionsFallBack = false
  var batch: ForecastBatch
  var nowcast: LoadNowcast
  var planner: ShadowPlanner
  var power: RackPowerPlanner
  private var maintenance: MaintenancePlanner
  var lead: LeadTimeEstimate
  var predictability: Predictability
  /// What the forecasts said of the interval that is being filled.
  var saidOfPresent: [Double] = []
  /// Plans whose forecasts are still being computed, oldest first.
  var pending: [PendingPlan] = []
  /// Usual time of a forecast and the decision that follows from it.
  private let usualLatency: SimTime
  var records: [ForecastRecord] = []
  private var frame: TelemetryFrame?
  private var request: BalancingRequest?
  private var actedAt: SimTime = .zero
  /// Time stamp of the frame that was last acted on.
  private var actedOn: SimTime?
  private var hasReportedSilence = false

  /// A decision about traffic that is being computed from what was known when it was asked for.
  private struct BalancingRequest: Sendable {
    var loads: [Double]
    var takenAt: SimTime
    var readyAt: SimTime
  }

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
    batch = ForecastBatch(
      seriesCount: inventory.vms.count,
      horizons: PVMS.horizons(interval: inventory.sampleInterval), levels: PVMS.levels)
    nowcast = LoadNowcast(
      vmCount: inventory.vms.count, interval: inventory.sampleInterval,
      telemetryInterval: inventory.telemetryInterval)
    planner = ShadowPlanner(parameters: parameters, vmCount: inventory.vms.count)
    power = RackPowerPlanner(
      parameters: parameters.power, targetHostLoad: parameters.targetHostLoad,
      inventory: inventory)
    maintenance = MaintenancePlanner(parameters: parameters, inventory: inventory)
    lead = LeadTimeEstimate(initial: inventory.typicalShadowLeadTime)
    predictability = Predictability(
      vmCount: inventory.vms.count,
      stepsPerHour: max(1, SimTime.hours(1) / inventory.sampleInterval), isTrusted: risk != nil)
    recall(history)
    // What is known before the first measurement decides the first interval, in time for it: the
    // backend worked it out before time zero.
    prepare(answer: ComputeAnswer(readyAt: .zero), issuedAt: .zero, anomalous: [])
    adoptPlans(at: .zero)
  }

  /// Takes a frame.
  public mutating func observe(_ frame: TelemetryFrame) {
    nowcast.observe(frame)
    self.frame = frame
    hasReportedSilence = false
  }

  /// Takes an outcome, learns from its latency, and orders what follows.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    lead.receive(outcome)
    power.receive(outcome)
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
    if now >= forecastTime {
      let anomalous = learn(nowcast.close(), commands: &commands)
      let answer = backend.predict(vmCount: inventory.vms.count, at: now)
      let before = forecastsFallBack
      forecastsFallBack = report(answer, of: "forecasts", before: before, commands: &commands)
      prepare(answer: answer, issuedAt: now, anomalous: anomalous)
    }
    let hasNewPlan = adoptPlans(at: now)
    if hasNewPlan || isDue(at: now) {
      let answer = backend.balance(vmCount: inventory.vms.count, at: now)
      let before = decisionsFallBack
      decisionsFallBack = report(answer, of: "decisions", before: before, commands: &commands)
      request = BalancingRequest(
        loads: nowcast.latest, takenAt: frame?.takenAt ?? .zero, readyAt: answer.readyAt)
      actedAt = now
      actedOn = frame?.takenAt
    }
    guard let request, now >= request.readyAt else { return }
    self.request = nil
    act(request, at: now, commands: &commands)
  }

  private mutating func act(
    _ request: BalancingRequest, at now: SimTime, commands: inout CommandQueue
  ) {
    let closing = maintenance.hostsToAvoid(at: now)
    planner.avoid(closing + power.hostsToAvoid)
    planner.act(
      at: now, loads: request.loads, measuredAt: request.takenAt, capacityCores: capacityCores,
      commands: &commands)
    if let frame {
      maintenance.act(at: now, frame: frame, commands: &commands)
      power.act(at: now, frame: frame, closing: closing, commands: &commands)
    }
    reportSilence(at: now, commands: &commands)
    lead.noteIssued(commands.entries, at: now)
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
    let since = now - (frame?.takenAt ?? .zero)
    guard since > inventory.sampleInterval * 2, !hasReportedSilence else { return }
    hasReportedSilence = true
    commands.issue(
      .raiseAlert(
        Alert(kind: .telemetryMissing, reason: "nothing measured for \(since); the last plan holds")
      ))
  }

  /// Whether there is anything new to decide on: a frame, or the passing of time (hold-offs end,
  /// refused orders are tried again). What is being computed is not asked for twice.
  private func isDue(at now: SimTime) -> Bool {
    guard request == nil else { return false }
    return frame?.takenAt != actedOn || now - actedAt >= inventory.telemetryInterval
  }

  /// When the present interval is closed: as late as acting in time allows.
  private var forecastTime: SimTime {
    let usable = SimTime(nanoseconds: inventory.sampleInterval.nanoseconds * 4 / 5)
    return nowcast.end - min(lead.activation + usualLatency, usable)
  }

  /// Besides the regular period PVMS wants to be called when the forecast is due, when the backend
  /// has an answer, and many times a telemetry interval: what was measured is acted on as soon as
  /// it has arrived.
  private func nextWake(after now: SimTime) -> SimTime {
    let poll = SimTime(nanoseconds: inventory.telemetryInterval.nanoseconds / 15)
    var wake = min(forecastTime, now + max(poll, .milliseconds(100)))
    if let first = pending.first { wake = min(wake, first.readyAt) }
    if let request { wake = min(wake, request.readyAt) }
    return wake
  }

  /// Takes the forecasts made since the last call.
  public mutating func takeForecasts() -> [ForecastRecord] {
    defer { records = [] }
    return records
  }
}
