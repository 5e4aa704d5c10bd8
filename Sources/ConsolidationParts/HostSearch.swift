// SPDX-License-Identifier: Apache-2.0

/// Finds the host for a VM without looking at all of them.
///
/// The answer is that of the plain rule, to the last bit: of all hosts that are open, fit, and
/// would not be overloaded, the one with the smallest rise of power, the first one on ties.
/// Three groups of hosts are searched apart:
/// - empty ones: all of one kind are alike, so the first that is left stands for them;
/// - *settled* ones, whose load is as last measured: they lie in cells by kind and tenth of
///   utilisation. In a cell the rise `P(u + r) − P(u)` is piecewise linear in u, so its least value
///   over the cell is known from the three corners; cells that can't beat the best are left out;
/// - *changed* ones, which were given VMs in this round: one by one.
struct HostSearch {
  let rules: ConsolidationRules
  /// How many steps of the history a migration takes.
  let stepsAhead: Double
  /// Most VMs on a host.
  var vmLimit = Int.max
  /// Whether a VM's memory must fit.
  var checksMemory: Bool
  /// Hosts that must not be chosen in this round.
  private(set) var isExcluded: ContiguousArray<Bool>
  /// Most VMs that each host held or was tried with (kept over rounds).
  var mostTried: ContiguousArray<Int32>

  private let tracksTrials: Bool
  private var untried: ContiguousArray<Int32> = []
  private var isUntried: ContiguousArray<Bool>
  /// Settled hosts by kind and tenth, in any order; entries of hosts that left are dropped lazily.
  private var cells: ContiguousArray<ContiguousArray<Int32>>
  private var bounds: ContiguousArray<Double>
  private var changed: ContiguousArray<Int32> = []
  private var isChanged: ContiguousArray<Bool>
  /// Empty hosts by kind and whether they are on, ascending, and how many are used up.
  private var empty: ContiguousArray<ContiguousArray<Int32>>
  private var emptyUsed: ContiguousArray<Int>
  private var histories: HostHistories

  private static let cellsPerKind = 11
  /// More than all rounding errors of a rise together; far less than any real difference.
  private static let slackWatts = 1e-7

  init(
    rules: ConsolidationRules, stepsAhead: Double, state: PackingState, tracksTrials: Bool
  ) {
    self.rules = rules
    self.stepsAhead = stepsAhead
    self.tracksTrials = tracksTrials
    checksMemory = !rules.quirks.ignoresMemory
    let hosts = state.hostCount
    isExcluded = ContiguousArray(repeating: false, count: hosts)
    isChanged = isExcluded
    isUntried = isExcluded
    mostTried = ContiguousArray(repeating: 0, count: hosts)
    let cellCount = state.kinds.count * Self.cellsPerKind
    cells = ContiguousArray(repeating: [], count: cellCount)
    bounds = ContiguousArray(repeating: .infinity, count: cellCount)
    empty = ContiguousArray(repeating: [], count: 2 * state.kinds.count)
    emptyUsed = ContiguousArray(repeating: 0, count: empty.count)
    histories = HostHistories(hostCount: rules.detector.needsHistory ? hosts : 0)
  }

  /// Begins a round: nothing is excluded, every host is settled.
  mutating func begin(_ state: PackingState) {
    for index in cells.indices { cells[index].removeAll(keepingCapacity: true) }
    for group in empty.indices {
      empty[group].removeAll(keepingCapacity: true)
      emptyUsed[group] = 0
    }
    changed.removeAll(keepingCapacity: true)
    untried.removeAll(keepingCapacity: true)
    histories.forget()
    for host in 0..<state.hostCount {
      isExcluded[host] = state.isClosed[host]
      isChanged[host] = false
      isUntried[host] = false
      if isExcluded[host] { continue }
      if state.granted[host] == 0 {
        empty[emptyGroup(host, state)].append(Int32(host))
      } else {
        settle(host, state)
        noteGrowth(host, state)
      }
    }
  }

  private mutating func settle(_ host: Int, _ state: PackingState) {
    let kind = Int(state.kindOfHost[host])
    let tenth = min(10, Int(state.granted[host] / state.capacity(host) * 10))
    cells[kind * Self.cellsPerKind + tenth].append(Int32(host))
  }

  private mutating func noteGrowth(_ host: Int, _ state: PackingState) {
    guard tracksTrials else { return }
    let count = Int32(state.vms[host].count)
    mostTried[host] = max(mostTried[host], count)
    guard mostTried[host] == count, !isUntried[host] else { return }
    isUntried[host] = true
    untried.append(Int32(host))
  }

  /// Empty hosts of one kind are alike apart from whether their idle power is drawn already.
  private func emptyGroup(_ host: Int, _ state: PackingState) -> Int {
    2 * Int(state.kindOfHost[host]) + (state.power[host] > 0 ? 1 : 0)
  }

  /// Leaves a host out for the rest of the round.
  mutating func exclude(_ host: Int) { isExcluded[host] = true }

  /// Leaves out all hosts that draw nothing and hold nothing as of the last measurement.
  mutating func excludeIdle(_ state: PackingState) {
    for host in 0..<state.hostCount where state.utilisation[host] == 0 {
      if rules.quirks.usesStalePower || state.vms[host].isEmpty { isExcluded[host] = true }
    }
    for group in empty.indices { emptyUsed[group] = empty[group].count }
  }

  /// Says that the VMs of a host have become more in this round.
  mutating func didGrow(_ host: Int, _ state: PackingState) {
    histories.forget(host)
    noteGrowth(host, state)
    guard !isChanged[host] else { return }
    isChanged[host] = true
    changed.append(Int32(host))
    for group in empty.indices {
      while emptyUsed[group] < empty[group].count,
        isChanged[Int(empty[group][emptyUsed[group]])]
      {
        emptyUsed[group] += 1
      }
    }
  }

  /// Says that a host has got back its state of before the last growth.
  ///
  /// `wasChanged` says whether it had grown before that already.
  mutating func didRestore(_ host: Int, wasChanged: Bool, _ state: PackingState) {
    histories.forget(host)
    guard !wasChanged, isChanged[host] else { return }
    isChanged[host] = false
    changed.removeAll { $0 == Int32(host) }
    settle(host, state)
  }

  /// Whether a host was given VMs in this round.
  func hasChanged(_ host: Int) -> Bool { isChanged[host] }

  /// Whether the VMs of a host are too much for it.
  mutating func isOverloaded(_ host: Int, _ state: PackingState) -> Bool {
    histories.forget(host)
    return isOverloaded(host, adding: nil, asking: 0, state)
  }

  private mutating func isOverloaded(
    _ host: Int, adding vm: Int?, asking request: Double, _ state: PackingState
  ) -> Bool {
    let share = (state.demanded[host] + request) / state.capacity(host)
    guard rules.detector.needsHistory else {
      return rules.detector.isOverloaded(
        demandShare: share, history: .init(start: nil, count: 0), stepsAhead: stepsAhead)
    }
    let (detector, steps) = (rules.detector, stepsAhead)
    return histories.with(host, adding: vm, state) {
      detector.isOverloaded(demandShare: share, history: $0, stepsAhead: steps)
    }
  }

  /// The host for a VM that asks for `request`, or nil when there is none.
  mutating func host(for vm: Int, asking request: Double, in state: PackingState) -> Int? {
    if tracksTrials { noteTrials(request, state) }
    var best = Best()
    if rules.placement != .powerAware {
      return plainChoice(vm, request, state)
    }
    searchEmpty(vm, request, state, &best)
    for host in changed { consider(Int(host), vm, request, state, &best) }
    searchCells(vm, request, state, &best)
    return best.host < 0 ? nil : best.host
  }

  /// The best host so far.
  private struct Best {
    var host = -1
    var rise = Double.infinity
    @inline(__always)
    func isBeaten(by rise: Double, _ host: Int) -> Bool {
      rise < self.rise || (rise == self.rise && host < self.host)
    }
  }

  @inline(__always)
  private func fits(
    _ host: Int, _ vm: Int, _ request: Double, _ state: PackingState
  ) -> Bool {
    state.coreCapacity(host) >= request && state.available[host] >= request
      && (!checksMemory || state.memoryFree[host] >= state.memory[vm])
      && state.vms[host].count < vmLimit
  }

  private mutating func searchEmpty(
    _ vm: Int, _ request: Double, _ state: PackingState, _ best: inout Best
  ) {
    for group in empty.indices where emptyUsed[group] < empty[group].count {
      let host = Int(empty[group][emptyUsed[group]])
      guard fits(host, vm, request, state) else { continue }
      let kind = Int(state.kindOfHost[host])
      let share = (state.granted[host] + request) / state.capacity(host)
      let before =
        rules.quirks.isSwitchOnFree ? state.curves.power(of: kind, at: 0) : state.power[host]
      let rise = state.curves.power(of: kind, at: share) - before
      if best.isBeaten(by: rise, host) { best = Best(host: host, rise: rise) }
    }
  }

  @inline(__always)
  private mutating func consider(
    _ host: Int, _ vm: Int, _ request: Double, _ state: PackingState, _ best: inout Best
  ) {
    let kind = Int(state.kindOfHost[host])
    guard !isExcluded[host], fits(host, vm, request, state) else { return }
    let total = state.capacity(host)
    let before =
      rules.quirks.usesStalePower
      ? state.power[host] : state.curves.power(of: kind, at: state.granted[host] / total)
    let rise =
      state.curves.power(of: kind, at: (state.granted[host] + request) / total) - before
    guard best.isBeaten(by: rise, host),
      !isOverloaded(host, adding: vm, asking: request, state)
    else { return }
    best = Best(host: host, rise: rise)
  }

  private mutating func searchCells(
    _ vm: Int, _ request: Double, _ state: PackingState, _ best: inout Best
  ) {
    for kind in state.kinds.indices { boundCells(kind, request, state) }
    while true {
      var (cell, bound) = (-1, Double.infinity)
      for index in bounds.indices where bounds[index] < bound {
        (cell, bound) = (index, bounds[index])
      }
      guard cell >= 0, bound <= best.rise + Self.slackWatts else { return }
      bounds[cell] = .infinity
      var position = 0
      while position < cells[cell].count {
        let host = Int(cells[cell][position])
        if isExcluded[host] || isChanged[host] {
          cells[cell][position] = cells[cell][cells[cell].count - 1]
          cells[cell].removeLast()
          continue
        }
        consider(host, vm, request, state, &best)
        position += 1
      }
    }
  }

  /// The least rise in each cell of a kind; infinite where nothing fits.
  private mutating func boundCells(_ kind: Int, _ request: Double, _ state: PackingState) {
    let first = kind * Self.cellsPerKind
    let base = kind * PowerCurves.stride
    let tenths = request / state.kinds[kind].capacity * 10
    guard state.kinds[kind].coreCapacity >= request, tenths <= 10 else {
      for cell in first..<first + Self.cellsPerKind { bounds[cell] = .infinity }
      return
    }
    let whole = Int(tenths)
    let part = tenths - Double(whole)
    let ceiling = min(rules.detector.ceiling, 1) * 10 + Self.slackWatts
    for tenth in 0..<Self.cellsPerKind {
      let cell = first + tenth
      guard !cells[cell].isEmpty, Double(tenth) + tenths <= ceiling else {
        bounds[cell] = .infinity
        continue
      }
      // Corners: the cell's ends, and where u + r passes a point of the curve.
      let (from, to) = (base + tenth, base + tenth + whole)
      let low = watts(to, state) + slope(to, state) * part - watts(from, state)
      let corner =
        watts(to + 1, state) - (watts(from, state) + slope(from, state) * (1 - part))
      let high = watts(to + 1, state) + slope(to + 1, state) * part - watts(from + 1, state)
      bounds[cell] = min(low, min(corner, high))
    }
  }

  @inline(__always)
  private func watts(_ point: Int, _ state: PackingState) -> Double { state.curves.watts[point] }

  @inline(__always)
  private func slope(_ point: Int, _ state: PackingState) -> Double {
    state.curves.watts[point + 1] - state.curves.watts[point]
  }

  /// First fit and best fit look at all hosts.
  private mutating func plainChoice(_ vm: Int, _ request: Double, _ state: PackingState) -> Int? {
    var (best, fullest) = (-1, -1.0)
    for host in 0..<state.hostCount where !isExcluded[host] {
      guard fits(host, vm, request, state) else { continue }
      let share = state.granted[host] / state.capacity(host)
      guard share > fullest else { continue }
      if state.granted[host] != 0, isOverloaded(host, adding: vm, asking: request, state) {
        continue
      }
      if rules.placement == .firstFit { return host }
      (best, fullest) = (host, share)
    }
    return best < 0 ? nil : best
  }

  /// Notes which hosts the plain rule would have tried with one VM more than ever before.
  private mutating func noteTrials(_ request: Double, _ state: PackingState) {
    var position = 0
    while position < untried.count {
      let host = Int(untried[position])
      let isTried =
        !isExcluded[host] && state.coreCapacity(host) >= request
        && state.available[host] >= request && state.vms[host].count < vmLimit
      if isTried {
        mostTried[host] = max(mostTried[host], Int32(state.vms[host].count + 1))
      }
      if isTried || isExcluded[host] {
        isUntried[host] = false
        untried[position] = untried[untried.count - 1]
        untried.removeLast()
      } else {
        position += 1
      }
    }
  }
}
