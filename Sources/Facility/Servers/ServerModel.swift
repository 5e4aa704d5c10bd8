// SPDX-License-Identifier: Apache-2.0
public import Units

/// One kind of server: what it can do, and what it draws in each of its states.
public struct ServerModel: Sendable, Hashable {
  /// Name in scenario files.
  public var name: String
  /// What it is and where its power figures come from.
  public var about: String
  /// CPU capacity.
  public var cores: Cores
  /// Memory capacity.
  public var memory: Bytes
  /// Power while it runs.
  public var curve: ServerPowerCurve
  /// Power when switched off (ACPI S5; the management controller stays on).
  public var offPower: Watts
  /// Power when suspended to memory (ACPI S3).
  public var sleepPower: Watts
  /// From the power-on command until it can run VMs.
  public var bootTime: SimTime
  /// Power while booting.
  public var bootPower: Watts
  /// From the power-off command until it is off.
  public var shutdownTime: SimTime
  /// Power while shutting down.
  public var shutdownPower: Watts
  /// From the suspend command until it sleeps.
  public var suspendTime: SimTime
  /// From the wake command until it can run VMs.
  public var wakeTime: SimTime
  /// Power while falling asleep or waking up.
  public var wakePower: Watts

  /// A server.
  ///
  /// What is left out gets usual values: off 8 W and asleep 15 W, boot 180 s (S5 5–10 W and 2–5 min,
  /// S3 10–20 W and 5–30 s; Gandhi et al., "AutoScale", TOCS 30(4) 2012, 200–260 s), and the full
  /// load's power while booting, as Gandhi measured; shutting down and suspending draw idle power.
  public init(
    name: String, about: String, cores: Cores, memory: Bytes, curve: ServerPowerCurve,
    offPower: Watts = Watts(8), sleepPower: Watts = Watts(15),
    bootTime: SimTime = .seconds(180), bootPower: Watts? = nil,
    shutdownTime: SimTime = .seconds(30), shutdownPower: Watts? = nil,
    suspendTime: SimTime = .seconds(5), wakeTime: SimTime = .seconds(15), wakePower: Watts? = nil
  ) {
    self.name = name
    self.about = about
    self.cores = cores
    self.memory = memory
    self.curve = curve
    self.offPower = offPower
    self.sleepPower = sleepPower
    self.bootTime = bootTime
    self.bootPower = bootPower ?? curve.peakPower
    self.shutdownTime = shutdownTime
    self.shutdownPower = shutdownPower ?? curve.idlePower
    self.suspendTime = suspendTime
    self.wakeTime = wakeTime
    self.wakePower = wakePower ?? curve.peakPower
  }

  /// The power in `state`; `utilisation` (share of all cores in use) matters only when it is on.
  @inlinable
  public func power(in state: ServerPowerState, utilisation: Double) -> Watts {
    switch state {
    case .on: curve.power(at: utilisation)
    case .off: offPower
    case .asleep: sleepPower
    case .booting: bootPower
    case .shuttingDown: shutdownPower
    case .suspending: shutdownPower
    case .waking: wakePower
    }
  }

  /// How long `state` lasts once entered; nil for the states that last until a command ends them.
  public func duration(of state: ServerPowerState) -> SimTime? {
    switch state {
    case .on, .off, .asleep: nil
    case .booting: bootTime
    case .shuttingDown: shutdownTime
    case .suspending: suspendTime
    case .waking: wakeTime
    }
  }
}

/// Power states of a server, after ACPI: on (S0), asleep (S3), off (S5), and the ways between.
public enum ServerPowerState: String, Sendable, Hashable, CaseIterable, Codable {
  case on, off, asleep, booting, shuttingDown, suspending, waking

  /// The state that follows when this one has lasted its time; itself when it does not end by itself.
  public var next: ServerPowerState {
    switch self {
    case .booting, .waking: .on
    case .shuttingDown: .off
    case .suspending: .asleep
    case .on, .off, .asleep: self
    }
  }

  /// Whether VMs can run.
  public var isServing: Bool { self == .on }
}
