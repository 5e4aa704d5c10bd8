// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts

/// The figures of a replay, as CloudSim defines them (they differ from this project's own).
///
/// Fractions are fractions, not percent.
public struct ReplayResult: Sendable, Hashable {
  /// Energy of the hosts.
  public var energyJoules = 0.0
  /// Migrations started; a VM planned twice in a round counts twice.
  public var migrations = 0
  /// Share of active host time with less granted than asked for.
  public var slatah = 0.0
  /// Work lost to migrations over work asked for.
  public var pdm = 0.0
  /// Work not granted over work asked for.
  public var slaOverall = 0.0
  /// Mean shortfall of the spells in which a VM got less than it asked for.
  public var slaAverage = 0.0
  /// Times a host went from active to inactive; one that is never used counts once.
  public var hostShutdowns = 0
  /// Mean time from switching a host on to switching it off; nil without any.
  public var meanSecondsBeforeShutdown: Double?
  /// Its standard deviation.
  public var deviationSecondsBeforeShutdown: Double?
  /// Mean duration of a migration; nil without any.
  public var meanMigrationSeconds: Double?
  /// Its standard deviation.
  public var deviationMigrationSeconds: Double?
  /// Migrations that the mean is of.
  public var migrationsTimed = 0
  /// Hosts with load at the end.
  public var activeHostsAtEnd = 0
  /// VMs that are left at the end.
  public var vmsLeftAtEnd = 0

  /// Energy in kWh.
  public var energyKilowattHours: Double { energyJoules / 3_600_000 }
  /// SLATAH × PDM.
  public var slav: Double { slatah * pdm }
  /// Energy in kWh × SLAV.
  public var esv: Double { energyKilowattHours * slav }
}

extension Replay {
  /// Closes the books.
  mutating func result() -> ReplayResult {
    var result = ReplayResult()
    result.energyJoules = joules
    result.migrations = migrations
    closeHosts(&result)
    closeVMs(&result)
    if let moments = shutdowns.moments() {
      result.meanSecondsBeforeShutdown = moments.mean
      result.deviationSecondsBeforeShutdown = moments.deviation
    }
    if let moments = migrationDurations.moments() {
      result.meanMigrationSeconds = moments.mean
      result.deviationMigrationSeconds = moments.deviation
    }
    result.hostShutdowns = shutdowns.count
    result.migrationsTimed = migrationDurations.count
    result.activeHostsAtEnd = state.utilisation.count { $0 > 0 }
    result.vmsLeftAtEnd = aliveVMs.count
    return result
  }

  private mutating func closeHosts(_ result: inout ReplayResult) {
    var (active, violated) = (0.0, 0.0)
    for host in hostBooks.indices {
      if let ended = hostBooks[host].settle() { shutdowns.append(ended, of: host) }
      active += hostBooks[host].activeSeconds
      violated += hostBooks[host].violatedSeconds
    }
    result.slatah = active > 0 ? violated / active : 0
  }

  private func closeVMs(_ result: inout ReplayResult) {
    var (allocated, requested, lost) = (0.0, 0.0, 0.0)
    var (shortfalls, count) = (0.0, 0)
    for book in vmBooks {
      allocated += book.allocated
      requested += book.requested
      lost += book.lostToMigration
      shortfalls += book.shortfallSum
      count += book.shortfallCount
    }
    guard requested > 0 else { return }
    result.pdm = lost / requested
    result.slaOverall = (requested - allocated) / requested
    result.slaAverage = count > 0 ? shortfalls / Double(count) : 0
  }
}
