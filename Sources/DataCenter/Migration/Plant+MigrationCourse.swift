// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import SimulationKernel
import Units

// The course of a migration: `LiveMigration` and a transfer tell each other rates and demands, and
// the VM stops, moves and slows down as the course says.
extension Plant {
  mutating func beginMigration(
    _ index: Int, because rationale: CommandQueue.Rationale,
    _ scheduler: inout Scheduler<PlantEvent>
  ) {
    guard let migration = migrations[index] else { return }
    let now = scheduler.now
    let vm = migration.vm
    settleVM(vm, at: now)
    migrations.runningCount += 1
    hosts.outboundMigrations[migration.source] += 1
    vms.isMigrating[vm] = true
    drawStartPower(migration.source, &scheduler)
    drawStartPower(migration.destination, &scheduler)
    let memory = spec.migration.guest.memory(
      ram: Bytes(migration.memory), load: Cores(instances.granted[vm]))
    let flow = network.add(
      .migration(Int32(index)), from: .host(migration.source), to: .host(migration.destination),
      kind: .migration, bytes: Bytes(.infinity), cap: 0,
      isConnected: isConnected(.host(migration.source), .host(migration.destination)), at: now)
    let course = LiveMigration(memory: memory, spec: spec.migration.model, start: now)
    migrations.update(index) {
      $0.course = course
      $0.flow = flow
    }
    logMigration(
      .migrationStarted, index, at: now, value: migration.memory, rationale: rationale)
    settleMigration(index, &scheduler)
  }

  /// A migration that begins makes a host draw its share of the fixed energy.
  private mutating func drawStartPower(_ host: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    guard spec.migration.model.cost.startPower.value > 0 else { return }
    hosts.startingMigrations[host] += 1
    touched.touchHost(host)
    schedule(
      .migrationHasStarted(Int32(host)), at: scheduler.now + MigrationCost.startTime, &scheduler)
  }

  mutating func endStartPower(_ host: Int) {
    hosts.startingMigrations[host] -= 1
    touched.touchHost(host)
  }

  /// The course's own next event.
  mutating func continueMigration(_ index: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    migrations.update(index) { $0.event = nil }
    settleMigration(index, &scheduler)
  }

  /// Tells a migration the rate that its transfer has from now on.
  mutating func setMigrationRate(_ index: Int, _ rate: Double, at now: SimTime) {
    migrations.updateCourse(index) { $0.setBandwidth(BytesPerSecond(rate), at: now) }
    noteUnsettled(index)
  }

  /// A guest that serves more requests dirties more memory.
  mutating func updateDirtyRate(of vm: Int, at now: SimTime) {
    let index = Int(vms.migration[vm])
    guard index >= 0, spec.migration.guest.dirtyRatePerCore > 0 else { return }
    let rates = spec.migration.guest.dirtyRates(load: Cores(instances.granted[vm]))
    migrations.updateCourse(index) { $0.setDirtyRate(cold: rates.cold, hot: rates.hot, at: now) }
    noteUnsettled(index)
  }

  private mutating func noteUnsettled(_ index: Int) {
    if !migrations.unsettled.contains(Int32(index)) { migrations.unsettled.append(Int32(index)) }
  }

  /// Brings VM, transfer and schedule to where the course is now.
  mutating func settleMigration(_ index: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    migrations.updateCourse(index) { $0.advance(to: now) }
    failIfDrawn(index, at: now)
    guard let migration = migrations[index], let course = migration.course else { return }
    if course.isOnTarget, !migration.hasMoved { moveVM(index, at: now) }
    if let summary = course.summary {
      return endMigration(index, .ended(summary), &scheduler)
    }
    followGuest(of: migration, course, index, at: now)
    if let flow = migration.flow {
      network.setCap(
        course.wantedLinkRate.value, of: flow,
        isConnected: isConnected(.host(migration.source), .host(migration.destination)), at: now)
    }
    if let handle = migration.event { _ = scheduler.cancel(handle) }
    let next = earliest(course.nextEvent(), failureTime(of: migration, course))
    var event: EventHandle?
    if let next, next <= end {
      event = scheduler.schedule(
        .migrationEvent(Int32(index)), at: max(now, next),
        priority: PlantEvent.migrationEvent(0).priority)
    }
    migrations.update(index) { $0.event = event }
  }

  private func earliest(_ left: SimTime?, _ right: SimTime?) -> SimTime? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  /// The VM stands still, runs on, or runs more slowly.
  private mutating func followGuest(
    of migration: Migration, _ course: LiveMigration, _ index: Int, at now: SimTime
  ) {
    let vm = migration.vm
    let isStopped = !course.isGuestRunning
    if isStopped != vms.isDown[vm] {
      settleVM(vm, at: now)
      vms.isDown[vm] = isStopped
      touched.touchVM(vm)
      if isStopped { logMigration(.migrationStopped, index, at: now, detail: "") }
    }
    updateAvailability(of: vm, at: now)
  }

  /// The VM runs at its destination from now on.
  private mutating func moveVM(_ index: Int, at now: SimTime) {
    guard let migration = migrations[index] else { return }
    let vm = migration.vm
    settleVM(vm, at: now)
    let cores = instances.sizeCores[vm]
    displace(vm, at: now)
    // `place` promises the room again, so the reservation made at the start is dropped first.
    releaseRoom(of: migration)
    place(vm, on: migration.destination, cores: cores, memory: migration.memory, at: now)
    vms.isDown[vm] = false
    migrations.update(index) { $0.hasMoved = true }
    updateSyncs(of: vm, at: now)
    touched.touchVM(vm)
  }

  private mutating func releaseRoom(of migration: Migration) {
    hosts.reservedMemoryBytes[migration.destination] -= migration.memory
    hosts.reservedCores[migration.destination] -= migration.cores
    hosts.inboundMigrations[migration.destination] -= 1
  }

  // MARK: Failures

  /// Draws for every try whether it fails, and after how much of the memory.
  private mutating func failIfDrawn(_ index: Int, at now: SimTime) {
    guard spec.faults.migrationFailures > 0, let migration = migrations[index],
      let course = migration.course
    else { return }
    if migration.drawnAttempt < course.attempt {
      var stream = nextStream("migration/failure", vm: migration.vm)
      let fails = stream.bernoulli(spec.faults.migrationFailures)
      let part = stream.uniform() * course.memory.nonzeroBytes
      migrations.update(index) {
        $0.drawnAttempt = course.attempt
        $0.failsAfterBytes = fails ? course.sentBytes + part : .infinity
      }
    }
    guard course.phase == .copying || course.phase == .stopped,
      let limit = migrations[index]?.failsAfterBytes, course.sentBytes >= limit - 1
    else { return }
    migrations.update(index) { $0.failsAfterBytes = .infinity }
    migrations.updateCourse(index) { $0.abort(at: now, retry: true) }
    if migrations[index]?.course?.summary == nil { migrationBooks.retries += 1 }
  }

  private func failureTime(of migration: Migration, _ course: LiveMigration) -> SimTime? {
    guard course.phase == .copying, migration.failsAfterBytes.isFinite,
      course.wireRate.value > 0
    else { return nil }
    let seconds = (migration.failsAfterBytes - course.sentBytes) / course.wireRate.value
    return course.now + SimTime(nanoseconds: Int64((max(0, min(seconds, 3e9)) * 1e9).rounded(.up)))
  }

  // MARK: The end

  /// How a migration is over.
  enum MigrationEnd {
    case ended(MigrationSummary)
    case failed(FailureReason)
  }

  /// Gives back everything that a migration holds, books it and reports.
  mutating func endMigration(
    _ index: Int, _ end: MigrationEnd, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    guard let migration = migrations[index] else { return }
    let now = scheduler.now
    let vm = migration.vm
    settleVM(vm, at: now)
    if let handle = migration.event { _ = scheduler.cancel(handle) }
    if let flow = migration.flow { removeTransfer(flow, at: now) }
    if !migration.hasMoved { releaseRoom(of: migration) }
    if let course = migration.course {
      migrations.runningCount -= 1
      hosts.outboundMigrations[migration.source] -= 1
      vms.isDown[vm] = false
      migrationBooks.bytes += Bytes(course.sentBytes)
    }
    vms.isMigrating[vm] = false
    vms.migration[vm] = -1
    touched.touchHost(Int(instances.host[vm]))
    touched.touchVM(vm)
    let result = book(end, index, migration, at: now)
    migrations.remove(index)
    updateAvailability(of: vm, at: now)
    requestTelemetry(&scheduler)
    report(migration.command, result, &scheduler)
    beginWaitingMigrations(&scheduler)
  }

  private mutating func book(
    _ end: MigrationEnd, _ index: Int, _ migration: Migration, at now: SimTime
  ) -> CommandOutcome.Result {
    switch end {
    case .ended(let summary) where summary.ending != .aborted:
      if let position = MigrationReason.allCases.firstIndex(of: migration.reason) {
        migrationBooks.doneByReason[position] += 1
      }
      if summary.isForced { migrationBooks.forced += 1 }
      migrationBooks.downtimeSeconds += summary.downtime.seconds
      migrationBooks.totalSeconds.append((now - migration.queuedAt).seconds)
      logMigration(.migrationDone, index, at: now, value: summary.downtime.seconds)
      return .done(nil)
    case .ended(let summary):
      migrationBooks.aborted += 1
      logMigration(.migrationAborted, index, at: now, detail: summary.rule.rawValue)
      return .failed(.aborted, nil)
    case .failed(let reason):
      migrationBooks.aborted += 1
      logMigration(.migrationAborted, index, at: now, detail: reason.rawValue)
      return .failed(reason, nil)
    }
  }
}
