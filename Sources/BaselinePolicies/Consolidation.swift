// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts
public import ControlPlane
import SimulationKernel
public import StateArchive
public import Units

/// Consolidation by live migration (Beloglazov & Buyya, CCPE 24(13) 2012, doi:10.1002/cpe.1867):
/// overloaded hosts are relieved, under-utilised ones emptied and switched off.
///
/// The parts are those of the CloudSim replay. What differs is the plant: migrations take time,
/// bandwidth and CPU, hosts must boot before they take a VM, memory is a limit, and no VM is lost.
/// CPU is packed by what VMs ask for, so a plant that promises CPU only once refuses most moves:
/// give it a `cpuOvercommit`.
public struct Consolidation: ManagementPolicy {
  private enum HostPower: Sendable, Codable { case on, off, turningOn, turningOff }

  private let parameters: ConsolidationParameters
  private let hostCount: Int
  private let memoryBytes: [Double]
  private var state: PackingState
  private var planner: ConsolidationPlanner
  private var hostOfVM: [Int]
  private var isAvailable: [Bool]
  private var freeMemoryBytes: [Double]
  private var power: [HostPower]
  private var nextRound: SimTime = .zero
  private var hasMeasured = false

  /// A planned move and why it is made.
  private struct Order: Sendable, Codable {
    var move: PlannedMove
    var reason: MigrationReason
  }

  /// Moves that have not been ordered, oldest first; they wait for a host to boot or for a slot.
  private var waiting: [Order] = []
  /// Moves under way.
  private var moving: [(command: CommandID, order: Order)] = []
  private var switching: [(command: CommandID, host: Int)] = []

  /// A policy that has seen nothing yet.
  public init(parameters: ConsolidationParameters, inventory: Inventory) {
    self.parameters = parameters
    hostCount = inventory.hosts.count
    memoryBytes = inventory.hosts.map(\.memory.value)
    var kinds: [HostKind] = []
    let kindOfHost = inventory.hosts.map { host in
      let kind = HostKind(
        capacity: host.cores.value, coreCapacity: host.cores.value, memory: host.memory.value,
        powerWatts: host.powerWatts)
      if let known = kinds.firstIndex(of: kind) { return known }
      kinds.append(kind)
      return kinds.count - 1
    }
    state = PackingState(
      kinds: kinds, kindOfHost: kindOfHost, sizes: inventory.vms.map(\.capacity.value),
      memory: inventory.vms.map(\.memory.value))
    planner = ConsolidationPlanner(
      rules: parameters.rules, state: state, stepsAhead: 1,
      random: RandomStream(seed: parameters.seed, purpose: "consolidation/selection"))
    hostOfVM = [Int](repeating: -1, count: inventory.vms.count)
    isAvailable = [Bool](repeating: false, count: hostCount)
    freeMemoryBytes = [Double](repeating: 0, count: hostCount)
    power = [HostPower](repeating: .on, count: hostCount)
  }

  /// Remembers the newest load and place of every VM; a missing value leaves the last one.
  public mutating func observe(_ frame: TelemetryFrame) {
    hasMeasured = true
    hostOfVM = frame.hostOfVM
    isAvailable = frame.hostIsAvailable
    freeMemoryBytes = frame.hostFreeMemoryBytes
    for (vm, load) in frame.offeredCores.enumerated() where load.isFinite {
      state.demand[vm] = min(load, state.size[vm])
      state.share[vm] = state.size[vm] > 0 ? state.demand[vm] / state.size[vm] : 0
    }
  }

  /// Follows moves and hosts; what was refused for want of a slot is tried again later.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    if case .accepted = outcome.result { return }
    if let position = moving.firstIndex(where: { $0.command == outcome.id }) {
      let order = moving.remove(at: position).order
      switch outcome.result {
      case .refused(.concurrencyLimit), .refused(.targetBusy): waiting.append(order)
      case .refused, .accepted: break
      case .done, .failed: issueMoves(&commands)
      }
    } else if let position = switching.firstIndex(where: { $0.command == outcome.id }) {
      let host = switching.remove(at: position).host
      let isGoingOff = power[host] == .turningOff
      if case .done = outcome.result {
        power[host] = isGoingOff ? .off : .on
      } else {
        power[host] = isGoingOff ? .on : .off
        waiting.removeAll { $0.move.target == host }
      }
      issueMoves(&commands)
    }
  }

  /// Goes on with the last round's moves, or plans a new round when it is time.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    guard hasMeasured else { return }
    issueMoves(&commands)
    guard now >= nextRound, moving.isEmpty, waiting.isEmpty else { return }
    nextRound = now + parameters.period
    fillState()
    if parameters.rules.needsHistory {
      for vm in hostOfVM.indices where hostOfVM[vm] >= 0 {
        state.history.append(state.share[vm], of: vm)
      }
    }
    let plan = planner.plan(&state)
    waiting = plan.moves.enumerated().map { position, move in
      Order(move: move, reason: position < plan.reliefCount ? .hotSpot : .consolidation)
    }
    issueMoves(&commands)
    switchEmptyHostsOff(&commands)
  }

  /// Hosts as they are now: closed ones are neither on nor off by this policy's order.
  private mutating func fillState() {
    for host in 0..<hostCount {
      state.vms[host].removeAll(keepingCapacity: true)
      state.granted[host] = 0
      state.demanded[host] = 0
      state.available[host] = state.capacity(host)
      state.isClosed[host] = power[host] != .off && !isAvailable[host]
    }
    for (vm, host) in hostOfVM.enumerated() where host >= 0 { state.add(vm, to: host) }
    for host in 0..<hostCount {
      state.memoryFree[host] = power[host] == .off ? memoryBytes[host] : freeMemoryBytes[host]
      state.utilisation[host] = min(1, state.granted[host] / state.capacity(host))
      state.power[host] =
        power[host] == .off
        ? 0
        : state.curves.power(of: Int(state.kindOfHost[host]), at: state.utilisation[host])
    }
  }

  /// Orders the moves whose targets are on; wakes the targets that are off.
  private mutating func issueMoves(_ commands: inout CommandQueue) {
    var rest: [Order] = []
    for order in waiting {
      let move = order.move
      if power[move.target] == .off { turn(move.target, .turningOn, &commands) }
      guard power[move.target] == .on, moving.count < parameters.maximumMoves,
        !moving.contains(where: { $0.order.move.vm == move.vm })
      else {
        rest.append(order)
        continue
      }
      let id = commands.issue(
        .migrate(VMID(move.vm), destination: HostID(move.target), reason: order.reason),
        because: .init(forecastCores: state.demand[move.vm]))
      moving.append((id, order))
    }
    waiting = rest
  }

  private mutating func switchEmptyHostsOff(_ commands: inout CommandQueue) {
    guard parameters.switchesOff else { return }
    var isNeeded = [Bool](repeating: false, count: hostCount)
    for host in hostOfVM where host >= 0 { isNeeded[host] = true }
    for order in waiting { isNeeded[order.move.target] = true }
    for entry in moving { isNeeded[entry.order.move.target] = true }
    for host in 0..<hostCount
    where !isNeeded[host] && power[host] == .on && isAvailable[host] {
      turn(host, .turningOff, &commands)
    }
  }

  private mutating func turn(_ host: Int, _ next: HostPower, _ commands: inout CommandQueue) {
    power[host] = next
    let target = next == .turningOn ? PowerTarget.on : parameters.idleTarget
    switching.append((commands.issue(.powerHost(HostID(host), target)), host))
  }
}

extension Consolidation {
  /// Exchanges what was measured and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try state.archive(&archive)
    try planner.archive(&archive)
    try archive.state(&hostOfVM)
    try archive.state(&isAvailable)
    try archive.state(&freeMemoryBytes)
    try archive.state(&power)
    try archive.state(&nextRound)
    try archive.state(&hasMeasured)
    try archive.state(&waiting)
    moving = try archive.pairs(moving.map { ($0.command, $0.order) }).map { ($0, $1) }
    switching = try archive.pairs(switching.map { ($0.command, $0.host) }).map { ($0, $1) }
  }
}
