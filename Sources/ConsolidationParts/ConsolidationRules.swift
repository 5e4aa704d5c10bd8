// SPDX-License-Identifier: Apache-2.0

/// Where a VM goes.
public enum HostChoice: String, Sendable, Hashable, CaseIterable {
  /// Power-aware best fit: the host whose power rises least (PABFD with VMs by falling demand).
  case powerAware = "power-aware-best-fit"
  /// The first host that fits.
  case firstFit = "first-fit"
  /// The fullest host that fits.
  case bestFit = "best-fit"
}

/// Which hosts are emptied to be switched off.
public enum UnderloadRule: Sendable, Hashable {
  /// None.
  case never
  /// One after the other from the least utilised on, as long as all of its VMs fit elsewhere.
  case leastUtilised
  /// The same, but only hosts below this utilisation.
  case below(Double)

  /// The utilisation below which a host may be emptied.
  var ceiling: Double {
    switch self {
    case .never: 0
    case .leastUtilised: 1
    case .below(let share): share
    }
  }
}

/// What CloudSim's experiment does that a reader of the paper would not expect. All off is physical.
public struct ConsolidationQuirks: Sendable, Hashable {
  /// The idle power of a host that is off counts as paid already.
  public var isSwitchOnFree = false
  /// A host's power before a placement is the last measured one, without what the same round has
  /// already placed there; and its utilisation as a candidate for emptying likewise.
  public var usesStalePower = false
  /// A host that was given a VM for relief may be emptied in the same round; the VM moves twice.
  public var allowsDoubleMoves = false
  /// Memory is no constraint.
  public var ignoresMemory = false

  /// No quirk.
  public init() {}

  /// All of them.
  public static var cloudSim: ConsolidationQuirks {
    var quirks = ConsolidationQuirks()
    quirks.isSwitchOnFree = true
    quirks.usesStalePower = true
    quirks.allowsDoubleMoves = true
    quirks.ignoresMemory = true
    return quirks
  }
}

/// The parts that make up one consolidation policy.
public struct ConsolidationRules: Sendable, Hashable {
  /// When a host is overloaded.
  public var detector: OverloadDetector
  /// Which VM leaves it.
  public var selector: VMSelector
  /// Where VMs go.
  public var placement = HostChoice.powerAware
  /// Which hosts are emptied.
  public var underload = UnderloadRule.leastUtilised
  /// Differences from the physical behaviour.
  public var quirks = ConsolidationQuirks()

  /// Rules from a detector and a selector.
  public init(detector: OverloadDetector, selector: VMSelector) {
    self.detector = detector
    self.selector = selector
  }

  /// Whether histories have to be kept.
  public var needsHistory: Bool { detector.needsHistory || selector.needsHistory }
}

/// One move of a plan.
public struct PlannedMove: Sendable, Hashable, Codable {
  /// The VM.
  public var vm: Int
  /// Where it is.
  public var source: Int
  /// Where it goes.
  public var target: Int

  /// A move.
  public init(vm: Int, source: Int, target: Int) {
    self.vm = vm
    self.source = source
    self.target = target
  }
}

/// What one round decided.
public struct ConsolidationPlan: Sendable {
  /// The moves in the order in which they start.
  public var moves: [PlannedMove] = []
  /// Overloaded hosts.
  public var overloaded: [Int] = []
  /// How many of the moves, the first ones, relieve overloaded hosts.
  public var reliefCount = 0
  /// Hosts that lose all of their VMs, in the order in which they were emptied.
  public var emptied: [Int] = []

  /// A plan without moves.
  public init() {}
}
