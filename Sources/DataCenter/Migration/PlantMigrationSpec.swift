// SPDX-License-Identifier: Apache-2.0
public import MigrationModels
public import Units

/// Live migration in the scenario: a preset, the guests' memory, and what stands for the network
/// where none is modelled.
public struct PlantMigrationSpec: Sendable {
  /// Stop rules, transport, limits and costs.
  public var model: MigrationSpec
  /// What each transfer gets where the network is `fixedBandwidth`.
  public var bandwidth: BytesPerSecond
  /// How guests use their memory, which depends on their load.
  public var guest: MemoryActivity

  /// Reads the section `migration`.
  public init(from source: inout some ParameterSource) {
    model = MigrationSpec(from: &source)
    bandwidth = BytesPerSecond(
      source.quantity(
        "bandwidth", .dataRate, default: 1.25e9, in: 1...1e15,
        about: "Bandwidth of each transfer where the network is fixedBandwidth."))
    guest = source.section("guest", about: "How guests use their memory.") {
      MemoryActivity(from: &$0)
    }
  }
}
