// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts
import SimulationKernel

/// CloudSim's consolidation experiment (Beloglazov & Buyya 2012), event for event, in doubles.
///
/// It is not a simulation that one would write today: time is a double, idle VMs are lost, memory
/// counts only at the start, switching on is free. It exists so that figures published with
/// CloudSim 3.0.3 can be reproduced digit for digit with the same detectors, selectors and placement
/// that the consolidation policy of this project uses.
public struct Replay: Sendable {
  /// Time at which the run ends, in seconds; the event there is not executed.
  static let endSeconds = 86_400.0
  static let intervalSeconds = 300.0
  /// CloudSim's least distance of two events.
  static let firstEventSeconds = 0.1

  let spec: ReplaySpec
  var state: PackingState
  var planner: ConsolidationPlanner?
  let hashOrder: HashOrder
  var demand: ReplayDemand

  /// Host that each VM is registered on; -1 once it is destroyed.
  var hostOfVM: ContiguousArray<Int32>
  /// Hosts that hold each VM as incoming; -1 for none. A double move has two.
  var firstTarget: ContiguousArray<Int32>
  var secondTarget: ContiguousArray<Int32>
  var isMigrating: ContiguousArray<Bool>
  /// VMs that leave or arrive, per host.
  var movingCount: ContiguousArray<Int32>
  var mostHeld: ContiguousArray<Int32>
  var aliveVMs: ContiguousArray<Int32>

  var hostBooks: ContiguousArray<HostBook>
  var vmBooks: ContiguousArray<VMBook>
  var shutdowns = DurationList()
  var migrationDurations = DurationList()
  var joules = 0.0
  var migrations = 0
  var doubleMoves = 0
  var previousUpdate = 0.0
  var hostsWithIdleVMs: ContiguousArray<Int32> = []
  var grants: ContiguousArray<Double> = []
  var weights: ContiguousArray<Double> = []

  /// What happened at each tick.
  public internal(set) var ticks: [ReplayTick] = []
  /// Host of each VM at the start.
  public private(set) var initialHosts: [Int] = []

  /// Sets up hosts and VMs and places them.
  ///
  /// - Throws: ``ReplayError``.
  public init(_ spec: ReplaySpec) throws(ReplayError) {
    for (name, value) in [("hosts", spec.hostCount), ("vms", spec.vmCount)] {
      guard (1...10_000_000).contains(value) else {
        throw ReplayError.badCount(name: name, value: value)
      }
    }
    self.spec = spec
    let (hosts, vms) = (spec.hostCount, spec.vmCount)
    let types = (0..<vms).map { VMType.all[$0 / ((vms + 3) / 4)] }
    state = PackingState(
      kinds: HostKind.cloudSim, kindOfHost: (0..<hosts).map { $0 % 2 }, sizes: types.map(\.mips),
      memory: types.map(\.memory))
    hashOrder = HashOrder(vmCount: vms)
    demand = ReplayDemand(spec.workload, vmCount: vms)
    hostOfVM = ContiguousArray(repeating: -1, count: vms)
    firstTarget = hostOfVM
    secondTarget = hostOfVM
    isMigrating = ContiguousArray(repeating: false, count: vms)
    movingCount = ContiguousArray(repeating: 0, count: hosts)
    mostHeld = movingCount
    aliveVMs = ContiguousArray(0..<Int32(vms))
    hostBooks = ContiguousArray(repeating: HostBook(), count: hosts)
    vmBooks = ContiguousArray(repeating: VMBook(), count: vms)
    if case .consolidation(let detector, let selector) = spec.policy {
      var rules = ConsolidationRules(detector: detector, selector: selector)
      rules.quirks = spec.quirks.consolidation
      // The longest migration (1740 MB, 27.84 s) is one interval ahead.
      planner = ConsolidationPlanner(
        rules: rules, state: state, stepsAhead: 1,
        random: RandomStream(seed: spec.seed, purpose: "selection"), tracksTrials: true)
    }
    try placeVMs()
  }

  /// Runs to the end and returns the figures.
  public mutating func run() -> ReplayResult {
    var now = Self.firstEventSeconds + Self.intervalSeconds
    while now < Self.endSeconds {
      update(at: now, isTick: true)
      let plan = plan()
      let moves = start(plan, at: now)
      note(plan, at: now)
      finish(moves, startedAt: now)
      now += Self.intervalSeconds
    }
    return result()
  }

  private mutating func plan() -> ConsolidationPlan {
    setIdlePower(isOff: true)
    defer { setIdlePower(isOff: false) }
    return planner?.plan(&state) ?? ConsolidationPlan()
  }

  /// Without the quirk, planning knows that a host without load is off and draws nothing.
  private mutating func setIdlePower(isOff: Bool) {
    guard !spec.quirks.consolidation.isSwitchOnFree else { return }
    for host in 0..<state.hostCount where state.utilisation[host] == 0 {
      state.power[host] =
        isOff ? 0 : state.curves.power(of: Int(state.kindOfHost[host]), at: 0)
    }
  }

  /// Places every VM with its nominal size. Memory, and bandwidth for ten VMs a host, count here
  /// and never again.
  private mutating func placeVMs() throws(ReplayError) {
    let missing: Int?
    if planner != nil {
      // Memory is checked even where migrations ignore it.
      missing = planInitialPlacement()
    } else {
      missing = placeFirstFit()
    }
    if let missing { throw ReplayError.noRoom(vm: missing, hosts: spec.hostCount) }
    for host in state.vms.indices {
      for vm in state.vms[host] { hostOfVM[Int(vm)] = Int32(host) }
      mostHeld[host] = Int32(state.vms[host].count)
    }
    initialHosts = hostOfVM.map { Int($0) }
  }

  private mutating func planInitialPlacement() -> Int? {
    setIdlePower(isOff: true)
    defer { setIdlePower(isOff: false) }
    return planner?.placeAll(in: &state, vmLimit: Self.vmsPerHostAtStart)
  }

  private static let vmsPerHostAtStart = 10

  private mutating func placeFirstFit() -> Int? {
    var firstOpen = 0
    for vm in 0..<state.vmCount {
      let (size, memory) = (state.size[vm], state.memory[vm])
      while firstOpen < state.hostCount, state.vms[firstOpen].count == Self.vmsPerHostAtStart {
        firstOpen += 1
      }
      let host = (firstOpen..<state.hostCount).first { host in
        state.coreCapacity(host) >= size && state.available[host] >= size
          && state.memoryFree[host] >= memory
          && state.vms[host].count < Self.vmsPerHostAtStart
      }
      guard let host else { return vm }
      state.vms[host].append(Int32(vm))
      state.available[host] -= size
      state.memoryFree[host] -= memory
    }
    return nil
  }

  private mutating func note(_ plan: ConsolidationPlan, at now: Double) {
    let moved = plan.moves.map(\.vm).sorted()
    doubleMoves += zip(moved, moved.dropFirst()).count { $0 == $1 }
    ticks.append(
      ReplayTick(
        time: now, activeHosts: state.utilisation.count { $0 > 0 },
        overloadedHosts: plan.overloaded.count, reliefMoves: plan.reliefCount,
        moves: plan.moves.count, doubleMoves: doubleMoves, aliveVMs: aliveVMs.count,
        joules: joules))
  }
}

/// A tick as CloudSim's log would show it.
public struct ReplayTick: Sendable, Hashable {
  /// Seconds since the start.
  public var time: Double
  /// Hosts with load, once the tick's migrations have started.
  public var activeHosts: Int
  /// Overloaded ones.
  public var overloadedHosts: Int
  /// Moves planned to relieve them.
  public var reliefMoves: Int
  /// All moves planned.
  public var moves: Int
  /// VMs planned twice in one round, so far.
  public var doubleMoves: Int
  /// VMs that are left.
  public var aliveVMs: Int
  /// Energy so far.
  public var joules: Double
}

/// CloudSim's four types of VM, one virtual CPU each.
struct VMType {
  var mips: Double
  var memory: Double

  static let all = [
    VMType(mips: 2500, memory: 870), VMType(mips: 2000, memory: 1740),
    VMType(mips: 1000, memory: 1740), VMType(mips: 500, memory: 613),
  ]
}

extension HostKind {
  /// HP ProLiant ML110 G4 (even hosts) and G5 (odd ones), MIPS and MB, with the SPECpower_ssj2008
  /// figures that Beloglazov & Buyya use.
  static let cloudSim = [
    HostKind(
      capacity: 2 * 1860, coreCapacity: 1860, memory: 4096,
      powerWatts: [86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117]),
    HostKind(
      capacity: 2 * 2660, coreCapacity: 2660, memory: 4096,
      powerWatts: [93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135]),
  ]
}
