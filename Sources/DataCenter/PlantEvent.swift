// SPDX-License-Identifier: Apache-2.0

/// Everything that can happen in the plant, as plain values.
///
/// Indices are positions: of a sample step, a VM, a host, an instance slot, a migration, a window.
public enum PlantEvent: Sendable, Hashable, Codable {
  /// The offered load of every VM changes to demand step `n`.
  case demandStep(Int32)
  /// Agents measure.
  case telemetryTick
  /// A frame reaches the control plane.
  case telemetryArrival
  /// The policy's period has passed.
  case decision
  /// A time at which the policy asked to be called.
  case policyTimer
  /// A shadow in instance slot `n` finishes the step it is in.
  case shadowStep(Int32)
  /// Shares or health in the load balancer of VM `n` change.
  case balancerEvent(Int32)
  /// The course of migration `n` comes to its next point.
  case migrationEvent(Int32)
  /// A migration from or to host `n` has drawn the fixed part of its energy there.
  case migrationHasStarted(Int32)
  /// A transfer has been sent.
  case transferEnds
  /// Host `n` finishes booting, waking or shutting down.
  case hostTransition(Int32)
  /// VM `n` has finished its finite work.
  case workDone(Int32)
  /// Maintenance window `n` begins.
  case maintenanceBegins(Int32)
  /// Maintenance window `n` ends.
  case maintenanceEnds(Int32)
  /// Listed fault `n` begins.
  case faultBegins(Int32)
  /// Listed fault `n` ends.
  case faultEnds(Int32)
  /// Part `n` fails: a host, or after all hosts a rack switch.
  case randomFailure(Int32)
  /// Part `n` is repaired.
  case randomRepair(Int32)
  /// Someone resets the breakers and thermal trips of rack `n`.
  case tripReset(Int32)
  /// Rack `n` has run for a minute in air that was too hot when it was switched on.
  case heatCheck(Int32)
  /// VM `n`, whose host was lost, looks for another one.
  case vmRestart(Int32)
  /// VM `n` has booted.
  case vmBooted(Int32)
  /// The facility changes by itself (a threshold, a weather or tariff step).
  case facilityTransition
}

extension PlantEvent {
  /// Order among events at one instant: what the world does comes before what is measured, which
  /// comes before what is decided.
  var priority: Int8 {
    switch self {
    case .demandStep: 0
    case .maintenanceBegins, .maintenanceEnds, .facilityTransition: 1
    case .faultBegins, .faultEnds, .randomFailure, .randomRepair, .tripReset, .heatCheck: 1
    case .hostTransition, .migrationEvent, .migrationHasStarted, .transferEnds, .workDone: 2
    case .vmRestart, .vmBooted: 2
    case .shadowStep, .balancerEvent: 3
    case .telemetryTick: 4
    case .telemetryArrival: 5
    case .decision, .policyTimer: 6
    }
  }
}
