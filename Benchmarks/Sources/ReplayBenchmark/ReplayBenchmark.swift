// SPDX-License-Identifier: Apache-2.0
import CloudSimReplay
import Foundation

/// One replay of CloudSim's experiment: some of its figures and the CPU time of its parts, as JSON.
///
///     ReplayBenchmark WORKLOAD DETECTOR SELECTOR [HOSTS VMS]
@main
struct ReplayBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().map { String($0) }
    guard arguments.count >= 3 else {
      print("usage: ReplayBenchmark WORKLOAD DETECTOR SELECTOR [HOSTS VMS]")
      exit(64)
    }
    let start = cpuSeconds()
    let workload: ReplayWorkload =
      arguments[0] == "random" ? .syntheticDemand(seed: 1) : .trace(try .read(arguments[0]))
    var spec = ReplaySpec(
      workload: workload, policy: try .init(detector: arguments[1], selector: arguments[2]))
    if arguments.count == 5, let hosts = Int(arguments[3]), let vms = Int(arguments[4]) {
      spec.hostCount = hosts
      spec.vmCount = vms
    }
    let read = cpuSeconds()
    var replay = try Replay(spec)
    let placed = cpuSeconds()
    let result = replay.run()
    let figures: [String: Any] = [
      "readSeconds": read - start, "placeSeconds": placed - read,
      "runSeconds": cpuSeconds() - placed, "energyKilowattHours": result.energyKilowattHours,
      "migrations": result.migrations, "slav": result.slav,
    ]
    let data = try JSONSerialization.data(withJSONObject: figures, options: [.sortedKeys])
    print(String(decoding: data, as: UTF8.self))
  }

  /// CPU time of this process so far, in seconds.
  static func cpuSeconds() -> Double {
    var usage = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage)
    return Double(usage.tv_sec) + Double(usage.tv_nsec) * 1e-9
  }
}
