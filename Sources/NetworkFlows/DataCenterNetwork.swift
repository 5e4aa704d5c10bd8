// SPDX-License-Identifier: Apache-2.0
public import StateArchive
import Units

/// What a transfer is for; every kind has its own share of each link (its VLAN).
public enum TrafficClass: Int, Sendable, CaseIterable, Codable {
  /// Live migration, state sync and cloning between hosts.
  case migration
  /// Images and snapshots.
  case storage
}

/// The network of a data center: who can reach whom over which links, and the transfers on them.
///
/// Every kind of traffic has a fixed share of every link and shares it max-min fairly among its
/// transfers; what one kind leaves unused the other cannot take (the shares are limits, as on a
/// VLAN with policed bandwidth). Of several equally short ways a transfer takes one by a hash of
/// its ends (ECMP), and another one when that way fails; without any way left it stands still.
///
/// Flow names, completions and time are those of ``FlowSharing``.
public struct DataCenterNetwork: Sendable {
  /// Parameters.
  public let spec: NetworkSpec
  /// The transfers; change them only through this network.
  public private(set) var sharing: FlowSharing

  private let layout: FabricLayout
  /// How many failures hold each physical link down.
  private var failures: [Int]
  /// What each flow was asked for, by its place in the tables.
  private var transfers: ContiguousArray<Transfer> = []

  private struct Transfer: Sendable, Codable {
    var from: NetworkEndpoint
    var to: NetworkEndpoint
    var kind: TrafficClass
  }

  /// The network of hosts that stand in the given racks.
  ///
  /// - Precondition: racks are numbered from 0.
  public init(spec: NetworkSpec, rackOfHost: [Int], start: SimTime = .zero) {
    precondition(rackOfHost.allSatisfy { $0 >= 0 }, "racks are numbered from 0")
    self.spec = spec
    let layout = FabricLayout(spec: spec, rackOfHost: rackOfHost)
    self.layout = layout
    failures = [Int](repeating: 0, count: layout.rates.count)
    let capacities = TrafficClass.allCases.flatMap { kind in
      layout.rates.map { BytesPerSecond($0 * spec.share(of: kind)) }
    }
    sharing = FlowSharing(capacities: capacities, start: start)
  }

  /// Starts a transfer now.
  ///
  /// Inside one host it takes the rate of a host's link at most: there is no network to limit it.
  ///
  /// - Parameters:
  ///   - from: Where the bytes come from.
  ///   - to: Where they go.
  ///   - kind: What they are for.
  ///   - bytes: How many; infinite for a transfer that lasts until it is removed.
  ///   - cap: Its greatest rate.
  /// - Returns: the transfer's name.
  /// - Precondition: hosts exist.
  public mutating func addFlow(
    from: NetworkEndpoint, to: NetworkEndpoint, kind: TrafficClass, bytes: Bytes,
    cap: BytesPerSecond = BytesPerSecond(.infinity)
  ) -> FlowID {
    let path = path(from, to, kind)
    let limit = path.isEmpty ? min(cap, spec.hostLink) : cap
    let flow = sharing.addFlow(over: path, bytes: bytes, cap: limit)
    let slot = Int(flow.slot)
    let transfer = Transfer(from: from, to: to, kind: kind)
    if slot == transfers.count { transfers.append(transfer) } else { transfers[slot] = transfer }
    return flow
  }

  /// Removes a transfer; without effect when it has ended.
  public mutating func removeFlow(_ flow: FlowID) { sharing.removeFlow(flow) }

  /// Changes a transfer's greatest rate; without effect when it has ended.
  public mutating func setCap(_ cap: BytesPerSecond, of flow: FlowID) {
    let transfer = transfers[Int(flow.slot)]
    sharing.setCap(transfer.from == transfer.to ? min(cap, spec.hostLink) : cap, of: flow)
  }

  /// The transfer that ends next, and when.
  public func nextCompletion() -> FlowCompletion? { sharing.nextCompletion() }

  /// Lets time pass; gives back the transfers that ended, in order.
  @discardableResult
  public mutating func advance(to time: SimTime) -> [FlowCompletion] { sharing.advance(to: time) }

  /// Present rate of a transfer; zero when it has ended or has no way.
  public func rate(of flow: FlowID) -> BytesPerSecond { sharing.rate(of: flow) }

  /// Bytes that a transfer still has to send.
  public func remaining(of flow: FlowID) -> Bytes { sharing.remaining(of: flow) }

  /// The transfers whose rates have changed since this was last asked.
  public mutating func takeRateChanges() -> [FlowID] { sharing.takeRateChanges() }

  /// The rate that a new transfer could have at most if it were alone.
  public func bestRate(
    from: NetworkEndpoint, to: NetworkEndpoint, kind: TrafficClass
  ) -> BytesPerSecond {
    let path = path(from, to, kind)
    return path.map { sharing.capacity(of: $0) }.min() ?? spec.hostLink
  }

  /// Whether the network has that element; only those can fail.
  public func has(_ element: NetworkElement) -> Bool {
    switch element {
    case .hostLink(let host): layout.rackOfHost.indices.contains(host)
    case .rackSwitch(let rack): (0..<layout.rackCount).contains(rack)
    case .uplink(let rack, let index):
      (0..<layout.rackCount).contains(rack) && (0..<layout.uplinks).contains(index)
    case .upperSwitch(let pod, let index):
      (0..<layout.podCount).contains(pod) && (0..<layout.uplinks).contains(index)
    case .coreSwitch(let aggregation, let index):
      (0..<layout.uplinks).contains(aggregation) && (0..<layout.coreUplinks).contains(index)
    case .store: true
    }
  }

  /// An element fails; transfers that used it take another way or stand still.
  ///
  /// Elements may fail together; a link works when every element that it needs does.
  public mutating func fail(_ element: NetworkElement) { change(element, by: 1) }

  /// An element works again; the transfers that waited for it go on.
  ///
  /// - Precondition: it has failed before.
  public mutating func restore(_ element: NetworkElement) { change(element, by: -1) }

  private mutating func change(_ element: NetworkElement, by step: Int) {
    let links = layout.links(of: element)
    var stranded: [FlowID] = []
    for link in links {
      failures[link] += step
      precondition(failures[link] >= 0, "\(element) is restored but had not failed")
      for kind in TrafficClass.allCases {
        let id = LinkID(kind.rawValue * layout.rates.count + link)
        let rate = failures[link] > 0 ? 0 : layout.rates[link] * spec.share(of: kind)
        if rate == 0 { stranded += sharing.flows(on: id) }
        sharing.setCapacity(BytesPerSecond(rate), of: id)
      }
    }
    // Oldest first, so that the result does not depend on the order of the links; once each.
    var last: FlowID?
    for flow in stranded.sorted() where flow != last {
      reroute(flow)
      last = flow
    }
  }

  private mutating func reroute(_ flow: FlowID) {
    let transfer = transfers[Int(flow.slot)]
    let path = path(transfer.from, transfer.to, transfer.kind)
    if path.allSatisfy({ sharing.capacity(of: $0).value > 0 }) {
      sharing.reroute(flow, over: path)
    }
  }

  /// The way of a transfer: the first working one, starting from that of its hash.
  private func path(
    _ from: NetworkEndpoint, _ to: NetworkEndpoint, _ kind: TrafficClass
  ) -> [LinkID] {
    let count = layout.routeCount(from, to)
    let first = Int(Self.hash(from, to) % UInt64(count))
    let fallback = layout.route(from, to, choice: first)
    let works = (0..<count).lazy.map { layout.route(from, to, choice: (first + $0) % count) }
      .first { route in route.allSatisfy { failures[$0] == 0 } }
    let base = kind.rawValue * layout.rates.count
    return (works ?? fallback).map { LinkID(base + $0) }
  }

  /// SplitMix64's finaliser over both ends.
  private static func hash(_ from: NetworkEndpoint, _ to: NetworkEndpoint) -> UInt64 {
    func number(_ end: NetworkEndpoint) -> UInt64 {
      if case .host(let host) = end { return UInt64(host) + 1 }
      return 0
    }
    var z = number(from) << 32 ^ number(to)
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension NetworkSpec {
  /// Share of every link that a kind of traffic may use.
  func share(of kind: TrafficClass) -> Double {
    switch kind {
    case .migration: migrationShare
    case .storage: storageShare
    }
  }
}

extension DataCenterNetwork: Archivable {
  /// Exchanges flows and failures.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&sharing)
    try archive.state(&failures)
    try archive.state(&transfers)
  }
}
