// SPDX-License-Identifier: Apache-2.0
import Units

/// The flows and links whose rates a change can touch, and scratch space to share them anew.
struct SharingRegion: Sendable, Codable {
  /// Flows of the region, in the order in which they were found.
  var flows: ContiguousArray<Int32> = []
  /// Links of the region that could be full, as a heap by fair share while rates are computed.
  var bottlenecks: ContiguousArray<Bottleneck> = []
  var stamp: UInt64 = 1

  struct Bottleneck: Sendable, Codable {
    var share: Double
    var link: Int32
    /// Fair share first, then index: a total order, so that results do not depend on history.
    static func < (left: Bottleneck, right: Bottleneck) -> Bool {
      (left.share, left.link) < (right.share, right.link)
    }
  }

  mutating func clear() {
    flows.removeAll(keepingCapacity: true)
    stamp += 1
  }
}

extension FlowSharing {
  /// Adds to the region the flow and all that are connected to it.
  ///
  /// Only a link whose flows could together exceed it connects them: where even the flows' upper
  /// bounds fit, the link never decides a rate.
  mutating func collect(_ slot: Int32) {
    guard flows[Int(slot)].stamp != region.stamp else { return }
    flows[Int(slot)].stamp = region.stamp
    region.flows.append(slot)
    expand(from: region.flows.count - 1)
  }

  /// Extends the region after bounds or capacities inside it have changed.
  mutating func collectAgain() { expand(from: 0) }

  private mutating func expand(from first: Int) {
    var next = first
    while next < region.flows.count {
      let slot = Int(region.flows[next])
      next += 1
      for index in 0..<Int(flows[slot].hopCount) {
        let link = Int(flows[slot].hops[index].link)
        guard links[link].flows.count > 1, canBeFull(link) else { continue }
        for entry in links[link].flows where flows[Int(entry.slot)].stamp != region.stamp {
          flows[Int(entry.slot)].stamp = region.stamp
          region.flows.append(entry.slot)
        }
      }
    }
  }

  /// Whether the bounds of a link's flows together exceed its capacity.
  private func canBeFull(_ link: Int) -> Bool {
    let capacity = links[link].capacity
    var demand = 0.0
    for entry in links[link].flows {
      demand += flows[Int(entry.slot)].bound
      if demand > capacity { return true }
    }
    return false
  }

  /// Gives the flows of the region their max-min fair rates, and empties the region.
  mutating func share() {
    defer { region.clear() }
    if region.flows.count == 1 {
      let slot = region.flows[0]
      if flows[Int(slot)].isActive { settle(slot, at: flows[Int(slot)].bound) }
      return
    }
    prepare()
    fill()
  }

  /// Lists the links that could be full, and orders flows by their bounds.
  private mutating func prepare() {
    region.bottlenecks.removeAll(keepingCapacity: true)
    region.flows.removeAll { !flows[Int($0)].isActive }
    for slot in region.flows {
      flows[Int(slot)].isSettled = false
      for index in 0..<Int(flows[Int(slot)].hopCount) {
        let link = Int(flows[Int(slot)].hops[index].link)
        guard links[link].stamp != region.stamp else { continue }
        links[link].stamp = region.stamp
        links[link].spare = links[link].capacity
        links[link].waiting = links[link].flows.count
        guard links[link].waiting > 1, canBeFull(link) else { continue }
        let share = links[link].capacity / Double(links[link].waiting)
        region.bottlenecks.append(SharingRegion.Bottleneck(share: share, link: Int32(link)))
      }
    }
    if region.bottlenecks.count > 1 {
      for index in stride(from: region.bottlenecks.count / 2 - 1, through: 0, by: -1) {
        siftDown(index)
      }
    }
    region.flows.sort { left, right in
      let bounds = (flows[Int(left)].bound, flows[Int(right)].bound)
      if bounds.0 != bounds.1 { return bounds.0 < bounds.1 }
      return flows[Int(left)].serial < flows[Int(right)].serial
    }
  }

  /// Progressive filling: the level rises until a flow reaches its bound or a link is full.
  ///
  /// Fair shares only grow while flows are settled, so a heap entry that is out of date is too
  /// low: it is corrected when it comes up.
  private mutating func fill() {
    var next = 0
    while true {
      while next < region.flows.count, flows[Int(region.flows[next])].isSettled { next += 1 }
      guard next < region.flows.count else { return }
      let slot = region.flows[next]
      let level = lowestShare()
      if flows[Int(slot)].bound <= level {
        settleAndRelease(slot, at: flows[Int(slot)].bound)
      } else {
        let link = Int(region.bottlenecks[0].link)
        for entry in links[link].flows where !flows[Int(entry.slot)].isSettled {
          settleAndRelease(entry.slot, at: level)
        }
      }
    }
  }

  /// The lowest fair share of all links with waiting flows; infinite without such links.
  private mutating func lowestShare() -> Double {
    while let top = region.bottlenecks.first {
      let link = Int(top.link)
      if links[link].waiting == 0 {
        let last = region.bottlenecks.removeLast()
        if region.bottlenecks.isEmpty { break }
        region.bottlenecks[0] = last
        siftDown(0)
        continue
      }
      let share = max(0, links[link].spare) / Double(links[link].waiting)
      if share <= top.share { return share }
      region.bottlenecks[0].share = share
      siftDown(0)
    }
    return .infinity
  }

  private mutating func settleAndRelease(_ slot: Int32, at rate: Double) {
    for index in 0..<Int(flows[Int(slot)].hopCount) {
      let link = Int(flows[Int(slot)].hops[index].link)
      links[link].spare -= rate
      links[link].waiting -= 1
    }
    settle(slot, at: rate)
  }

  private mutating func settle(_ slot: Int32, at rate: Double) {
    flows[Int(slot)].isSettled = true
    guard flows[Int(slot)].rate != rate else { return }
    flows[Int(slot)].setRate(rate, at: now)
    if !flows[Int(slot)].isChanged {
      flows[Int(slot)].isChanged = true
      changedSlots.append(slot)
    }
    scheduleCompletion(slot)
  }

  /// Queues the end of a flow as its present rate has it.
  mutating func scheduleCompletion(_ slot: Int32) {
    let flow = flows[Int(slot)]
    let end = flow.endTime
    guard end != flow.completion else { return }
    flows[Int(slot)].completion = end
    if let end { completions.push(time: end, serial: flow.serial, slot: slot, flows) }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    let entry = region.bottlenecks[start]
    let count = region.bottlenecks.count
    while true {
      var child = 2 * parent + 1
      guard child < count else { break }
      if child + 1 < count, region.bottlenecks[child + 1] < region.bottlenecks[child] {
        child += 1
      }
      guard region.bottlenecks[child] < entry else { break }
      region.bottlenecks[parent] = region.bottlenecks[child]
      parent = child
    }
    region.bottlenecks[parent] = entry
  }
}
