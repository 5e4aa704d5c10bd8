// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// The reactive opponent: shadows are made when load *is* too high, and given up when it has been
/// low for a hold-off time (delay-off as in AutoScale, Gandhi et al., TOCS 30(4) 2012).
///
/// It uses the same actuators as PVMS, sees the same telemetry and sizes the number of shadows in
/// the same way; only the trigger differs. The hold-off is its own knob for frontiers: a long one
/// keeps shadows through the gaps between spikes and so buys quality with shadow time.
public struct ReactiveShadowing: ManagementPolicy {
  /// The knobs.
  public struct Parameters: Sendable, Hashable {
    /// Load over capacity that counts as too high.
    public var threshold: Double
    /// How long load must stay low before shadows are given up.
    public var holdOff: SimTime
    /// Most shadows of one VM.
    public var maximumShadows: Int
    /// Whether every VM keeps a suspended standby all the time.
    public var keepsStandby: Bool

    /// Reads the parameters; defaults: threshold 100 %, hold-off 30 min, no standbys.
    public init(from source: inout some ParameterSource) {
      threshold = source.fraction(
        "threshold", default: 1, in: 0.05...10,
        about: "Load over capacity from which on a shadow is wanted.")
      holdOff = source.time(
        "holdOff", default: .minutes(30), in: .zero ... .days(7),
        about: "How long load must have been low before a shadow is given up (delay-off).")
      maximumShadows = source.integer(
        "maximumShadows", default: 4, in: 1...64, about: "Most shadows of one VM.")
      keepsStandby = source.flag(
        "standby", default: false, about: "Keep a suspended standby for every VM all the time.")
    }
  }

  private let parameters: Parameters
  private let capacityCores: [Double]
  private var offeredCores: [Double]
  private var lastHighAt: [SimTime]
  private var countWanted: [Int]
  private var actuator: ShadowActuator

  /// A policy that has seen nothing yet.
  public init(parameters: Parameters, inventory: Inventory) {
    self.parameters = parameters
    capacityCores = inventory.vms.map(\.capacity.value)
    let count = inventory.vms.count
    offeredCores = [Double](repeating: 0, count: count)
    lastHighAt = [SimTime](repeating: .zero, count: count)
    countWanted = [Int](repeating: 0, count: count)
    actuator = ShadowActuator(vmCount: count)
  }

  /// Remembers the newest load of every VM; a missing value leaves the last one.
  public mutating func observe(_ frame: TelemetryFrame) {
    for (vm, value) in frame.offeredCores.enumerated() where value.isFinite {
      offeredCores[vm] = value
    }
  }

  /// Lets the actuator go on.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    actuator.receive(outcome, commands: &commands)
  }

  /// Replaces shadows that are gone.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    actuator.notice(incident, at: now, commands: &commands)
  }

  /// Wants shadows for every VM whose load is above the threshold, or was within the hold-off.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    for vm in offeredCores.indices {
      let load = offeredCores[vm]
      let needed = shadowsNeeded(
        for: load, capacity: capacityCores[vm], threshold: parameters.threshold,
        atMost: parameters.maximumShadows)
      if needed >= countWanted[vm] || now - lastHighAt[vm] >= parameters.holdOff {
        countWanted[vm] = needed
        lastHighAt[vm] = now
      }
      let idle: ShadowGoal = parameters.keepsStandby ? .standby : .none
      actuator.want(
        countWanted[vm] > 0 ? .active(count: countWanted[vm]) : idle, for: VMID(vm), at: now,
        because: .init(forecastCores: load), commands: &commands)
    }
  }
}

extension ReactiveShadowing {
  /// Exchanges what was measured and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&offeredCores)
    try archive.state(&lastHighAt)
    try archive.state(&countWanted)
    try archive.state(&actuator)
  }
}
