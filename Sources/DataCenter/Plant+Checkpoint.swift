// SPDX-License-Identifier: Apache-2.0
import Facility
public import StateArchive
import TrafficModels

// What a run has made of the plant. What the scenario says (hosts, demand, sizes, the policy's
// training) is not written down: a plant is restored into one that was set up anew.
extension Plant: Archivable {
  /// Exchanges the state of data center and policy, at rest between two events.
  ///
  /// - Throws: `ArchiveError`, with its name if the policy cannot be saved.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&vms)
    try archive.state(&instances)
    try hosts.archive(&archive)
    try archive.state(&shadows)
    try archive.state(&balancers)
    try archive.state(&balancerEvents)
    try archive.state(&migrations)
    try archiveNetwork(&archive)
    try archivePower(&archive)
    try archiveControl(&archive)
    try archive.state(&touched)
    try faults.archive(&archive)
    try archive.state(&maintenanceConflicts)
    try archive.state(&overloadSince)
    try archive.state(&drawCount)
    try archiveBooks(&archive)
  }

  private mutating func archiveNetwork(_ archive: inout StateArchive) throws {
    try network.archive(&archive)
    try archive.state(&networkEvent)
    try archive.state(&networkEventTime)
  }

  private mutating func archivePower(_ archive: inout StateArchive) throws {
    try archive.part(&facility)
    try archive.state(&facilityEvent)
    try archive.state(&isFacilityScheduleStale)
    try archive.state(&hostCommands)
    try archive.state(&hostTransitions)
    try archive.state(&rackHostsOn)
    try archive.state(&rackOffSince)
    try archive.state(&rackOffSeconds)
    try archive.state(&rackPowerWatts)
  }

  private mutating func archiveControl(_ archive: inout StateArchive) throws {
    try policy.archive(&archive)
    try archive.state(&commands)
    try archive.state(&newestCommand)
    try archive.state(&telemetry)
  }

  private mutating func archiveBooks(_ archive: inout StateArchive) throws {
    try archive.state(&shadowBooks)
    try archive.state(&migrationBooks)
    try archive.state(&faultBooks)
    try archive.state(&commandBooks)
    try archive.part(&responseTimes)
    try archive.state(&log)
    try archive.state(&forecasts)
  }
}
