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
    guard transition.kind == .throttling, let rack = transition.rack else { return }
    for host in inventory.racks[rack].hosts.map(\.index) {
      hosts.speedFactor[host] = facility.rackSpeed(rack)
      touched.touchHost(host)
    }
  }
}
