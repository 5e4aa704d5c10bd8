// SPDX-License-Identifier: Apache-2.0
import NetworkFlows
import Testing
import Units

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): enough randomness for test cases.
struct CaseGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

/// A flow as a test knows it.
struct KnownFlow {
  var path: [LinkID]
  var cap: Double
}

@Suite("Max-min properties of random networks")
struct SharingProperties {
  /// A few roundings of a double in sums over at most some dozens of flows.
  static let rounding = 1e-9

  /// Progressive filling as the textbook has it: all links scanned for every level.
  static func reference(_ flows: [KnownFlow], capacities: [Double]) -> [Double] {
    var rates = [Double?](repeating: nil, count: flows.count)
    var spare = capacities
    while rates.contains(where: { $0 == nil }) {
      var level = Double.infinity
      for link in capacities.indices {
        let waiting = flows.indices.filter {
          rates[$0] == nil && flows[$0].path.contains(LinkID(link))
        }
        if !waiting.isEmpty { level = min(level, max(0, spare[link]) / Double(waiting.count)) }
      }
      let lowestCap = flows.indices.filter { rates[$0] == nil }.map { flows[$0].cap }.min()
      level = min(level, lowestCap ?? .infinity)
      var settled: [Int] = []
      for flow in flows.indices where rates[flow] == nil {
        let full = flows[flow].path.contains { link in
          let waiting = flows.indices.filter { rates[$0] == nil && flows[$0].path.contains(link) }
          return max(0, spare[link.index]) / Double(waiting.count) <= level * (1 + 1e-12)
        }
        if full || flows[flow].cap <= level { settled.append(flow) }
      }
      for flow in settled {
        rates[flow] = min(level, flows[flow].cap)
        for link in flows[flow].path { spare[link.index] -= min(level, flows[flow].cap) }
      }
    }
    return rates.map { $0 ?? 0 }
  }

  static func randomFlow(_ random: inout CaseGenerator, links: Int) -> KnownFlow {
    var path: [LinkID] = []
    for _ in 0...random.below(min(4, links)) {
      let link = LinkID(random.below(links))
      if !path.contains(link) { path.append(link) }
    }
    let cap = random.uniform() < 0.4 ? 1 + 60 * random.uniform() : .infinity
    return KnownFlow(path: path, cap: cap)
  }

  /// The first violation of capacity or optimality: every flow is at its cap, or has a full link
  /// on which no other flow gets more.
  static func violation(
    _ network: FlowSharing, _ alive: [(id: FlowID, flow: KnownFlow)]
  ) -> String? {
    let links = (0..<network.linkCount).map { LinkID($0) }
    let full = links.map {
      network.load(of: $0).value >= network.capacity(of: $0).value * (1 - rounding)
    }
    let highest = links.map { link in
      network.flows(on: link).map { network.rate(of: $0).value }.max() ?? 0
    }
    for link in links
    where network.load(of: link).value > network.capacity(of: link).value * (1 + rounding) {
      return "link \(link.index) carries too much"
    }
    for (id, flow) in alive {
      let rate = network.rate(of: id).value
      if rate > flow.cap * (1 + rounding) { return "a flow exceeds its cap" }
      if rate >= flow.cap * (1 - rounding) { continue }
      let isHeldBack = flow.path.contains {
        full[$0.index] && highest[$0.index] <= rate * (1 + rounding) + rounding
      }
      if !isHeldBack { return "a flow could get more" }
    }
    return nil
  }

  @Test(
    "after any history: links are not exceeded, every flow has a bottleneck, rates are unique",
    arguments: 0..<30 as Range<UInt64>)
  func history(seed: UInt64) {
    var random = CaseGenerator(state: seed)
    let links = 2 + random.below(12)
    var capacities = (0..<links).map { _ in 10 + 90 * random.uniform() }
    var network = FlowSharing(capacities: capacities.map { BytesPerSecond($0) })
    var alive: [(id: FlowID, flow: KnownFlow)] = []
    for _ in 0..<60 {
      change(&network, &alive, &capacities, &random)
      let problem = Self.violation(network, alive)
      #expect(problem == nil, "seed \(seed)")
      let expected = Self.reference(alive.map(\.flow), capacities: capacities)
      let found = alive.map { network.rate(of: $0.id).value }
      let worst = zip(found, expected).map { abs($0 - $1) / max(1, $1) }.max() ?? 0
      #expect(worst <= Self.rounding, "seed \(seed)")
    }
  }

  private func change(
    _ network: inout FlowSharing, _ alive: inout [(id: FlowID, flow: KnownFlow)],
    _ capacities: inout [Double], _ random: inout CaseGenerator
  ) {
    switch random.below(10) {
    case 0..<5:
      let flow = Self.randomFlow(&random, links: capacities.count)
      let bytes = random.uniform() < 0.5 ? 5000 * random.uniform() : .infinity
      let id = network.addFlow(
        over: flow.path, bytes: Bytes(bytes), cap: BytesPerSecond(flow.cap))
      alive.append((id, flow))
    case 5 where !alive.isEmpty:
      network.removeFlow(alive.remove(at: random.below(alive.count)).id)
    case 6 where !alive.isEmpty:
      let index = random.below(alive.count)
      alive[index].flow.cap = 60 * random.uniform()
      network.setCap(BytesPerSecond(alive[index].flow.cap), of: alive[index].id)
    case 7:
      let link = random.below(capacities.count)
      capacities[link] = random.uniform() < 0.3 ? 0 : 10 + 90 * random.uniform()
      network.setCapacity(BytesPerSecond(capacities[link]), of: LinkID(link))
    default:
      let ended = network.advance(to: network.now + .seconds(30 * random.uniform()))
      alive.removeAll { entry in ended.contains { $0.flow == entry.id } }
    }
  }

  @Test("the order in which flows are added does not matter", arguments: 0..<20 as Range<UInt64>)
  func orderIndependence(seed: UInt64) {
    var random = CaseGenerator(state: 1000 + seed)
    let capacities = (0..<10).map { _ in BytesPerSecond(10 + 90 * random.uniform()) }
    let flows = (0..<30).map { _ in Self.randomFlow(&random, links: 10) }
    func rates(in order: [Int]) -> [Double] {
      var network = FlowSharing(capacities: capacities)
      var ids = [FlowID?](repeating: nil, count: flows.count)
      for index in order {
        ids[index] = network.addFlow(
          over: flows[index].path, bytes: Bytes(.infinity), cap: BytesPerSecond(flows[index].cap))
      }
      return ids.map { $0.map { network.rate(of: $0).value } ?? -1 }
    }
    let straight = rates(in: Array(flows.indices))
    let shuffled = rates(in: flows.indices.shuffled(using: &random))
    for (left, right) in zip(straight, shuffled) {
      #expect(abs(left - right) <= Self.rounding * max(1, left), "seed \(seed)")
    }
  }

  @Test(
    "bytes are conserved: what left the links is what flows lost",
    arguments: 0..<10 as Range<UInt64>)
  func conservation(seed: UInt64) {
    var random = CaseGenerator(state: 5000 + seed)
    var network = FlowSharing(capacities: [BytesPerSecond(70), BytesPerSecond(40)])
    var sizes: [FlowID: Double] = [:]
    var carried = 0.0
    for _ in 0..<50 {
      let bytes = 100 + 3000 * random.uniform()
      let id = network.addFlow(over: [LinkID(random.below(2))], bytes: Bytes(bytes))
      sizes[id] = bytes
      let until = network.now + .seconds(20 * random.uniform())
      while network.now < until {
        let next = min(until, network.nextCompletion()?.time ?? until)
        let load = network.load(of: LinkID(0)).value + network.load(of: LinkID(1)).value
        carried += load * (next - network.now).seconds
        network.advance(to: next)
      }
    }
    let left = sizes.keys.reduce(0) { $0 + network.remaining(of: $1).value }
    let sent = sizes.values.reduce(0, +) - left
    // Completions are rounded up to a nanosecond, during which the link still counts as used.
    #expect(abs(carried - sent) <= 1e-9 * Double(sizes.count) * 110 + Self.rounding * sent)
  }
}
