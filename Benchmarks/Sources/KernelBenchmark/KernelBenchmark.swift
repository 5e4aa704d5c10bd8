// SPDX-License-Identifier: Apache-2.0
import Glibc
import SimulationKernel
import Units

/// The HOLD workload: each event schedules itself again Exp(1 s) later.
struct HoldModel: SimulationModel {
  /// An entity's next hop; with its place in the order 24 bytes, as in hold.cpp.
  struct Event: Sendable { var entity: UInt32 }

  var generator = SplitMix64(seed: 42)
  var remainingHops: Int

  /// −ln(1 − u) seconds, as in hold.cpp, to the nearest nanosecond.
  mutating func increment() -> SimTime {
    let uniform = Double(generator.next() >> 11) * 0x1p-53
    return .seconds(-log(1 - uniform))
  }

  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
    scheduler.schedule(event, after: increment())
    remainingHops -= 1
    if remainingHops == 0 { scheduler.stop() }
  }
}

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

@main
enum KernelBenchmark {
  /// Usage: KernelBenchmark N HOPS. Prints the CPU seconds of the hops and the end clock.
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard arguments.count == 2, arguments[0] > 0, arguments[1] > 0 else {
      perror("usage: KernelBenchmark N HOPS")
      exit(64)
    }
    var simulator = Simulator(model: HoldModel(remainingHops: arguments[1]))
    for entity in 0..<arguments[0] {
      let time = simulator.model.increment()
      simulator.scheduler.schedule(.init(entity: UInt32(entity)), at: time)
    }
    let start = cpuSeconds()
    simulator.run()
    let used = cpuSeconds() - start
    print("{\"cpuSeconds\": \(used), \"endClock\": \(simulator.scheduler.now.seconds)}")
  }
}
