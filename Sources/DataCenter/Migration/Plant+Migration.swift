// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import SimulationKernel
import Units

// Orders to migrate, and the queue before the limits of hosts and cluster. What happens then is in
// Plant+MigrationCourse.
extension Plant {
  mutating func migrate(
    _ entry: CommandQueue.Entry, vm: Int, to wanted: Int?, reason: MigrationReason,
    _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let source = Int(instances.host[vm])
    guard source >= 0, !vms.isDown[vm] else { return .refused(.wrongState) }
    // A hypervisor copies a guest's memory to one place at a time.
    guard vms.migration[vm] < 0, !isCloning(vm) else { return .refused(.targetBusy) }
    if wanted == source { return .done(nil) }
    let destination: Int
    switch migrationTarget(of: vm, wanted: wanted) {
    case .success(let host): destination = host
    case .failure(let refusal): return .refused(refusal.reason)
    }
    // Room at the destination is held once, from now on; the source's is given back at the end.
    let (cores, memory) = (instances.sizeCores[vm], instances.memoryBytes[vm])
    hosts.reservedMemoryBytes[destination] += memory
    hosts.reservedCores[destination] += cores
    hosts.inboundMigrations[destination] += 1
    let index = migrations.add(
      Migration(
        vm: vm, source: source, destination: destination, reason: reason, command: entry.id,
        cores: cores, memory: memory, queuedAt: scheduler.now))
    vms.migration[vm] = Int32(index)
    if hasMigrationTurn(from: source) {
      beginMigration(index, because: entry.rationale, &scheduler)
    } else {
      migrations.queue.append(Int32(index))
      logMigration(.migrationQueued, index, at: scheduler.now, rationale: entry.rationale)
    }
    return .accepted(nil)
  }

  private struct Refusal: Error { var reason: RefusalReason }

  private func migrationTarget(of vm: Int, wanted: Int?) -> Result<Int, Refusal> {
    let (cores, memory) = (instances.sizeCores[vm], instances.memoryBytes[vm])
    // A shadow must not die with its primary.
    let taken = instanceHosts(of: vm)
    guard let wanted else {
      let request = PlacementRequest(cores: cores, memoryBytes: memory, avoiding: taken)
      return placement.host(for: request, in: hosts).map { .success($0) }
        ?? .failure(Refusal(reason: .noHostFits))
    }
    let reason: RefusalReason? =
      if !hosts.contains(HostID(wanted)) {
        .unknownTarget
      } else if !hosts.isAvailable(wanted) {
        .hostUnavailable
      } else if taken.contains(wanted) {
        .antiAffinity
      } else if !hosts.fits(
        wanted, cores: cores, memory: memory, overcommit: placement.cpuOvercommit)
      {
        .noHostFits
      } else {
        nil
      }
    return reason.map { .failure(Refusal(reason: $0)) } ?? .success(wanted)
  }

  private func hasMigrationTurn(from source: Int) -> Bool {
    let limits = spec.migration.model
    return migrations.runningCount < limits.maximumPerCluster ?? .max
      && Int(hosts.outboundMigrations[source]) < limits.maximumPerHost ?? .max
  }

  /// Lets those that wait begin, oldest first, as far as the limits allow.
  mutating func beginWaitingMigrations(_ scheduler: inout Scheduler<PlantEvent>) {
    guard !migrations.queue.isEmpty else { return }
    for index in migrations.queue {
      guard let migration = migrations[Int(index)], hasMigrationTurn(from: migration.source) else {
        continue
      }
      migrations.queue.removeAll { $0 == index }
      migrationBooks.queuedSeconds += (scheduler.now - migration.queuedAt).seconds
      beginMigration(Int(index), because: .init(), &scheduler)
    }
  }

  mutating func logMigration(
    _ kind: LogKind, _ index: Int, at now: SimTime, value: Double = .nan, detail: String? = nil,
    rationale: CommandQueue.Rationale = .init()
  ) {
    guard let migration = migrations[index] else { return }
    let host = kind == .migrationStopped ? migration.source : migration.destination
    log.append(
      LogRecord(
        time: now, kind: kind, vm: VMID(migration.vm), host: HostID(host),
        command: migration.command, value: value, detail: detail ?? migration.reason.rawValue,
        rationale: rationale))
  }

  /// Gives up what is on its way from and to a host that has failed. A guest goes down with the
  /// host that it runs on; one whose memory still follows it, with the other one too.
  mutating func loseMigrations(of host: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    for index in migrations.entries.indices {
      guard let migration = migrations[index],
        migration.source == host || migration.destination == host
      else { continue }
      let isFetching = migration.course?.phase == .postCopying
      endMigration(index, .failed(.hostFailed), &scheduler)
      if migration.hasMoved, isFetching, migration.source == host {
        crash(migration.vm, &scheduler)
      }
    }
  }
}
