// SPDX-License-Identifier: Apache-2.0
import Facility
import Units

// Clocks of the hosts' cores, and what they draw at them.
extension Plant {
  /// Lets a host's governor come to rest at the present load.
  mutating func settleClock(of host: Int) {
    let dvfs = spec.dataCenter.dvfs
    guard dvfs.isActive, hosts.isServing(host) else { return }
    let step = dvfs.settled(from: Int(hosts.clockStep[host]), wanted: wantedSpeed(of: host))
    hosts.clockStep[host] = Int32(step)
    hosts.clockSpeed[host] = dvfs.steps.speeds[step]
  }

  /// What the busiest core would use at the highest clock, 0…1: one of an instance, or any core where
  /// the host as a whole is busier.
  private func wantedSpeed(of host: Int) -> Double {
    var total = hosts.transferCores[host]
    var busiest = 0.0
    for slot in hosts.instances[host] {
      let slot = Int(slot)
      let size = instances.sizeCores[slot] * hosts.coreSpeed[host]
      guard size > 0 else { continue }
      let use = min(load(of: slot, on: host), size * instances.availability[slot])
      total += use
      busiest = max(busiest, use / size)
    }
    let capacity = hosts.capacityCores[host]
    return min(1, max(busiest, capacity > 0 ? total / capacity : 0))
  }

  /// What a host that has not failed draws in W while `cores` reference cores are used.
  func watts(of host: Int, using cores: Double) -> Double {
    let model = hosts.model(of: host)
    let state = hosts.state[host]
    let capacity = hosts.capacityCores[host]
    let utilisation = capacity > 0 ? cores / capacity : 0
    let step = Int(hosts.clockStep[host])
    guard step > 0, state == .on else {
      return model.power(in: state, utilisation: min(1, utilisation)).value
    }
    let steps = spec.dataCenter.dvfs.steps
    return steps.power(
      model.curve, step: step, utilisation: min(1, utilisation / steps.speeds[step])
    ).value
  }
}
