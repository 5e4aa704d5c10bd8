// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import SimulationKernel
import Units

// How primaries go down with their hosts and come back: high availability.
extension Plant {
  /// A primary is gone. Its load stays in the books as unserved until it, or a shadow, serves again.
  mutating func crash(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    settleVM(vm, at: now)
    let host = Int(instances.host[vm])
    if let handle = vms.restartEvent[vm] { _ = scheduler.cancel(handle) }
    displace(vm, at: now)
    vms.isDown[vm] = true
    instances.availability[vm] = 0
    endTransfers(fromLostPrimary: vm, &scheduler)
    updateSyncs(of: vm, at: now)
    changePrimary(of: vm, answers: false, &scheduler)
    vms.lostHost[vm] = Int32(host)
    // A primary that is lost while it boots has been down since its first loss.
    if vms.crashedAt[vm] == .distantFuture { vms.crashedAt[vm] = now }
    faultBooks.vmCrashes += 1
    log.append(LogRecord(time: now, kind: .vmCrashed, vm: VMID(vm), host: HostID(host)))
    tellPolicy(.vmDown(VMID(vm)), at: now)
    vms.restartEvent[vm] = nil
    if spec.faults.restart.policy != .never { tryLater(vm, spec.faults.restart.delay, &scheduler) }
  }

  private mutating func tryLater(
    _ vm: Int, _ pause: SimTime, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    guard scheduler.now + pause <= end else { return }
    vms.restartEvent[vm] = scheduler.schedule(
      .vmRestart(Int32(vm)), after: pause, priority: PlantEvent.vmRestart(0).priority)
  }

  /// Looks for a host and begins to boot there, or tries again later.
  mutating func restart(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    vms.restartEvent[vm] = nil
    guard let host = restartHost(of: vm) else {
      return tryLater(vm, spec.faults.restart.retryInterval, &scheduler)
    }
    settleVM(vm, at: now)
    place(
      vm, on: host, cores: vms.capacityCores[vm], memory: vms.memoryBytes[vm], at: now)
    instances.availability[vm] = 0
    log.append(LogRecord(time: now, kind: .vmBooting, vm: VMID(vm), host: HostID(host)))
    var stream = nextStream("restart/boot", vm: vm)
    let restart = spec.faults.restart
    let boot = stream.logNormal(median: restart.bootTime.seconds, sigma: restart.bootSigma)
    vms.restartEvent[vm] = scheduler.schedule(
      .vmBooted(Int32(vm)), after: .seconds(min(boot, 3e9)),
      priority: PlantEvent.vmBooted(0).priority)
  }

  private func restartHost(of vm: Int) -> Int? {
    let request = PlacementRequest(
      cores: vms.capacityCores[vm], memoryBytes: vms.memoryBytes[vm],
      avoiding: instanceHosts(of: vm))
    guard spec.faults.restart.policy == .sameHost else {
      return placement.host(for: request, in: hosts)
    }
    let own = Int(vms.lostHost[vm])
    let fits = hosts.fits(
      own, cores: request.cores, memory: request.memoryBytes, overcommit: placement.cpuOvercommit)
    return hosts.isAvailable(own) && fits && !request.avoiding.contains(own) ? own : nil
  }

  /// A primary runs again.
  mutating func finishBoot(_ vm: Int, _ scheduler: inout Scheduler<PlantEvent>) {
    let now = scheduler.now
    let host = Int(instances.host[vm])
    settleVM(vm, at: now)
    vms.restartEvent[vm] = nil
    vms.isDown[vm] = false
    updateAvailability(of: vm, at: now)
    updateSyncs(of: vm, at: now)
    changePrimary(of: vm, answers: true, &scheduler)
    touched.touchHost(host)
    touched.touchVM(vm)
    let seconds = (now - vms.crashedAt[vm]).seconds
    vms.crashedAt[vm] = .distantFuture
    faultBooks.vmRestarts += 1
    faultBooks.restartSeconds.append(seconds)
    log.append(
      LogRecord(time: now, kind: .vmRestarted, vm: VMID(vm), host: HostID(host), value: seconds))
    tellPolicy(.vmUp(VMID(vm), host: HostID(host)), at: now)
    requestTelemetry(&scheduler)
  }
}
