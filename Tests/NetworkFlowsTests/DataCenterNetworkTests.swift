// SPDX-License-Identifier: Apache-2.0
import NetworkFlows
import Testing
import Units

@Suite("Networks of racks")
struct DataCenterNetworkTests {
  /// Four racks of four hosts, 1 GB/s to the host, all of it for migration.
  static func network(_ topology: NetworkTopology) -> DataCenterNetwork {
    var spec = NetworkSpec(topology: topology)
    spec.hostLink = BytesPerSecond(1e9)
    spec.storeLink = BytesPerSecond(2e9)
    spec.tenantShare = 0
    spec.migrationShare = 0.8
    spec.storageShare = 0.2
    return DataCenterNetwork(spec: spec, rackOfHost: (0..<16).map { $0 / 4 })
  }

  static let topologies: [NetworkTopology] = [
    .star, .leafSpine(spines: 2, oversubscription: 1),
    .fatTree(.init(racksPerPod: 2, aggregationSwitches: 2, coresPerAggregation: 2)),
  ]
  /// Capacities are products of shares and ratios that are not exact in binary.
  static let rounding = 1e-9

  private func near(_ found: BytesPerSecond, _ expected: Double) -> Bool {
    abs(found.value - expected) <= Self.rounding * expected
  }

  @Test("alone, a transfer gets its kind's share of the host link", arguments: topologies)
  func alone(topology: NetworkTopology) {
    var network = Self.network(topology)
    let near = network.addFlow(
      from: .host(0), to: .host(1), kind: .migration, bytes: Bytes(.infinity))
    let far = network.addFlow(
      from: .host(4), to: .host(15), kind: .migration, bytes: Bytes(.infinity))
    let image = network.addFlow(
      from: .store, to: .host(8), kind: .storage, bytes: Bytes(.infinity))
    #expect(self.near(network.rate(of: near), 8e8))
    #expect(self.near(network.rate(of: far), 8e8))
    #expect(self.near(network.rate(of: image), 2e8))
    let best = network.bestRate(from: .host(0), to: .host(15), kind: .migration)
    #expect(self.near(best, 8e8))
  }

  @Test("inside a host there is no network", arguments: topologies)
  func inside(topology: NetworkTopology) {
    var network = Self.network(topology)
    let flow = network.addFlow(
      from: .host(3), to: .host(3), kind: .migration, bytes: Bytes(1e9))
    #expect(near(network.rate(of: flow), 1e9))
    network.fail(.rackSwitch(0))
    #expect(network.nextCompletion()?.time == .seconds(1))
  }

  @Test("an oversubscribed uplink is shared: four hosts over half of their bandwidth")
  func oversubscription() {
    var network = Self.network(.leafSpine(spines: 1, oversubscription: 2))
    let flows = (0..<4).map {
      network.addFlow(
        from: .host($0), to: .host(8 + $0), kind: .migration, bytes: Bytes(.infinity))
    }
    for flow in flows { #expect(near(network.rate(of: flow), 4e8)) }
    let local = network.addFlow(
      from: .host(0), to: .host(1), kind: .migration, bytes: Bytes(.infinity))
    // Host 0's link: 0.8 GB/s, of which its transfer over the uplink still takes 0.4.
    #expect(near(network.rate(of: local), 4e8))
  }

  @Test("the store's link bounds all images together")
  func store() {
    var network = Self.network(.star)
    let flows = (0..<16).map {
      network.addFlow(from: .store, to: .host($0), kind: .storage, bytes: Bytes(.infinity))
    }
    for flow in flows { #expect(near(network.rate(of: flow), 0.2 * 2e9 / 16)) }
  }

  @Test("losing a spine moves its transfers to the others; losing all of them stops them")
  func spines() {
    var network = Self.network(.leafSpine(spines: 2, oversubscription: 1))
    let flows = (0..<4).map {
      network.addFlow(
        from: .host($0), to: .host(8 + $0), kind: .migration, bytes: Bytes(.infinity))
    }
    network.fail(.upperSwitch(pod: 0, index: 0))
    // All four on the one uplink that is left: 4 x 1 GB/s / 2 spines x 0.8, shared by four.
    for flow in flows { #expect(near(network.rate(of: flow), 4e8)) }
    network.fail(.upperSwitch(pod: 0, index: 1))
    for flow in flows { #expect(network.rate(of: flow) == .zero) }
    network.restore(.upperSwitch(pod: 0, index: 0))
    network.restore(.upperSwitch(pod: 0, index: 1))
    for flow in flows { #expect(network.rate(of: flow).value > 0) }
  }

  @Test(
    "a rack without its switch is cut off, and is back when the switch is", arguments: topologies)
  func rackSwitch(topology: NetworkTopology) {
    var network = Self.network(topology)
    let inside = network.addFlow(
      from: .host(0), to: .host(1), kind: .migration, bytes: Bytes(.infinity))
    let across = network.addFlow(
      from: .host(9), to: .host(2), kind: .migration, bytes: Bytes(.infinity))
    let elsewhere = network.addFlow(
      from: .host(8), to: .host(12), kind: .migration, bytes: Bytes(.infinity))
    network.fail(.rackSwitch(0))
    network.fail(.hostLink(2))
    #expect(network.rate(of: inside) == .zero)
    #expect(network.rate(of: across) == .zero)
    #expect(near(network.rate(of: elsewhere), 8e8))
    network.restore(.rackSwitch(0))
    #expect(near(network.rate(of: inside), 8e8))
    #expect(network.rate(of: across) == .zero)
    network.restore(.hostLink(2))
    #expect(near(network.rate(of: across), 8e8))
  }

  @Test("a core switch of a fat tree is bypassed too")
  func core() {
    var network = Self.network(
      .fatTree(.init(racksPerPod: 2, aggregationSwitches: 2, coresPerAggregation: 2)))
    let flows = (0..<8).map {
      network.addFlow(
        from: .host($0), to: .host(15 - $0), kind: .migration, bytes: Bytes(.infinity))
    }
    for aggregation in 0..<2 { network.fail(.coreSwitch(aggregation: aggregation, index: 0)) }
    for flow in flows { #expect(network.rate(of: flow).value > 0) }
    for aggregation in 0..<2 { network.fail(.coreSwitch(aggregation: aggregation, index: 1)) }
    for flow in flows { #expect(network.rate(of: flow) == .zero) }
  }

  @Test("defaults: leaf-spine, shares of a link that add up to all of it")
  func defaults() {
    var source = DefaultParameters()
    let spec = NetworkSpec(topology: .leafSpine(from: &source), from: &source)
    #expect(spec == NetworkSpec())
    #expect(spec.tenantShare + spec.migrationShare + spec.storageShare == 1)
  }
}
