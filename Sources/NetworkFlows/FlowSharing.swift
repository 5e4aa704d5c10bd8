// SPDX-License-Identifier: Apache-2.0
import Units

/// A directed link of a ``FlowSharing``.
public struct LinkID: Sendable, Hashable, Comparable, Codable {
  /// Its index, from 0.
  public var index: Int
  /// The link with that index.
  public init(_ index: Int) { self.index = index }
  /// Order by index.
  public static func < (left: LinkID, right: LinkID) -> Bool { left.index < right.index }
}

/// A transfer of a ``FlowSharing``; never reused for another one.
public struct FlowID: Sendable, Hashable, Comparable, Codable {
  /// Place in the tables; reused once the flow is gone.
  let slot: Int32
  /// Number of the flow in the order of addition.
  let serial: UInt64

  /// Place in an owner's tables: small, and used again once the flow is gone.
  package var place: Int { Int(slot) }

  /// Order of addition.
  public static func < (left: FlowID, right: FlowID) -> Bool { left.serial < right.serial }
}

/// A transfer that has ended.
public struct FlowCompletion: Sendable, Equatable {
  /// Which.
  public var flow: FlowID
  /// When its last byte arrived.
  public var time: SimTime

  /// A flow and its end.
  public init(flow: FlowID, time: SimTime) {
    self.flow = flow
    self.time = time
  }
}

/// Transfers that share links max-min fairly, as fluids.
///
/// Every flow gets the same rate unless a link on its path or its own cap holds it back: no flow
/// can be given more without taking from one that has less or as little (Bertsekas & Gallager,
/// *Data Networks*, §6.5.2, progressive filling). Rates change only when a flow comes, goes or
/// changes its cap, or a link changes its capacity, and then only among the flows that are
/// connected to it by links which could be full. Between changes progress is linear, so
/// completion times are exact to the nanosecond.
///
/// ```swift
/// var network = FlowSharing(capacities: [BytesPerSecond(1e8), BytesPerSecond(5e7)])
/// let flow = network.addFlow(over: [LinkID(0), LinkID(1)], bytes: Bytes(1e9))
/// while let next = network.nextCompletion() { network.advance(to: next.time) }
/// ```
///
/// Not modelled: latency, packet loss, slow start, the dependence of TCP's share on the round trip.
public struct FlowSharing: Sendable, Codable {
  /// Greatest number of links on a path.
  public static var longestPath: Int { 8 }

  /// Present time of this value.
  public private(set) var now: SimTime
  /// Number of flows under way.
  public private(set) var flowCount = 0

  var flows: ContiguousArray<FlowState> = []
  var links: ContiguousArray<LinkState> = []
  var region = SharingRegion()
  var completions = CompletionQueue()
  var changedSlots: ContiguousArray<Int32> = []
  private var freeSlots: ContiguousArray<Int32> = []
  private var nextSerial: UInt64 = 0

  /// Links with these capacities, without flows. Negative capacities count as zero.
  public init(capacities: [BytesPerSecond], start: SimTime = .zero) {
    now = start
    links = ContiguousArray(capacities.map { LinkState(capacity: max(0, $0.value)) })
  }

  /// Number of links.
  public var linkCount: Int { links.count }

  /// Adds a flow now.
  ///
  /// - Parameters:
  ///   - path: The links that it uses, each once; empty for a transfer inside one host, which only
  ///     its cap bounds.
  ///   - bytes: Its size; infinite for a flow that lasts until it is removed.
  ///   - cap: Its greatest rate.
  /// - Returns: the new flow's name.
  /// - Precondition: at most ``longestPath`` links, all of this network; a path or a finite cap.
  public mutating func addFlow(
    over path: [LinkID], bytes: Bytes, cap: BytesPerSecond = BytesPerSecond(.infinity)
  ) -> FlowID {
    precondition(path.count <= Self.longestPath, "a path of \(path.count) links is too long")
    precondition(!path.isEmpty || cap.value.isFinite, "a flow needs a link or a cap")
    let slot = freeSlots.popLast() ?? Int32(flows.count)
    if Int(slot) == flows.count { flows.append(FlowState()) }
    let serial = nextSerial
    nextSerial += 1
    flows[Int(slot)].begin(
      serial: serial, remaining: max(0, bytes.value), cap: max(0, cap.value), at: now)
    for link in path { attach(slot, to: link) }
    flowCount += 1
    flows[Int(slot)].bound = bound(of: slot)
    collect(slot)
    share()
    // A flow without bytes, or one that gets no bandwidth, has no rate change to be queued by.
    scheduleCompletion(slot)
    completions.dropStale(flows)
    return FlowID(slot: slot, serial: serial)
  }

  /// Removes a flow before its end; without effect when it has already ended.
  public mutating func removeFlow(_ flow: FlowID) {
    guard let slot = slot(of: flow) else { return }
    remove(slot)
    completions.dropStale(flows)
  }

  /// Changes the greatest rate of a flow; without effect when it has ended.
  public mutating func setCap(_ cap: BytesPerSecond, of flow: FlowID) {
    guard let slot = slot(of: flow), flows[Int(slot)].cap != max(0, cap.value) else { return }
    precondition(
      flows[Int(slot)].hopCount > 0 || cap.value.isFinite, "a flow needs a link or a cap")
    collect(slot)
    flows[Int(slot)].cap = max(0, cap.value)
    flows[Int(slot)].bound = bound(of: slot)
    collectAgain()
    share()
    completions.dropStale(flows)
  }

  /// Changes the capacity of a link; zero while it is down.
  public mutating func setCapacity(_ capacity: BytesPerSecond, of link: LinkID) {
    let value = max(0, capacity.value)
    guard links[link.index].capacity != value else { return }
    for entry in links[link.index].flows { collect(entry.slot) }
    links[link.index].capacity = value
    for entry in links[link.index].flows {
      flows[Int(entry.slot)].bound = bound(of: entry.slot)
    }
    collectAgain()
    share()
    completions.dropStale(flows)
  }

  /// The flow that ends next, and when; of several at once the oldest.
  public func nextCompletion() -> FlowCompletion? {
    completions.first.map { entry in
      FlowCompletion(
        flow: FlowID(slot: entry.slot, serial: entry.serial),
        time: SimTime(nanoseconds: entry.time))
    }
  }

  /// Lets time pass; flows that end until then leave, one after the other.
  ///
  /// - Returns: the flows that ended, in order.
  /// - Precondition: `time` is not before ``now``.
  @discardableResult
  public mutating func advance(to time: SimTime) -> [FlowCompletion] {
    precondition(time >= now, "flows cannot run backwards: \(time) is before \(now)")
    var ended: [FlowCompletion] = []
    while let next = nextCompletion(), next.time <= time {
      now = next.time
      remove(next.flow.slot)
      completions.dropStale(flows)
      ended.append(next)
    }
    now = time
    return ended
  }

  /// Present rate of a flow; zero when it has ended.
  public func rate(of flow: FlowID) -> BytesPerSecond {
    BytesPerSecond(slot(of: flow).map { flows[Int($0)].rate } ?? 0)
  }

  /// Bytes that a flow still has to send now; zero when it has ended.
  public func remaining(of flow: FlowID) -> Bytes {
    guard let slot = slot(of: flow) else { return .zero }
    return Bytes(flows[Int(slot)].remaining(at: now))
  }

  /// Rate of all flows on a link together.
  public func load(of link: LinkID) -> BytesPerSecond {
    BytesPerSecond(links[link.index].flows.reduce(0) { $0 + flows[Int($1.slot)].rate })
  }
  /// Capacity of a link.
  public func capacity(of link: LinkID) -> BytesPerSecond {
    BytesPerSecond(links[link.index].capacity)
  }
  /// The flows on a link, oldest first.
  public func flows(on link: LinkID) -> [FlowID] {
    links[link.index].flows.map { FlowID(slot: $0.slot, serial: flows[Int($0.slot)].serial) }
      .sorted()
  }

  /// Whether some rate has changed since ``takeRateChanges()`` was last called.
  public var hasRateChanges: Bool { !changedSlots.isEmpty }

  /// The flows whose rates have changed since this was last asked, oldest first.
  public mutating func takeRateChanges() -> [FlowID] {
    guard !changedSlots.isEmpty else { return [] }
    var changed: [FlowID] = []
    for slot in changedSlots where flows[Int(slot)].isChanged {
      flows[Int(slot)].isChanged = false
      changed.append(FlowID(slot: slot, serial: flows[Int(slot)].serial))
    }
    changedSlots.removeAll(keepingCapacity: true)
    changed.sort()
    return changed
  }

  private func slot(of flow: FlowID) -> Int32? {
    flows[Int(flow.slot)].serial == flow.serial && flows[Int(flow.slot)].isActive
      ? flow.slot : nil
  }

  private mutating func attach(_ slot: Int32, to link: LinkID) {
    let hop = Int(flows[Int(slot)].hopCount)
    let place = Int32(links[link.index].flows.count)
    links[link.index].flows.append(LinkEntry(slot: slot, hop: Int32(hop)))
    flows[Int(slot)].hops[hop] = Hop(link: Int32(link.index), place: place)
    flows[Int(slot)].hopCount += 1
  }

  /// Moves a flow to another path, with what it still has to send; without effect when it has
  /// ended.
  ///
  /// - Precondition: as for ``addFlow(over:bytes:cap:)``.
  public mutating func reroute(_ flow: FlowID, over path: [LinkID]) {
    guard let slot = slot(of: flow) else { return }
    precondition(path.count <= Self.longestPath, "a path of \(path.count) links is too long")
    precondition(
      !path.isEmpty || flows[Int(slot)].cap.isFinite, "a flow needs a link or a cap")
    collect(slot)
    detach(slot)
    flows[Int(slot)].hopCount = 0
    for link in path { attach(slot, to: link) }
    flows[Int(slot)].bound = bound(of: slot)
    collectAgain()
    share()
    completions.dropStale(flows)
  }

  private mutating func remove(_ slot: Int32) {
    collect(slot)
    detach(slot)
    flows[Int(slot)].leave()
    freeSlots.append(slot)
    flowCount -= 1
    share()
  }

  private mutating func detach(_ slot: Int32) {
    for index in 0..<Int(flows[Int(slot)].hopCount) {
      let hop = flows[Int(slot)].hops[index]
      let last = links[Int(hop.link)].flows.removeLast()
      if last.slot != slot {
        links[Int(hop.link)].flows[Int(hop.place)] = last
        flows[Int(last.slot)].hops[Int(last.hop)].place = hop.place
      }
    }
  }

  /// What a flow could get at most if it were alone.
  private func bound(of slot: Int32) -> Double {
    let flow = flows[Int(slot)]
    var bound = flow.cap
    for index in 0..<Int(flow.hopCount) {
      bound = min(bound, links[Int(flow.hops[index].link)].capacity)
    }
    return bound
  }
}
