// SPDX-License-Identifier: Apache-2.0
public import DataCenter
public import Facility
public import ShadowModels
public import TrafficModels
public import Units

/// A scenario: the one place where the specifications of all models come together.
///
/// Each section is read by the module that owns it; a new section is one property and one line.
public struct ScenarioSpec: Sendable {
  /// Name of the scenario, used for result folders.
  public var name: String
  /// What question it asks.
  public var about: String
  /// Length of the simulated time that is measured.
  public var duration: SimTime
  /// Root of all randomness.
  public var seed: Int
  /// How often a policy decides.
  public var decisionPeriod: SimTime
  /// What the VMs have to do.
  public var workload: WorkloadSpec
  /// Racks, hosts, placement.
  public var dataCenter: DataCenterSpec
  /// Creation and life cycle of shadows.
  public var shadow: ShadowSpec
  /// Live migration.
  public var migration: PlantMigrationSpec
  /// What migrations, images and state sync go over.
  public var network: PlantNetworkSpec
  /// The load balancer.
  public var traffic: TrafficSpec
  /// Response time of an instance.
  public var responseTime: ResponseTimeSpec
  /// Power chain, air, cooling, weather and tariffs.
  public var facility: FacilitySpec
  /// Prices of what is built and of work that is not done.
  public var costs: CostSpec
  /// What goes wrong.
  public var faults: FaultSpec
  /// How the plant is measured.
  public var telemetry: TelemetrySpec
  /// The policies to compare.
  public var policies: [PolicySpec]
  /// Hosts that are planned to be away.
  public var maintenance: [MaintenanceSpec]
  /// What a run file keeps.
  public var recording: RecordingSpec
  /// The question that `foreshadow whatif` asks of it.
  public var question: QuestionSpec

  /// The version of the scenario format that this code reads.
  public static let formatVersion = 1

  /// Reads a whole scenario.
  public init<Source: ParameterSource>(from source: inout Source) {
    Self.readVersion(from: &source)
    // Merged before decoding (``ScenarioFile``); asked for so that it is known and documented.
    _ = source.isGiven("import")
    _ = source.texts(
      "import", default: [], about: "Scenario files that this one builds on; its own keys win.")
    name = source.text(
      "name", default: "unnamed", about: "Name of the scenario, used for result folders.")
    about = source.text("about", default: "", about: "The question that the scenario asks.")
    duration = source.time(
      "duration", default: .hours(24), in: .seconds(1) ... .days(3650),
      about: "Simulated time that is measured.")
    seed = source.integer(
      "seed", default: 1, in: 0...Int(Int32.max),
      about: "Root of all randomness; two policies under one seed see the same world.")
    decisionPeriod = source.time(
      "decisionPeriod", default: .seconds(60), in: .seconds(1) ... .days(1),
      about: "Time between two decisions of a policy.")
    workload = source.section("workload", about: "What the VMs have to do.") {
      WorkloadSpec(from: &$0)
    }
    dataCenter = source.section("dataCenter", about: "Racks, hosts, placement.") {
      DataCenterSpec(from: &$0)
    }
    shadow = source.section("shadow", about: "Creation and life cycle of shadows.") {
      ShadowSpec(from: &$0)
    }
    migration = source.section("migration", about: "Live migration.") {
      PlantMigrationSpec(from: &$0)
    }
    network = PlantNetworkSpec.read(from: &source)
    traffic = source.section("traffic", about: "The load balancer.") {
      TrafficSpec(from: &$0)
    }
    responseTime = source.section("responseTime", about: "Response time of an instance.") {
      ResponseTimeSpec(from: &$0)
    }
    facility = source.section("facility", about: "Power and cooling.") {
      FacilitySpec(from: &$0)
    }
    costs = source.section(
      "costs", about: "Prices of what is built and of work not done, in the tariff's currency."
    ) { CostSpec(from: &$0) }
    let racks = dataCenter.racks
    faults = source.section("faults", about: "What goes wrong, and how VMs come back.") {
      FaultSpec(from: &$0, racks: racks)
    }
    telemetry = source.section("telemetry", about: "How the plant is measured.") {
      TelemetrySpec(from: &$0)
    }
    policies = source.alternatives(
      "policies", default: ["pvms", "reactive-shadow", "none", "oracle"],
      of: PolicyCatalog.alternatives(), about: "The policies to compare.")
    if policies.isEmpty { source.problem("policies", "name at least one policy") }
    let hosts = HostDirectory(dataCenter)
    maintenance = source.list("maintenance", about: "Hosts that are planned to be away.") {
      MaintenanceSpec(from: &$0, hosts: hosts)
    }
    recording = source.section("recording", about: "What a run file keeps.") {
      RecordingSpec(from: &$0)
    }
    question = source.section("question", about: "What `foreshadow whatif` is to find out.") {
      QuestionSpec(from: &$0)
    }
  }

  /// The version stands first because what the other keys mean depends on it.
  private static func readVersion(from source: inout some ParameterSource) {
    let version = source.integer(
      "version", default: nil, in: 1...1000, about: "Version of the scenario format.")
    if version != formatVersion {
      source.problem(
        "version", "this program reads version \(formatVersion), not \(version) (see CHANGELOG)")
    }
  }
}
