// SPDX-License-Identifier: Apache-2.0
import Units

// Mains, generator, breakers and cooling units: what fails and what comes back.
extension FacilityModel {
  /// Cold that the store can hold in J.
  var coldCapacity: Double {
    if case .chilledWater(let system) = sizing.machine { system.storage.value } else { 0 }
  }

  /// Lets an entry of the schedule happen.
  mutating func happen(_ entry: Agenda.Scheduled) {
    switch entry {
    case .outageBegins(let outage): beginOutage(outage)
    case .outageEnds: endOutage()
    case .failureBegins(let failure): changeFailed(failure, by: 1)
    case .failureEnds(let failure): changeFailed(failure, by: -1)
    case .capChanges:
      let rack = DistributionSpec.lowest(of: spec.distribution.rackCaps, at: now)
      let server = DistributionSpec.lowest(of: spec.distribution.serverCaps, at: now)
      guard rack != rackPowerCap || server != serverPowerCap else { return }
      rackPowerCap = rack
      serverPowerCap = server
      announce(.powerCap, begins: rack != nil || server != nil)
    }
  }

  private mutating func beginOutage(_ outage: DistributionSpec.Outage) {
    agenda.restartAt = nil
    areMachinesStopped = !outage.keepsCooling
    if spec.distribution.hasGenerator {
      agenda.generatorAt = now + spec.distribution.generatorStart
    }
    if batteryStored > 0 {
      source = .battery
      announce(.onBattery, begins: true)
    } else {
      losePower()
    }
    announceCoolingFailure()
  }

  private mutating func endOutage() {
    agenda.generatorAt = nil
    switch source {
    case .battery: announce(.onBattery, begins: false)
    case .generator: announce(.onGenerator, begins: false)
    case .none: announce(.powerLost, begins: false)
    case .mains: break
    }
    source = .mains
    scheduleRestart()
  }

  /// The generator takes the load over.
  mutating func startGenerator() {
    agenda.generatorAt = nil
    if source == .battery { announce(.onBattery, begins: false) }
    if source == .none { announce(.powerLost, begins: false) }
    source = .generator
    announce(.onGenerator, begins: true)
    scheduleRestart()
  }

  private mutating func scheduleRestart() {
    guard areMachinesStopped, agenda.restartAt == nil else { return }
    var delay = SimTime.zero
    if case .chilledWater(let system) = sizing.machine { delay = system.restartTime }
    if delay > .zero {
      agenda.restartAt = now + delay
    } else {
      restartMachines()
    }
  }

  /// The machines cool again.
  mutating func restartMachines() {
    agenda.restartAt = nil
    areMachinesStopped = false
    announceCoolingFailure()
  }

  /// Nothing carries the load any more.
  mutating func losePower() {
    if source == .battery { announce(.onBattery, begins: false) }
    source = .none
    for rack in itPower.indices { itPower[rack] = 0 }
    announce(.powerLost, begins: true)
  }

  /// A rack's breaker opens.
  mutating func trip(_ rack: Int) {
    isBreakerClosed[rack] = false
    itPower[rack] = 0
    announce(.breakerOpen, rack: rack, begins: true)
  }

  private mutating func changeFailed(_ failure: CoolingSpec.Failure, by sign: Int) {
    if failure.keepsFans {
      failedUnits += sign * failure.units
    } else {
      failedFanlessUnits += sign * failure.units
    }
    failedChillers += sign * failure.chillers
    announceCoolingFailure()
  }

  /// Tells whether something of the cooling doesn't work, when that has changed.
  mutating func announceCoolingFailure() {
    let fails =
      areMachinesStopped || failedUnits > 0 || failedFanlessUnits > 0 || failedChillers > 0
    guard fails != isCoolingFailing else { return }
    isCoolingFailing = fails
    announce(.coolingFailure, begins: fails)
  }

  /// Whether a rack's branch carries voltage.
  func isLive(_ rack: Int) -> Bool { source != .none && isBreakerClosed[rack] }

  /// Whether a rack's servers and switch can draw power.
  func isRunning(_ rack: Int) -> Bool { isLive(rack) && isPowered[rack] }
}
