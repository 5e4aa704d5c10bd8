// SPDX-License-Identifier: Apache-2.0
import Foundation
import MigrationModels
import Testing
import Units

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): enough randomness for test cases.
struct CaseGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func memory() -> MigratingMemory {
    let ram = 1e8 + 4e9 * uniform()
    let access = AccessPattern.allCases[below(2)]
    return MigratingMemory(
      ram: Bytes(ram), nonzero: Bytes(ram * uniform()),
      cold: WorkingSet(
        size: Bytes(ram * uniform()), dirtyRate: BytesPerSecond(2e8 * uniform()), access: access),
      hot: WorkingSet(
        size: Bytes(5e7 * uniform()), dirtyRate: BytesPerSecond(2e8 * uniform()), access: access))
  }

  mutating func spec() -> MigrationSpec {
    let preset = MigrationPreset.all[below(MigrationPreset.all.count)]
    var spec = preset.spec
    if below(2) == 0 { spec.method = MigrationMethod.allCases[below(5)] }
    if below(2) == 0 { spec.throttling.mode = Throttling.Mode.allCases[below(3)] }
    if below(3) == 0 { spec.transport.capBytesPerSecond = 1e7 + 1e8 * uniform() }
    spec.stop.onExhaustion = Escalation.allCases[below(3)]
    spec.stop.onTimeout = Escalation.allCases[below(3)]
    // A rule that always ends it; some presets rely on convergence alone.
    spec.stop.timeout = .seconds(30 + 600 * uniform())
    spec.attempts = 1 + below(3)
    return spec
  }
}

@Suite("Properties of any migration")
struct MigrationProperties {
  @Test(
    "with everything at random it ends, sends no more than the link gave, and time runs forward",
    arguments: 0..<200 as Range<UInt64>)
  func anything(seed: UInt64) throws {
    var random = CaseGenerator(state: seed)
    let memory = random.memory()
    let spec = random.spec()
    var migration = LiveMigration(memory: memory, spec: spec, start: .zero)
    var rate = 0.0
    var offered = 0.0
    var steps = 0
    var problems: [String] = []
    while migration.phase != .done {
      steps += 1
      if steps > 100_000 { break }
      let end = migration.now + .seconds(20 * random.uniform())
      let next = min(end, migration.nextEvent() ?? end)
      if next < migration.now { problems.append("time runs backwards") }
      offered += rate * (next - migration.now).seconds
      migration.advance(to: next)
      if migration.sentBytes > offered * (1 + 1e-9) + spec.transport.deviceStateBytes * 3 + 1 {
        problems.append("sent more than the link gave")
      }
      if migration.guestSpeed < 0 || migration.guestSpeed > 1 { problems.append("guest speed") }
      if migration.unsentBytes.value > memory.ramBytes * (1 + 1e-9) + 2e5 {
        problems.append("more unsent than there is")
      }
      switch random.below(40) {
      case 0, 1, 2:
        rate = random.below(4) == 0 ? 0 : 1e7 + 3e8 * random.uniform()
        migration.setBandwidth(BytesPerSecond(rate), at: migration.now)
      case 3:
        migration.setDirtyRate(cold: BytesPerSecond(3e8 * random.uniform()), at: migration.now)
      case 4 where random.below(10) == 0: migration.requestPostCopy(at: migration.now)
      case 5 where random.below(10) == 0: migration.pauseGuest(at: migration.now)
      case 6 where random.below(10) == 0: migration.abort(at: migration.now, retry: true)
      default: break
      }
    }
    #expect(problems.isEmpty, "seed \(seed)")
    let summary = try #require(migration.summary, "seed \(seed): never ended")
    #expect(summary.outage >= summary.downtime, "seed \(seed)")
    #expect(summary.total >= summary.downtime, "seed \(seed)")
    #expect(migration.isGuestRunning && migration.guestSpeed == 1, "seed \(seed)")
    #expect(migration.isOnTarget == (summary.ending != .aborted), "seed \(seed)")
  }

  @Test("looking at it in between changes nothing", arguments: 0..<60 as Range<UInt64>)
  func observation(seed: UInt64) throws {
    /// Each look books progress, whose rounding may move an event by a nanosecond or a byte.
    let rounding = 1e-6
    var random = CaseGenerator(state: 900 + seed)
    let memory = random.memory()
    let spec = random.spec()
    let undisturbed = try #require(run(memory, spec, bandwidth: 1e8))
    var migration = LiveMigration(memory: memory, spec: spec, start: .seconds(5))
    migration.setBandwidth(BytesPerSecond(1e8), at: .seconds(5))
    while let next = migration.nextEvent() {
      migration.advance(to: migration.now + .seconds((next - migration.now).seconds * 0.37))
      migration.advance(to: next)
    }
    let found = try #require(migration.summary)
    #expect(agree(found.total.seconds, undisturbed.total.seconds, rounding), "seed \(seed)")
    #expect(agree(found.downtime.seconds, undisturbed.downtime.seconds, rounding), "seed \(seed)")
    #expect(found.rule == undisturbed.rule, "seed \(seed)")
    #expect(found.rounds == undisturbed.rounds, "seed \(seed)")
  }

  @Test(
    "bounds of Akoush et al. (MASCOTS 2010) for Xen: M/B <= total <= (5 M)/B",
    arguments: 0..<60 as Range<UInt64>)
  func akoush(seed: UInt64) throws {
    var random = CaseGenerator(state: 300 + seed)
    var memory = random.memory()
    memory.nonzeroBytes = memory.ramBytes
    var spec = MigrationPreset.xen.spec
    spec.transport = .ideal
    spec.switchOverTime = .zero
    let found = try #require(run(memory, spec, bandwidth: 1e8))
    let once = memory.ramBytes / 1e8
    #expect(found.total.seconds >= once - 1e-6)
    #expect(found.total.seconds <= 5 * once)
    #expect(found.downtime.seconds <= once + 1e-6)
  }
}
