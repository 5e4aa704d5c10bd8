// SPDX-License-Identifier: Apache-2.0
import Units

/// An end of a transfer.
public enum NetworkEndpoint: Sendable, Hashable, Codable {
  /// The host with that index.
  case host(Int)
  /// The store of images and snapshots, joined to the uppermost switches.
  case store
}

/// Something that can fail.
public enum NetworkElement: Sendable, Hashable {
  /// The link of a host.
  case hostLink(Int)
  /// The switch of a rack, with all that hangs on it.
  case rackSwitch(Int)
  /// One uplink of a rack.
  case uplink(rack: Int, index: Int)
  /// A spine switch, or an aggregation switch of a pod.
  case upperSwitch(pod: Int, index: Int)
  /// A core switch of a fat tree.
  case coreSwitch(aggregation: Int, index: Int)
  /// The link of the store.
  case store
}

/// The numbering of the physical links of a network with up to three tiers.
///
/// Leaf-spine is a single pod; a star has no uplinks at all. Every physical link is two directed
/// ones, the way up (even) and the way down (odd).
struct FabricLayout: Sendable {
  let rackOfHost: [Int]
  let rackCount: Int
  /// Uplinks of each rack, one to each spine or aggregation switch; 0 for a star.
  let uplinks: Int
  /// Uplinks of each aggregation switch; 0 without a core.
  let coreUplinks: Int
  let racksPerPod: Int
  let podCount: Int
  /// Rates of the directed links, in bytes per second.
  let rates: [Double]

  private let firstUplink: Int
  private let firstCoreLink: Int
  private let storeLink: Int

  init(spec: NetworkSpec, rackOfHost: [Int]) {
    self.rackOfHost = rackOfHost
    rackCount = (rackOfHost.max() ?? -1) + 1
    var hostsInRack = [Int](repeating: 0, count: rackCount)
    for rack in rackOfHost { hostsInRack[rack] += 1 }
    let host = spec.hostLink.value
    // Racks of different size have uplinks alike, sized for the largest.
    let rackRate = Double(hostsInRack.max() ?? 0) * host
    var uplinkRate = 0.0
    var coreRate = 0.0
    switch spec.topology {
    case .star: (uplinks, coreUplinks, racksPerPod) = (0, 0, max(1, rackCount))
    case .leafSpine(let spines, let oversubscription):
      (uplinks, coreUplinks, racksPerPod) = (spines, 0, max(1, rackCount))
      uplinkRate = rackRate / oversubscription / Double(spines)
    case .fatTree(let tree):
      (uplinks, coreUplinks) = (tree.aggregationSwitches, tree.coresPerAggregation)
      racksPerPod = tree.racksPerPod
      uplinkRate = rackRate / tree.oversubscription / Double(uplinks)
      coreRate =
        uplinkRate * Double(racksPerPod) / tree.coreOversubscription / Double(coreUplinks)
    }
    podCount = (rackCount + racksPerPod - 1) / racksPerPod
    firstUplink = 2 * rackOfHost.count
    firstCoreLink = firstUplink + 2 * rackCount * uplinks
    storeLink = firstCoreLink + 2 * podCount * uplinks * coreUplinks
    var rates = [Double](repeating: host, count: firstUplink)
    rates += [Double](repeating: uplinkRate, count: firstCoreLink - firstUplink)
    rates += [Double](repeating: coreRate, count: storeLink - firstCoreLink)
    rates += [spec.storeLink.value, spec.storeLink.value]
    self.rates = rates
  }

  private func uplink(rack: Int, index: Int) -> Int { firstUplink + 2 * (rack * uplinks + index) }
  private func coreLink(pod: Int, aggregation: Int, index: Int) -> Int {
    firstCoreLink + 2 * ((pod * uplinks + aggregation) * coreUplinks + index)
  }

  /// The directed links that an element takes down with it.
  func links(of element: NetworkElement) -> [Int] {
    let ways: [Int]
    switch element {
    case .hostLink(let host): ways = [2 * host]
    case .rackSwitch(let rack):
      ways =
        rackOfHost.indices.filter { rackOfHost[$0] == rack }.map { 2 * $0 }
        + (0..<uplinks).map { uplink(rack: rack, index: $0) }
    case .uplink(let rack, let index): ways = [uplink(rack: rack, index: index)]
    case .upperSwitch(let pod, let index):
      let racks = pod * racksPerPod..<min(rackCount, (pod + 1) * racksPerPod)
      ways =
        racks.map { uplink(rack: $0, index: index) }
        + (0..<coreUplinks).map { coreLink(pod: pod, aggregation: index, index: $0) }
    case .coreSwitch(let aggregation, let index):
      ways = (0..<podCount).map { coreLink(pod: $0, aggregation: aggregation, index: index) }
    case .store: ways = [storeLink]
    }
    return ways.flatMap { [$0, $0 + 1] }
  }

  /// Number of equally short ways between two ends.
  func routeCount(_ from: NetworkEndpoint, _ to: NetworkEndpoint) -> Int {
    guard uplinks > 0 else { return 1 }
    let (source, target) = (rack(of: from), rack(of: to))
    if let source, let target {
      if source == target { return 1 }
      if source / racksPerPod == target / racksPerPod { return uplinks }
    }
    return uplinks * max(1, coreUplinks)
  }

  /// The directed links of one of the ways; empty inside a host.
  func route(_ from: NetworkEndpoint, _ to: NetworkEndpoint, choice: Int) -> [Int] {
    guard from != to else { return [] }
    var links = [up(from)]
    let (source, target) = (rack(of: from), rack(of: to))
    if uplinks > 0, source != target {
      let aggregation = choice % uplinks
      let core = choice / uplinks
      let (sourcePod, targetPod) = (
        source.map { $0 / racksPerPod }, target.map { $0 / racksPerPod }
      )
      let usesCore = coreUplinks > 0 && sourcePod != targetPod
      if let source { links.append(uplink(rack: source, index: aggregation)) }
      if usesCore, let pod = sourcePod {
        links.append(coreLink(pod: pod, aggregation: aggregation, index: core))
      }
      if usesCore, let pod = targetPod {
        links.append(coreLink(pod: pod, aggregation: aggregation, index: core) + 1)
      }
      if let target { links.append(uplink(rack: target, index: aggregation) + 1) }
    }
    links.append(up(to) + 1)
    return links
  }

  private func rack(of end: NetworkEndpoint) -> Int? {
    if case .host(let host) = end { return rackOfHost[host] }
    return nil
  }

  /// The way up from an end.
  private func up(_ end: NetworkEndpoint) -> Int {
    if case .host(let host) = end { return 2 * host }
    return storeLink
  }
}
