// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Facility
import NetworkFlows
import SimulationKernel
import Units

// What breaks: faults that are listed or drawn, and what a broken host takes with it.
extension Plant {
  /// Schedules all listed faults and the first random one of every part.
  mutating func scheduleFaults(_ scheduler: inout Scheduler<PlantEvent>) {
    for (index, fault) in faults.listed.enumerated() {
      schedule(.faultBegins(Int32(index)), at: fault.start, &scheduler)
    }
    for part in 0..<hosts.count + inventory.racks.count { drawFailure(of: part, &scheduler) }
  }

  mutating func beginFault(_ index: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let fault = faults.listed[index]
    apply(fault.target, begins: true, &scheduler)
    schedule(.faultEnds(Int32(index)), at: fault.end, &scheduler)
  }

  mutating func endFault(_ index: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    apply(faults.listed[index].target, begins: false, &scheduler)
  }

  // MARK: Random failures

  private func failures(of part: Int) -> RandomFailures {
    part < hosts.count ? spec.faults.hosts : spec.faults.rackSwitches
  }

  private func target(of part: Int) -> Fault.Target {
    part < hosts.count ? .host(part) : .rackSwitch(part - hosts.count)
  }

  private mutating func drawFailure(of part: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let failures = failures(of: part)
    guard let scale = failures.scale else { return }
    var stream = failureStream(of: part)
    let seconds = stream.weibull(scale: scale.seconds, shape: failures.shape)
    guard seconds < (end - scheduler.now).seconds + 1 else { return }
    schedule(.randomFailure(Int32(part)), at: scheduler.now + .seconds(seconds), &scheduler)
  }

  mutating func beginRandomFailure(_ part: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    apply(target(of: part), begins: true, &scheduler)
    let failures = failures(of: part)
    var stream = failureStream(of: part)
    let seconds = stream.logNormal(median: failures.repair.seconds, sigma: failures.repairSigma)
    let repair = SimTime.seconds(min(seconds, 3e9))
    schedule(.randomRepair(Int32(part)), at: scheduler.now + repair, &scheduler)
  }

  mutating func endRandomFailure(_ part: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    apply(target(of: part), begins: false, &scheduler)
    drawFailure(of: part, &scheduler)
  }

  private mutating func failureStream(of part: Int) -> RandomStream {
    faults.drawCount[part] += 1
    return RandomStream(
      seed: spec.seed, purpose: "faults",
      entity: UInt64(part) << 32 | UInt64(faults.drawCount[part]))
  }

  // MARK: Effects

  private mutating func apply(
    _ target: Fault.Target, begins: Bool, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    switch target {
    case .host(let host):
      if begins {
        failHost(host, because: "crash", &scheduler)
      } else {
        restoreHost(host, &scheduler)
      }
    case .hostLink(let host):
      changeNetwork(.hostLink(host), fails: begins, at: scheduler.now)
      setCut(host, begins, &scheduler)
    case .rackSwitch(let rack):
      changeNetwork(.rackSwitch(rack), fails: begins, at: scheduler.now)
      for host in inventory.racks[rack].hosts { setCut(host.index, begins, &scheduler) }
    case .uplink(let rack, let index):
      changeNetwork(.uplink(rack: rack, index: index), fails: begins, at: scheduler.now)
    case .telemetryGap:
      faults.openGaps += begins ? 1 : -1
      requestTelemetry(&scheduler)
    case .telemetryDelay(let delay):
      if begins {
        faults.delays.append(delay)
      } else if let position = faults.delays.firstIndex(of: delay) {
        faults.delays.remove(at: position)
      }
    case .clockSkew(let skew):
      if begins {
        faults.skews.append(skew)
      } else if let position = faults.skews.firstIndex(of: skew) {
        faults.skews.remove(at: position)
      }
    case .managementRestart:
      if begins { faults.management.causes += 1 } else { restartManagement(&scheduler) }
    }
    if begins { logFault(target, at: scheduler.now) }
  }

  private mutating func logFault(_ target: Fault.Target, at now: SimTime) {
    switch target {
    case .host, .hostLink: break  // logged host by host
    case .rackSwitch(let rack):
      log.append(
        LogRecord(time: now, kind: .networkFault, value: Double(rack), detail: "rackSwitch"))
    case .uplink(let rack, _):
      log.append(LogRecord(time: now, kind: .networkFault, value: Double(rack), detail: "uplink"))
    case .telemetryGap:
      log.append(LogRecord(time: now, kind: .telemetryFault, detail: "gap"))
    case .telemetryDelay(let delay):
      log.append(
        LogRecord(time: now, kind: .telemetryFault, value: delay.seconds, detail: "delay"))
    case .clockSkew(let skew):
      log.append(LogRecord(time: now, kind: .telemetryFault, value: skew.seconds, detail: "skew"))
    case .managementRestart:
      faultBooks.managementRestarts += 1
      log.append(LogRecord(time: now, kind: .managementFault, detail: "down"))
    }
  }

  /// Cuts a host off from the network, or connects it again.
  private mutating func setCut(
    _ host: Int, _ begins: Bool, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let wasReachable = hosts.isReachable(host)
    hosts.faults[host].cuts += begins ? 1 : -1
    guard hosts.isReachable(host) != wasReachable else { return }
    if begins { faultBooks.partitions += 1 }
    log.append(
      LogRecord(
        time: scheduler.now, kind: begins ? .hostUnreachable : .hostReachable, host: HostID(host)))
    let reachable = hosts.faults
    network.refreshCaps(
      ofHost: host,
      isConnected: { end in
        guard case .host(let number) = end else { return true }
        return reachable[number].cuts == 0
      }, at: scheduler.now)
    touched.touchHost(host)
    for slot in hosts.instances[host] { touched.touchVM(Int(instances.vm[Int(slot)])) }
    requestTelemetry(&scheduler)
  }

  /// A host stops: what runs on it is gone, and so is what was on its way to or from it.
  mutating func failHost(
    _ host: Int, because reason: String, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    let now = scheduler.now
    hosts.settle(host, at: now)
    hosts.faults[host].causes += 1
    guard hosts.faults[host].causes == 1 else { return }
    let state = hosts.state[host]
    hosts.faults[host].wasOn = state == .on || state == .booting || state == .waking
    cancelTransition(of: host, &scheduler)
    countRackHosts(host, from: state, to: .off, at: now)
    hosts.state[host] = .off
    touched.touchHost(host)
    faultBooks.hostFailures += 1
    log.append(
      LogRecord(
        time: now, kind: .hostFailed, host: HostID(host),
        value: Double(hosts.instances[host].count), detail: reason))
    loseMigrations(of: host, &scheduler)
    for slot in Array(hosts.instances[host]) { loseInstance(Int(slot), &scheduler) }
    tellPolicy(.hostFailed(HostID(host)), at: now)
    requestTelemetry(&scheduler)
  }

  /// One reason less for which a host does not run; without any it boots, if it was on before.
  mutating func restoreHost(_ host: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    hosts.settle(host, at: scheduler.now)
    hosts.faults[host].causes -= 1
    guard hosts.faults[host].causes == 0 else { return }
    touched.touchHost(host)
    log.append(LogRecord(time: scheduler.now, kind: .hostRecovered, host: HostID(host)))
    tellPolicy(.hostRecovered(HostID(host)), at: scheduler.now)
    if hosts.faults[host].wasOn {
      enterPowerState(.booting, host: host, command: nil, &scheduler)
    } else {
      requestTelemetry(&scheduler)
    }
  }

  private mutating func loseInstance(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    if slot < instances.primaryCount {
      crash(slot, &scheduler)
    } else {
      loseShadow(slot, &scheduler)
    }
  }

  /// A shadow vanishes with its host.
  private mutating func loseShadow(_ slot: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    // One that was being stopped has stopped.
    if shadows.state[slot] == .terminating { return finishTermination(slot, &scheduler) }
    let id = shadowID(slot)
    faultBooks.shadowsLost += 1
    if shadows.isUseful[slot] { shadowBooks.useful += 1 } else { shadowBooks.useless += 1 }
    record(.shadowFailed, slot: slot, at: scheduler.now, detail: "hostFailed")
    if let command = shadows.command[slot] {
      report(command, .failed(.hostFailed, id), &scheduler)
    }
    failTarget(of: slot, &scheduler)
    remove(slot, &scheduler)
    tellPolicy(.shadowLost(id), at: scheduler.now)
  }

}
