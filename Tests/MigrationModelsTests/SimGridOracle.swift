// SPDX-License-Identifier: Apache-2.0
import MigrationModels
import Units

/// The file `simgrid_migration.json`: migrations run by SimGrid 3.32 itself.
struct SimGridOracle: Decodable {
  static let file = "simgrid_migration.json"

  struct Result: Decodable {
    var totalS: Double
    var downtimeS: Double
  }
  struct Single: Decodable {
    var ramBytes: Double
    var dirtyBytesPerS: Double
    var bandwidthBps: Double
    var simgrid: Result
  }
  struct Shared: Decodable {
    var ramGib: Double
    var dirtyRatio: Double
    var bandwidthBps: Double
    var concurrent: Int
    var simgrid: [Result]
  }
  struct WorkingSetCase: Decodable {
    var ramGib: Double
    var dirtyRatio: Double
    var bandwidthBps: Double
    var wssFraction: Double
    var simgrid: Result
  }
  var single: [Single]
  var concurrentSameLink: [Shared]
  var smallWorkingSet: [WorkingSetCase]

  /// SimGrid's guest: one population, at most `share` of the memory (its default is 90 %).
  static func guest(ramBytes: Double, dirtyRate: Double, share: Double = 0.9) -> MigratingMemory {
    MigratingMemory(
      ram: Bytes(ramBytes),
      cold: WorkingSet(size: Bytes(share * ramBytes), dirtyRate: BytesPerSecond(dirtyRate)))
  }
}

/// SimGrid prints whole nanoseconds and ends transfers within its own clock tolerance of 1e-9 s a
/// round; the plain recurrence differs from it by up to 1.6e-7 in total and 1.2e-7 s in downtime.
let simGridTolerance = 1e-6

/// Whether two durations agree: relative for seconds, absolute (in seconds) below one second.
func agree(_ left: Double, _ right: Double, _ tolerance: Double) -> Bool {
  abs(left - right) <= tolerance * max(1, abs(right))
}
