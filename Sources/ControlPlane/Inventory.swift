// SPDX-License-Identifier: Apache-2.0
public import Units

/// What a policy may know of the data center before anything is measured.
public struct Inventory: Sendable {
  /// One VM as its owner described it.
  public struct VM: Sendable {
    /// Unique name.
    public var name: String
    /// Application profile; selects forecasting models.
    public var profile: String
    /// Load that one full instance can serve.
    public var capacity: Cores
    /// Memory of one full instance.
    public var memory: Bytes

    /// A VM.
    public init(name: String, profile: String, capacity: Cores, memory: Bytes) {
      self.name = name
      self.profile = profile
      self.capacity = capacity
      self.memory = memory
    }
  }

  /// One host.
  public struct Host: Sendable {
    /// Unique name.
    public var name: String
    /// The rack it stands in.
    public var rack: RackID
    /// CPU capacity.
    public var cores: Cores
    /// Memory capacity.
    public var memory: Bytes
    /// Time from power-on to being able to run VMs.
    public var bootTime: SimTime
    /// Power in watts at 0, 10, … 100 % CPU (eleven values).
    public var powerWatts: [Double]

    /// A host. Without a power curve it is taken to idle at half of its peak power, 20 W a core.
    public init(
      name: String, rack: RackID, cores: Cores, memory: Bytes, bootTime: SimTime,
      powerWatts: [Double]? = nil
    ) {
      self.name = name
      self.rack = rack
      self.cores = cores
      self.memory = memory
      self.bootTime = bootTime
      self.powerWatts = powerWatts ?? (0...10).map { cores.value * (10 + Double($0)) }
    }
  }

  /// One rack.
  public struct Rack: Sendable {
    /// Unique name.
    public var name: String
    /// Its hosts, ascending.
    public var hosts: [HostID]

    /// A rack.
    public init(name: String, hosts: [HostID]) {
      self.name = name
      self.hosts = hosts
    }
  }

  /// A planned absence of hosts.
  public struct MaintenanceWindow: Sendable, Hashable {
    /// The hosts that must be empty.
    public var hosts: [HostID]
    /// When they must be empty.
    public var start: SimTime
    /// When they may be used again.
    public var end: SimTime

    /// A window; `start < end`.
    public init(hosts: [HostID], start: SimTime, end: SimTime) {
      self.hosts = hosts
      self.start = start
      self.end = end
    }
  }

  /// All VMs.
  public var vms: [VM]
  /// All hosts, rack by rack.
  public var hosts: [Host]
  /// All racks.
  public var racks: [Rack]
  /// The maintenance calendar, by start time.
  public var maintenance: [MaintenanceWindow]
  /// Length of the telemetry interval.
  public var telemetryInterval: SimTime
  /// Time between two calls of the policy's `decide`.
  public var decisionPeriod: SimTime
  /// Length of one sample of the demand history (forecast step).
  public var sampleInterval: SimTime
  /// What the plant's operator states as the usual time from a create command to a ready shadow.
  public var typicalShadowLeadTime: SimTime
  /// Root of whatever is left to chance in the policy's own machinery.
  public var seed: UInt64

  /// An inventory.
  public init(
    vms: [VM], hosts: [Host], racks: [Rack], maintenance: [MaintenanceWindow] = [],
    telemetryInterval: SimTime, decisionPeriod: SimTime, sampleInterval: SimTime,
    typicalShadowLeadTime: SimTime, seed: UInt64 = 0
  ) {
    self.vms = vms
    self.hosts = hosts
    self.racks = racks
    self.maintenance = maintenance
    self.telemetryInterval = telemetryInterval
    self.decisionPeriod = decisionPeriod
    self.sampleInterval = sampleInterval
    self.typicalShadowLeadTime = typicalShadowLeadTime
    self.seed = seed
  }
}
