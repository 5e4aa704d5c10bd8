// SPDX-License-Identifier: Apache-2.0
import CloudSimReplay
import Testing
import Units
import Workloads

@Suite("Replay without shared data")
struct ReplayPartsTests {
  /// What a JVM prints for `new Random(seed).nextDouble()` (widely published first values).
  @Test("java.util.Random", arguments: [(0, 0.730967787376657), (42, 0.7275636800328681)])
  func javaRandom(seed: Int64, first: Double) {
    var random = JavaRandom(seed: seed)
    #expect(random.nextDouble() == first)
  }

  @Test("every detector and selector runs on the random workload, twice the same")
  func everyCombination() throws {
    for detector in ["thr", "iqr", "mad", "lr", "lrr"] {
      for selector in ["mmt", "mu", "mc", "rs"] {
        let policy = try ReplayPolicy(detector: detector, selector: selector)
        func run() throws -> ReplayResult {
          var replay = try Replay(
            ReplaySpec(workload: .syntheticDemand(seed: 1), policy: policy, seed: 7))
          return replay.run()
        }
        let result = try run()
        #expect(result.migrations > 0)
        #expect(result.vmsLeftAtEnd == 50)
        #expect(try run() == result)
      }
    }
  }

  @Test("LR and LRR are the same thing, as in CloudSim")
  func robustIsPlain() throws {
    func run(_ detector: String) throws -> ReplayResult {
      let policy = try ReplayPolicy(detector: detector, selector: "mmt")
      var replay = try Replay(ReplaySpec(workload: .syntheticDemand(seed: 3), policy: policy))
      return replay.run()
    }
    #expect(try run("lr") == run("lrr"))
  }

  /// 50 hosts · (117 + 135)/2 W · 287 updates, the last at 86 100.1 s: 150.675 175 kWh.
  @Test("NPA in closed form")
  func nonPowerAware() throws {
    var replay = try Replay(
      ReplaySpec(
        workload: .syntheticDemand(seed: 1), policy: .init(detector: "npa", selector: "")))
    let kilowattHours = 25 * (117.0 + 135) * 86_100.1 / 3_600_000
    #expect(abs(replay.run().energyKilowattHours - kilowattHours) < 1e-9 * kilowattHours)
  }

  /// A VM of constant 40 % on a G4 and one on a G5 host, on from 300.1 s to 86 100.1 s.
  @Test("DVFS with constant load in closed form, idle VMs lost")
  func constantLoad() throws {
    var matrix = SampleMatrix(sampleCount: 288, vmCount: 4, filledWith: 40)
    for sample in 0..<288 { matrix[sample, 2] = 0 }
    let demand = DemandTrace(
      interval: .minutes(5),
      vms: (0..<4).map { VMDescription(name: "vm\($0)", virtualCPUs: 100) }, cpuCores: matrix)
    var spec = ReplaySpec(
      workload: .trace(try ReplayTrace(percentages: demand, name: "test")),
      policy: try .init(detector: "dvfs", selector: ""))
    spec.hostCount = 2
    var replay = try Replay(spec)
    let result = replay.run()
    // First fit by size: 2500 and 2000 MIPS on the G5 host, 1000 and 500 MIPS on the G4.
    #expect(replay.initialHosts == [1, 1, 0, 0])
    #expect(result.vmsLeftAtEnd == 3)
    func power(_ low: Double, _ high: Double, _ share: Double, from tenth: Double) -> Double {
      low + (high - low) * (share * 10 - tenth)
    }
    let newer = power(105, 110, 0.4 * 4500 / 5320, from: 3)
    let older = power(86, 89.4, 0.4 * 500 / 3720, from: 0)
    let joules = (newer + older) * 85_800
    #expect(abs(result.energyJoules - joules) < 1e-9 * joules)
  }

  @Test("what is wrong is said, with the nearest name")
  func errors() throws {
    #expect(throws: ReplayError.self) { try ReplayPolicy(detector: "thrr", selector: "mmt") }
    #expect(throws: ReplayError.self) { try ReplayPolicy(detector: "thr:x", selector: "mmt") }
    #expect(throws: ReplayError.self) { try ReplayPolicy(detector: "thr:-1", selector: "mmt") }
    #expect(throws: ReplayError.self) { try ReplayPolicy(detector: "thr", selector: "mm") }
    #expect(throws: ReplayError.badCount(name: "hosts", value: 0)) {
      var spec = ReplaySpec(
        workload: .syntheticDemand(seed: 1), policy: try .init(detector: "dvfs", selector: ""))
      spec.hostCount = 0
      _ = try Replay(spec)
    }
    #expect(throws: ReplayError.noRoom(vm: 0, hosts: 1)) {
      var spec = ReplaySpec(
        workload: .syntheticDemand(seed: 1), policy: try .init(detector: "dvfs", selector: ""))
      spec.hostCount = 1
      spec.vmCount = 20
      _ = try Replay(spec)
    }
    do {
      _ = try ReplayPolicy(detector: "irq", selector: "mmt")
    } catch {
      #expect(error.description.contains("did you mean \"iqr\""))
    }
  }
}
