// SPDX-License-Identifier: Apache-2.0
public import ConsolidationParts
public import ControlPlane
public import Units

/// What a consolidation policy is made of, as a scenario writes it:
/// `consolidation: { detector: { thr: 0.8 }, selector: mmt }`.
public struct ConsolidationParameters: Sendable {
  /// Detector, selector, placement, host filter, quirks.
  public var rules: ConsolidationRules
  /// Time between two rounds.
  public var period: SimTime
  /// Most migrations under way at a time.
  public var maximumMoves: Int
  /// Whether empty hosts are switched off.
  public var switchesOff: Bool
  /// The state that empty hosts go to.
  public var idleTarget: PowerTarget
  /// Seed of random selection.
  public var seed: UInt64

  /// Reads the parameters; the defaults are THR 0.8 and MMT each 5 min, without quirks.
  public init<Source: ParameterSource>(from source: inout Source) {
    let detector = source.section(
      "detector", about: "When a host is overloaded: one of thr, iqr, mad, lr, lrr."
    ) { Self.detector(&$0) }
    let selector = source.choice(
      "selector", default: "mmt", of: VMSelector.allCases.map(\.rawValue),
      about: "Which VM leaves: least memory, least utilised, most correlated, any (random).")
    rules = ConsolidationRules(
      detector: detector, selector: VMSelector(rawValue: selector) ?? .minimumMigrationTime)
    let placement = source.choice(
      "placement", default: HostChoice.powerAware.rawValue,
      of: HostChoice.allCases.map(\.rawValue), about: "Where a VM goes.")
    rules.placement = HostChoice(rawValue: placement) ?? .powerAware
    let ceiling = source.fraction(
      "emptyBelow", default: 1,
      about: "Hosts below this utilisation are emptied if all of their VMs fit elsewhere; 0: none.")
    rules.underload = ceiling > 0 ? .below(ceiling) : .never
    period = source.time(
      "period", default: .minutes(5), in: .seconds(1) ... .days(1),
      about: "Time between two rounds of consolidation.")
    maximumMoves = source.integer(
      "maximumMoves", default: 8, in: 1...100_000, about: "Most migrations under way at a time.")
    switchesOff = source.flag("switchOff", default: true, about: "Switch empty hosts off.")
    let idle = source.choice(
      "idleState", default: "off", of: ["off", "asleep"], about: "Where empty hosts go.")
    idleTarget = PowerTarget(rawValue: idle) ?? .off
    seed = UInt64(
      source.integer("seed", default: 1, in: 0...Int(Int32.max), about: "Seed of random selection.")
    )
    rules.quirks = source.section("quirks", about: "Behaviour of CloudSim, to see what it costs.") {
      Self.quirks(&$0)
    }
  }

  private static func detector(_ source: inout some ParameterSource) -> OverloadDetector {
    var detector = OverloadDetector.threshold(0.8)
    var given: [String] = []
    for name in OverloadDetector.names {
      let (fallback, about) = defaults(name)
      let value = source.number(name, default: fallback, in: 0.01...100, about: about)
      guard source.isGiven(name) else { continue }
      given.append(name)
      detector = OverloadDetector(name: name, parameter: value) ?? detector
    }
    if given.count > 1 {
      source.problem(given[1], "one detector only; \(given[0]) is there already")
    }
    return detector
  }

  private static func defaults(_ name: String) -> (Double, String) {
    switch name {
    case "thr": (0.8, "Fixed threshold: demand over capacity.")
    case "iqr": (1.5, "Safety factor of the interquartile range of the host's past.")
    case "mad": (2.5, "Safety factor of the median absolute deviation of the host's past.")
    case "lr": (1.2, "Safety factor of local regression over the host's past (tricube weights).")
    default: (1.2, "Safety factor of robust local regression (bisquare weights).")
    }
  }

  private static func quirks(_ source: inout some ParameterSource) -> ConsolidationQuirks {
    var quirks = ConsolidationQuirks()
    quirks.isSwitchOnFree = source.flag(
      "freeSwitchOn", default: false, about: "The idle power of a host that is off counts as paid.")
    quirks.usesStalePower = source.flag(
      "stalePower", default: false,
      about: "A host's power before a placement leaves out what this round has placed there.")
    quirks.allowsDoubleMoves = source.flag(
      "doubleMoves", default: false,
      about: "A host that was just given a VM may be emptied in the same round.")
    quirks.ignoresMemory = source.flag(
      "ignoredMemory", default: false, about: "Plan without looking at memory.")
    return quirks
  }
}
