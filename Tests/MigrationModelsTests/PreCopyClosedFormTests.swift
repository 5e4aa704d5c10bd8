// SPDX-License-Identifier: Apache-2.0
import Foundation
import MigrationModels
import Testing
import Units

@Suite("Pre-copy recurrence at a fixed bandwidth")
struct PreCopyClosedFormTests {
  /// Rounding to whole nanoseconds and whole bytes.
  static let exact = 1e-8

  @Test(
    "SimGrid's single and small-working-set migrations",
    .enabled(if: SharedData.exists(SimGridOracle.file)))  // skipped: no shared data
  func simGrid() throws {
    let oracle = try SharedData.decode(SimGridOracle.self, SimGridOracle.file)
    #expect(oracle.single.count == 60)
    for row in oracle.single {
      let guest = SimGridOracle.guest(ramBytes: row.ramBytes, dirtyRate: row.dirtyBytesPerS)
      try check(guest, bandwidth: row.bandwidthBps, row.simgrid)
    }
    for row in oracle.smallWorkingSet {
      let guest = SimGridOracle.guest(
        ramBytes: row.ramGib * 1_073_741_824, dirtyRate: row.dirtyRatio * row.bandwidthBps,
        share: row.wssFraction)
      try check(guest, bandwidth: row.bandwidthBps, row.simgrid)
    }
  }

  private func check(
    _ guest: MigratingMemory, bandwidth: Double, _ expected: SimGridOracle.Result
  ) throws {
    let form = PreCopyClosedForm(
      memory: guest, spec: MigrationPreset.simgrid.spec, bandwidth: BytesPerSecond(bandwidth))
    let found = try #require(form.summary())
    #expect(agree(found.total.seconds, expected.totalS, simGridTolerance))
    #expect(agree(found.downtime.seconds, expected.downtimeS, simGridTolerance))
    #expect(found.rule == .downtimeLimit)
  }

  @Test("geometric rounds: total = (M/B)(1 - r^(n+1))/(1 - r)", arguments: [0.1, 0.25, 0.5, 0.8])
  func geometric(ratio: Double) throws {
    let memory = 8.0e9
    let bandwidth = 1.25e9
    let guest = MigratingMemory(
      ram: Bytes(memory),
      cold: WorkingSet(size: Bytes(memory), dirtyRate: BytesPerSecond(ratio * bandwidth)))
    let form = PreCopyClosedForm(
      memory: guest, spec: MigrationPreset.simgrid.spec, bandwidth: BytesPerSecond(bandwidth))
    let found = try #require(form.summary())
    // n: first power of r with M r^n <= B d_max; the stopped part is round n.
    let n = ceil(log(bandwidth * 0.03 / memory) / log(ratio))
    let total = memory / bandwidth * (1 - pow(ratio, n + 1)) / (1 - ratio)
    #expect(agree(found.total.seconds, total, Self.exact))
    #expect(agree(found.downtime.seconds, memory * pow(ratio, n) / bandwidth, Self.exact))
    #expect(found.rounds == Int(n) - 1)
  }

  @Test("a guest that writes nothing moves in memory / bandwidth: 1e7 B over 1e6 B/s in 10 s")
  func idle() throws {
    let form = PreCopyClosedForm(
      memory: MigratingMemory(ram: Bytes(1e7)), spec: MigrationSpec(),
      bandwidth: BytesPerSecond(1e6))
    let found = try #require(form.summary())
    #expect(found.total == .seconds(10))
    #expect(found.downtime == .zero)
    #expect(found.bytes == Bytes(1e7))
  }

  @Test("CloudSim's delay: 1024 MB on 1 Gb/s take 16.384 s at half the bandwidth")
  func cloudSim() throws {
    let form = PreCopyClosedForm(
      memory: MigratingMemory(ram: Bytes(1.024e9)), spec: MigrationPreset.cloudsim.spec,
      bandwidth: .bitsPerSecond(1e9))
    let found = try #require(form.summary())
    #expect(found.total == .seconds(16.384))
    #expect(found.downtime == .zero)
    #expect(found.outage == .zero)
  }

  @Test("dirty rate = bandwidth ends by a stop rule and counts as forced", arguments: [1.0, 1.7])
  func diverging(ratio: Double) throws {
    let guest = SimGridOracle.guest(ramBytes: 2e9, dirtyRate: ratio * 1.25e8)
    for preset in MigrationPreset.all where preset.spec.method == .preCopy {
      var spec = preset.spec
      spec.throttling.mode = .none
      let form = PreCopyClosedForm(memory: guest, spec: spec, bandwidth: BytesPerSecond(1.25e8))
      guard preset.name != "vmotion" else { continue }  // relies on its throttle alone
      let found = try #require(form.summary())
      #expect(found.isForced, "\(preset.name)")
      #expect(found.total <= .seconds(10_000_030), "\(preset.name)")
    }
  }

  @Test("Xen's rules: at most 29 rounds and not much over three times the memory")
  func xen() throws {
    let guest = MigratingMemory(
      ram: Bytes(1e9), cold: WorkingSet(size: Bytes(4e8), dirtyRate: BytesPerSecond(1e8)))
    let bandwidth = BytesPerSecond(1e8 * 1514 / 1448)
    let form = PreCopyClosedForm(
      memory: guest, spec: MigrationPreset.xen.spec, bandwidth: bandwidth)
    let found = try #require(form.summary())
    // 1e9 + 5 x 4e8 = 3e9 reach the limit; the last 4e8 are sent while the guest stands still.
    #expect(found.rule == .bytesLimit)
    #expect(found.rounds == 5)
    #expect(agree(found.bytes.value, 3.4e9, Self.exact))
    #expect(agree(found.downtime.seconds, 4.05, Self.exact))
  }

  @Test("no bandwidth, no migration")
  func noBandwidth() {
    let form = PreCopyClosedForm(
      memory: MigratingMemory(ram: Bytes(1e9)), spec: MigrationSpec(), bandwidth: .zero)
    #expect(form.summary() == nil)
  }
}
