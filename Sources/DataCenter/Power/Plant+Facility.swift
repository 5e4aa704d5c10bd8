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

  mutating func answerFacility(_ scheduler: inout Scheduler<PlantEvent>) {
    facilityEvent = nil
    isFacilityScheduleStale = true
    facility.advance(to: scheduler.now)
    for transition in facility.takeTransitions() { answer(transition) }
  }

  private mutating func answer(_ transition: FacilityTransition) {
    log.append(
      LogRecord(
        time: transition.at, kind: .facility, value: transition.rack.map { Double($0) } ?? .nan,
        detail: transition.kind.rawValue + (transition.begins ? " begins" : " ends")))
    switch transition.kind {
    case .throttling: if let rack = transition.rack { updateSpeed(ofRack: rack) }
    case .powerCap: for rack in inventory.racks.indices { updateSpeed(ofRack: rack) }
    default: break
    }
  }

  /// Sets what warm air and a power budget leave of the hosts' speed. A budget is split evenly, as
  /// the management controllers of a rack do that do not talk to each other.
  private mutating func updateSpeed(ofRack rack: Int) {
    let members = inventory.racks[rack].hosts.map(\.index)
    for host in members {
      var speed = facility.rackSpeed(rack)
      if let budget = facility.rackPowerCap {
        speed = min(speed, hosts.model(of: host).speed(within: budget / Double(members.count)))
      }
      hosts.speedFactor[host] = speed
      touched.touchHost(host)
    }
  }
}
