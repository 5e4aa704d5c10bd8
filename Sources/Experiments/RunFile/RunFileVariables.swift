// SPDX-License-Identifier: Apache-2.0
import ControlPlane

/// The version of the run file's layout, in the root attribute `schemaVersion`. It grows when a
/// reader of the version before would misread the file; added variables do not count.
let runFileSchemaVersion: Int64 = 1

/// A variable of the run file: how it is called, what it means, and where its values come from.
struct RunVariable<Row> {
  var name: String
  /// In UDUNITS form; cores are a count, `1`.
  var units: String
  var longName: String
  /// How a value stands for its interval, in CF's words; empty when it is not about an interval.
  var cellMethods = ""
  var values: (Row) -> [Double]
}

/// The variables of `/hosts`, `[time, host]`; the state is apart, being a name.
func hostVariables() -> [RunVariable<RunSample>] {
  [
    RunVariable(
      name: "usedCores", units: "1", longName: "CPU in use in cores", cellMethods: "time: mean",
      values: \.hostUsedCores),
    RunVariable(
      name: "powerWatts", units: "W", longName: "electric power of the host",
      cellMethods: "time: mean", values: \.hostPowerWatts),
  ]
}

/// The variables of `/racks`, `[time, rack]`.
func rackVariables() -> [RunVariable<RunSample>] {
  [
    RunVariable(
      name: "powerWatts", units: "W", longName: "electric power of hosts and switch",
      cellMethods: "time: mean", values: \.rackPowerWatts),
    RunVariable(
      name: "inletCelsius", units: "degC", longName: "air temperature at the inlet",
      cellMethods: "time: point", values: \.rackInletCelsius),
    RunVariable(
      name: "aboveRecommendedSeconds", units: "s",
      longName: "time in which the inlet was above the recommended temperature",
      cellMethods: "time: sum", values: \.rackAboveRecommendedSeconds),
    RunVariable(
      name: "aboveAllowableSeconds", units: "s",
      longName: "time in which the inlet was above the allowable temperature",
      cellMethods: "time: sum", values: \.rackAboveAllowableSeconds),
  ]
}

/// The variables of `/vms`, `[time, vm]`.
func vmVariables() -> [RunVariable<RunSample>] {
  [
    RunVariable(
      name: "offeredCores", units: "1", longName: "load offered at the load balancer in cores",
      cellMethods: "time: mean", values: \.vmOfferedCores),
    RunVariable(
      name: "servedCores", units: "1", longName: "load served by all instances in cores",
      cellMethods: "time: mean", values: \.vmServedCores),
    RunVariable(
      name: "capacityCores", units: "1", longName: "load that all ready instances can serve",
      cellMethods: "time: point", values: \.vmCapacityCores),
    RunVariable(
      name: "shadowShare", units: "1", longName: "share of the traffic on shadows",
      cellMethods: "time: point", values: \.vmShadowShare),
    RunVariable(
      name: "degradedSeconds", units: "s", longName: "time in which some instance was short",
      cellMethods: "time: sum", values: \.vmDegradedSeconds),
  ]
}

/// The numbers of one event, `[event]` in `/events`.
func eventVariables() -> [RunVariable<RunEvent>] {
  [
    RunVariable(
      name: "value", units: "1", longName: "number that goes with the kind",
      values: { [$0.value] }),
    RunVariable(
      name: "forecastCores", units: "1", longName: "load expected at the horizon in cores",
      values: { [$0.rationale.forecastCores] }),
    RunVariable(
      name: "upperCores", units: "1", longName: "upper bound of that load in cores",
      values: { [$0.rationale.upperCores] }),
    RunVariable(
      name: "overloadProbability", units: "1", longName: "probability of load above capacity",
      values: { [$0.rationale.overloadProbability] }),
    RunVariable(
      name: "horizonSeconds", units: "s", longName: "horizon of the forecast",
      values: { [$0.rationale.horizonSeconds] }),
    RunVariable(
      name: "leadTimeSeconds", units: "s", longName: "lead time assumed",
      values: { [$0.rationale.leadTimeSeconds] }),
    RunVariable(
      name: "expectedGainCoreSeconds", units: "s",
      longName: "core-seconds expected to be saved less those spent",
      values: { [$0.rationale.expectedGainCoreSeconds] }),
  ]
}

/// Names and meanings of the variables of `/forecasts`, `[issue, horizon, vm]`.
let forecastVariables = [
  (name: "mean", longName: "expected load in cores"),
  (name: "lower", longName: "lower end of the central 90 % interval in cores"),
  (name: "upper", longName: "upper end of the central 90 % interval in cores"),
  (name: "actual", longName: "load that came in cores"),
]
