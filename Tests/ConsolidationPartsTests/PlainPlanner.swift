// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts

/// The slow, obvious version of `ConsolidationPlanner`: every VM tries every host, every host's
/// sums and histories are made anew each time. Selection MMT and MU only.
struct PlainPlanner {
  let rules: ConsolidationRules
  private let state: PackingState
  private var vms: [[Int]]
  private var hasGrown: [Bool]

  init(rules: ConsolidationRules, state: PackingState) {
    self.rules = rules
    self.state = state
    vms = state.vms.map { $0.map { Int($0) } }
    hasGrown = state.vms.map { _ in false }
  }

  private func sum(_ host: Int) -> Double { vms[host].reduce(0) { $0 + state.demand[$1] } }

  private func available(_ host: Int) -> Double {
    vms[host].reduce(state.capacity(host)) { $0 - state.demand[$1] }
  }

  private func power(_ host: Int, _ demand: Double) -> Double {
    state.curves.power(of: Int(state.kindOfHost[host]), at: demand / state.capacity(host))
  }

  private func isOverloaded(_ host: Int, _ vms: [Int]) -> Bool {
    var history = [Double](repeating: 0, count: LoadHistory.depth)
    for vm in vms {
      for age in 0..<state.history.count(of: vm) {
        history[age] += state.history.value(age, of: vm) * state.size[vm] / state.capacity(host)
      }
    }
    while history.count > 1, history.last == 0 { history.removeLast() }
    let share = vms.reduce(0) { $0 + state.demand[$1] } / state.capacity(host)
    return history.withUnsafeBufferPointer {
      rules.detector.isOverloaded(demandShare: share, history: $0, stepsAhead: 1)
    }
  }

  private func target(_ vm: Int, excluding: Set<Int>) -> Int? {
    var (best, least) = (-1, Double.infinity)
    for host in vms.indices where !excluding.contains(host) {
      let demand = state.demand[vm]
      guard state.coreCapacity(host) >= demand, available(host) >= demand else { continue }
      let memory = vms[host].reduce(state.kinds[Int(state.kindOfHost[host])].memory) {
        $0 - state.memory[$1]
      }
      if !rules.quirks.ignoresMemory, memory < state.memory[vm] { continue }
      if !vms[host].isEmpty, isOverloaded(host, vms[host] + [vm]) { continue }
      let idle = vms[host].isEmpty && !hasGrown[host]
      let before =
        idle && rules.quirks.isSwitchOnFree
        ? power(host, 0)
        : rules.quirks.usesStalePower || idle ? state.power[host] : power(host, sum(host))
      let rise = power(host, sum(host) + demand) - before
      if rise < least { (best, least) = (host, rise) }
    }
    return best < 0 ? nil : best
  }

  private func falling(_ vms: [Int]) -> [Int] {
    vms.enumerated().sorted {
      (-state.demand[$0.element], $0.offset) < (-state.demand[$1.element], $1.offset)
    }.map(\.element)
  }

  private func selected(_ vms: [Int]) -> Int? {
    rules.selector == .minimumMigrationTime
      ? vms.min { state.memory[$0] < state.memory[$1] }
      : vms.min { state.share[$0] < state.share[$1] }
  }

  mutating func moves() -> [PlannedMove] {
    var moves: [PlannedMove] = []
    let overloaded = vms.indices.filter { !vms[$0].isEmpty && isOverloaded($0, vms[$0]) }
    var sources: [Int: Int] = [:]
    var leaving: [Int] = []
    for host in overloaded {
      repeat {
        guard let vm = selected(vms[host]) else { break }
        leaving.append(vm)
        sources[vm] = host
        vms[host].removeAll { $0 == vm }
      } while isOverloaded(host, vms[host])
    }
    var notCandidates = Set(overloaded)
    for vm in falling(leaving) {
      guard let host = target(vm, excluding: Set(overloaded)) else { continue }
      vms[host].append(vm)
      hasGrown[host] = true
      moves.append(PlannedMove(vm: vm, source: sources[vm] ?? -1, target: host))
      if !rules.quirks.allowsDoubleMoves { notCandidates.insert(host) }
    }
    var excluded = Set(overloaded)
    excluded.formUnion(
      vms.indices.filter {
        state.utilisation[$0] == 0 && (rules.quirks.usesStalePower || vms[$0].isEmpty)
      })
    notCandidates.formUnion(excluded)
    emptyHosts(&moves, &notCandidates, &excluded)
    return moves
  }

  private mutating func emptyHosts(
    _ moves: inout [PlannedMove], _ notCandidates: inout Set<Int>, _ excluded: inout Set<Int>
  ) {
    while true {
      let candidates = vms.indices.filter {
        !notCandidates.contains($0) && state.utilisation[$0] > 0 && state.utilisation[$0] < 1
      }
      guard let host = candidates.min(by: { state.utilisation[$0] < state.utilisation[$1] })
      else { return }
      notCandidates.insert(host)
      excluded.insert(host)
      let (vmsBefore, grownBefore) = (vms, hasGrown)
      var found: [PlannedMove]? = []
      for vm in falling(vms[host]) {
        guard let other = target(vm, excluding: excluded) else {
          found = nil
          break
        }
        vms[other].append(vm)
        hasGrown[other] = true
        found?.append(PlannedMove(vm: vm, source: host, target: other))
      }
      if let found {
        notCandidates.formUnion(found.map(\.target))
        moves += found
      } else {
        (vms, hasGrown) = (vmsBefore, grownBefore)
      }
    }
  }
}
