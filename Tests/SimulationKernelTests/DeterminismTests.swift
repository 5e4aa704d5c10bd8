// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Testing
import Units

@Suite("Determinism and misuse")
struct DeterminismTests {
  @Test("a run with ties, priorities and cancelling is the one that an independent program makes")
  func replay() {
    // Tests/Oracles/random_streams.py makes the same walk on Python's heapq; it has whole numbers
    // only, so the comparison is exact on every machine and in every process.
    var simulator = CheckpointTests.started(seed: 1)
    for _ in 0..<20_000 { simulator.step() }
    let log = simulator.model.log
    #expect(log.count == 39_261)
    #expect(fnv1a(log.map(String.init).joined(separator: ",")) == 15_503_131_587_747_442_906)
  }

  @Test("threads do not change a run")
  func threads() async {
    func digest(_ seed: UInt64) -> UInt64 {
      var simulator = CheckpointTests.started(seed: seed)
      for _ in 0..<2000 { simulator.step() }
      return fnv1a(simulator.model.log.map(String.init).joined(separator: ","))
    }
    let alone = (0..<8 as Range<UInt64>).map(digest)
    let together = await withTaskGroup(of: (Int, UInt64).self) { group in
      for index in 0..<8 { group.addTask { (index, digest(UInt64(index))) } }
      var results = [UInt64](repeating: 0, count: 8)
      for await (index, value) in group { results[index] = value }
      return results
    }
    #expect(alone == together)
    #expect(Set(alone).count == 8)
  }

  @Test("scheduling in the past is a programmer's error")
  func past() async {
    await #expect(processExitsWith: .failure) {
      var scheduler = Scheduler<Int>(startingAt: .seconds(1))
      scheduler.schedule(0, at: .zero)
    }
  }

  @Test("an event with a reference in it is a programmer's error")
  func references() async {
    await #expect(processExitsWith: .failure) {
      _ = Scheduler<[Int]>()
    }
  }

  @Test("a run that ends before its clock is a programmer's error")
  func backwards() async {
    await #expect(processExitsWith: .failure) {
      var simulator = CheckpointTests.started(seed: 1)
      simulator.run(until: SimTime(nanoseconds: -1))
    }
  }
}
