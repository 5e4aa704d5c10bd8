// SPDX-License-Identifier: Apache-2.0
public import Units

/// An order from a policy to a data center, simulated or real.
///
/// Commands are idempotent in effect: ordering what already is so is accepted and does nothing.
public enum Command: Sendable, Hashable, Codable {
  /// Make a shadow of `vm`. It starts at `size` (share of the primary's capacity and memory) and
  /// ends in `ready`, or in `suspended` when `thenSuspend` is set (a cheap standby).
  case createShadow(vm: VMID, size: Fraction, thenSuspend: Bool, avoiding: [HostID])
  /// Change a shadow's share of the primary's capacity (hot-plug).
  case resizeShadow(ShadowID, size: Fraction)
  /// Keep a shadow's memory on its host but stop it running.
  case suspendShadow(ShadowID)
  /// Make a suspended shadow ready again.
  case resumeShadow(ShadowID)
  /// Take a shadow out of service at once and stop it; it holds its room until it has stopped.
  case terminateShadow(ShadowID)
  /// Send `share` of the VM's traffic to the shadow; the rest stays with the others. 0 drains it.
  case shiftTraffic(ShadowID, share: Fraction)
  /// Move the primary of `vm` to `destination`, or to a host that the plant's placement chooses.
  case migrate(VMID, destination: HostID?, reason: MigrationReason)
  /// Change what one full instance of `vm` can serve (vertical scaling).
  case resizePrimary(VMID, capacity: Cores)
  /// Switch a host on or, when it is empty, off or to sleep.
  case powerHost(HostID, PowerTarget)
  /// Switch a rack (its hosts and its switch) on or, when it is empty, off or to sleep.
  case powerRack(RackID, PowerTarget)
  /// Move the cooling's supply-air set point.
  case setSupplyTemperature(Celsius)
  /// Tell the operators something.
  case raiseAlert(Alert)
}

/// The power state a host is sent to (ACPI S0, S3, S5).
public enum PowerTarget: String, Sendable, Hashable, CaseIterable, Codable {
  case on, asleep, off
}

/// Why a VM is moved; metrics are split by it.
public enum MigrationReason: String, Sendable, Hashable, CaseIterable, Codable {
  case consolidation, hotSpot, maintenance, rackPower
}

/// A message to the operators.
public struct Alert: Sendable, Hashable, Codable {
  /// What kind of thing happened.
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    case anomaly, noFeasibleMove, maintenanceImpossible, telemetryMissing, predictorFailed
    /// Forecasts that find no more than a hold-off; or that do again.
    case forecastSkill
    /// What the policy remembers could not be written or read.
    case storeFailed
    /// An accelerator that could not take work, which the processor did instead; or that can again.
    case computeFallback
  }
  /// The kind.
  public var kind: Kind
  /// The VM it is about, if any.
  public var vm: VMID?
  /// The host it is about, if any.
  public var host: HostID?
  /// The reason in words.
  public var reason: String

  /// An alert.
  public init(kind: Kind, vm: VMID? = nil, host: HostID? = nil, reason: String) {
    self.kind = kind
    self.vm = vm
    self.host = host
    self.reason = reason
  }
}

/// Why a command was not carried out.
public enum RefusalReason: String, Sendable, Hashable, CaseIterable, Codable {
  case noHostFits, unknownTarget, wrongState, targetBusy, notEmpty, hostUnavailable
  case outsideLimits, maintenance, concurrencyLimit, antiAffinity
}

/// Why a command that was accepted did not succeed.
public enum FailureReason: String, Sendable, Hashable, CaseIterable, Codable {
  case stepFailed, hostFailed, aborted, cancelled
}

/// What became of a command.
public struct CommandOutcome: Sendable, Hashable, Codable {
  /// The stages of a command's life.
  public enum Result: Sendable, Hashable, Codable {
    /// Work has begun; a shadow that is being made has its id here.
    case accepted(ShadowID?)
    /// Finished. For a shadow: it reached the state that was asked for.
    case done(ShadowID?)
    /// Not begun.
    case refused(RefusalReason)
    /// Begun, not finished; everything it held was given back.
    case failed(FailureReason, ShadowID?)
  }
  /// The command.
  public var id: CommandID
  /// What happened.
  public var result: Result
  /// When.
  public var at: SimTime

  /// An outcome.
  public init(id: CommandID, result: Result, at: SimTime) {
    self.id = id
    self.result = result
    self.at = at
  }
}

/// The life of a shadow as both sides name it.
public enum ShadowState: String, Sendable, Hashable, CaseIterable, Codable {
  case provisioning, standby, syncing, ready, active, draining, suspended, resuming, terminating
  case terminated
}
