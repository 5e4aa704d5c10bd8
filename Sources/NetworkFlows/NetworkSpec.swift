// SPDX-License-Identifier: Apache-2.0
import Units

/// How racks are connected.
public enum NetworkTopology: Sendable, Hashable {
  /// One switch that never blocks: only the hosts' own links count.
  case star
  /// Every rack switch (leaf) has one uplink to every spine switch.
  case leafSpine(spines: Int, oversubscription: Double)
  /// Pods of racks under aggregation switches, pods joined by groups of core switches
  /// (Al-Fares, Loukissas & Vahdat, SIGCOMM 2008).
  case fatTree(FatTree)

  /// Sizes of a three-tier tree.
  public struct FatTree: Sendable, Hashable {
    /// Racks in a pod.
    public var racksPerPod: Int
    /// Aggregation switches in a pod; every rack has one uplink to each.
    public var aggregationSwitches: Int
    /// Core switches above each aggregation switch.
    public var coresPerAggregation: Int
    /// Hosts' bandwidth ÷ uplink bandwidth of a rack.
    public var oversubscription: Double
    /// Uplink bandwidth of a pod's racks ÷ that of its aggregation switches.
    public var coreOversubscription: Double

    /// A tree with those sizes.
    public init(
      racksPerPod: Int, aggregationSwitches: Int, coresPerAggregation: Int,
      oversubscription: Double = 1, coreOversubscription: Double = 1
    ) {
      self.racksPerPod = racksPerPod
      self.aggregationSwitches = aggregationSwitches
      self.coresPerAggregation = coresPerAggregation
      self.oversubscription = oversubscription
      self.coreOversubscription = coreOversubscription
    }
  }
}

/// The data center's network: topology, rates, and how they are divided among kinds of traffic.
public struct NetworkSpec: Sendable, Hashable {
  /// How racks are connected.
  public var topology: NetworkTopology
  /// Rate of a host's link, each way.
  public var hostLink: BytesPerSecond
  /// Rate of the image store's link, each way.
  public var storeLink: BytesPerSecond
  /// Share of every link that is reserved for tenants and never available here.
  public var tenantShare: Double
  /// Share of every link for migration, state sync and cloning between hosts (its VLAN).
  public var migrationShare: Double
  /// Share of every link for storage and image transfer (its VLAN).
  public var storageShare: Double

  /// Leaf-spine with 10 Gb/s to the host, 3 to 1 oversubscribed; half of it for tenants.
  public init(topology: NetworkTopology = .leafSpine(spines: 4, oversubscription: 3)) {
    self.topology = topology
    hostLink = .bitsPerSecond(10e9)
    storeLink = .bitsPerSecond(40e9)
    tenantShare = 0.5
    migrationShare = 0.3
    storageShare = 0.2
  }

  /// Reads what is left to say of the network of a topology.
  public init<Source: ParameterSource>(topology: NetworkTopology, from source: inout Source) {
    let preset = NetworkSpec()
    self.topology = topology
    hostLink = BytesPerSecond(
      source.quantity(
        "hostLink", .dataRate, default: preset.hostLink.value, in: 1e3...1e13,
        about: "Rate of a host's link, each way."))
    storeLink = BytesPerSecond(
      source.quantity(
        "storeLink", .dataRate, default: preset.storeLink.value, in: 1e3...1e14,
        about: "Rate of the image store's link, each way."))
    tenantShare = source.fraction(
      "tenantShare", default: preset.tenantShare,
      about: "Share of every link that is reserved for tenant traffic.")
    migrationShare = source.fraction(
      "migrationShare", default: preset.migrationShare, in: 0.001...1,
      about: "Share of every link for migration, state sync and cloning.")
    storageShare = source.fraction(
      "storageShare", default: preset.storageShare,
      about: "Share of every link for storage and image transfer.")
    // Shares such as 0.7 + 0.2 + 0.1 are not exact in binary.
    if tenantShare + migrationShare + storageShare > 1 + 1e-9 {
      source.problem(
        "migrationShare", "tenantShare, migrationShare and storageShare exceed 100 % together")
    }
  }
}

extension NetworkTopology {
  /// Reads a leaf-spine network's sizes.
  public static func leafSpine(from source: inout some ParameterSource) -> NetworkTopology {
    let spines = source.integer("spines", default: 4, in: 1...64, about: "Spine switches.")
    return .leafSpine(
      spines: spines, oversubscription: readOversubscription(from: &source, default: 3))
  }

  /// Reads a fat tree's sizes.
  public static func fatTree(from source: inout some ParameterSource) -> NetworkTopology {
    let racks = source.integer("racksPerPod", default: 8, in: 1...1000, about: "Racks in a pod.")
    let aggregation = source.integer(
      "aggregationSwitches", default: 4, in: 1...64, about: "Aggregation switches in a pod.")
    let cores = source.integer(
      "coresPerAggregation", default: 4, in: 1...64,
      about: "Core switches above each aggregation switch.")
    let oversubscription = readOversubscription(from: &source, default: 1)
    let core = source.number(
      "coreOversubscription", default: 1, in: 0.01...1000,
      about: "Uplink bandwidth of a pod's racks over that of its aggregation switches.")
    return .fatTree(
      FatTree(
        racksPerPod: racks, aggregationSwitches: aggregation, coresPerAggregation: cores,
        oversubscription: oversubscription, coreOversubscription: core))
  }

  private static func readOversubscription(
    from source: inout some ParameterSource, default preset: Double
  ) -> Double {
    source.number(
      "oversubscription", default: preset, in: 0.01...1000,
      about: "Bandwidth of a rack's hosts over that of its uplinks.")
  }
}
