// SPDX-License-Identifier: Apache-2.0
public import Units

/// Brings shadows to where a policy wants them: the part that all shadowing policies share, so that
/// a comparison of policies compares decisions, not plumbing.
///
/// It remembers every shadow and what was ordered of it, orders the next step when an outcome
/// arrives (resume → grow to full size → shift traffic; drain → suspend or terminate), waits before
/// it tries again what was refused, and never orders the same thing twice.
public struct ShadowActuator: Sendable, Codable {
  /// How far a shadow is, as seen from outside.
  enum Phase: String, Sendable, Hashable, Codable {
    case ordered, suspended, resuming, growing, ready, shifting, active, draining, suspending
  }

  /// One shadow.
  struct Tracked: Sendable, Codable {
    /// Its id, known once the order was accepted.
    var id: ShadowID?
    var phase: Phase
    /// The command whose outcome is awaited.
    var command: CommandID
    /// Share of the load last ordered for it.
    var share: Double
    /// Whether it was ordered to end suspended.
    var endsSuspended: Bool
    /// Whether it is as large as its primary; only then does it get traffic.
    var isFullSize: Bool
  }

  /// By how much those that carry traffic must grow for a new distribution, while more are to come.
  private static let joiningGrowth = 1.25

  /// Size of a shadow that only stands by, as a share of the primary.
  public let standbySize: Fraction
  /// How long to wait after a refusal or failure before trying again.
  public let retryAfter: SimTime
  /// Hosts on which no new shadow is to be put: about to close, or hot.
  public var avoidedHosts: [HostID] = []
  private(set) var tracked: [[Tracked]]
  private var goals: [ShadowGoal]
  /// Whether nothing is left to do for a VM: asked at every look at every VM.
  private var isAtGoal: [Bool]
  private var retryAt: [SimTime]
  private var rationales: [CommandQueue.Rationale]
  private var ownerOfCommand: [CommandID: Int] = [:]
  /// What bounds the commands of each VM; nil for nothing.
  private var budget: ActionBudget?

  /// An actuator for `vmCount` VMs without shadows.
  ///
  /// - Parameters:
  ///   - vmCount: Number of VMs.
  ///   - standbySize: Size of a shadow that only stands by.
  ///   - retryAfter: How long to wait after a refusal or failure.
  ///   - hourlyLimit: Most commands of one VM in any hour; nil for no limit. What is over it waits;
  ///     a shadow keeps its traffic or its place meanwhile.
  public init(
    vmCount: Int, standbySize: Fraction = Fraction(0.25), retryAfter: SimTime = .minutes(5),
    hourlyLimit: Int? = nil
  ) {
    budget = hourlyLimit.map { ActionBudget(vmCount: vmCount, limit: $0) }
    self.standbySize = standbySize
    self.retryAfter = retryAfter
    tracked = [[Tracked]](repeating: [], count: vmCount)
    goals = [ShadowGoal](repeating: .none, count: vmCount)
    isAtGoal = [Bool](repeating: true, count: vmCount)
    retryAt = [SimTime](repeating: .zero, count: vmCount)
    rationales = [CommandQueue.Rationale](repeating: .init(), count: vmCount)
  }

  /// What was last wanted of a VM's shadows.
  public func goal(of vm: VMID) -> ShadowGoal { goals[vm.index] }

  /// Number of a VM's shadows that carry traffic or have been told to.
  public func activeCount(of vm: VMID) -> Int {
    tracked[vm.index].count { $0.phase == .active || $0.phase == .shifting }
  }

  /// States what is wanted from now on and orders the next steps towards it.
  ///
  /// Calling it again with the same goal is cheap, and is how refused orders are tried again.
  public mutating func want(
    _ goal: ShadowGoal, for vm: VMID, at now: SimTime, because rationale: CommandQueue.Rationale,
    commands: inout CommandQueue
  ) {
    let index = vm.index
    if goal == goals[index], isAtGoal[index] { return }
    goals[index] = goal
    rationales[index] = rationale
    drive(index, at: now, &commands)
  }

  private func isSettled(_ vm: Int) -> Bool {
    tracked[vm].count == goals[vm].count
      && tracked[vm].indices.allSatisfy {
        tracked[vm][$0].phase == ($0 < goals[vm].active ? .active : .suspended)
      }
  }

  /// Takes an outcome; orders what follows from it.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    guard let vm = ownerOfCommand[outcome.id],
      let position = tracked[vm].firstIndex(where: { $0.command == outcome.id })
    else {
      ownerOfCommand[outcome.id] = nil
      return
    }
    switch outcome.result {
    case .accepted(let id):
      if let id { tracked[vm][position].id = id }
      return
    case .done(let id):
      ownerOfCommand[outcome.id] = nil
      if let id { tracked[vm][position].id = id }
      advance(vm, position)
    case .refused:
      ownerOfCommand[outcome.id] = nil
      fallBack(vm, position, at: outcome.at, &commands)
    case .failed(_, let id):
      ownerOfCommand[outcome.id] = nil
      if let id { tracked[vm][position].id = id }
      retryAt[vm] = outcome.at + retryAfter
      tracked[vm].remove(at: position)
    }
    drive(vm, at: outcome.at, &commands)
  }

  /// Takes an incident: a shadow that is gone is forgotten, and made anew if it is still wanted.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    guard case .shadowLost(let shadow) = incident else { return }
    for vm in tracked.indices {
      guard let position = tracked[vm].firstIndex(where: { $0.id == shadow }) else { continue }
      ownerOfCommand[tracked[vm][position].command] = nil
      tracked[vm].remove(at: position)
      drive(vm, at: now, &commands)
      return
    }
  }

  /// Gives a shadow up if it is suspended, because its place is needed; while it is wanted, another
  /// one is made on a host that is not avoided.
  public mutating func giveUpStandby(
    _ shadow: ShadowID, of vm: VMID, at now: SimTime, commands: inout CommandQueue
  ) {
    let index = vm.index
    guard let position = tracked[index].firstIndex(where: { $0.id == shadow }),
      tracked[index][position].phase == .suspended
    else { return }
    terminateIfIdle(index, position, at: now, &commands)
    drive(index, at: now, &commands)
  }

  /// The phase that a finished command leads to.
  private mutating func advance(_ vm: Int, _ position: Int) {
    switch tracked[vm][position].phase {
    case .ordered:
      tracked[vm][position].phase = tracked[vm][position].endsSuspended ? .suspended : .ready
    case .resuming, .draining: tracked[vm][position].phase = .ready
    case .growing:
      tracked[vm][position].phase = .ready
      tracked[vm][position].isFullSize = true
    case .suspending: tracked[vm][position].phase = .suspended
    case .shifting: tracked[vm][position].phase = .active
    case .suspended, .ready, .active: break
    }
  }

  /// The phase that a refused command leaves the shadow in.
  private mutating func fallBack(
    _ vm: Int, _ position: Int, at now: SimTime, _ commands: inout CommandQueue
  ) {
    if tracked[vm][position].phase == .growing {
      // Its host has no room for a full instance: give it up and make another elsewhere at once.
      tracked[vm][position].phase = .ready
      terminateIfIdle(vm, position, at: now, canWait: false, &commands)
      return
    }
    retryAt[vm] = now + retryAfter
    switch tracked[vm][position].phase {
    case .ordered: tracked[vm].remove(at: position)
    case .resuming: tracked[vm][position].phase = .suspended
    case .shifting, .suspending: tracked[vm][position].phase = .ready
    case .draining: tracked[vm][position].phase = .active
    case .suspended, .growing, .ready, .active: break
    }
  }

  /// Orders the next step of every shadow of a VM towards its goal. The first shadows of a VM are
  /// the active ones, those behind them stand by.
  private mutating func drive(_ vm: Int, at now: SimTime, _ commands: inout CommandQueue) {
    let goal = goals[vm]
    while tracked[vm].count < goal.count, now >= retryAt[vm], mayOrder(vm, at: now) {
      create(vm, endsSuspended: tracked[vm].count >= goal.active, at: now, &commands)
    }
    for position in tracked[vm].indices.prefix(goal.active) {
      activate(vm, position, at: now, &commands)
    }
    for position in tracked[vm].indices.dropFirst(goal.active) {
      drain(vm, position, at: now, &commands)
    }
    for position in tracked[vm].indices.dropFirst(goal.active).reversed() {
      if position >= goal.count {
        terminateIfIdle(vm, position, at: now, &commands)
      } else {
        suspendIfReady(vm, position, at: now, &commands)
      }
    }
    balance(vm, count: goal.active, at: now, &commands)
    isAtGoal[vm] = isSettled(vm)
  }

  private func mayOrder(
    _ vm: Int, count: Int = 1, at now: SimTime, canWait: Bool = false
  ) -> Bool {
    budget?.allows(count, vm: vm, at: now, canWait: canWait) ?? true
  }

  private mutating func create(
    _ vm: Int, endsSuspended: Bool, at now: SimTime, _ commands: inout CommandQueue
  ) {
    let size = endsSuspended ? standbySize : Fraction(1)
    let id = commands.issue(
      .createShadow(vm: VMID(vm), size: size, thenSuspend: endsSuspended, avoiding: avoidedHosts),
      because: rationales[vm])
    budget?.use(vm: vm, at: now)
    ownerOfCommand[id] = vm
    tracked[vm].append(
      Tracked(
        id: nil, phase: .ordered, command: id, share: 0, endsSuspended: endsSuspended,
        isFullSize: !endsSuspended))
  }

  /// Gets a shadow on its way to `ready`.
  private mutating func activate(
    _ vm: Int, _ position: Int, at now: SimTime, _ commands: inout CommandQueue
  ) {
    guard let id = tracked[vm][position].id, mayOrder(vm, at: now) else { return }
    switch tracked[vm][position].phase {
    case .suspended:
      order(.resumeShadow(id), .resuming, vm, position, at: now, &commands)
    case .ordered where tracked[vm][position].endsSuspended:
      tracked[vm][position].endsSuspended = false
      order(.resumeShadow(id), .resuming, vm, position, at: now, &commands)
    default: break
    }
  }

  /// Gives every shadow that is ready its equal part of the load.
  private mutating func balance(
    _ vm: Int, count: Int, at now: SimTime, _ commands: inout CommandQueue
  ) {
    for position in tracked[vm].indices.prefix(count)
    where tracked[vm][position].phase == .ready && !tracked[vm][position].isFullSize {
      guard let id = tracked[vm][position].id, mayOrder(vm, at: now) else { continue }
      order(.resizeShadow(id, size: Fraction(1)), .growing, vm, position, at: now, &commands)
    }
    let able = tracked[vm].indices.prefix(count).filter {
      [.ready, .shifting, .active].contains(tracked[vm][$0].phase) && tracked[vm][$0].isFullSize
    }
    guard !isWorthWaiting(vm, count: count, able: able) else { return }
    let share = 1 / Double(able.count + 1)
    // All or nothing, or shares would not add up; those that could not be drained have theirs still.
    let isDrained = !tracked[vm].dropFirst(count).contains {
      $0.phase == .active || $0.phase == .shifting
    }
    let changes = able.count { tracked[vm][$0].share != share }
    guard isDrained, mayOrder(vm, count: changes, at: now) else { return }
    for position in able where tracked[vm][position].share != share {
      guard let id = tracked[vm][position].id else { continue }
      tracked[vm][position].share = share
      order(.shiftTraffic(id, share: Fraction(share)), .shifting, vm, position, at: now, &commands)
    }
  }

  /// Whether shadows that are ready wait for those that will be: every one that joins takes a command
  /// to all that carry traffic, so of many they join in groups of a quarter of those.
  private func isWorthWaiting(_ vm: Int, count: Int, able: [Int]) -> Bool {
    let carrying = able.filter { tracked[vm][$0].share > 0 }
    guard Double(able.count) < Self.joiningGrowth * Double(carrying.count),
      able.count > carrying.count,
      carrying.allSatisfy({ tracked[vm][$0].share == 1 / Double(carrying.count + 1) })
    else { return false }
    return tracked[vm].prefix(count).contains {
      [.ordered, .resuming, .growing].contains($0.phase)
    }
  }

  private mutating func drain(
    _ vm: Int, _ position: Int, at now: SimTime, _ commands: inout CommandQueue
  ) {
    guard let id = tracked[vm][position].id,
      [.active, .shifting].contains(tracked[vm][position].phase),
      mayOrder(vm, at: now, canWait: true)
    else { return }
    tracked[vm][position].share = 0
    order(.shiftTraffic(id, share: Fraction(0)), .draining, vm, position, at: now, &commands)
  }

  private mutating func suspendIfReady(
    _ vm: Int, _ position: Int, at now: SimTime, _ commands: inout CommandQueue
  ) {
    guard tracked[vm][position].phase == .ready, let id = tracked[vm][position].id,
      mayOrder(vm, count: 2, at: now, canWait: true)
    else { return }
    tracked[vm][position].isFullSize = false
    budget?.use(vm: vm, at: now)
    commands.issue(.resizeShadow(id, size: standbySize), because: rationales[vm])
    order(.suspendShadow(id), .suspending, vm, position, at: now, &commands)
  }

  private mutating func terminateIfIdle(
    _ vm: Int, _ position: Int, at now: SimTime, canWait: Bool = true,
    _ commands: inout CommandQueue
  ) {
    guard let id = tracked[vm][position].id, mayOrder(vm, at: now, canWait: canWait) else { return }
    switch tracked[vm][position].phase {
    case .ordered, .suspended, .resuming, .growing, .ready, .suspending:
      budget?.use(vm: vm, at: now)
      ownerOfCommand[tracked[vm][position].command] = nil
      commands.issue(.terminateShadow(id), because: rationales[vm])
      tracked[vm].remove(at: position)
    case .shifting, .active, .draining: break
    }
  }

  private mutating func order(
    _ command: Command, _ phase: Phase, _ vm: Int, _ position: Int, at now: SimTime,
    _ commands: inout CommandQueue
  ) {
    budget?.use(vm: vm, at: now)
    ownerOfCommand[tracked[vm][position].command] = nil
    let id = commands.issue(command, because: rationales[vm])
    tracked[vm][position].command = id
    tracked[vm][position].phase = phase
    ownerOfCommand[id] = vm
  }
}
