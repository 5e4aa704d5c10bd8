// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Units

/// Probabilities of overload, one a VM.
struct OverloadRisks: Sendable, Codable {
  /// In the next sample interval.
  var next: [Double]
  /// In any interval of the next hour.
  var withinHour: [Double]
}

/// A forecast on its way from the backend.
struct PendingPlan: Sendable, Codable {
  /// Start of the interval that it speaks of.
  var start: SimTime
  var readyAt: SimTime
  var batch: ForecastBatch
  var risk: OverloadRisks
}

/// A decision about traffic that is being computed from what was known when it was asked for.
struct BalancingRequest: Sendable, Codable {
  var loads: [Double]
  var takenAt: SimTime
  var readyAt: SimTime
}

/// Loads of an interval that is over.
struct ClosedInterval: Sendable, Codable {
  var start: SimTime
  var loads: [Double]
}

/// Everything that PVMS knows, besides what its models have learned from the loads: those are
/// brought back by showing them the loads again.
public struct PVMSState: Sendable, Codable {
  var batch: ForecastBatch
  var nowcast: LoadNowcast
  var planner: ShadowPlanner
  var power: RackPowerPlanner
  var maintenance: MaintenancePlanner
  var lead: LeadTimeEstimate
  var predictability: Predictability
  /// What the forecasts said of the interval that is being filled.
  var saidOfPresent: [Double] = []
  /// Plans whose forecasts are still being computed, oldest first.
  var pending: [PendingPlan] = []
  /// Intervals that ended while nobody decided, oldest first.
  var missed: [ClosedInterval] = []
  /// Whether the backend's last forecasts, and its last decision, were partly the processor's.
  var forecastsFallBack = false
  var decisionsFallBack = false
  var frame: TelemetryFrame?
  var request: BalancingRequest?
  var actedAt: SimTime = .zero
  /// Time stamp of the frame that was last acted on.
  var actedOn: SimTime?
  var hasReportedSilence = false
}
