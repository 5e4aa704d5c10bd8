// SPDX-License-Identifier: Apache-2.0
public import Units

/// What was measured at one instant. Arrives later than it was taken, and may lack values.
///
/// Arrays are indexed by VM, host or rack position in the inventory; NaN means "not reported".
public struct TelemetryFrame: Sendable, Codable {
  /// A shadow as its host reports it.
  public struct Shadow: Sendable, Hashable, Codable {
    /// Its id.
    public var id: ShadowID
    /// The VM that it belongs to.
    public var vm: VMID
    /// Where it is.
    public var host: HostID
    /// What it does.
    public var state: ShadowState

    /// A report.
    public init(id: ShadowID, vm: VMID, host: HostID, state: ShadowState) {
      self.id = id
      self.vm = vm
      self.host = host
      self.state = state
    }
  }

  /// When the agents took the values, by their clock, which may be wrong.
  public var takenAt: SimTime
  /// When the values came in, by the control plane's clock.
  public var arrivedAt: SimTime
  /// Load offered to each VM at its load balancer, in cores (requests/s × CPU seconds a request).
  public var offeredCores: [Double]
  /// CPU that all instances of each VM really got, in cores.
  public var usedCores: [Double]
  /// Memory in use by each VM in bytes.
  public var memoryBytes: [Double]
  /// Network traffic of each VM in bytes/s.
  public var networkBytesPerSecond: [Double]
  /// Disk traffic of each VM in bytes/s.
  public var diskBytesPerSecond: [Double]
  /// Position of the host that each VM's primary runs on; -1 when it is not placed.
  public var hostOfVM: [Int]
  /// CPU in use on each host in cores.
  public var hostUsedCores: [Double]
  /// Memory that is neither used nor promised on each host in bytes; 0 when the host is off.
  public var hostFreeMemoryBytes: [Double]
  /// Whether each host can take instances now (on, and not under maintenance).
  public var hostIsAvailable: [Bool]
  /// All shadows on hosts that can be reached, by id.
  public var shadows: [Shadow] = []
  /// Power drawn by each rack in watts.
  public var rackPowerWatts: [Double]
  /// Air temperature at each rack's inlet in °C.
  public var rackInletCelsius: [Double]

  /// A frame in which nothing was reported.
  public init(takenAt: SimTime, vms: Int, hosts: Int, racks: Int) {
    func missing(_ count: Int) -> [Double] { [Double](repeating: .nan, count: count) }
    self.takenAt = takenAt
    arrivedAt = takenAt
    offeredCores = missing(vms)
    usedCores = missing(vms)
    memoryBytes = missing(vms)
    networkBytesPerSecond = missing(vms)
    diskBytesPerSecond = missing(vms)
    hostOfVM = [Int](repeating: -1, count: vms)
    hostUsedCores = missing(hosts)
    hostFreeMemoryBytes = missing(hosts)
    hostIsAvailable = [Bool](repeating: false, count: hosts)
    rackPowerWatts = missing(racks)
    rackInletCelsius = missing(racks)
  }
}
