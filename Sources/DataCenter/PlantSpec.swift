// SPDX-License-Identifier: Apache-2.0
public import Facility
public import MigrationModels
public import ShadowModels
public import TrafficModels
public import Units

/// Hosts of one kind in equal racks.
public struct RackGroupSpec: Sendable {
  /// Number of racks.
  public var count: Int
  /// Hosts in each rack.
  public var hosts: Int
  /// The hosts' server.
  public var server: ServerSpec
  /// Speed of one core relative to the reference core that demand is stated in.
  public var coreSpeed: Double

  /// Reads one group; defaults: 4 racks of 10 servers of the catalogue's default kind.
  public init<Source: ParameterSource>(from source: inout Source) {
    count = source.integer("count", default: 4, in: 1...100_000, about: "Number of racks.")
    hosts = source.integer("hosts", default: 10, in: 1...1000, about: "Hosts in each rack.")
    server = ServerSpec(from: &source)
    coreSpeed = source.number(
      "coreSpeed", default: 1, in: 1e-6...1e6,
      about: "Speed of one core relative to the core in which demand is stated.")
  }
}

/// Live migration in the scenario: a preset, and what stands for guest and network.
public struct PlantMigrationSpec: Sendable {
  /// Stop rules, transport, limits and costs.
  public var model: MigrationSpec
  /// What one migration gets of the network.
  public var bandwidth: BytesPerSecond
  /// Rate at which a guest dirties memory.
  public var dirtyRate: BytesPerSecond
  /// Part of its memory that a guest rewrites.
  public var workingSet: Double
  /// Part of its memory that is not zero.
  public var nonzeroShare: Double

  /// Reads the section `migration`.
  public init(from source: inout some ParameterSource) {
    model = MigrationSpec(from: &source)
    bandwidth = BytesPerSecond(
      source.quantity(
        "bandwidth", .dataRate, default: 1.25e9, in: 1...1e15,
        about: "Network bandwidth of one migration."))
    dirtyRate = BytesPerSecond(
      source.quantity(
        "dirtyRate", .dataRate, default: 2e7, in: 0...1e15,
        about: "Rate at which a running guest dirties memory pages."))
    workingSet = source.fraction(
      "workingSet", default: 0.2, about: "Part of its memory that a guest rewrites.")
    nonzeroShare = source.fraction(
      "nonzeroShare", default: 1, about: "Part of a guest's memory that is not zero pages.")
  }

  /// The figures of one migration of a guest with this memory, or nil when it can never end.
  public func summary(memory: Bytes) -> MigrationSummary? {
    let guest = MigratingMemory(
      ram: memory, nonzero: memory * nonzeroShare,
      cold: WorkingSet(size: memory * workingSet, dirtyRate: dirtyRate))
    return PreCopyClosedForm(memory: guest, spec: model, bandwidth: bandwidth).summary()
  }
}

/// The data center as a scenario describes it.
public struct DataCenterSpec: Sendable {
  /// Racks in groups of equal ones.
  public var racks: [RackGroupSpec]
  /// How instances find hosts.
  public var placement: PlacementAlgorithm
  /// CPU may be promised this many times over; memory never is.
  public var cpuOvercommit: Double
  /// Most shadows of one VM at the same time.
  public var maximumShadowsPerVM: Int

  /// Reads the section `dataCenter`.
  public init<Source: ParameterSource>(from source: inout Source) {
    racks = source.list(
      "racks", count: 1...1000, about: "Equal racks of equal hosts, or a list of several kinds."
    ) { RackGroupSpec(from: &$0) }
    let name = source.choice(
      "placement", default: PlacementAlgorithm.worstFit.rawValue,
      of: PlacementAlgorithm.allCases.map(\.rawValue), about: "How instances find hosts.")
    placement = PlacementAlgorithm(rawValue: name) ?? .worstFit
    cpuOvercommit = source.number(
      "cpuOvercommit", default: 1, in: 0.01...1000,
      about: "How many times over CPU may be promised to instances; memory never is.")
    maximumShadowsPerVM = source.integer(
      "maximumShadowsPerVM", default: 8, in: 1...1000, about: "Most shadows of one VM.")
  }
}

extension DataCenterSpec {
  /// Name of the rack at a position: `r1` is the first.
  public static func rackName(_ rack: Int) -> String { "r\(rack + 1)" }

  /// Name of a host: `r2h07` is the seventh host of the second rack.
  public static func hostName(rack: Int, position: Int) -> String {
    let number = position + 1
    return rackName(rack) + (number < 10 ? "h0\(number)" : "h\(number)")
  }
}

/// Everything that shapes the plant apart from demand and policy.
public struct PlantSpec: Sendable {
  /// Seed of every random stream of the run.
  public var seed: UInt64
  /// Racks, hosts, placement.
  public var dataCenter: DataCenterSpec
  /// Shadow creation and life cycle.
  public var shadow: ShadowSpec
  /// Live migration.
  public var migration: PlantMigrationSpec
  /// Load balancer.
  public var traffic: TrafficSpec
  /// Response time of an instance.
  public var responseTime: ResponseTimeModel
  /// What goes wrong.
  public var faults: FaultSpec
  /// Faults from the file that ``FaultSpec/tracePath`` names.
  public var traceFaults: [Fault] = []
  /// Measurement.
  public var telemetry: TelemetrySpec
  /// Time between two decisions.
  public var decisionPeriod: SimTime
  /// Load inside a sample.
  public var interpolation: DemandInterpolation
  /// Power and cooling.
  public var facility: FacilitySpec
  /// Weather, carbon and prices that the facility runs with.
  public var facilityInputs: FacilityInputs

  /// The defaults of every section.
  public init(seed: UInt64 = 1) {
    var source = DefaultParameters()
    self.seed = seed
    dataCenter = DataCenterSpec(from: &source)
    shadow = ShadowSpec(from: &source)
    migration = PlantMigrationSpec(from: &source)
    traffic = TrafficSpec(from: &source)
    responseTime = ResponseTimeModel(from: &source)
    faults = FaultSpec(from: &source, racks: dataCenter.racks)
    telemetry = TelemetrySpec(from: &source)
    decisionPeriod = .seconds(60)
    interpolation = .hold
    facility = FacilitySpec(from: &source)
    facilityInputs = FacilityInputs(fileless: facility.site)
  }

  /// What policies are told to expect from the order to wake a standby of a VM with this much
  /// memory until its traffic has been shifted: all of the working set is taken to have changed.
  public func typicalShadowLeadTime(memory: Bytes) -> SimTime {
    let transfer = (memory * migration.workingSet).value / migration.bandwidth.value
    return shadow.resumeTime + shadow.hotPlugTime + shadow.syncTime + .seconds(min(transfer, 1e6))
      + traffic.healthCheckDelay + traffic.shiftTime
  }
}
