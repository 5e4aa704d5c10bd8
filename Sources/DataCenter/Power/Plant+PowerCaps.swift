// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Facility
import Units

// Power limits of servers and racks. Firmware cuts a host's clocks until it draws no more than its
// limit (running-average power limiting); a rack's budget is shared as `RackPowerCap` says.
extension Plant {
  /// Works out the speed that limits leave the hosts of every rack in which a host has been touched.
  mutating func limitPower() {
    guard facility.rackPowerCap != nil || facility.serverPowerCap != nil else { return }
    for host in touched.hosts { scratch.touchedRacks[Int(hosts.rack[Int(host)])] = true }
    for rack in inventory.racks.indices where scratch.touchedRacks[rack] {
      scratch.touchedRacks[rack] = false
      limitPower(ofRack: rack)
    }
  }

  private mutating func limitPower(ofRack rack: Int) {
    let members = inventory.racks[rack].hosts.map(\.index)
    let wanted = members.map(wantedWatts)
    let floors = zip(members, wanted).map { host, wish in
      hosts.isServing(host) ? watts(of: host, using: 0) : wish
    }
    var limits = wanted
    if let limit = facility.serverPowerCap?.value {
      limits = zip(wanted, floors).map { max($1, min($0, limit)) }
    }
    if let budget = facility.rackPowerCap {
      limits = RackPowerCap(budget: budget).shares(wanted: limits, idle: floors)
    }
    for (position, host) in members.enumerated() {
      var speed = hosts.thermalSpeed[host]
      if limits[position] < wanted[position] {
        speed = min(speed, self.speed(of: host, within: Watts(limits[position])))
      }
      guard speed != hosts.speedFactor[host] else { continue }
      hosts.speedFactor[host] = speed
      touched.touchHost(host)
    }
  }

  /// What a host would draw if no limit held it.
  private func wantedWatts(of host: Int) -> Double {
    guard !hosts.isFailed(host) else { return 0 }
    let speed = min(hosts.thermalSpeed[host], hosts.clockSpeed[host])
    return watts(of: host, using: usedCores(of: host, at: speed))
  }

  /// The reference cores that would be used on a host at a part of its full speed; never falls with
  /// the speed.
  private func usedCores(of host: Int, at speed: Double) -> Double {
    guard hosts.isServing(host) else { return 0 }
    var cores = hosts.transferCores[host]
    for slot in hosts.instances[host] {
      let slot = Int(slot)
      let size = instances.sizeCores[slot] * hosts.coreSpeed[host] * instances.availability[slot]
      cores += min(load(of: slot, on: host), size * speed)
    }
    return min(cores, hosts.capacityCores[host] * speed)
  }

  /// The highest speed at which a host draws no more than `limit`, by bisection.
  private func speed(of host: Int, within limit: Watts) -> Double {
    let step = Int(hosts.clockStep[host])
    let steps = spec.dataCenter.dvfs.steps
    let cores =
      steps.utilisation(hosts.model(of: host).curve, step: step, within: limit)
      * hosts.capacityCores[host] * hosts.clockSpeed[host]
    var low = 0.0
    var high = hosts.clockSpeed[host]
    for _ in 0..<Double.significandBitCount {
      let middle = 0.5 * (low + high)
      if usedCores(of: host, at: middle) <= cores { low = middle } else { high = middle }
    }
    return low
  }
}
