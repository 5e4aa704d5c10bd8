// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import Units

/// What a line of the event log speaks of.
public enum LogKind: String, Sendable, CaseIterable, Codable {
  case shadowOrdered, shadowStandby, shadowSyncing, shadowReady, shadowActive, shadowDraining
  case shadowSuspended, shadowResuming, shadowTerminating, shadowTerminated, shadowFailed
  case trafficShifted, migrationQueued, migrationStarted, migrationStopped, migrationDone,
    migrationAborted
  case hostBooting, hostOn, hostShuttingDown, hostOff, hostFailed, hostRecovered
  case supplyTemperatureSet, alert, commandRefused, maintenanceBegins, maintenanceEnds
  case hostUnreachable, hostReachable, networkFault, telemetryFault, managementFault
  case vmCrashed, vmBooting, vmRestarted
  case decision, facility, vmResized, workDone, overloadBegins, overloadEnds
}

/// One line of the event log. Fields that a kind has no use for are nil or NaN.
public struct LogRecord: Sendable, Hashable, Codable {
  /// When it happened.
  public var time: SimTime
  /// What happened.
  public var kind: LogKind
  /// The VM concerned.
  public var vm: VMID?
  /// The host concerned.
  public var host: HostID?
  /// The shadow concerned.
  public var shadow: ShadowID?
  /// The command that led to it.
  public var command: CommandID?
  /// A number that goes with the kind: a share, cores, °C, seconds of downtime.
  public var value: Double
  /// A reason in words.
  public var detail: String
  /// What the policy's decision was based on.
  public var rationale: CommandQueue.Rationale

  /// A record.
  public init(
    time: SimTime, kind: LogKind, vm: VMID? = nil, host: HostID? = nil, shadow: ShadowID? = nil,
    command: CommandID? = nil, value: Double = .nan, detail: String = "",
    rationale: CommandQueue.Rationale = .init()
  ) {
    self.time = time
    self.kind = kind
    self.vm = vm
    self.host = host
    self.shadow = shadow
    self.command = command
    self.value = value
    self.detail = detail
    self.rationale = rationale
  }
}
