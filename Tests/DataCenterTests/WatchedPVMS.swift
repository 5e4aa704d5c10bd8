// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import PVMS
import Synchronization
import Units

/// What a policy was seen to do wrong; shared by all copies of the policy.
final class Misdeeds: Sendable {
  private let found = Mutex<[String]>([])
  var all: [String] { found.withLock { $0 } }
  func add(_ misdeed: String) { found.withLock { $0.append(misdeed) } }
}

/// PVMS under the eye of somebody who knows what it knows, counts its orders and checks those that
/// take capacity away.
struct WatchedPVMS: ManagementPolicy {
  /// Moves of one VM in any hour: each planner leaves a VM alone for a quarter of an hour.
  static let movesPerHour = 8

  var policy: any ManagementPolicy
  let parameters: PVMSParameters
  let inventory: Inventory
  let misdeeds: Misdeeds
  private var frame: TelemetryFrame?
  /// Racks that have been told to go off, or that are being emptied, host by host.
  private var isRackClosing: [Bool]
  private var vmOfShadow: [ShadowID: Int] = [:]
  private var orders: [CommandID: (vm: Int, isMove: Bool)] = [:]
  /// Times of orders about shadows, and of moves that were not refused, one list a VM.
  private var shadowOrders: [[SimTime]]
  private var moves: [[SimTime]]

  init(
    _ policy: any ManagementPolicy, parameters: PVMSParameters, inventory: Inventory,
    misdeeds: Misdeeds
  ) {
    self.policy = policy
    self.parameters = parameters
    self.inventory = inventory
    self.misdeeds = misdeeds
    isRackClosing = inventory.racks.map { _ in false }
    shadowOrders = inventory.vms.map { _ in [] }
    moves = shadowOrders
  }

  mutating func observe(_ frame: TelemetryFrame) {
    self.frame = frame
    policy.observe(frame)
  }

  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    if let order = orders[outcome.id] {
      switch outcome.result {
      case .accepted(let shadow?), .done(let shadow?): vmOfShadow[shadow] = order.vm
      case .refused where order.isMove: moves[order.vm].removeLast()
      default: break
      }
    }
    let before = commands.entries.count
    policy.receive(outcome, commands: &commands)
    watch(commands.entries.dropFirst(before), at: outcome.at)
  }

  mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue) {
    let before = commands.entries.count
    policy.notice(incident, at: now, commands: &commands)
    watch(commands.entries.dropFirst(before), at: now)
  }

  mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    let before = commands.entries.count
    policy.decide(at: now, commands: &commands)
    watch(commands.entries.dropFirst(before), at: now)
  }

  mutating func restart(at now: SimTime, commands: inout CommandQueue) {
    policy.restart(at: now, commands: &commands)
  }

  mutating func takeForecasts() -> [ForecastRecord] { policy.takeForecasts() }

  // MARK: Watching

  private mutating func watch(_ entries: ArraySlice<CommandQueue.Entry>, at now: SimTime) {
    for entry in entries {
      switch entry.command {
      case .createShadow(let vm, _, _, _):
        orders[entry.id] = (vm.index, false)
        count(&shadowOrders, vm.index, limit: parameters.actionsPerHour, at: now)
      case .migrate(let vm, _, _):
        orders[entry.id] = (vm.index, true)
        count(&moves, vm.index, limit: Self.movesPerHour, at: now)
      case .powerHost(let host, .off):
        isRackClosing[inventory.hosts[host.index].rack.index] = true
        checkSpare(entry, host: host.index, at: now)
      case .powerRack(let rack, let target): isRackClosing[rack.index] = target != .on
      default:
        guard let shadow = entry.command.shadow, let vm = vmOfShadow[shadow] else { continue }
        count(&shadowOrders, vm, limit: parameters.actionsPerHour, at: now)
      }
    }
  }

  private func count(_ times: inout [[SimTime]], _ vm: Int, limit: Int, at now: SimTime) {
    times[vm].removeAll { now - $0 >= .hours(1) }
    times[vm].append(now)
    if times[vm].count > limit { misdeeds.add("\(now): VM \(vm): more than \(limit) an hour") }
  }

  /// What is left on must carry what is expected, even without the spare hosts; the host must be
  /// empty.
  private func checkSpare(_ entry: CommandQueue.Entry, host: Int, at now: SimTime) {
    guard let frame else {
      misdeeds.add("\(now): host \(host) goes off before anything was measured")
      return
    }
    if frame.hostOfVM.contains(host) { misdeeds.add("\(now): host \(host) is not empty") }
    let left = inventory.hosts.indices.filter {
      frame.hostIsAvailable[$0] && !isRackClosing[inventory.hosts[$0].rack.index]
    }.map { inventory.hosts[$0].cores.value }.sorted().dropLast(parameters.power.spareHosts)
    let capacity = left.reduce(0, +) * parameters.targetHostLoad
    if !(capacity >= entry.rationale.upperCores - 1e-9) {
      misdeeds.add(
        "\(now): host \(host) goes off, \(capacity) cores for \(entry.rationale.upperCores)")
    }
    if !(entry.rationale.upperCores >= entry.rationale.forecastCores - 1e-9) {
      misdeeds.add("\(now): the need is below the forecast")
    }
  }
}
