// SPDX-License-Identifier: Apache-2.0
import Facility
import StateArchive
import Units

/// All hosts, struct-of-arrays: one tick touches the same few columns of every host.
struct Hosts: Sendable {
  let count: Int
  /// Rack of each host.
  let rack: ContiguousArray<Int32>
  /// Server model of each host, an index into `models`.
  let modelIndex: ContiguousArray<Int32>
  /// The distinct server models.
  let models: [ServerModel]
  /// Speed of one core relative to the reference core that demand is stated in.
  let coreSpeed: ContiguousArray<Double>
  /// CPU capacity in reference cores.
  let capacityCores: ContiguousArray<Double>
  let memoryBytes: ContiguousArray<Double>

  var state: ContiguousArray<ServerPowerState>
  /// What faults leave of the host.
  var faults: ContiguousArray<Faults>
  /// Whether a maintenance window holds the host now.
  var inMaintenance: ContiguousArray<Bool>
  /// Instances on the host in the order in which they came (removal keeps the order).
  var instances: ContiguousArray<ContiguousArray<Int32>>
  /// Memory held by instances and by reservations for migrations on their way.
  var reservedMemoryBytes: ContiguousArray<Double>
  /// CPU promised to instances, before overcommitment.
  var reservedCores: ContiguousArray<Double>
  /// CPU that transfers to and from the host take, and how many do.
  var transferCores: ContiguousArray<Double>
  var transferCount: ContiguousArray<Int32>
  /// Power of these transfers that no power curve covers.
  var copyWatts: ContiguousArray<Double>
  /// Migrations from and to the host that began less than `MigrationCost.startTime` ago.
  var startingMigrations: ContiguousArray<Int32>
  /// Power that the host draws more because of transfers.
  var transferWatts: ContiguousArray<Double>
  /// CPU that instances and transfers really get.
  var grantedCores: ContiguousArray<Double>
  /// Whether demand reaches the capacity (for SLATAH).
  var isSaturated: ContiguousArray<Bool>
  var powerWatts: ContiguousArray<Double>
  /// Part of its speed that warm air leaves a host.
  var thermalSpeed: ContiguousArray<Double>
  /// Part of its speed that firmware leaves a host: warm air's, or less under a power limit.
  var speedFactor: ContiguousArray<Double>
  /// Step of its clock, and the speed that this step has.
  var clockStep: ContiguousArray<Int32>
  var clockSpeed: ContiguousArray<Double>
  /// Migrations under way from the host.
  var outboundMigrations: ContiguousArray<Int32>
  /// Migrations under way to the host.
  var inboundMigrations: ContiguousArray<Int32>

  // Books.
  var settledAt: ContiguousArray<SimTime>
  var energyJoules: ContiguousArray<Double>
  /// Part of the energy that is due to transfers.
  var transferJoules: ContiguousArray<Double>
  var coreSeconds: ContiguousArray<Double>
  var onSeconds: ContiguousArray<Double>
  var activeSeconds: ContiguousArray<Double>
  var saturatedSeconds: ContiguousArray<Double>
  var powerCycles: ContiguousArray<Int32>

  init(placements: [(rack: Int, model: Int)], models: [ServerModel], coreSpeeds: [Double]) {
    count = placements.count
    self.models = models
    rack = ContiguousArray(placements.map { Int32($0.rack) })
    modelIndex = ContiguousArray(placements.map { Int32($0.model) })
    coreSpeed = ContiguousArray(coreSpeeds)
    capacityCores = ContiguousArray(
      zip(placements, coreSpeeds).map { models[$0.model].cores.value * $1 })
    memoryBytes = ContiguousArray(placements.map { models[$0.model].memory.value })
    func filled<Value>(_ value: Value) -> ContiguousArray<Value> {
      ContiguousArray(repeating: value, count: placements.count)
    }
    state = filled(.on)
    faults = filled(Faults())
    inMaintenance = filled(false)
    outboundMigrations = filled(0)
    inboundMigrations = filled(0)
    instances = filled([])
    reservedMemoryBytes = filled(0)
    reservedCores = filled(0)
    transferCores = filled(0)
    transferCount = filled(0)
    copyWatts = filled(0)
    startingMigrations = filled(0)
    transferWatts = filled(0)
    transferJoules = filled(0)
    grantedCores = filled(0)
    isSaturated = filled(false)
    powerWatts = filled(0)
    thermalSpeed = filled(1)
    speedFactor = filled(1)
    clockStep = filled(0)
    clockSpeed = filled(1)
    settledAt = filled(.zero)
    energyJoules = filled(0)
    coreSeconds = filled(0)
    onSeconds = filled(0)
    activeSeconds = filled(0)
    saturatedSeconds = filled(0)
    powerCycles = filled(0)
  }

  /// Whether the host takes new instances now.
  func isAvailable(_ host: Int) -> Bool {
    isServing(host) && !inMaintenance[host] && isReachable(host)
  }

  /// Speed of the host's cores over their highest: what the governor chose, if firmware allows it.
  func speed(of host: Int) -> Double { min(speedFactor[host], clockSpeed[host]) }

  /// Whether instances on the host run.
  func isServing(_ host: Int) -> Bool { state[host] == .on && !isFailed(host) }

  /// Whether the host has crashed or has no power; it then draws nothing and runs nothing.
  func isFailed(_ host: Int) -> Bool { faults[host].causes > 0 }

  /// Whether the network reaches the host.
  func isReachable(_ host: Int) -> Bool { faults[host].cuts == 0 }

  /// Whether `memory` bytes and `cores` (under `overcommit`) fit on the host now.
  func fits(_ host: Int, cores: Double, memory: Double, overcommit: Double) -> Bool {
    // The slack keeps a host that is exactly full from refusing its own last instance.
    let slack = 1e-9
    return reservedMemoryBytes[host] + memory <= memoryBytes[host] * (1 + slack)
      && reservedCores[host] + cores <= capacityCores[host] * overcommit * (1 + slack)
  }

  /// Books the time since the last settlement with the values that held.
  mutating func settle(_ host: Int, at now: SimTime) {
    let seconds = (now - settledAt[host]).seconds
    guard seconds > 0 else { return }
    settledAt[host] = now
    energyJoules[host] += powerWatts[host] * seconds
    transferJoules[host] += transferWatts[host] * seconds
    coreSeconds[host] += grantedCores[host] * seconds
    if state[host] != .off, !isFailed(host) { onSeconds[host] += seconds }
    if !instances[host].isEmpty {
      activeSeconds[host] += seconds
      if isSaturated[host] { saturatedSeconds[host] += seconds }
    }
  }

  /// The energy booked up to `now`, without settling.
  func energyJoules(_ host: Int, at now: SimTime) -> Double {
    energyJoules[host] + powerWatts[host] * (now - settledAt[host]).seconds
  }
}

extension Hosts: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&state)
    try archive.state(&faults)
    try archive.state(&inMaintenance)
    try archive.state(&instances)
    try archive.state(&reservedMemoryBytes)
    try archive.state(&reservedCores)
    try archive.state(&transferCores)
    try archive.state(&transferCount)
    try archive.state(&copyWatts)
    try archive.state(&startingMigrations)
    try archive.state(&transferWatts)
    try archive.state(&grantedCores)
    try archive.state(&isSaturated)
    try archive.state(&powerWatts)
    try archive.state(&thermalSpeed)
    try archive.state(&speedFactor)
    try archive.state(&clockStep)
    try archive.state(&clockSpeed)
    try archive.state(&outboundMigrations)
    try archive.state(&inboundMigrations)
    try archive.state(&settledAt)
    try archive.state(&energyJoules)
    try archive.state(&transferJoules)
    try archive.state(&coreSeconds)
    try archive.state(&onSeconds)
    try archive.state(&activeSeconds)
    try archive.state(&saturatedSeconds)
    try archive.state(&powerCycles)
  }
}
