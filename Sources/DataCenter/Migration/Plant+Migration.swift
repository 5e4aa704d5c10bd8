// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import SimulationKernel
public import Units

/// One live migration of a primary.
struct Migration: Sendable {
  var vm: Int
  var source: Int
  var destination: Int
  var reason: MigrationReason
  var command: CommandID
  var bytes: Double
  var isForced: Bool
  /// The end of the present phase.
  var event: EventHandle?
  var stoppedAt: SimTime
  var doneAt: SimTime
}

/// What migrations did and cost over a run.
public struct MigrationBooks: Sendable {
  /// Migrations finished, by reason, in the order of `MigrationReason.allCases`.
  public internal(set) var doneByReason = [Int](
    repeating: 0, count: MigrationReason.allCases.count)
  /// Migrations that a stop rule other than the downtime test ended.
  public internal(set) var forced = 0
  /// Migrations given up.
  public internal(set) var aborted = 0
  /// Data sent.
  public internal(set) var bytes = Bytes(0)
  /// Time for which VMs stood still at the end of their migrations, in seconds.
  public internal(set) var downtimeSeconds = 0.0
}

// Live migration in its closed pre-copy form at a fixed bandwidth (MigrationModels).
extension Plant {
  mutating func migrate(
    _ entry: CommandQueue.Entry, vm: Int, to wanted: Int?, reason: MigrationReason,
    _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    let now = scheduler.now
    let source = Int(instances.host[vm])
    guard source >= 0, !vms.isDown[vm] else { return .refused(.wrongState) }
    guard vms.migration[vm] < 0 else { return .refused(.targetBusy) }
    if wanted == source { return .done(nil) }
    if let limit = migrationLimit(at: source) { return .refused(limit) }
    let cores = instances.sizeCores[vm]
    let memory = instances.memoryBytes[vm]
    let destination: Int
    if let wanted {
      guard hosts.contains(HostID(wanted)) else { return .refused(.unknownTarget) }
      guard hosts.isAvailable(wanted) else { return .refused(.hostUnavailable) }
      // A shadow must not die with its primary.
      guard !instanceHosts(of: vm).contains(wanted) else { return .refused(.antiAffinity) }
      guard
        hosts.fits(wanted, cores: cores, memory: memory, overcommit: placement.cpuOvercommit)
      else { return .refused(.noHostFits) }
      destination = wanted
    } else {
      let request = PlacementRequest(
        cores: cores, memoryBytes: memory, avoiding: instanceHosts(of: vm))
      guard let found = placement.host(for: request, in: hosts) else {
        return .refused(.noHostFits)
      }
      destination = found
    }
    guard let plan = spec.migration.summary(memory: Bytes(memory)) else {
      return .refused(.outsideLimits)
    }
    // Room at the destination is held once, from now on; the source's is given back at the end.
    hosts.reservedMemoryBytes[destination] += memory
    hosts.reservedCores[destination] += cores
    let index = migrations.count
    migrations.append(
      Migration(
        vm: vm, source: source, destination: destination, reason: reason, command: entry.id,
        bytes: plan.bytes.value, isForced: plan.isForced, event: nil,
        stoppedAt: now + plan.total - plan.downtime, doneAt: now + plan.total))
    settleVM(vm, at: now)
    runningMigrations += 1
    hosts.outboundMigrations[source] += 1
    hosts.inboundMigrations[destination] += 1
    vms.migration[vm] = Int32(index)
    instances.availability[vm] = 1 - spec.migration.model.cost.guestSlowdown
    touched.touchHost(source)
    log.append(
      LogRecord(
        time: now, kind: .migrationStarted, vm: VMID(vm), host: HostID(destination),
        command: entry.id, value: memory, detail: reason.rawValue, rationale: entry.rationale))
    migrations[index].event = scheduler.schedule(
      .migrationStopsVM(Int32(index)), at: migrations[index].stoppedAt,
      priority: PlantEvent.migrationStopsVM(0).priority)
    return .accepted(nil)
  }

  private func migrationLimit(at source: Int) -> RefusalReason? {
    let limits = spec.migration.model
    let isFull =
      runningMigrations >= limits.maximumPerCluster ?? .max
      || Int(hosts.outboundMigrations[source]) >= limits.maximumPerHost ?? .max
    return isFull ? .concurrencyLimit : nil
  }

  mutating func stopForLastCopy(_ index: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let migration = migrations[index]
    let vm = migration.vm
    settleVM(vm, at: scheduler.now)
    migrations[index].event = scheduler.schedule(
      .migrationDone(Int32(index)), at: migration.doneAt,
      priority: PlantEvent.migrationDone(0).priority)
    guard migration.doneAt > scheduler.now else { return }
    instances.availability[vm] = 0
    vms.isDown[vm] = true
    touched.touchHost(migration.source)
    log.append(
      LogRecord(
        time: scheduler.now, kind: .migrationStopped, vm: VMID(vm),
        host: HostID(migration.source), command: migration.command))
  }

  mutating func finishMigration(_ index: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    let migration = migrations[index]
    let vm = migration.vm
    let cores = instances.sizeCores[vm]
    let memory = instances.memoryBytes[vm]
    settleVM(vm, at: now)
    runningMigrations -= 1
    hosts.outboundMigrations[migration.source] -= 1
    hosts.inboundMigrations[migration.destination] -= 1
    displace(vm, at: now)
    // `place` promises the room again, so the reservation made at the start is dropped first.
    hosts.reservedMemoryBytes[migration.destination] -= memory
    hosts.reservedCores[migration.destination] -= cores
    place(vm, on: migration.destination, cores: cores, memory: memory, at: now)
    vms.isDown[vm] = false
    vms.migration[vm] = -1
    if let position = MigrationReason.allCases.firstIndex(of: migration.reason) {
      migrationBooks.doneByReason[position] += 1
    }
    if migration.isForced { migrationBooks.forced += 1 }
    migrationBooks.bytes += Bytes(migration.bytes)
    migrationBooks.downtimeSeconds += (migration.doneAt - migration.stoppedAt).seconds
    log.append(
      LogRecord(
        time: now, kind: .migrationDone, vm: VMID(vm), host: HostID(migration.destination),
        command: migration.command, value: (migration.doneAt - migration.stoppedAt).seconds,
        detail: migration.reason.rawValue))
    requestTelemetry(&scheduler)
    report(migration.command, .done(nil), &scheduler)
  }

  /// Gives up the migrations from and to a host that has failed. A guest goes down with its source,
  /// not with its target.
  mutating func loseMigrations(of host: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    for vm in 0..<vms.count where vms.migration[vm] >= 0 {
      let migration = migrations[Int(vms.migration[vm])]
      if migration.source == host || migration.destination == host {
        abandonMigration(Int(vms.migration[vm]), &scheduler)
      }
    }
  }

  private mutating func abandonMigration(
    _ index: Int, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let migration = migrations[index]
    let vm = migration.vm
    if let handle = migration.event { _ = scheduler.cancel(handle) }
    settleVM(vm, at: scheduler.now)
    runningMigrations -= 1
    hosts.outboundMigrations[migration.source] -= 1
    hosts.inboundMigrations[migration.destination] -= 1
    hosts.reservedMemoryBytes[migration.destination] -= instances.memoryBytes[vm]
    hosts.reservedCores[migration.destination] -= instances.sizeCores[vm]
    instances.availability[vm] = 1
    vms.isDown[vm] = false
    vms.migration[vm] = -1
    touched.touchHost(migration.source)
    migrationBooks.aborted += 1
    log.append(
      LogRecord(
        time: scheduler.now, kind: .migrationAborted, vm: VMID(vm),
        host: HostID(migration.destination), command: migration.command, detail: "hostFailed"))
    report(migration.command, .failed(.hostFailed, nil), &scheduler)
  }
}
