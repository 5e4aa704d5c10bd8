// SPDX-License-Identifier: Apache-2.0
public import Facility
import MigrationModels
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
  /// Clocks of the hosts' cores.
  public var dvfs: FrequencyScaling

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
    dvfs = source.section("dvfs", about: "Dynamic voltage and frequency scaling of the hosts.") {
      FrequencyScaling(from: &$0)
    }
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
  /// What migrations, images and state sync go over.
  public var network: PlantNetworkSpec
  /// Load balancer.
  public var traffic: TrafficSpec
  /// Response time of an instance.
  public var responseTime: ResponseTimeSpec
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
    network = PlantNetworkSpec.read(from: &source)
    traffic = TrafficSpec(from: &source)
    responseTime = ResponseTimeSpec(from: &source)
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
    let rate = network.bestRate(fixed: migration.bandwidth)
    let transfer = (memory * migration.guest.workingSetShare).value / rate.value
    return shadow.resumeTime + shadow.hotPlugTime + shadow.syncTime + .seconds(min(transfer, 1e6))
      + traffic.healthCheckDelay + traffic.shiftTime
  }
}
