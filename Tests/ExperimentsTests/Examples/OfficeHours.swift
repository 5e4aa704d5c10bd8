// SPDX-License-Identifier: Apache-2.0

// A policy of one's own, complete. In the program it is this file in `Sources/BaselinePolicies` and
// one line in `PolicyCatalog`:
//
//     Alternative("office-hours", about: "A shadow of every VM while people work.") {
//       let hours = OfficeHours.Hours(from: &$0)
//       return PolicySpec(name: "office-hours", label: label(&$0)) { _ in
//         { OfficeHours(hours: hours, inventory: $0) }
//       }
//     }

import ControlPlane
import StateArchive
import Units

/// A shadow of every VM while people work, whatever is measured.
struct OfficeHours: ManagementPolicy {
  /// When that is. Stating each parameter once gives its key, its range and its documentation.
  struct Hours: Sendable {
    var begin: SimTime
    var end: SimTime

    init(from source: inout some ParameterSource) {
      begin = source.time(
        "begin", default: .hours(8), in: .zero ... .hours(24), about: "Beginning of the work day.")
      end = source.time(
        "end", default: .hours(20), in: .zero ... .hours(24), about: "End of the work day.")
    }
  }

  private let hours: Hours
  private let vmCount: Int
  /// Orders the steps, waits for their outcomes, tries again what was refused.
  private var actuator: ShadowActuator

  init(hours: Hours, inventory: Inventory) {
    self.hours = hours
    vmCount = inventory.vms.count
    actuator = ShadowActuator(vmCount: vmCount)
  }

  mutating func observe(_ frame: TelemetryFrame) {}

  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    actuator.receive(outcome, commands: &commands)
  }

  mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue) {
    actuator.notice(incident, at: now, commands: &commands)
  }

  mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    let time = SimTime(nanoseconds: now.nanoseconds % SimTime.days(1).nanoseconds)
    let isWorkTime = hours.begin <= time && time < hours.end
    for vm in 0..<vmCount {
      actuator.want(
        isWorkTime ? .active(count: 1) : .none, for: VMID(vm), at: now, because: .init(),
        commands: &commands)
    }
  }
}

extension OfficeHours {
  /// Lets runs be resumed from checkpoints: everything that changes, once, for both directions.
  mutating func archive(_ archive: inout StateArchive) throws { try archive.state(&actuator) }
}
