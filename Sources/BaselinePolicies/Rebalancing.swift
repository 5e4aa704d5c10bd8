// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// Load balancing by live migration, after VMware's Distributed Resource Scheduler.
///
/// Each period, the imbalance is the standard deviation over hosts of `Σ demand / capacity`. While
/// it is above the target, the single move that lowers it most is made (greedy hill climbing), up to
/// a number of moves. Source: Gulati et al., "VMware Distributed Resource Management: Design,
/// Implementation, and Lessons Learned", VMware Technical Journal 1(1) 2012 (runs each 5 min). The
/// product's cost-benefit filter and its table of targets are not published in full: the target here
/// is a parameter, and a move must lower the imbalance by `leastGain`.
public struct Rebalancing: ManagementPolicy {
  /// The knobs.
  public struct Parameters: Sendable, Hashable {
    /// Time between two rounds.
    public var period: SimTime
    /// Imbalance that is left alone.
    public var target: Double
    /// Least relative gain of a move.
    public var leastGain: Double
    /// Most moves a round.
    public var maximumMoves: Int

    /// Reads the parameters; defaults: each 5 min, imbalance 0.1, gain 2 %, 8 moves.
    public init(from source: inout some ParameterSource) {
      period = source.time(
        "period", default: .minutes(5), in: .seconds(1) ... .days(1),
        about: "Time between two rounds.")
      target = source.fraction(
        "target", default: 0.1, about: "Standard deviation of host load that is left alone.")
      leastGain = source.fraction(
        "leastGain", default: 0.02, about: "Part of the imbalance that a move must take away.")
      maximumMoves = source.integer(
        "maximumMoves", default: 8, in: 1...10_000, about: "Most moves a round.")
    }
  }

  private let parameters: Parameters
  private let capacity: [Double]
  private let memoryBytes: [Double]
  private let sizeCores: [Double]
  private var demand: [Double]
  private var hostOfVM: [Int]
  private var isAvailable: [Bool]
  private var freeMemoryBytes: [Double]
  private var nextRound: SimTime = .zero
  private var moving: [CommandID] = []

  /// A policy that has seen nothing yet.
  public init(parameters: Parameters, inventory: Inventory) {
    self.parameters = parameters
    capacity = inventory.hosts.map(\.cores.value)
    memoryBytes = inventory.vms.map(\.memory.value)
    sizeCores = inventory.vms.map(\.capacity.value)
    demand = [Double](repeating: 0, count: inventory.vms.count)
    hostOfVM = [Int](repeating: -1, count: inventory.vms.count)
    isAvailable = [Bool](repeating: false, count: inventory.hosts.count)
    freeMemoryBytes = [Double](repeating: 0, count: inventory.hosts.count)
  }

  /// Remembers the newest load and place of every VM; a missing value leaves the last one.
  public mutating func observe(_ frame: TelemetryFrame) {
    hostOfVM = frame.hostOfVM
    isAvailable = frame.hostIsAvailable
    freeMemoryBytes = frame.hostFreeMemoryBytes
    for (vm, load) in frame.offeredCores.enumerated() where load.isFinite {
      demand[vm] = min(load, sizeCores[vm])
    }
  }

  /// Follows the moves.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    if case .accepted = outcome.result { return }
    moving.removeAll { $0 == outcome.id }
  }

  /// Plans and orders a round once the last one's moves are over.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    guard now >= nextRound, moving.isEmpty else { return }
    nextRound = now + parameters.period
    var balance = HostBalance(
      capacity: capacity, isCounted: isAvailable, hostOfVM: hostOfVM, demand: demand)
    var hasMoved = [Bool](repeating: false, count: demand.count)
    for _ in 0..<parameters.maximumMoves {
      let imbalance = balance.deviation
      guard imbalance > parameters.target, let best = bestMove(balance, hasMoved),
        best.deviation < imbalance * (1 - parameters.leastGain)
      else { return }
      balance.move(demand[best.vm], from: hostOfVM[best.vm], to: best.host)
      hostOfVM[best.vm] = best.host
      freeMemoryBytes[best.host] -= memoryBytes[best.vm]
      hasMoved[best.vm] = true
      moving.append(
        commands.issue(
          .migrate(VMID(best.vm), destination: HostID(best.host), reason: .hotSpot),
          because: .init(forecastCores: demand[best.vm])))
    }
  }

  /// The move that leaves the least imbalance; the first one on ties.
  private func bestMove(
    _ balance: HostBalance, _ hasMoved: [Bool]
  ) -> (vm: Int, host: Int, deviation: Double)? {
    var best: (vm: Int, host: Int, deviation: Double)?
    for vm in demand.indices where !hasMoved[vm] && hostOfVM[vm] >= 0 && demand[vm] > 0 {
      let source = hostOfVM[vm]
      guard isAvailable[source], balance.load[source] > balance.mean else { continue }
      for host in capacity.indices
      where isAvailable[host] && balance.load[host] < balance.mean
        && freeMemoryBytes[host] >= memoryBytes[vm]
      {
        let deviation = balance.deviation(moving: demand[vm], from: source, to: host)
        if deviation < best?.deviation ?? .infinity { best = (vm, host, deviation) }
      }
    }
    return best
  }
}

/// Load over capacity of the hosts that count, and how it is spread.
private struct HostBalance {
  private let capacity: [Double]
  private let count: Double
  private(set) var load: [Double]
  private var sum = 0.0
  private var squares = 0.0

  init(capacity: [Double], isCounted: [Bool], hostOfVM: [Int], demand: [Double]) {
    self.capacity = capacity
    count = Double(max(1, isCounted.count { $0 }))
    load = [Double](repeating: 0, count: capacity.count)
    for (vm, host) in hostOfVM.enumerated() where host >= 0 && capacity[host] > 0 {
      load[host] += demand[vm] / capacity[host]
    }
    for host in capacity.indices where isCounted[host] {
      sum += load[host]
      squares += load[host] * load[host]
    }
  }

  var mean: Double { sum / count }
  var deviation: Double { Self.deviation(sum, squares, count) }

  private static func deviation(_ sum: Double, _ squares: Double, _ count: Double) -> Double {
    max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
  }

  private func sums(moving demand: Double, from a: Int, to b: Int) -> (Double, Double) {
    let (oldA, oldB) = (load[a], load[b])
    let (newA, newB) = (oldA - demand / capacity[a], oldB + demand / capacity[b])
    return (
      sum - oldA - oldB + newA + newB,
      squares - oldA * oldA - oldB * oldB + newA * newA + newB * newB
    )
  }

  func deviation(moving demand: Double, from a: Int, to b: Int) -> Double {
    let (sum, squares) = sums(moving: demand, from: a, to: b)
    return Self.deviation(sum, squares, count)
  }

  mutating func move(_ demand: Double, from a: Int, to b: Int) {
    (sum, squares) = sums(moving: demand, from: a, to: b)
    load[a] -= demand / capacity[a]
    load[b] += demand / capacity[b]
  }
}

extension Rebalancing {
  /// Exchanges what was measured and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&demand)
    try archive.state(&hostOfVM)
    try archive.state(&isAvailable)
    try archive.state(&freeMemoryBytes)
    try archive.state(&nextRound)
    try archive.state(&moving)
  }
}
