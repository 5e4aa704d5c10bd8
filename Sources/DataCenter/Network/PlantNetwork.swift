// SPDX-License-Identifier: Apache-2.0
import NetworkFlows
import StateArchive
import Units

/// What a transfer belongs to.
enum TransferOwner: Sendable, Hashable, Codable {
  /// The migration in that place of the table.
  case migration(Int32)
  /// The step that the shadow in that slot is in.
  case shadowStep(Int32)
  /// Keeping the shadow in that slot in sync, for as long as it runs.
  case shadowSync(Int32)
}

/// All transfers of the plant, over a modelled network or each at one fixed bandwidth.
///
/// Without a modelled network a transfer is a flow without links whose cap is the bandwidth, so
/// everything else is the same either way.
struct PlantNetwork: Sendable {
  /// What a transfer costs one of its hosts while it lasts.
  struct HostCost: Sendable, Equatable, Codable {
    /// CPU in reference cores.
    var cores = 0.0
    /// Power that the host's power curve does not cover.
    var watts = 0.0
    var isNothing: Bool { cores == 0 && watts == 0 }
  }

  /// One transfer under way.
  struct Transfer: Sendable, Codable {
    var owner: TransferOwner
    var flow: FlowID
    var from: NetworkEndpoint
    var to: NetworkEndpoint
    var kind: TrafficClass
    /// What its owner could use at most, in bytes per second.
    var cap: Double
    /// What it costs the hosts at both ends now.
    var sourceCost = HostCost()
    var targetCost = HostCost()
  }

  private var modelled: DataCenterNetwork?
  private var unlimited: FlowSharing
  private let fixedRate: Double
  /// Transfers by the place of their flow; nil where there is none.
  private(set) var transfers: ContiguousArray<Transfer?> = []
  /// Owners whose transfers have ended and not been told so.
  private var ended: [Transfer] = []

  init(spec: PlantNetworkSpec, fixedRate: BytesPerSecond, rackOfHost: [Int]) {
    self.fixedRate = fixedRate.value
    unlimited = FlowSharing(capacities: [])
    if case .modelled(let network) = spec {
      modelled = DataCenterNetwork(spec: network, rackOfHost: rackOfHost)
    }
  }

  /// Transfers under way.
  var activeCount: Int { modelled?.sharing.flowCount ?? unlimited.flowCount }

  /// Starts a transfer; `isConnected` says whether the network reaches both ends.
  mutating func add(
    _ owner: TransferOwner, from: NetworkEndpoint, to: NetworkEndpoint, kind: TrafficClass,
    bytes: Bytes, cap: Double = .infinity, isConnected: Bool, at now: SimTime
  ) -> FlowID {
    advance(to: now)
    let flow: FlowID
    if modelled != nil {
      flow =
        modelled?.addFlow(from: from, to: to, kind: kind, bytes: bytes, cap: BytesPerSecond(cap))
        ?? unlimited.addFlow(over: [], bytes: bytes, cap: .zero)
    } else {
      let rate = isConnected ? min(cap, fixedRate) : 0
      flow = unlimited.addFlow(over: [], bytes: bytes, cap: BytesPerSecond(rate))
    }
    while transfers.count <= flow.place { transfers.append(nil) }
    transfers[flow.place] = Transfer(
      owner: owner, flow: flow, from: from, to: to, kind: kind, cap: cap)
    return flow
  }

  /// Changes what a transfer can use at most.
  mutating func setCap(_ cap: Double, of flow: FlowID, isConnected: Bool, at now: SimTime) {
    guard let transfer = transfers[flow.place], transfer.flow == flow else { return }
    advance(to: now)
    transfers[flow.place]?.cap = cap
    if modelled != nil {
      modelled?.setCap(BytesPerSecond(cap), of: flow)
    } else {
      unlimited.setCap(BytesPerSecond(isConnected ? min(cap, fixedRate) : 0), of: flow)
    }
  }

  /// Ends a transfer before its time; gives back what it was.
  mutating func remove(_ flow: FlowID, at now: SimTime) -> Transfer? {
    advance(to: now)
    // It may just have ended by itself; then its owner, who no longer wants it, is not told.
    ended.removeAll { $0.flow == flow }
    guard let transfer = transfers[flow.place], transfer.flow == flow else { return nil }
    modelled?.removeFlow(flow)
    if modelled == nil { unlimited.removeFlow(flow) }
    transfers[flow.place] = nil
    return transfer
  }

  /// Notes what a transfer costs its hosts.
  mutating func setCosts(source: HostCost, target: HostCost, of flow: FlowID) {
    guard transfers[flow.place]?.flow == flow else { return }
    transfers[flow.place]?.sourceCost = source
    transfers[flow.place]?.targetCost = target
  }

  /// Lets time pass.
  mutating func advance(to now: SimTime) {
    let completions = modelled?.advance(to: now) ?? unlimited.advance(to: now)
    for completion in completions {
      if let transfer = transfers[completion.flow.place], transfer.flow == completion.flow {
        ended.append(transfer)
      }
    }
  }

  /// When the next transfer ends.
  var nextEnd: SimTime? { (modelled?.nextCompletion() ?? unlimited.nextCompletion())?.time }

  /// Whether somebody has to be told of something.
  var hasNews: Bool {
    !ended.isEmpty || (modelled?.sharing.hasRateChanges ?? unlimited.hasRateChanges)
  }

  /// Takes the transfers that have ended since the last call, in order.
  mutating func takeEnded() -> [Transfer] {
    let result = ended
    for transfer in result where transfers[transfer.flow.place]?.flow == transfer.flow {
      transfers[transfer.flow.place] = nil
    }
    ended.removeAll()
    return result
  }

  /// Takes the transfers whose rates have changed, with their rates.
  mutating func takeRateChanges() -> [(transfer: Transfer, rate: Double)] {
    let flows = modelled?.takeRateChanges() ?? unlimited.takeRateChanges()
    return flows.compactMap { flow in
      guard let transfer = transfers[flow.place], transfer.flow == flow else { return nil }
      return (transfer, rate(of: flow))
    }
  }

  /// Present rate of a transfer in bytes per second.
  func rate(of flow: FlowID) -> Double {
    modelled?.rate(of: flow).value ?? unlimited.rate(of: flow).value
  }

  /// What a transfer's owner could use at most, in bytes per second; nil when it has ended.
  func cap(of flow: FlowID) -> Double? {
    transfers[flow.place].flatMap { $0.flow == flow ? $0.cap : nil }
  }

  /// Where a transfer comes from; nil when it has ended.
  func source(of flow: FlowID) -> NetworkEndpoint? {
    transfers[flow.place].flatMap { $0.flow == flow ? $0.from : nil }
  }

  /// An element of a modelled network fails or works again; those it does not have are ignored.
  mutating func change(_ element: NetworkElement, fails: Bool, at now: SimTime) {
    advance(to: now)
    guard let network = modelled, network.has(element) else { return }
    if fails { modelled?.fail(element) } else { modelled?.restore(element) }
  }

  /// Without a modelled network: the transfers of a host stop or go on.
  mutating func refreshCaps(
    ofHost host: Int, isConnected: (NetworkEndpoint) -> Bool, at now: SimTime
  ) {
    guard modelled == nil else { return }
    advance(to: now)
    let end = NetworkEndpoint.host(host)
    for case let transfer? in transfers where transfer.from == end || transfer.to == end {
      let connected = isConnected(transfer.from) && isConnected(transfer.to)
      unlimited.setCap(
        BytesPerSecond(connected ? min(transfer.cap, fixedRate) : 0), of: transfer.flow)
    }
  }

  /// Links on which more is sent than they can carry, in words; for tests.
  func brokenInvariants() -> [String] {
    guard let sharing = modelled?.sharing else { return [] }
    return (0..<sharing.linkCount).compactMap { index in
      let load = sharing.load(of: LinkID(index)).value
      let capacity = sharing.capacity(of: LinkID(index)).value
      // Rates are quotients of capacities: a sum of them is off by rounding only.
      return load <= capacity * (1 + 1e-9) ? nil : "link \(index): \(load) of \(capacity) B/s"
    }
  }
}

extension PlantNetwork: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try modelled?.archive(&archive)
    try archive.state(&unlimited)
    try archive.state(&transfers)
    try archive.state(&ended)
  }
}
