// SPDX-License-Identifier: Apache-2.0
import Glibc
import SimulationKernel
import Units

/// How far ahead an event is scheduled again; see hold.cpp.
enum Spacing: String {
  case exponential, lockstep, bimodal
}

/// The HOLD workload: each event schedules itself again.
struct HoldModel: SimulationModel {
  /// An entity's next hop; with its place in the order 24 bytes, as in hold.cpp.
  struct Event: Sendable { var entity: UInt32 }

  let spacing: Spacing
  var generator = SplitMix64(seed: 42)
  var remainingHops: Int

  /// The seconds of hold.cpp, to the nearest nanosecond.
  mutating func increment() -> SimTime {
    let bits = generator.next()
    if spacing == .lockstep { return .seconds(60) }
    let unit = -log(1 - Double(bits >> 11) * 0x1p-53)
    if spacing == .exponential { return .seconds(unit) }
    return .seconds(bits & 7 != 0 ? 1e-4 * unit : 1e3 * unit)
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
  /// Usage: KernelBenchmark N HOPS SPACING. Prints the CPU seconds of the hops and the end clock.
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let pending = UInt32(arguments[1]), pending > 0,
      let hops = Int(arguments[2]), hops > 0, let spacing = Spacing(rawValue: arguments[3])
    else {
      perror("usage: KernelBenchmark N HOPS exponential|lockstep|bimodal")
      exit(64)
    }
    var simulator = Simulator(model: HoldModel(spacing: spacing, remainingHops: hops))
    for entity in 0..<pending {
      let time = simulator.model.increment()
      simulator.scheduler.schedule(.init(entity: entity), at: time)
    }
    let start = cpuSeconds()
    simulator.run()
    let used = cpuSeconds() - start
    print("{\"cpuSeconds\": \(used), \"endClock\": \(simulator.scheduler.now.seconds)}")
  }
}
