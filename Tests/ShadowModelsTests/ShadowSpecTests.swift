// SPDX-License-Identifier: Apache-2.0
import Foundation
import ShadowModels
import SimulationKernel
import Testing
import Units

@Suite("Shadow latencies")
struct ShadowSpecTests {
  static let guest = ShadowGuest(
    memory: .gibibytes(4), used: .gibibytes(2), workingSet: .mebibytes(256),
    dirtyRate: BytesPerSecond(2e7), age: .seconds(5))
  static let bandwidth = BytesPerSecond(1.25e9)

  @Test("defaults: a cold boot of 60 s median, then hot-plug and a sync of the working set")
  func defaults() throws {
    let spec = ShadowSpec()
    #expect(spec.work(of: .provision, guest: Self.guest).median == .seconds(60))
    var fresh = Self.guest
    fresh.age = .zero
    #expect(spec.work(of: .sync, guest: fresh).bytes == .mebibytes(256))
    // 60 s x e^(0.3^2 / 2) + 2 s + 1 s + 256 MiB at 10 Gb/s
    let lead = try #require(spec.expectedLeadTime(guest: fresh, bandwidth: Self.bandwidth))
    let expected = 60 * exp(0.045) + 3 + 268_435_456 / 1.25e9
    #expect(abs(lead.seconds - expected) < 1e-8)
  }

  @Test("sampled boots have the median and spread that the specification states")
  func bootDistribution() throws {
    let spec = ShadowSpec()
    var stream = RandomStream(seed: 5, purpose: "boot")
    var logs = RunningMoments()
    for _ in 0..<20_000 {
      let time = try #require(
        spec.sampleDuration(
          of: .provision, guest: Self.guest, stream: &stream, bandwidth: .zero))
      logs.add(log(time.seconds))
    }
    // Four standard errors of a mean and of a standard deviation of 20 000 normal numbers.
    #expect(abs(logs.mean - log(60)) < 4 * 0.3 / 20_000.0.squareRoot())
    #expect(abs(logs.standardDeviation - 0.3) < 4 * 0.3 / 40_000.0.squareRoot())
  }

  @Test("each way of creation needs its own delay and transfer")
  func creations() {
    var spec = ShadowSpec()
    let boot = ShadowCreation.ColdBoot(median: .seconds(60), sigma: 0.3)
    func work(_ creation: ShadowCreation) -> StepWork {
      spec.creation = creation
      return spec.work(of: .provision, guest: Self.guest)
    }
    let image = work(.imageClone(.init(image: .gibibytes(2), boot: boot)))
    #expect(image.bytes == .gibibytes(2))
    #expect(image.median == .seconds(60))
    let snapshot = work(
      .snapshotRestore(.init(median: .milliseconds(200), sigma: 0, prefetch: 0.5)))
    #expect(snapshot.bytes == .mebibytes(128))
    let fork = work(
      .fork(.init(time: .milliseconds(800), descriptor: .mebibytes(1), prefetch: 0.25)))
    #expect(fork.fixed == .milliseconds(800))
    #expect(fork.bytes == .mebibytes(65))
    let clone = work(.liveClone(.init(downtimeLimit: .milliseconds(300), slowdown: 0.1)))
    #expect(clone.bytes == .gibibytes(2))
    #expect(spec.syncRate(of: Self.guest, hasCutOver: false) == Self.guest.dirtyRate)
    #expect(spec.syncRate(of: Self.guest) == Self.guest.dirtyRate * spec.syncRateShare)
    #expect(work(.warmStandby(.init(boot: boot))).bytes == .zero)
  }

  @Test("a copy of the state needs to catch up only what changed since, at most the working set")
  func catchUp() {
    var spec = ShadowSpec()
    spec.creation = .fork(.init(time: .zero, descriptor: .zero, prefetch: 1))
    #expect(spec.work(of: .sync, guest: Self.guest).bytes == Bytes(1e8))
    var old = Self.guest
    old.age = .hours(1)
    #expect(spec.work(of: .sync, guest: old).bytes == .mebibytes(256))
  }

  @Test("bytes without bandwidth never arrive; a delay without bytes needs none")
  func bandwidth() {
    let work = StepWork(fixed: .seconds(1), bytes: Bytes(1e9))
    #expect(work.duration(delay: .seconds(1), bandwidth: BytesPerSecond(1e9)) == .seconds(2))
    #expect(work.duration(delay: .seconds(1), bandwidth: .zero) == nil)
    #expect(StepWork().duration(delay: .seconds(3), bandwidth: .zero) == .seconds(3))
  }

  @Test("failures come at the stated rate and draw from the stream either way")
  func failures() {
    var spec = ShadowSpec()
    spec.failureProbability[0] = 0.2
    var stream = RandomStream(seed: 6, purpose: "failures")
    var other = stream
    let failed = (0..<10_000).filter { _ in spec.fails(.provision, stream: &stream) }.count
    // Four standard errors of a share of 0.2 of 10 000.
    #expect(abs(Double(failed) / 10_000 - 0.2) < 4 * 0.4 / 100)
    spec.failureProbability[0] = 0
    let none = (0..<10_000).filter { _ in spec.fails(.provision, stream: &other) }.count
    #expect(none == 0)
    #expect(stream == other)
  }
}
