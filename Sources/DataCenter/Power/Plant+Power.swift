// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Facility
import MigrationModels
import SimulationKernel
import Units

// Power states of hosts and racks, and what the facility sees of them.
extension Plant {
  /// Sends a host to a power state; only an empty host goes to sleep or off.
  mutating func powerHost(
    _ host: Int, _ target: PowerTarget, command: CommandID?,
    _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    guard !hosts.isFailed(host) else { return .refused(.hostUnavailable) }
    let state = hosts.state[host]
    let (entered, reached): (ServerPowerState, Bool) =
      switch (target, state) {
      case (.on, .on), (.off, .off), (.asleep, .asleep): (state, true)
      case (.on, .booting), (.on, .waking), (.off, .shuttingDown), (.asleep, .suspending):
        (state, false)
      case (.on, .off): (.booting, false)
      case (.on, .asleep): (.waking, false)
      case (.off, .on), (.off, .asleep): (.shuttingDown, false)
      case (.asleep, .on): (.suspending, false)
      default: (state, false)
      }
    if reached { return .done(nil) }
    if entered == state {
      // Already on its way there, or in the middle of the opposite way.
      return isOnWay(state, to: target) ? .accepted(nil) : .refused(.targetBusy)
    }
    if target != .on {
      guard hosts.instances[host].isEmpty, hosts.reservedMemoryBytes[host] < 1 else {
        return .refused(.notEmpty)
      }
    }
    enterPowerState(entered, host: host, command: command, &scheduler)
    return .accepted(nil)
  }

  private func isOnWay(_ state: ServerPowerState, to target: PowerTarget) -> Bool {
    switch (state.next, target) {
    case (.on, .on), (.off, .off), (.asleep, .asleep): true
    default: false
    }
  }

  mutating func enterPowerState(
    _ state: ServerPowerState, host: Int, command: CommandID?,
    _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let now = scheduler.now
    hosts.settle(host, at: now)
    countRackHosts(host, from: hosts.state[host], to: state, at: now)
    hosts.state[host] = state
    touched.touchHost(host)
    let kind: LogKind =
      switch state {
      case .booting, .waking: .hostBooting
      case .on: .hostOn
      case .shuttingDown, .suspending: .hostShuttingDown
      case .off, .asleep: .hostOff
      }
    log.append(
      LogRecord(
        time: now, kind: kind, host: HostID(host), command: command, detail: state.rawValue))
    if state == .off || state == .asleep { hosts.powerCycles[host] += 1 }
    if let duration = hosts.model(of: host).duration(of: state) {
      hostCommands[host] = command
      hostTransitions[host] = scheduler.schedule(
        .hostTransition(Int32(host)), after: duration,
        priority: PlantEvent.hostTransition(0).priority)
    } else {
      requestTelemetry(&scheduler)
    }
  }

  /// Follows for how long racks are off altogether.
  mutating func countRackHosts(
    _ host: Int, from old: ServerPowerState, to new: ServerPowerState, at now: SimTime
  ) {
    let rack = Int(hosts.rack[host])
    let wasOff = rackHostsOn[rack] == 0
    rackHostsOn[rack] += (old == .off ? 1 : 0) - (new == .off ? 1 : 0)
    let isOff = rackHostsOn[rack] == 0
    if isOff != wasOff {
      facility.setRackPowered(rack, !isOff, at: now)
      isFacilityScheduleStale = true
    }
    if isOff, !wasOff { rackOffSince[rack] = now }
    if wasOff, !isOff { faults.rackOnSince[rack] = now }
    if wasOff, !isOff { rackOffSeconds[rack] += (now - rackOffSince[rack]).seconds }
  }

  mutating func finishHostTransition(_ host: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let command = hostCommands[host]
    hostCommands[host] = nil
    hostTransitions[host] = nil
    enterPowerState(hosts.state[host].next, host: host, command: command, &scheduler)
    report(command, .done(nil), &scheduler)
  }

  /// A host that fails does not finish what it was doing.
  mutating func cancelTransition(of host: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if let handle = hostTransitions[host] { _ = scheduler.cancel(handle) }
    hostTransitions[host] = nil
    let command = hostCommands[host]
    hostCommands[host] = nil
    report(command, .failed(.hostFailed, nil), &scheduler)
  }

  /// Sends all hosts of a rack to a power state. Off and asleep need all of them empty.
  mutating func powerRack(
    _ rack: Int, _ target: PowerTarget, command: CommandID,
    _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let members = inventory.racks[rack].hosts.map(\.index)
    if target != .on {
      let isEmpty = members.allSatisfy {
        hosts.instances[$0].isEmpty && hosts.reservedMemoryBytes[$0] < 1
      }
      guard isEmpty else { return .refused(.notEmpty) }
    }
    var isDone = true
    for host in members where !hosts.isFailed(host) {
      switch powerHost(host, target, command: nil, &scheduler) {
      case .done: continue
      default: isDone = false
      }
    }
    return isDone ? .done(nil) : .accepted(nil)
  }

  mutating func setSupplyTemperature(_ celsius: Celsius, at now: SimTime) -> CommandOutcome.Result {
    guard facility.spec.cooling.supplyRange.contains(celsius.value) else {
      return .refused(.outsideLimits)
    }
    facility.setSupplyTemperature(celsius, at: now)
    isFacilityScheduleStale = true
    log.append(LogRecord(time: now, kind: .supplyTemperatureSet, value: celsius.value))
    return .done(nil)
  }

  /// Works out the power of the touched hosts and tells the facility about their racks.
  mutating func updatePower(at now: SimTime) {
    var hasChanged = false
    for host in touched.hosts {
      let host = Int(host)
      hosts.settle(host, at: now)
      let copying = copyWatts(of: host)
      let computing =
        hosts.isFailed(host) ? 0 : watts(of: host, using: hosts.grantedCores[host])
      hosts.transferWatts[host] = transferWatts(of: host, drawing: computing) + copying
      let watts = computing + copying
      guard watts != hosts.powerWatts[host] else { continue }
      hosts.powerWatts[host] = watts
      scratch.touchedRacks[Int(hosts.rack[host])] = true
      hasChanged = true
    }
    guard hasChanged else { return }
    for rack in inventory.racks.indices where scratch.touchedRacks[rack] {
      scratch.touchedRacks[rack] = false
      // Summed anew in host order, so that no history of additions is left in the sum.
      var sum = 0.0
      for host in inventory.racks[rack].hosts { sum += hosts.powerWatts[host.index] }
      rackPowerWatts[rack] = sum
    }
    facility.setRackITPower(rackPowerWatts, at: now)
    isFacilityScheduleStale = true
  }
}

extension Plant {
  /// What migrations and clones make a host draw besides its power curve.
  private func copyWatts(of host: Int) -> Double {
    guard hosts.state[host] != .off, !hosts.isFailed(host) else { return 0 }
    let starting = Double(hosts.startingMigrations[host])
    return hosts.copyWatts[host] + starting * spec.migration.model.cost.startPower.value
  }

  /// What a host would draw less without the CPU of the transfers to and from it.
  private func transferWatts(of host: Int, drawing watts: Double) -> Double {
    guard hosts.transferCores[host] > 0, hosts.isServing(host) else { return 0 }
    let rest = max(0, hosts.grantedCores[host] - hosts.transferCores[host])
    return max(0, watts - self.watts(of: host, using: rest))
  }
}

extension Hosts {
  /// The server model of a host.
  func model(of host: Int) -> ServerModel { models[Int(modelIndex[host])] }
}
