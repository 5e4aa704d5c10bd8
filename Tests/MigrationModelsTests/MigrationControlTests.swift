// SPDX-License-Identifier: Apache-2.0
import MigrationModels
import Testing
import Units

@Suite("Throttle, requests, failures of a migration")
struct MigrationControlTests {
  @Test("auto-converge: 20 %, 30 %, ... after every second period of too much dirtying")
  func autoConverge() throws {
    var spec = MigrationSpec()
    spec.throttling = Throttling(mode: .stepped)
    spec.throttling.shortestPeriod = .milliseconds(1)
    var migration = LiveMigration(memory: guest(rate: 1.5e8), spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    var steps: [Double] = []
    while let next = migration.nextEvent() {
      migration.advance(to: next)
      if migration.throttle != steps.last ?? 0, migration.phase == .copying {
        steps.append(migration.throttle)
      }
    }
    #expect(steps.count >= 3)
    for (index, step) in steps.enumerated() {
      #expect(abs(step - min(0.99, 0.2 + 0.1 * Double(index))) < 1e-9)
    }
    let found = try #require(migration.summary)
    #expect(found.rule == .downtimeLimit)
    // At 50 % the guest sleeps 10 ms after every 10 ms of running; more at higher throttles.
    let last = try #require(steps.last)
    let sleep = 0.010 * last / (1 - last)
    #expect(found.outage.seconds >= sleep - 1e-9)
    #expect(found.outage >= found.downtime)
  }

  @Test("a guest that paces its writes keeps its rate until CPU runs short")
  func pacedWriter() throws {
    var spec = MigrationSpec()
    spec.throttling = Throttling(mode: .stepped)
    let bound = try #require(run(guest(rate: 1.5e8), spec, bandwidth: 1e8))
    spec.throttling.peakDirtyRate = 3e9
    let paced = try #require(run(guest(rate: 1.5e8), spec, bandwidth: 1e8))
    #expect(paced.total > bound.total)
    #expect(paced.rule == .downtimeLimit)
    // 5 % of its CPU do for its rate: only the last step, 99 %, slows it, and it sleeps 0.99 s
    // after every 10 ms.
    #expect(abs(paced.outage.seconds - 0.99) < 1e-9)
  }

  @Test("stun during page send: the guest dirties at most the wanted share of what is sent")
  func proportional() throws {
    var spec = MigrationPreset.vmotion.spec
    spec.transport = .ideal
    let memory = guest(rate: 4e8)
    var migration = LiveMigration(memory: memory, spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    migration.advance(to: .seconds(10))
    // 4e8 (1 - throttle) = 0.7 x 1e8
    #expect(abs(migration.throttle - 0.825) < 1e-9)
    while let next = migration.nextEvent() { migration.advance(to: next) }
    #expect(migration.summary?.isForced == false)
  }

  @Test("post-copy on request while rounds do not converge")
  func requestPostCopy() throws {
    var question = MigrationQuestion(
      memory: guest(rate: 2e8), spec: MigrationSpec(), link: BytesPerSecond(1e8))
    question.postCopyAfter = .seconds(16)
    let found = try question.answer()
    #expect(found.ending == .postCopied)
    #expect(found.rule == .request)
    #expect(found.isForced)
    // 10 s first pass, then 400 MB in 4 s a round: at 16 s 200 MB are left of the second round,
    // and the whole working set is dirty again.
    #expect(abs(found.totalSeconds - 20) < 1e-6)
    #expect(found.downtimeSeconds == 0)
  }

  @Test("a paused guest: short reported stop, long outage")
  func pause() throws {
    var question = MigrationQuestion(
      memory: guest(rate: 2e8), spec: MigrationSpec(), link: BytesPerSecond(1e8))
    question.pauseAfter = .seconds(12)
    let found = try question.answer()
    // The round under way ends at 14 s; what was written in 2 s goes in the next (4 s).
    #expect(abs(found.totalSeconds - 18) < 1e-6)
    #expect(found.downtimeSeconds == 0)
    #expect(abs(found.outageSeconds - 6) < 1e-6)
    #expect(found.ending == .switchedOver)
  }

  @Test("forced switch-over sends what is dirty while the guest stands still")
  func requestSwitchOver() throws {
    var question = MigrationQuestion(
      memory: guest(rate: 5e7), spec: MigrationSpec(), link: BytesPerSecond(1e8))
    question.switchOverAfter = .seconds(4)
    let found = try question.answer()
    // 600 MB unsent, and 200 MB written in 4 s; a third of them (0.4 x 600 MB of the working set
    // unsent, half of the set rewritten: half of 240 MB) was unsent anyway.
    #expect(abs(found.downtimeSeconds - (6 + 2 - 1.2)) < 1e-6)
    #expect(found.isForced)
  }

  @Test("a failed try is repeated after a doubling pause, and its bytes count")
  func retry() throws {
    var spec = MigrationSpec()
    spec.attempts = 3
    spec.retryDelay = .seconds(20)
    var migration = LiveMigration(memory: guest(rate: 0), spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    migration.abort(at: .seconds(6), retry: true)
    #expect(migration.phase == .waiting)
    #expect(migration.wantedLinkRate == .zero)
    #expect(migration.nextEvent() == .seconds(26))
    migration.abort(at: .seconds(30), retry: true)
    #expect(migration.nextEvent() == .seconds(70))
    migration.advance(to: .seconds(80))
    let found = try #require(migration.summary)
    #expect(found.attempts == 3)
    #expect(found.total == .seconds(80))
    #expect(found.bytes == Bytes(6e8 + 4e8 + 1e9))
  }

  @Test("the last try's failure ends it; after the switch nothing can be taken back")
  func abort() {
    var migration = LiveMigration(memory: guest(rate: 0), spec: MigrationSpec(), start: .zero)
    migration.setBandwidth(BytesPerSecond(1e8), at: .zero)
    migration.abort(at: .seconds(6), retry: true)
    #expect(migration.summary?.ending == .aborted)
    #expect(!migration.isOnTarget)
    #expect(migration.isGuestRunning)
    var spec = MigrationSpec()
    spec.method = .postCopy
    var moved = LiveMigration(memory: guest(rate: 0), spec: spec, start: .zero)
    moved.setBandwidth(BytesPerSecond(1e8), at: .zero)
    moved.abort(at: .seconds(1), retry: false)
    #expect(moved.phase == .postCopying)
  }

  @Test("KubeVirt gives up after 150 s a GiB, and after 150 s without progress")
  func kubevirt() throws {
    var spec = MigrationPreset.kubevirt.spec
    spec.attempts = 1
    let memory = MigratingMemory(
      ram: .gibibytes(1), cold: WorkingSet(size: Bytes(8e8), dirtyRate: BytesPerSecond(2e8)))
    let found = try #require(run(memory, spec, bandwidth: 1e8))
    #expect(found.ending == .aborted)
    #expect(found.rule == .timeout)
    #expect(found.total == .seconds(150))
    #expect(found.isForced)
    spec.stop.timeoutPerGibibyte = nil
    let stalled = try #require(run(memory, spec, bandwidth: 1e8))
    #expect(stalled.rule == .progressTimeout)
  }

  @Test("costs follow the bytes; energy as Liu et al. fitted it when asked for")
  func costs() {
    var spec = MigrationSpec()
    spec.cost.guestSlowdown = 0.1
    var migration = LiveMigration(memory: guest(rate: 0), spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(1e9), at: .zero)
    migration.advance(to: .milliseconds(500))
    #expect(migration.guestSpeed == 0.9)
    #expect(migration.sourceCores == Cores(1.5))
    #expect(migration.targetCores == Cores(2))
    migration.advance(to: .seconds(1))
    #expect(migration.guestSpeed == 1)
    #expect(migration.sourceCores == .zero)
    let liu = MigrationCost(energyJoulesPerMegabyte: 0.512, energyJoulesFixed: 20.165)
    #expect(abs(liu.energy(sent: Bytes(1e9)).value - 532.165) < 1e-9)
  }
}
