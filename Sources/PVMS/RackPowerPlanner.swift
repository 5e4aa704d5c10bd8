// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Units

/// Empties racks that will not be needed and switches them off, host by host, and wakes them before
/// they are; moves VMs off hosts that will be too full.
///
/// Capacity is never planned below the expected load plus a margin for its error plus the hosts that
/// may fail. A rack counts as capacity only once its hosts report that they can take VMs.
struct RackPowerPlanner: Sendable, Codable {
  private enum RackState: String, Sendable, Codable { case on, draining, off, waking }

  @Given private var parameters: RackPowerParameters
  private let targetHostLoad: Double
  @Given private var inventory: Inventory
  private var racks: [RackState]
  private var hostIsOff: [Bool]
  private var surplusSince: SimTime?
  private var notBefore: SimTime = .zero
  private var vmOfCommand: [CommandID: Int] = [:]
  private var isMoving: [Bool]
  private var retryAt: [SimTime]
  private var hostOfCommand: [CommandID: Int] = [:]
  private var wakingUntil: [SimTime]
  /// Load of each VM to plan with, and the standard deviation of the total's error.
  private var expectedCores: [Double]
  private var errorCores = 0.0

  private static let retryAfter = SimTime.minutes(15)
  /// Capacity beyond the need at which a rack may go: without it the next wake would follow at once.
  private static let headroom = 1.1
  /// Relief of hot hosts: moves a decision.
  private static let reliefMoves = 2
  /// Standard normal quantile of the 95 % level.
  private static let z95 = 1.645

  init(parameters: RackPowerParameters, targetHostLoad: Double, inventory: Inventory) {
    self.parameters = parameters
    self.targetHostLoad = targetHostLoad
    self.inventory = inventory
    racks = [RackState](repeating: .on, count: inventory.racks.count)
    hostIsOff = [Bool](repeating: false, count: inventory.hosts.count)
    isMoving = [Bool](repeating: false, count: inventory.vms.count)
    retryAt = [SimTime](repeating: .zero, count: inventory.vms.count)
    wakingUntil = [SimTime](repeating: .zero, count: inventory.racks.count)
    expectedCores = [Double](repeating: 0, count: inventory.vms.count)
  }

  /// Takes a forecast: what must be there in the next interval and an hour from now.
  mutating func replan(_ batch: ForecastBatch) {
    guard let upper = batch.levels.firstIndex(of: 0.95) else { return }
    var variance = 0.0
    let horizons = min(2, batch.horizons.count)
    for vm in expectedCores.indices {
      var peak = 0
      for horizon in 0..<horizons
      where batch.mean[horizon * batch.seriesCount + vm]
        > batch.mean[peak * batch.seriesCount + vm]
      {
        peak = horizon
      }
      let mean = max(0, batch.mean[peak * batch.seriesCount + vm])
      let bound = batch.quantiles[batch.quantileIndex(horizon: peak, level: upper, series: vm)]
      expectedCores[vm] = mean
      let deviation = max(0, bound - mean) / Self.z95
      variance += deviation * deviation
    }
    errorCores = variance.squareRoot()
  }

  /// Hosts on which no new shadow should be put.
  var hostsToAvoid: [HostID] {
    inventory.racks.indices.filter { racks[$0] != .on }.flatMap { inventory.racks[$0].hosts }
  }

  /// Hosts in racks that are too hot or draw as much as they may.
  func fullHosts(_ frame: TelemetryFrame?) -> [HostID] {
    guard let frame else { return [] }
    let limit = parameters.rackPowerLimitWatts
    return inventory.racks.indices.filter {
      frame.rackInletCelsius[$0] > parameters.maximumInletCelsius
        || limit > 0 && frame.rackPowerWatts[$0] >= limit
    }.flatMap { inventory.racks[$0].hosts }
  }

  mutating func receive(_ outcome: CommandOutcome) {
    if case .accepted = outcome.result { return }
    if let vm = vmOfCommand.removeValue(forKey: outcome.id) {
      isMoving[vm] = false
      switch outcome.result {
      case .refused(.concurrencyLimit): retryAt[vm] = outcome.at + .minutes(1)
      // A VM that has just been moved stays for a while: at most four moves an hour.
      case .done, .accepted, .refused, .failed: retryAt[vm] = outcome.at + Self.retryAfter
      }
    }
    if let host = hostOfCommand.removeValue(forKey: outcome.id) {
      if case .done = outcome.result { hostIsOff[host] = true }
    }
  }

  /// Orders what follows from the newest frame; `closing` are hosts about to be maintained.
  mutating func act(
    at now: SimTime, frame: TelemetryFrame, closing: [HostID], commands: inout CommandQueue
  ) {
    if parameters.mode == .reactive { expectPresent(frame) }
    finishWaking(at: now, frame)
    var isOpen = frame.hostIsAvailable
    for host in closing { isOpen[host.index] = false }
    for rack in racks.indices where racks[rack] != .on {
      for host in inventory.racks[rack].hosts { isOpen[host.index] = false }
    }
    if parameters.mode != .none {
      adjustCapacity(at: now, isOpen: isOpen, closing: closing, frame, &commands)
    }
    var packing = HostPacking(
      inventory: inventory, frame: frame, expectedCores: expectedCores,
      limits: .init(
        hostLoad: targetHostLoad, rackWatts: parameters.rackPowerLimitWatts,
        inletCelsius: parameters.maximumInletCelsius), isOpen: isOpen)
    for rack in racks.indices where racks[rack] == .draining {
      drain(rack, at: now, frame, &packing, &commands)
    }
    relieve(at: now, frame, &packing, &commands)
  }

  private mutating func expectPresent(_ frame: TelemetryFrame) {
    for vm in expectedCores.indices where frame.offeredCores[vm].isFinite {
      expectedCores[vm] = frame.offeredCores[vm]
    }
    errorCores = 0
  }

  // MARK: Capacity

  /// Cores and bytes of the open hosts, less those of the largest that may fail.
  private func capacity(_ isOpen: [Bool], without rack: Int? = nil) -> (
    cores: Double, bytes: Double
  ) {
    let hosts = inventory.hosts.indices.filter {
      isOpen[$0] && inventory.hosts[$0].rack.index != rack
    }
    func sum(_ values: [Double]) -> Double {
      values.sorted().dropLast(parameters.spareHosts).reduce(0, +)
    }
    return (
      sum(hosts.map { inventory.hosts[$0].cores.value }) * targetHostLoad,
      sum(hosts.map { inventory.hosts[$0].memory.value })
    )
  }

  private var need: (cores: Double, bytes: Double) {
    (
      expectedCores.reduce(0, +) + parameters.errorMargin * errorCores,
      inventory.vms.reduce(0) { $0 + $1.memory.value }
    )
  }

  private mutating func adjustCapacity(
    at now: SimTime, isOpen: [Bool], closing: [HostID], _ frame: TelemetryFrame,
    _ commands: inout CommandQueue
  ) {
    let need = need
    let present = capacity(isOpen)
    let isWaking = racks.contains(.waking)
    if present.cores < need.cores || present.bytes < need.bytes {
      surplusSince = nil
      if !isWaking { open(at: now, frame, need.cores, &commands) }
      return
    }
    guard !isWaking, !racks.contains(.draining), now >= notBefore,
      let rack = closable(isOpen, closing, frame, need)
    else {
      surplusSince = nil
      return
    }
    let since = surplusSince ?? now
    surplusSince = since
    guard now - since >= parameters.idleTime else { return }
    surplusSince = nil
    racks[rack] = .draining
  }

  /// The rack without which there is enough: the least used, of equals the hottest.
  private func closable(
    _ isOpen: [Bool], _ closing: [HostID], _ frame: TelemetryFrame,
    _ need: (cores: Double, bytes: Double)
  ) -> Int? {
    let candidates = racks.indices.filter { rack in
      // Whoever maintains a host needs it, and its rack, on.
      guard racks[rack] == .on,
        !inventory.racks[rack].hosts.contains(where: { closing.contains($0) })
      else { return false }
      let rest = capacity(isOpen, without: rack)
      return rest.cores >= need.cores * Self.headroom && rest.bytes >= need.bytes * Self.headroom
    }
    func used(_ rack: Int) -> Double {
      inventory.racks[rack].hosts.reduce(0) { sum, host in
        let cores = frame.hostUsedCores[host.index]
        return sum + (cores.isFinite ? cores : 0)
      }
    }
    func inlet(_ rack: Int) -> Double {
      frame.rackInletCelsius[rack].isFinite ? frame.rackInletCelsius[rack] : 0
    }
    return candidates.min { (used($0), -inlet($0), $0) < (used($1), -inlet($1), $1) }
  }

  /// Takes a rack back into service: one that is still on if there is one, else the coolest.
  private mutating func open(
    at now: SimTime, _ frame: TelemetryFrame, _ needCores: Double, _ commands: inout CommandQueue
  ) {
    let rack: Int
    if let draining = racks.firstIndex(of: .draining) {
      rack = draining
    } else {
      func inlet(_ rack: Int) -> Double {
        frame.rackInletCelsius[rack].isFinite ? frame.rackInletCelsius[rack] : 0
      }
      let off = racks.indices.filter { racks[$0] == .off }
      guard let coolest = off.min(by: { (inlet($0), $0) < (inlet($1), $1) }) else { return }
      rack = coolest
    }
    wake(rack, at: now, needCores, &commands)
  }

  private mutating func wake(
    _ rack: Int, at now: SimTime, _ needCores: Double, _ commands: inout CommandQueue
  ) {
    let boot = inventory.racks[rack].hosts.map { inventory.hosts[$0.index].bootTime }.max() ?? .zero
    racks[rack] = .waking
    wakingUntil[rack] = now + boot * 2 + .minutes(1)
    for host in inventory.racks[rack].hosts { hostIsOff[host.index] = false }
    commands.issue(
      .powerRack(RackID(rack), .on),
      because: .init(
        forecastCores: expectedCores.reduce(0, +), upperCores: needCores,
        leadTimeSeconds: boot.seconds))
  }

  private mutating func finishWaking(at now: SimTime, _ frame: TelemetryFrame) {
    for rack in racks.indices where racks[rack] == .waking {
      let isUp = inventory.racks[rack].hosts.allSatisfy { frame.hostIsAvailable[$0.index] }
      if isUp || now >= wakingUntil[rack] { racks[rack] = .on }
    }
  }

  // MARK: Moves

  private mutating func drain(
    _ rack: Int, at now: SimTime, _ frame: TelemetryFrame, _ packing: inout HostPacking,
    _ commands: inout CommandQueue
  ) {
    let hosts = inventory.racks[rack].hosts
    for vm in inventory.vms.indices {
      let host = frame.hostOfVM[vm]
      guard host >= 0, inventory.hosts[host].rack.index == rack, !isMoving[vm],
        now >= retryAt[vm], vmOfCommand.count < parameters.maximumMoves
      else { continue }
      guard order(vm, from: host, isTight: true, reason: .rackPower, &packing, &commands) else {
        notBefore = now + Self.retryAfter
        // Hosts that went off already, or are told to, come back with it: nobody else would wake
        // them.
        wake(rack, at: now, need.cores, &commands)
        return
      }
    }
    for host in hosts.map(\.index) where !hostIsOff[host] && !isSwitching(host) {
      let isEmpty =
        frame.hostIsAvailable[host] && !frame.hostOfVM.contains(host)
        && frame.hostFreeMemoryBytes[host] >= inventory.hosts[host].memory.value
      guard isEmpty else { continue }
      let id = commands.issue(
        .powerHost(HostID(host), .off),
        because: .init(
          forecastCores: expectedCores.reduce(0, +),
          upperCores: need.cores, horizonSeconds: 3600))
      hostOfCommand[id] = host
    }
    guard hosts.allSatisfy({ hostIsOff[$0.index] }) else { return }
    racks[rack] = .off
    commands.issue(.powerRack(RackID(rack), .off), because: .init(upperCores: need.cores))
  }

  private func isSwitching(_ host: Int) -> Bool { hostOfCommand.values.contains(host) }

  /// Moves VMs off hosts that will be too full: a shadow would not help, its primary is not at fault.
  private mutating func relieve(
    at now: SimTime, _ frame: TelemetryFrame, _ packing: inout HostPacking,
    _ commands: inout CommandQueue
  ) {
    var moves = 0
    for host in inventory.hosts.indices
    where frame.hostIsAvailable[host] && packing.fill(of: host) > 1 && moves < Self.reliefMoves {
      let candidates = inventory.vms.indices.filter {
        frame.hostOfVM[$0] == host && !isMoving[$0] && now >= retryAt[$0]
      }
      guard vmOfCommand.count < parameters.maximumMoves,
        let vm = candidates.max(by: { (expectedCores[$0], $1) < (expectedCores[$1], $0) })
      else { continue }
      if order(vm, from: host, isTight: false, reason: .hotSpot, &packing, &commands) {
        moves += 1
      } else {
        retryAt[vm] = now + Self.retryAfter
      }
    }
  }

  private mutating func order(
    _ vm: Int, from host: Int, isTight: Bool, reason: MigrationReason,
    _ packing: inout HostPacking, _ commands: inout CommandQueue
  ) -> Bool {
    let cores = expectedCores[vm]
    guard
      let target = packing.destination(of: vm, cores: cores, isTight: isTight, avoiding: host)
    else { return false }
    packing.move(vm, cores: cores, from: host, to: target)
    let id = commands.issue(
      .migrate(VMID(vm), destination: HostID(target), reason: reason),
      because: .init(forecastCores: cores, horizonSeconds: 3600))
    vmOfCommand[id] = vm
    isMoving[vm] = true
    return true
  }
}
