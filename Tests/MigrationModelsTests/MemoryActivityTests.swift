// SPDX-License-Identifier: Apache-2.0
import MigrationModels
import Testing
import Units

@Suite("Memory activity")
struct MemoryActivityTests {
  @Test("the dirty rate grows with the load and is divided between the populations")
  func rates() {
    let activity = MemoryActivity()
    let rates = activity.dirtyRates(load: Cores(4))
    // 5 MB/s + 4 x 20 MB/s, a tenth of it hot.
    #expect(abs(rates.cold.value - 76.5e6) < 1e-3)
    #expect(abs(rates.hot.value - 8.5e6) < 1e-3)
    let guest = activity.memory(ram: .gibibytes(8), load: Cores(4))
    #expect(guest.dirtyRateBytesPerSecond == rates.cold.value + rates.hot.value)
    #expect(abs(guest.cold.sizeBytes / guest.ramBytes - 0.2) < 1e-12)
  }

  @Test("a busier guest takes longer to move and has the longer way to a short stop")
  func load() throws {
    let activity = MemoryActivity()
    var last = SimTime.zero
    for cores in [0.0, 1, 2, 4] {
      let guest = activity.memory(ram: .gibibytes(8), load: Cores(cores))
      let found = try #require(run(guest, MigrationPreset.simgrid.spec, bandwidth: 2e8))
      #expect(found.total > last)
      last = found.total
    }
  }

  @Test("populations never exceed the memory in use")
  func sizes() {
    var activity = MemoryActivity()
    activity.nonzeroShare = 0.1
    let guest = activity.memory(ram: Bytes(1e9), load: .zero)
    #expect(guest.cold.sizeBytes + guest.hot.sizeBytes <= guest.nonzeroBytes)
    #expect(guest.staticBytes >= 0)
  }
}
