// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import Units

/// Where a run came from: enough to repeat it.
public struct RunProvenance: Sendable, Hashable, Codable {
  /// The scenario file as the user wrote it.
  public var scenario: String
  /// The scenario with every default written out.
  public var resolvedScenario: String
  /// A digest of the resolved scenario and the input it names, for quick comparison.
  public var scenarioDigest: String
  /// The name of the policy.
  public var policy: String
  /// The seed of all random streams.
  public var seed: UInt64
  /// The program's version.
  public var version: String
  /// The command that repeats the run.
  public var command: String

  /// A provenance.
  public init(
    scenario: String, resolvedScenario: String, scenarioDigest: String, policy: String,
    seed: UInt64, version: String, command: String
  ) {
    self.scenario = scenario
    self.resolvedScenario = resolvedScenario
    self.scenarioDigest = scenarioDigest
    self.policy = policy
    self.seed = seed
    self.version = version
    self.command = command
  }
}

/// What a run file is about: names and axes, fixed before the first row.
public struct RunFileLayout: Sendable {
  /// The calendar time of `SimTime.zero`, as ISO 8601 without a zone: `2011-03-03T00:00:00`.
  public var epoch: String
  /// Names of all VMs, by position in the inventory.
  public var vmNames: [String]
  /// Positions of the VMs whose series and forecasts are kept, ascending; none is possible.
  public var recordedVMs: [Int]
  /// Names of all hosts, by position.
  public var hostNames: [String]
  /// Names of all racks, by position.
  public var rackNames: [String]
  /// The states that a host can be in; ``RunSample/hostState`` counts from 0 in this list.
  public var hostStateNames: [String]
  /// Horizons of the forecasts that are kept, in sample intervals, ascending; none is possible.
  public var forecastHorizons: [Int]
  /// Length of a sample interval, the unit of the horizons.
  public var sampleInterval: SimTime

  /// A layout; `recordedVMs` nil means all of them.
  public init(
    epoch: String, vmNames: [String], recordedVMs: [Int]? = nil, hostNames: [String],
    rackNames: [String], hostStateNames: [String], forecastHorizons: [Int] = [],
    sampleInterval: SimTime
  ) {
    self.epoch = epoch
    self.vmNames = vmNames
    self.recordedVMs = recordedVMs ?? Array(vmNames.indices)
    self.hostNames = hostNames
    self.rackNames = rackNames
    self.hostStateNames = hostStateNames
    self.forecastHorizons = forecastHorizons
    self.sampleInterval = sampleInterval
  }
}

/// One row of every series: what happened in the recording interval that ends at `time`.
///
/// Arrays have one element a host, rack or VM of the inventory (all VMs, recorded or not).
public struct RunSample: Sendable, Hashable {
  /// The end of the interval.
  public var time: SimTime
  /// Mean CPU in use on each host, in cores.
  public var hostUsedCores: [Double]
  /// Mean power of each host, in watts.
  public var hostPowerWatts: [Double]
  /// State of each host at the end of the interval, counted in ``RunFileLayout/hostStateNames``.
  public var hostState: [Int]
  /// Mean power of each rack (its hosts and its switch), in watts.
  public var rackPowerWatts: [Double]
  /// Time within the interval in which each rack's inlet was above the recommended temperature of
  /// its class, in seconds.
  public var rackAboveRecommendedSeconds: [Double]
  /// The same for the allowable temperature.
  public var rackAboveAllowableSeconds: [Double]
  /// Air temperature at each rack's inlet at the end of the interval, in °C.
  public var rackInletCelsius: [Double]
  /// Mean load offered to each VM, in cores.
  public var vmOfferedCores: [Double]
  /// Mean load served by all instances of each VM, in cores.
  public var vmServedCores: [Double]
  /// Load that all ready instances of each VM can serve at the end of the interval, in cores.
  public var vmCapacityCores: [Double]
  /// Share of each VM's traffic on shadows at the end of the interval, 0…1.
  public var vmShadowShare: [Double]
  /// Time within the interval in which each VM was degraded, in seconds.
  public var vmDegradedSeconds: [Double]

  /// A row for so many hosts, racks and VMs, with no value in it (NaN, state 0).
  public init(time: SimTime, hosts: Int, racks: Int, vms: Int) {
    func missing(_ count: Int) -> [Double] { [Double](repeating: .nan, count: count) }
    self.time = time
    hostUsedCores = missing(hosts)
    hostPowerWatts = missing(hosts)
    hostState = [Int](repeating: 0, count: hosts)
    rackPowerWatts = missing(racks)
    rackInletCelsius = missing(racks)
    rackAboveRecommendedSeconds = missing(racks)
    rackAboveAllowableSeconds = missing(racks)
    vmOfferedCores = missing(vms)
    vmServedCores = missing(vms)
    vmCapacityCores = missing(vms)
    vmShadowShare = missing(vms)
    vmDegradedSeconds = missing(vms)
  }
}

/// One line of the event log. What plays no part is empty, nil or NaN.
public struct RunEvent: Sendable {
  /// When it happened.
  public var time: SimTime
  /// What happened: `shadowReady`.
  public var kind: String
  /// Name of the VM concerned.
  public var vm: String
  /// Name of the host concerned.
  public var host: String
  /// Number of the shadow concerned.
  public var shadow: Int?
  /// Number of the command that led to it.
  public var commandID: Int?
  /// A number that goes with the kind: a share, cores, °C, seconds of downtime.
  public var value: Double
  /// A reason in words.
  public var detail: String
  /// What the policy's decision was based on.
  public var rationale: CommandQueue.Rationale

  /// A line.
  public init(
    time: SimTime, kind: String, vm: String = "", host: String = "", shadow: Int? = nil,
    commandID: Int? = nil, value: Double = .nan, detail: String = "",
    rationale: CommandQueue.Rationale = .init()
  ) {
    self.time = time
    self.kind = kind
    self.vm = vm
    self.host = host
    self.shadow = shadow
    self.commandID = commandID
    self.value = value
    self.detail = detail
    self.rationale = rationale
  }
}

/// One figure of a run's summary.
public struct RunMetric: Sendable, Hashable {
  /// Its stable name, unit last: `degradedVmSeconds`.
  public var name: String
  /// Its unit in UDUNITS form: `s`, `J`, `1`.
  public var units: String
  /// What it is, in words.
  public var longName: String
  /// The figure; NaN when it is not defined for this run.
  public var value: Double

  /// A figure.
  public init(name: String, units: String, longName: String, value: Double) {
    self.name = name
    self.units = units
    self.longName = longName
    self.value = value
  }
}
