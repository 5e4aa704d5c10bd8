// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts

/// A replay's figures under the names that CloudSim's own output has in machine-readable form:
/// energy in kWh and J, fractions as fractions, seconds.
public struct ReplayReport: Sendable, Encodable {
  private let workload: String
  private let allocation: String
  private let policy: ReplayPolicy
  private let hosts: Int
  private let vms: Int
  private let result: ReplayResult

  /// A report of one replay.
  ///
  /// - Parameters:
  ///   - workload: name of the day.
  ///   - detector: as the user wrote it; the name before its parameter is CloudSim's `allocation`.
  ///   - policy: what it stands for.
  ///   - hosts: their number.
  ///   - vms: their number.
  ///   - result: the figures.
  public init(
    workload: String, detector: String, policy: ReplayPolicy, hosts: Int, vms: Int,
    result: ReplayResult
  ) {
    self.workload = workload
    allocation = String(detector.prefix { $0 != ":" })
    self.policy = policy
    self.hosts = hosts
    self.vms = vms
    self.result = result
  }

  private enum CodingKeys: String, CodingKey {
    case workload, allocation, selection, parameter, hosts, vms, migrations, slav, pdm, slatah, esv
    case simulationTime = "simulation_time_s"
    case energyKilowattHours = "energy_kwh"
    case energyJoules = "energy_j"
    case slaOverall = "sla_overall"
    case slaAverage = "sla_average"
    case hostShutdowns = "host_shutdowns"
    case meanShutdown = "mean_time_before_host_shutdown_s"
    case deviationShutdown = "stdev_time_before_host_shutdown_s"
    case meanMigration = "mean_time_before_vm_migration_s"
    case deviationMigration = "stdev_time_before_vm_migration_s"
    case migrationsTimed = "vm_migration_intervals_counted"
    case activeHostsAtEnd = "active_hosts_at_end"
    case vmsLeftAtEnd = "vms_left_at_end"
  }

  /// Writes the figures; what has no value is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(workload, forKey: .workload)
    try values.encode(allocation, forKey: .allocation)
    try values.encode(policy.selection, forKey: .selection)
    try values.encode(policy.parameter, forKey: .parameter)
    try values.encode(hosts, forKey: .hosts)
    try values.encode(vms, forKey: .vms)
    try values.encode(Replay.endSeconds, forKey: .simulationTime)
    try values.encode(result.energyKilowattHours, forKey: .energyKilowattHours)
    try values.encode(result.energyJoules, forKey: .energyJoules)
    try values.encode(result.migrations, forKey: .migrations)
    try values.encode(result.slav, forKey: .slav)
    try values.encode(result.pdm, forKey: .pdm)
    try values.encode(result.slatah, forKey: .slatah)
    try values.encode(result.esv, forKey: .esv)
    try values.encode(result.slaOverall, forKey: .slaOverall)
    try values.encode(result.slaAverage, forKey: .slaAverage)
    try values.encode(result.hostShutdowns, forKey: .hostShutdowns)
    try values.encode(result.meanSecondsBeforeShutdown, forKey: .meanShutdown)
    try values.encode(result.deviationSecondsBeforeShutdown, forKey: .deviationShutdown)
    try values.encode(result.meanMigrationSeconds, forKey: .meanMigration)
    try values.encode(result.deviationMigrationSeconds, forKey: .deviationMigration)
    try values.encode(result.migrationsTimed, forKey: .migrationsTimed)
    try values.encode(result.activeHostsAtEnd, forKey: .activeHostsAtEnd)
    try values.encode(result.vmsLeftAtEnd, forKey: .vmsLeftAtEnd)
  }
}

extension ReplayPolicy {
  /// CloudSim's name of the selection policy; empty where nothing moves.
  public var selection: String {
    if case .consolidation(_, let selector) = self { return selector.rawValue }
    return ""
  }

  /// The detector's parameter; empty where nothing moves.
  public var parameter: String {
    switch self {
    case .nonPowerAware, .dvfs: ""
    case .consolidation(.threshold(let value), _),
      .consolidation(.interquartileRange(let value), _),
      .consolidation(.medianAbsoluteDeviation(let value), _),
      .consolidation(.localRegression(let value, _), _):
      "\(value)"
    }
  }
}

extension ReplayResult {
  /// The figures for people, percentages as CloudSim prints them.
  public var text: String {
    """
    energy              \(energyKilowattHours) kWh
    migrations          \(migrations)
    SLATAH              \(slatah * 100) %
    PDM                 \(pdm * 100) %
    SLAV                \(slav)
    ESV                 \(esv)
    overall SLA lost    \(slaOverall * 100) %
    average shortfall   \(slaAverage * 100) %
    host shutdowns      \(hostShutdowns)
    hosts left on       \(activeHostsAtEnd)
    VMs left            \(vmsLeftAtEnd)
    """
  }
}
