// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import SimulationKernel
import Units

/// What the policy ordered over a run.
public struct CommandBooks: Sendable, Codable {
  /// All commands.
  public internal(set) var issued = 0
  /// Commands that the plant refused.
  public internal(set) var refused = 0
  /// Alerts raised, by kind, in the order of `Alert.Kind.allCases`.
  public internal(set) var alertsByKind = [Int](repeating: 0, count: Alert.Kind.allCases.count)
  /// Seconds from the time stamp of the newest telemetry to the command, one value a command.
  public internal(set) var latencySeconds: [Double] = []
}

// The port: the policy is asked, its commands are carried out, outcomes go back.
extension Plant {
  /// The regular decision.
  mutating func decide(_ scheduler: inout Scheduler<PlantEvent>) {
    schedule(.decision, at: scheduler.now + inventory.decisionPeriod, &scheduler)
    askPolicy(&scheduler)
  }

  /// Lets the policy decide, and sets the timer that it asks for.
  mutating func askPolicy(_ scheduler: inout Scheduler<PlantEvent>) {
    guard faults.management.causes == 0 else {
      faults.management.hasMissedCall = true
      return
    }
    policy.decide(at: scheduler.now, commands: &commands)
    forecasts.append(contentsOf: policy.takeForecasts())
    executeCommands(&scheduler)
    setTimer(&scheduler)
  }

  /// Sets the policy's one timer to what it last asked for.
  private mutating func setTimer(_ scheduler: inout Scheduler<PlantEvent>) {
    guard let wake = commands.takeWakeTime() else { return }
    if let handle = telemetry.timer { _ = scheduler.cancel(handle) }
    telemetry.timer = nil
    guard wake > scheduler.now, wake <= end else { return }
    telemetry.timer = scheduler.schedule(
      .policyTimer, at: wake, priority: PlantEvent.policyTimer.priority)
  }

  /// Gives a command from outside the policy (an operator, a test, an embedding program).
  ///
  /// - Returns: Its number; the outcome goes to the policy, which may ignore it.
  @discardableResult
  public mutating func submit(
    _ command: Command, scheduler: inout Scheduler<PlantEvent>
  ) -> CommandID {
    let id = commands.issue(command)
    comeToRest(&scheduler)
    return id
  }

  /// Carries out everything in the queue, including what policies order in answer to outcomes.
  mutating func executeCommands(_ scheduler: inout Scheduler<PlantEvent>) {
    // A policy that answers every refusal with the same command would never stop; what it says
    // after this many rounds at one instant is dropped.
    let roundLimit = 100
    for _ in 0..<roundLimit {
      let entries = commands.drain()
      if entries.isEmpty { return }
      for entry in entries where entry.id.number > newestCommand {
        newestCommand = entry.id.number
        commandBooks.issued += 1
        commandBooks.latencySeconds.append((scheduler.now - telemetry.newestTakenAt).seconds)
        logDecision(entry, at: scheduler.now)
        let result = execute(entry, &scheduler)
        if case .refused(let reason) = result {
          commandBooks.refused += 1
          log.append(
            LogRecord(
              time: scheduler.now, kind: .commandRefused, vm: entry.command.vm,
              command: entry.id, detail: reason.rawValue, rationale: entry.rationale))
        }
        tellPolicy(CommandOutcome(id: entry.id, result: result, at: scheduler.now))
      }
    }
    commandBooks.refused += commands.drain().count
  }

  /// What was ordered and why; orders that give no reason follow from others that did.
  private mutating func logDecision(_ entry: CommandQueue.Entry, at now: SimTime) {
    guard entry.rationale.isStated else { return }
    let shadow = entry.command.shadow
    let slot = shadow.flatMap { instances.slot(of: $0) }
    log.append(
      LogRecord(
        time: now, kind: .decision,
        vm: entry.command.vm ?? slot.map { VMID(Int(instances.vm[$0])) },
        shadow: shadow, command: entry.id, detail: entry.command.text,
        rationale: entry.rationale))
  }

  private mutating func tellPolicy(_ outcome: CommandOutcome) {
    guard faults.management.causes == 0 else {
      faults.management.waiting.append(.outcome(outcome))
      return
    }
    policy.receive(outcome, commands: &commands)
  }

  /// Tells of something that nobody ordered; `handle` carries out the answer.
  mutating func tellPolicy(_ incident: Incident, at now: SimTime) {
    guard faults.management.causes == 0 else {
      faults.management.waiting.append(.incident(incident, at: now))
      return
    }
    policy.notice(incident, at: now, commands: &commands)
  }

  /// Reports an outcome that came later than its command; `handle` carries out the answer.
  mutating func report(
    _ command: CommandID?, _ result: CommandOutcome.Result, _ scheduler: inout Scheduler<PlantEvent>
  ) {
    guard let command else { return }
    tellPolicy(CommandOutcome(id: command, result: result, at: scheduler.now))
  }

  /// The management server comes back, is told what it has missed, in order, and goes on.
  mutating func restartManagement(_ scheduler: inout Scheduler<PlantEvent>) {
    faults.management.causes -= 1
    guard faults.management.causes == 0 else { return }
    let absence = faults.management
    faults.management = ManagementAbsence()
    log.append(LogRecord(time: scheduler.now, kind: .managementFault, detail: "up"))
    policy.restart(at: scheduler.now, commands: &commands)
    for message in absence.waiting {
      switch message {
      case .frame(let frame): policy.observe(frame)
      case .outcome(let outcome): tellPolicy(outcome)
      case .incident(let incident, let time): tellPolicy(incident, at: time)
      }
    }
    if absence.hasMissedCall { askPolicy(&scheduler) }
  }

  private mutating func execute(
    _ entry: CommandQueue.Entry, _ scheduler: inout Scheduler<PlantEvent>
  ) -> CommandOutcome.Result {
    switch entry.command {
    case .createShadow(let vm, let size, let thenSuspend, let avoiding):
      guard vms.contains(vm) else { return .refused(.unknownTarget) }
      guard size.value > 0, size.value <= 1 else { return .refused(.outsideLimits) }
      guard shadowCount(of: vm.index) < spec.dataCenter.maximumShadowsPerVM else {
        return .refused(.concurrencyLimit)
      }
      return createShadow(
        entry, vm: vm.index, size: size.value, suspendsNext: thenSuspend, avoiding: avoiding,
        &scheduler)
    case .migrate(let vm, let destination, let reason):
      guard vms.contains(vm) else { return .refused(.unknownTarget) }
      return migrate(entry, vm: vm.index, to: destination?.index, reason: reason, &scheduler)
    case .resizePrimary(let vm, let capacity):
      guard vms.contains(vm) else { return .refused(.unknownTarget) }
      return resizePrimary(vm.index, capacity: capacity.value, at: scheduler.now)
    case .powerHost(let host, let target):
      guard hosts.contains(host) else { return .refused(.unknownTarget) }
      return powerHost(host.index, target, command: entry.id, &scheduler)
    case .powerRack(let rack, let target):
      guard inventory.racks.indices.contains(rack.index) else { return .refused(.unknownTarget) }
      return powerRack(rack.index, target, command: entry.id, &scheduler)
    case .setSupplyTemperature(let celsius):
      return setSupplyTemperature(celsius, at: scheduler.now)
    case .raiseAlert(let alert):
      return raise(alert, at: scheduler.now)
    case .resizeShadow(let id, let size):
      guard size.value > 0, size.value <= 1 else { return .refused(.outsideLimits) }
      return withSlot(id) {
        $0.resizeShadow($1, size: size.value, command: entry.id, &scheduler)
      }
    case .suspendShadow(let id):
      return withSlot(id) { $0.suspendShadow($1, command: entry.id, &scheduler) }
    case .resumeShadow(let id):
      return withSlot(id) { $0.resumeShadow($1, command: entry.id, &scheduler) }
    case .terminateShadow(let id):
      return withSlot(id) { $0.terminateShadow($1, command: entry.id, &scheduler) }
    case .shiftTraffic(let id, let share):
      guard share.value >= 0, share.value <= 1 else { return .refused(.outsideLimits) }
      return withSlot(id) {
        $0.shiftTraffic($1, share: share.value, command: entry.id, &scheduler)
      }
    }
  }

  private mutating func withSlot(
    _ shadow: ShadowID, _ body: (inout Plant, Int) -> CommandOutcome.Result
  ) -> CommandOutcome.Result {
    guard let slot = instances.slot(of: shadow) else { return .refused(.unknownTarget) }
    return body(&self, slot)
  }

  /// Shadows that a VM has, without those that are being stopped.
  private func shadowCount(of vm: Int) -> Int {
    var count = 0
    var slot = instances.nextShadow[vm]
    while slot >= 0 {
      if shadows.state[Int(slot)] != .terminating { count += 1 }
      slot = instances.nextShadow[Int(slot)]
    }
    return count
  }

  private mutating func resizePrimary(_ vm: Int, capacity: Double, at now: SimTime)
    -> CommandOutcome.Result
  {
    guard capacity > 0, capacity.isFinite else { return .refused(.outsideLimits) }
    let host = Int(instances.host[vm])
    let growth = capacity - instances.sizeCores[vm]
    if host >= 0, growth > 0,
      !hosts.fits(host, cores: growth, memory: 0, overcommit: placement.cpuOvercommit)
    {
      return .refused(.noHostFits)
    }
    settleVM(vm, at: now)
    if host >= 0 { hosts.reservedCores[host] += growth }
    instances.sizeCores[vm] = capacity
    vms.capacityCores[vm] = capacity
    touchInstances(of: vm)
    log.append(LogRecord(time: now, kind: .vmResized, vm: VMID(vm), value: capacity))
    return .done(nil)
  }

  private mutating func raise(_ alert: Alert, at now: SimTime) -> CommandOutcome.Result {
    if let position = Alert.Kind.allCases.firstIndex(of: alert.kind) {
      commandBooks.alertsByKind[position] += 1
    }
    log.append(
      LogRecord(
        time: now, kind: .alert, vm: alert.vm, host: alert.host,
        detail: "\(alert.kind.rawValue): \(alert.reason)"))
    return .done(nil)
  }
}

extension VirtualMachines {
  func contains(_ vm: VMID) -> Bool { vm.index >= 0 && vm.index < count }
}

extension Hosts {
  func contains(_ host: HostID) -> Bool { host.index >= 0 && host.index < count }
}

extension Command {
  /// The VM that a command names, if it names one.
  var vm: VMID? {
    switch self {
    case .createShadow(let vm, _, _, _), .migrate(let vm, _, _), .resizePrimary(let vm, _): vm
    default: nil
    }
  }
}
