// SPDX-License-Identifier: Apache-2.0
public import SimulationKernel
public import StateArchive

/// Plans rounds of consolidation: relieve overloaded hosts, then empty under-utilised ones.
///
/// The heuristics are those of Beloglazov & Buyya (CCPE 24(13) 2012, doi:10.1002/cpe.1867, §5.3):
/// VMs by falling demand, each to the host whose power rises least; then from the least utilised
/// host on, all of its VMs elsewhere or none. It plans and changes nothing: the caller's state comes
/// back as it was.
public struct ConsolidationPlanner: Sendable {
  /// The parts it is made of.
  public var rules: ConsolidationRules { search.rules }
  private var search: HostSearch
  private var random: RandomStream
  private var mementos: [HostMemento] = []
  private var isSaved: ContiguousArray<Bool>
  private var isNoCandidate: ContiguousArray<Bool>

  /// A planner for the hosts and VMs of `state`.
  ///
  /// - Parameters:
  ///   - rules: the parts.
  ///   - state: hosts and VMs; only their numbers count here.
  ///   - stepsAhead: how many steps of the history a migration takes (for local regression).
  ///   - random: the stream that random selection draws from.
  ///   - tracksTrials: whether ``mostTried`` is kept.
  public init(
    rules: ConsolidationRules, state: PackingState, stepsAhead: Double, random: RandomStream,
    tracksTrials: Bool = false
  ) {
    search = HostSearch(
      rules: rules, stepsAhead: stepsAhead, state: state, tracksTrials: tracksTrials)
    self.random = random
    isSaved = ContiguousArray(repeating: false, count: state.hostCount)
    isNoCandidate = isSaved
  }

  /// Most VMs that each host held or was tried with in any round, when that is kept track of.
  public var mostTried: ContiguousArray<Int32> { search.mostTried }

  /// Places VMs one after the other on the hosts, each with the whole of its size; they take part
  /// in no demand yet. Memory counts here whatever the quirks say.
  ///
  /// - Parameters:
  ///   - state: the hosts, empty; the VMs are placed in it.
  ///   - vmLimit: most VMs on one host.
  /// - Returns: the number of the first VM for which there is no host, or nil when all are placed.
  public mutating func placeAll(in state: inout PackingState, vmLimit: Int) -> Int? {
    search.begin(state)
    search.vmLimit = vmLimit
    search.checksMemory = true
    defer {
      search.vmLimit = .max
      search.checksMemory = !rules.quirks.ignoresMemory
    }
    for vm in 0..<state.vmCount {
      let size = state.size[vm]
      guard let host = search.host(for: vm, asking: size, in: state) else { return vm }
      state.vms[host].append(Int32(vm))
      state.granted[host] += size
      state.available[host] -= size
      state.memoryFree[host] -= state.memory[vm]
      search.didGrow(host, state)
    }
    return nil
  }

  /// Plans one round. `state` is the same afterwards.
  public mutating func plan(_ state: inout PackingState) -> ConsolidationPlan {
    var plan = ConsolidationPlan()
    search.begin(state)
    for host in isNoCandidate.indices { isNoCandidate[host] = state.isClosed[host] }
    relieve(&state, &plan)
    plan.reliefCount = plan.moves.count
    if rules.underload != .never { empty(&state, &plan) }
    for memento in mementos.reversed() {
      memento.restore(in: &state)
      isSaved[memento.host] = false
    }
    mementos.removeAll(keepingCapacity: true)
    return plan
  }

  private mutating func save(_ host: Int, _ state: PackingState) {
    guard !isSaved[host] else { return }
    isSaved[host] = true
    mementos.append(HostMemento(host, of: state))
  }

  private mutating func place(_ vm: Int, on host: Int, _ state: inout PackingState) {
    save(host, state)
    state.add(vm, to: host)
    search.didGrow(host, state)
  }

  /// Takes VMs from overloaded hosts until they aren't any more, and finds new hosts for them.
  private mutating func relieve(_ state: inout PackingState, _ plan: inout ConsolidationPlan) {
    for host in 0..<state.hostCount where !state.vms[host].isEmpty {
      if search.isOverloaded(host, state) { plan.overloaded.append(host) }
    }
    var leaving: [(vm: Int, source: Int)] = []
    for host in plan.overloaded {
      search.exclude(host)
      isNoCandidate[host] = true
      save(host, state)
      repeat {
        guard let vm = rules.selector.select(from: state.vms[host], in: state, random: &random)
        else { break }
        leaving.append((Int(vm), host))
        state.remove(vm, from: host)
      } while search.isOverloaded(host, state)
    }
    stableSortFalling(&leaving) { state.demand[$0.vm] }
    for (vm, source) in leaving {
      guard let target = search.host(for: vm, asking: state.demand[vm], in: state) else { continue }
      place(vm, on: target, &state)
      plan.moves.append(PlannedMove(vm: vm, source: source, target: target))
      if !rules.quirks.allowsDoubleMoves { isNoCandidate[target] = true }
    }
  }

  /// Empties hosts from the least utilised on, as long as that finds room.
  private mutating func empty(_ state: inout PackingState, _ plan: inout ConsolidationPlan) {
    let ceiling = rules.underload.ceiling
    search.excludeIdle(state)
    var order = (0..<state.hostCount)
      .filter { state.utilisation[$0] > 0 && state.utilisation[$0] < ceiling }
    order.sort { (state.utilisation[$0], $0) < (state.utilisation[$1], $1) }
    for host in order where !isNoCandidate[host] {
      isNoCandidate[host] = true
      search.exclude(host)
      guard !state.vms[host].isEmpty else { continue }
      emptyHost(host, &state, &plan)
    }
  }

  private mutating func emptyHost(
    _ host: Int, _ state: inout PackingState, _ plan: inout ConsolidationPlan
  ) {
    var leaving = state.vms[host].map { Int($0) }
    stableSortFalling(&leaving) { state.demand[$0] }
    let before = plan.moves.count
    var undo: [(memento: HostMemento, wasChanged: Bool)] = []
    for vm in leaving {
      guard let target = search.host(for: vm, asking: state.demand[vm], in: state) else {
        for (memento, wasChanged) in undo.reversed() {
          memento.restore(in: &state)
          search.didRestore(memento.host, wasChanged: wasChanged, state)
        }
        plan.moves.removeLast(plan.moves.count - before)
        return
      }
      undo.append((HostMemento(target, of: state), search.hasChanged(target)))
      place(vm, on: target, &state)
      plan.moves.append(PlannedMove(vm: vm, source: host, target: target))
    }
    for move in plan.moves[before...] { isNoCandidate[move.target] = true }
    plan.emptied.append(host)
  }
}

/// Sorts by a falling key; equal ones keep their order.
private func stableSortFalling<Element>(
  _ array: inout [Element], _ key: (Element) -> Double
) {
  let keys = array.map(key)
  let order = array.indices.sorted { keys[$0] > keys[$1] || (keys[$0] == keys[$1] && $0 < $1) }
  array = order.map { array[$0] }
}

extension ConsolidationPlanner: Archivable {
  /// Exchanges what lasts from round to round.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&random)
    try archive.state(&search.mostTried)
  }
}
