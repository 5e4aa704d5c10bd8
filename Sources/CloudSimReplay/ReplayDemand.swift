// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts

/// What the VMs ask for at an instant.
struct ReplayDemand: Sendable {
  private let trace: ReplayTrace?
  private var generators: ContiguousArray<JavaRandom> = []

  init(_ workload: ReplayWorkload, vmCount: Int) {
    switch workload {
    case .trace(let trace): self.trace = trace
    case .syntheticDemand(let seed):
      trace = nil
      generators = ContiguousArray(
        (0..<Int64(vmCount)).map { JavaRandom(seed: $0 &* seed) })
      // The first value belongs to time zero, when the jobs are submitted.
      for vm in generators.indices { _ = generators[vm].nextDouble() }
    }
  }

  /// Sets share and demand of the VMs that are left. Called once for each instant, in order.
  mutating func set(_ state: inout PackingState, alive: ContiguousArray<Int32>, at now: Double) {
    guard let trace else {
      for vm in alive {
        let share = generators[Int(vm)].nextDouble()
        state.share[Int(vm)] = share
        state.demand[Int(vm)] = share * state.size[Int(vm)]
      }
      return
    }
    // No instant lies on a sample, they are 0.1 s and more after one.
    let interval = Replay.intervalSeconds
    let before = (now / interval).rounded(.down)
    let row = Int(before) * trace.vmCount
    let span = ((now / interval).rounded(.up) - before) * interval
    let offset = now - before * interval
    for vm in alive {
      let column = row + Int(vm) % trace.vmCount
      let sample = trace.fractions[column]
      let slope = (trace.fractions[column + trace.vmCount] - sample) / span
      let share = sample + slope * offset
      state.share[Int(vm)] = share
      state.demand[Int(vm)] = share * state.size[Int(vm)]
    }
  }
}
