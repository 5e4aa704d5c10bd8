// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import Forecasting
public import StateArchive
public import Units

/// The predictive opponents: shadows are made when a published forecaster says that load *will* be
/// too high, early enough to have their traffic when it is.
///
/// `press` and `agile` are this policy with ``PressParameters`` and ``AgileParameters`` and their
/// forecasters. Once a sample interval, a shadow's creation time before it ends, the intervals of
/// the look-ahead are forecast; an interval whose forecast, padded, exceeds what may be used of the
/// capacity wants shadows from a creation time before it begins until it ends. The creation time is
/// the one of late (AGILE's dynamic timing). What the forecast missed is answered as
/// ``ReactiveShadowing`` does, and both kinds of shadow are given up after a hold-off.
public struct PredictiveShadowing: ManagementPolicy {
  /// How forecasts become shadows.
  public struct Parameters: Sendable, Hashable {
    /// Added to a forecast, as a share of it.
    public var padding: Double
    /// Load over capacity that an instance may be forecast to have.
    public var pressure: Double
    /// Sample intervals that are forecast.
    public var lookAhead: Int
    /// How long load and forecast must be low before a shadow is given up.
    public var holdOff: SimTime
    /// How long making a shadow is taken to last until some have been made.
    public var creationTime: SimTime
    /// Most shadows of one VM.
    public var maximumShadows: Int
    /// Commands about the shadows of one VM in any hour, at most.
    public var actionsPerHour: Int

    /// Reads what both policies share; they read `padding`, `pressure` and `lookAhead`.
    init(
      padding: Double, pressure: Double, lookAhead: Int, from source: inout some ParameterSource
    ) {
      self.padding = padding
      self.pressure = pressure
      self.lookAhead = lookAhead
      holdOff = source.time(
        "holdOff", default: .minutes(5), in: .zero ... .days(7),
        about: "How long load and forecast must have been low before a shadow is given up.")
      creationTime = source.time(
        "creationTime", default: .minutes(2), in: .zero ... .hours(24),
        about: "How long making a shadow is taken to last until some have been made.")
      maximumShadows = source.integer(
        "maximumShadows", default: 4, in: 1...64, about: "Most shadows of one VM.")
      actionsPerHour = source.integer(
        "actionsPerHour", default: ActionBudget.usualLimit(shadows: maximumShadows),
        in: 8...100_000,
        about: "Commands about the shadows of one VM in any hour, at most.")
    }
  }

  private let parameters: Parameters
  private let inventory: Inventory
  private let capacityCores: [Double]
  private var forecaster: any Forecaster
  private var batch: ForecastBatch
  private var nowcast: LoadNowcast
  private var creation: CreationTime
  private var actuator: ShadowActuator
  /// Shadows that the forecasts of each interval want, `[interval mod (lookAhead + 1), VM]`: those
  /// of the present one stand beside those of the look-ahead.
  private var planned: [Int]
  /// The first interval of the last forecast.
  private var firstPlanned = 0
  private var wanted: [Int]
  private var lastHighAt: [SimTime]
  private var records: [ForecastRecord] = []

  /// Levels of the quantiles that are asked for, for the records only.
  public static let levels = [0.05, 0.95]

  /// A policy ready for time zero.
  ///
  /// - Parameters:
  ///   - parameters: The knobs.
  ///   - inventory: The data center.
  ///   - forecaster: Follows one series a VM, in cores, one step a sample interval; already fed
  ///     with the history before time zero, and trained for 1 … `lookAhead` steps.
  public init(parameters: Parameters, inventory: Inventory, forecaster: any Forecaster) {
    precondition(forecaster.seriesCount == inventory.vms.count, "one series a VM")
    self.parameters = parameters
    self.inventory = inventory
    self.forecaster = forecaster
    let count = inventory.vms.count
    capacityCores = inventory.vms.map(\.capacity.value)
    batch = ForecastBatch(
      seriesCount: count, horizons: Array(1...parameters.lookAhead), levels: Self.levels)
    nowcast = LoadNowcast(
      vmCount: count, interval: inventory.sampleInterval,
      telemetryInterval: inventory.telemetryInterval)
    creation = CreationTime(initial: parameters.creationTime)
    actuator = ShadowActuator(vmCount: count, hourlyLimit: parameters.actionsPerHour)
    planned = [Int](repeating: 0, count: (parameters.lookAhead + 1) * count)
    wanted = [Int](repeating: 0, count: count)
    lastHighAt = [SimTime](repeating: .zero, count: count)
    plan(at: .zero)
  }

  /// Takes a frame; intervals that were over before it was taken are learned from first.
  public mutating func observe(_ frame: TelemetryFrame) {
    var frame = frame
    // Nothing arrives before it was taken: a stamp of the future is an agent's clock that is ahead.
    frame.takenAt = min(frame.takenAt, frame.arrivedAt)
    while frame.takenAt > nowcast.end { learn(at: frame.arrivedAt) }
    nowcast.observe(frame)
  }

  /// Lets the actuator go on, and learns from how long it took.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    creation.receive(outcome)
    let before = commands.entries.count
    actuator.receive(outcome, commands: &commands)
    creation.noteIssued(commands.entries.dropFirst(before), at: outcome.at)
  }

  /// Replaces shadows that are gone.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    let before = commands.entries.count
    actuator.notice(incident, at: now, commands: &commands)
    creation.noteIssued(commands.entries.dropFirst(before), at: now)
  }

  /// Forecasts when it is time to, and wants what forecasts and present loads ask for.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    while now >= forecastTime { learn(at: now) }
    let before = commands.entries.count
    let due = dueIntervals(at: now)
    for vm in capacityCores.indices { act(vm, due, at: now, &commands) }
    creation.noteIssued(commands.entries.dropFirst(before), at: now)
    commands.wake(at: max(nextWake(after: now), now + .milliseconds(1)))
  }

  /// Takes the forecasts made since the last call.
  public mutating func takeForecasts() -> [ForecastRecord] {
    defer { records = [] }
    return records
  }

  // MARK: Forecasts

  /// When the present interval is closed: a creation time before its end, but not before most of it
  /// is known.
  private var forecastTime: SimTime {
    let usable = SimTime(nanoseconds: inventory.sampleInterval.nanoseconds * 4 / 5)
    return nowcast.end - min(creation.estimate, usable)
  }

  private mutating func learn(at now: SimTime) {
    forecaster.observe(nowcast.close())
    plan(at: now)
  }

  /// Forecasts the interval that begins now or next, and those after it.
  private mutating func plan(at now: SimTime) {
    forecaster.forecast(into: &batch)
    let count = capacityCores.count
    firstPlanned = nowcast.start / inventory.sampleInterval
    for step in batch.horizons.indices {
      let row = row(of: firstPlanned + step)
      for vm in 0..<count {
        planned[row + vm] = shadowsNeeded(
          for: batch.mean[step * count + vm] * (1 + parameters.padding),
          capacity: capacityCores[vm], threshold: parameters.pressure,
          atMost: parameters.maximumShadows)
      }
    }
    record(at: now)
  }

  private func row(of interval: Int) -> Int {
    interval % (parameters.lookAhead + 1) * capacityCores.count
  }

  private mutating func record(at now: SimTime) {
    let count = capacityCores.count
    let row = row(of: firstPlanned)
    let upper = batch.quantileIndex(horizon: 0, level: 1, series: 0)
    records.append(
      ForecastRecord(
        issuedAt: now, targetStart: nowcast.start, horizon: 1,
        meanCores: Array(batch.mean[..<count]), lowerCores: Array(batch.quantiles[..<count]),
        upperCores: Array(batch.quantiles[upper..<upper + count]),
        // The policy says yes or no.
        overloadProbability: planned[row..<row + count].map { $0 > 0 ? 1 : 0 },
        alarmThreshold: 0.5))
  }

  // MARK: Shadows

  /// The intervals whose shadows should be there or on their way: the present one, and those that
  /// begin within a creation time.
  private func dueIntervals(at now: SimTime) -> Range<Int> {
    let present = max(now / inventory.sampleInterval, firstPlanned - 1, 0)
    let reached = (now + creation.estimate) / inventory.sampleInterval
    return present..<max(present, min(reached, firstPlanned + parameters.lookAhead - 1)) + 1
  }

  /// The next forecast, or the time at which a further interval of the present one is due.
  private func nextWake(after now: SimTime) -> SimTime {
    let next = dueIntervals(at: now).upperBound
    guard next < firstPlanned + parameters.lookAhead else { return forecastTime }
    return min(forecastTime, inventory.sampleInterval * next - creation.estimate)
  }

  private mutating func act(
    _ vm: Int, _ due: Range<Int>, at now: SimTime, _ commands: inout CommandQueue
  ) {
    let load = nowcast.latest[vm]
    let capacity = capacityCores[vm]
    var needed = shadowsNeeded(
      for: load, capacity: capacity, threshold: 1, atMost: parameters.maximumShadows)
    for interval in due {
      needed = max(needed, planned[row(of: interval) + vm])
    }
    if needed >= wanted[vm] || now - lastHighAt[vm] >= parameters.holdOff {
      wanted[vm] = needed
      lastHighAt[vm] = now
    }
    let forecast = batch.mean[vm]
    actuator.want(
      .active(count: wanted[vm]), for: VMID(vm), at: now,
      because: .init(
        forecastCores: forecast, upperCores: forecast * (1 + parameters.padding),
        horizonSeconds: inventory.sampleInterval.seconds,
        leadTimeSeconds: creation.estimate.seconds),
      commands: &commands)
  }
}

extension PredictiveShadowing {
  /// Exchanges what was measured, forecast and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try forecaster.archive(&archive)
    try archive.state(&batch)
    try archive.state(&nowcast)
    try creation.archive(&archive)
    try archive.state(&actuator)
    try archive.state(&planned)
    try archive.state(&firstPlanned)
    try archive.state(&wanted)
    try archive.state(&lastHighAt)
    try archive.state(&records)
  }
}
