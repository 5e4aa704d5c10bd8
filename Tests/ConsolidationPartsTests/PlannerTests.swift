// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts
import SimulationKernel
import Testing

/// A random data center: two kinds of host, some empty, some full, VMs with histories.
private func randomState(_ stream: inout RandomStream) -> PackingState {
  let kinds = [
    HostKind(
      capacity: 3720, coreCapacity: 1860, memory: 4096,
      powerWatts: [86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117]),
    HostKind(
      capacity: 5320, coreCapacity: 2660, memory: 4096,
      powerWatts: [93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135]),
  ]
  let hosts = 5 + stream.integer(below: 25)
  let vms = 1 + stream.integer(below: 3 * hosts)
  let sizes = (0..<vms).map { _ in [2500.0, 2000, 1000, 500][stream.integer(below: 4)] }
  let memory = (0..<vms).map { _ in [870.0, 1740, 613][stream.integer(below: 3)] }
  var state = PackingState(
    kinds: kinds, kindOfHost: (0..<hosts).map { _ in stream.integer(below: 2) }, sizes: sizes,
    memory: memory)
  for vm in 0..<vms {
    // Whole percents make many exact ties.
    state.share[vm] = Double(1 + stream.integer(below: 99)) / 100
    state.demand[vm] = state.share[vm] * state.size[vm]
    for _ in 0..<stream.integer(below: 40) {
      state.history.append(Double(stream.integer(below: 100)) / 100, of: vm)
    }
    let host = stream.integer(below: 1 + stream.integer(below: hosts))
    if state.available[host] >= state.demand[vm], state.coreCapacity(host) >= state.demand[vm] {
      state.add(vm, to: host)
    }
  }
  for host in 0..<hosts {
    state.utilisation[host] = state.granted[host] / state.capacity(host)
    state.power[host] = state.curves.power(
      of: Int(state.kindOfHost[host]), at: state.utilisation[host])
  }
  return state
}

@Suite("Planner")
struct PlannerTests {
  private static let detectors: [OverloadDetector] = [
    .threshold(0.8), .threshold(0.5), .interquartileRange(safety: 1.5),
    .medianAbsoluteDeviation(safety: 2.5), .localRegression(safety: 1.2, weighting: .equal),
  ]

  /// Goal: the search that skips hosts must never skip the winner. Method: the plain rule of
  /// PlainPlanner, which tries every host, on many small random data centers.
  @Test("plans are those of the plain rule, tie by tie", arguments: 0..<400)
  func plainRule(seed: Int) {
    var stream = RandomStream(seed: 11, purpose: "planner", entity: UInt64(seed))
    var state = randomState(&stream)
    var rules = ConsolidationRules(
      detector: Self.detectors[seed % Self.detectors.count],
      selector: [.minimumMigrationTime, .minimumUtilisation][seed / 5 % 2])
    let quirks = stream.integer(below: 16)
    rules.quirks.isSwitchOnFree = quirks & 1 != 0
    rules.quirks.usesStalePower = quirks & 2 != 0
    rules.quirks.allowsDoubleMoves = quirks & 4 != 0
    rules.quirks.ignoresMemory = quirks & 8 != 0
    var planner = ConsolidationPlanner(
      rules: rules, state: state, stepsAhead: 1, random: RandomStream(seed: 1, purpose: "rs"))
    let before = state.vms
    for _ in 0..<2 {
      let plan = planner.plan(&state)
      var plain = PlainPlanner(rules: rules, state: state)
      let expected = plain.moves()
      #expect(plan.moves == expected, "seed \(seed)")
      #expect(state.vms == before)
    }
  }

  @Test("an overloaded host is relieved by its smallest VM, to the host whose power rises least")
  func relief() {
    let flat = HostKind(
      capacity: 10, coreCapacity: 10, memory: 100,
      powerWatts: (0...10).map { 100 + Double($0) })
    let steep = HostKind(
      capacity: 10, coreCapacity: 10, memory: 100,
      powerWatts: (0...10).map { 100 + 5 * Double($0) })
    var state = PackingState(
      kinds: [flat, steep], kindOfHost: [0, 1, 0], sizes: [10, 10, 10, 10],
      memory: [4, 1, 2, 2])
    for (vm, (demand, host)) in [(5.0, 0), (4.0, 0), (1.0, 1), (1.0, 2)].enumerated() {
      state.demand[vm] = demand
      state.share[vm] = demand / 10
      state.add(vm, to: host)
    }
    for host in 0..<3 {
      state.utilisation[host] = state.granted[host] / 10
      state.power[host] = state.curves.power(of: host % 2, at: state.utilisation[host])
    }
    var rules = ConsolidationRules(detector: .threshold(0.8), selector: .minimumMigrationTime)
    rules.underload = .never
    var planner = ConsolidationPlanner(
      rules: rules, state: state, stepsAhead: 1, random: RandomStream(seed: 1, purpose: "rs"))
    let plan = planner.plan(&state)
    #expect(plan.overloaded == [0])
    #expect(plan.moves == [PlannedMove(vm: 1, source: 0, target: 2)])
  }
}
