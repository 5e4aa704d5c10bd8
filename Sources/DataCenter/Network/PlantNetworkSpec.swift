// SPDX-License-Identifier: Apache-2.0
public import NetworkFlows
public import Units

/// The network that migrations, clones, images and state sync go over.
public enum PlantNetworkSpec: Sendable, Hashable {
  /// Every transfer gets the section `migration`'s bandwidth, whatever else is sent.
  case fixedBandwidth
  /// Transfers share links.
  case modelled(NetworkSpec)

  /// Reads the key `network`.
  public static func read<Source: ParameterSource>(from source: inout Source) -> PlantNetworkSpec {
    source.alternative(
      "network", default: "fixedBandwidth",
      of: [
        Alternative<Source, PlantNetworkSpec>(
          "fixedBandwidth", about: "Every transfer gets migration.bandwidth; nothing contends."
        ) { _ in .fixedBandwidth },
        Alternative<Source, PlantNetworkSpec>(
          "star", about: "One switch that never blocks; hosts' links are shared."
        ) { .modelled(NetworkSpec(topology: .star, from: &$0)) },
        Alternative<Source, PlantNetworkSpec>(
          "leafSpine", about: "Every rack has an uplink to every spine switch."
        ) { source in
          let topology = NetworkTopology.leafSpine(from: &source)
          return .modelled(NetworkSpec(topology: topology, from: &source))
        },
        Alternative<Source, PlantNetworkSpec>(
          "fatTree", about: "Pods of racks below groups of core switches (Al-Fares 2008)."
        ) { source in
          let topology = NetworkTopology.fatTree(from: &source)
          return .modelled(NetworkSpec(topology: topology, from: &source))
        },
      ], about: "The network that migrations, images and state sync go over.")
  }

  /// What one transfer between hosts gets when it is alone and not capped.
  func bestRate(fixed: BytesPerSecond) -> BytesPerSecond {
    switch self {
    case .fixedBandwidth: fixed
    case .modelled(let network): network.hostLink * network.migrationShare
    }
  }
}
