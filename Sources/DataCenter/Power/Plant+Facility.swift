// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Facility
import SimulationKernel
import Units

// The facility's own events (thresholds, weather, tariffs, failures) and their effect on hosts.
extension Plant {
  /// Keeps one event in the schedule for the time at which the facility wants to be looked at.
  mutating func scheduleFacility(_ scheduler: inout Scheduler<PlantEvent>) {
    guard isFacilityScheduleStale else { return }
    isFacilityScheduleStale = false
    if let handle = facilityEvent { _ = scheduler.cancel(handle) }
    facilityEvent = nil
    guard let next = facility.nextTransition(), next <= end else { return }
    facilityEvent = scheduler.schedule(
      .facilityTransition, at: max(next, scheduler.now),
      priority: PlantEvent.facilityTransition.priority)
  }

  mutating func wakeFacility(at now: SimTime) {
    facilityEvent = nil
    isFacilityScheduleStale = true
    facility.advance(to: now)
  }

  /// Answers what the facility has to tell; false when that is nothing.
  ///
  /// Every use of the facility may advance it over an event of its own, so it is asked after each.
  mutating func answerFacility(_ scheduler: inout Scheduler<PlantEvent>) -> Bool {
    guard facility.hasTransitions else { return false }
    isFacilityScheduleStale = true
    for transition in facility.takeTransitions() { answer(transition, &scheduler) }
    return true
  }

  private mutating func answer(
    _ transition: FacilityTransition, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    log.append(
      LogRecord(
        time: transition.at, kind: .facility, value: transition.rack.map { Double($0) } ?? .nan,
        detail: transition.kind.rawValue + (transition.begins ? " begins" : " ends")))
    switch transition.kind {
    case .throttling: if let rack = transition.rack { updateSpeed(ofRack: rack) }
    case .powerCap: for rack in inventory.racks.indices { updateSpeed(ofRack: rack) }
    case .breakerOpen:
      if let rack = transition.rack, transition.begins {
        trip(rack, because: transition.kind.rawValue, &scheduler)
      }
    case .criticalTemperature:
      if let rack = transition.rack, transition.begins { answerHeat(in: rack, &scheduler) }
    case .powerLost:
      for host in 0..<hosts.count {
        if transition.begins {
          failHost(host, because: transition.kind.rawValue, &scheduler)
        } else {
          restoreHost(host, &scheduler)
        }
      }
    default: break
    }
  }

  /// Servers switch off in air at the critical temperature. What stands around a rack that has just
  /// been switched on says nothing: its fans have not moved any air yet.
  private mutating func answerHeat(in rack: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if faults.rackOnSince[rack] == scheduler.now, scheduler.now > .zero {
      schedule(.heatCheck(Int32(rack)), at: scheduler.now + .minutes(1), &scheduler)
    } else {
      trip(rack, because: FacilityTransition.Kind.criticalTemperature.rawValue, &scheduler)
    }
  }

  mutating func checkHeat(ofRack rack: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    facility.advance(to: scheduler.now)
    guard rackHostsOn[rack] > 0, isTooHot(rack) else { return }
    trip(rack, because: FacilityTransition.Kind.criticalTemperature.rawValue, &scheduler)
  }

  private func isTooHot(_ rack: Int) -> Bool {
    facility.rackInletCelsius[rack] >= facility.spec.room.response.critical.value
  }

  /// Heat or a breaker stops a rack, until someone has looked after it.
  private mutating func trip(
    _ rack: Int, because reason: String, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    guard !faults.isTripped[rack] else { return }
    faults.isTripped[rack] = true
    for host in inventory.racks[rack].hosts {
      failHost(host.index, because: reason, &scheduler)
    }
    schedule(.tripReset(Int32(rack)), at: scheduler.now + spec.faults.tripReset, &scheduler)
  }

  /// Closes a rack's breaker and lets its hosts boot, unless the air is still too hot for them.
  mutating func resetTrip(ofRack rack: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    facility.advance(to: scheduler.now)
    guard !isTooHot(rack) else {
      schedule(.tripReset(Int32(rack)), at: scheduler.now + spec.faults.tripReset, &scheduler)
      return
    }
    faults.isTripped[rack] = false
    isFacilityScheduleStale = true
    facility.closeBreaker(rack, at: scheduler.now)
    for host in inventory.racks[rack].hosts { restoreHost(host.index, &scheduler) }
  }

  /// Sets what warm air leaves of the hosts' speed; power limits are worked out when hosts come to
  /// rest.
  private mutating func updateSpeed(ofRack rack: Int) {
    for host in inventory.racks[rack].hosts {
      hosts.thermalSpeed[host.index] = facility.rackSpeed(rack)
      hosts.speedFactor[host.index] = facility.rackSpeed(rack)
      touched.touchHost(host.index)
    }
  }
}
