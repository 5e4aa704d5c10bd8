// SPDX-License-Identifier: Apache-2.0
public import ConsolidationParts

/// What manages the hosts in a replay.
public enum ReplayPolicy: Sendable, Hashable {
  /// NPA: nothing moves, and every host draws its peak power all the time.
  case nonPowerAware
  /// DVFS: nothing moves, power follows utilisation, hosts without load are off.
  case dvfs
  /// Consolidation each 300 s.
  case consolidation(OverloadDetector, VMSelector)

  /// A policy by the names that CloudSim's examples use.
  ///
  /// - Parameters:
  ///   - detector: `npa`, `dvfs`, `thr`, `iqr`, `mad`, `lr` or `lrr`, with its parameter after a
  ///     colon if it isn't to be the default (`thr:0.8`).
  ///   - selector: `mmt`, `mu`, `mc` or `rs`; not looked at for `npa` and `dvfs`.
  /// - Throws: ``ReplayError`` for an unknown name or a parameter that is no positive number.
  public init(detector: String, selector: String) throws(ReplayError) {
    let parts = detector.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    var parameter: Double?
    if parts.count > 1 {
      guard let number = Double(parts[1]), number > 0, number.isFinite else {
        throw ReplayError.badParameter(detector: name, text: String(parts[1]))
      }
      parameter = number
    }
    switch name {
    case "npa" where parameter == nil: self = .nonPowerAware
    case "dvfs" where parameter == nil: self = .dvfs
    default:
      guard var rule = OverloadDetector(name: name, parameter: parameter) else {
        throw ReplayError.unknownName(
          kind: "detector", name: name, known: ["npa", "dvfs"] + OverloadDetector.names)
      }
      guard let choice = VMSelector(rawValue: selector) else {
        throw ReplayError.unknownName(
          kind: "selector", name: selector, known: VMSelector.allCases.map(\.rawValue))
      }
      // CloudSim computes the weights of LR and LRR and then does not use them.
      if case .localRegression(let safety, _) = rule {
        rule = .localRegression(safety: safety, weighting: .equal)
      }
      self = .consolidation(rule, choice)
    }
  }
}

/// What CloudSim's experiment does that its paper does not say; each can be switched off to see
/// what it is worth.
public struct ReplayQuirks: Sendable, Hashable {
  /// Those of the planning.
  public var consolidation = ConsolidationQuirks.cloudSim
  /// A VM without demand at an update is destroyed and never comes back.
  public var losesIdleVMs = true
  /// A VM on its way occupies 10 % of its demand at the target, but counts there as asking for all
  /// of it, so that every target violates its service level.
  public var countsIncomingInFull = true

  /// CloudSim as it is.
  public init() {}

  /// The names by which quirks are switched off on the command line.
  public static let names = [
    "lost-idle-vms", "free-switch-on", "stale-power", "double-moves", "ignored-memory",
    "incoming-in-full",
  ]

  /// Switches a quirk off.
  ///
  /// - Throws: ``ReplayError`` for an unknown name.
  public mutating func remove(_ name: String) throws(ReplayError) {
    switch name {
    case "lost-idle-vms": losesIdleVMs = false
    case "free-switch-on": consolidation.isSwitchOnFree = false
    case "stale-power": consolidation.usesStalePower = false
    case "double-moves": consolidation.allowsDoubleMoves = false
    case "ignored-memory": consolidation.ignoresMemory = false
    case "incoming-in-full": countsIncomingInFull = false
    default: throw ReplayError.unknownName(kind: "quirk", name: name, known: Self.names)
    }
  }
}

/// One replay of CloudSim's consolidation experiment.
public struct ReplaySpec: Sendable {
  /// What the VMs ask for.
  public var workload: ReplayWorkload
  /// What manages the hosts.
  public var policy: ReplayPolicy
  /// Number of hosts; even numbers are HP ProLiant ML110 G4, odd ones G5.
  public var hostCount: Int
  /// Number of VMs. Traces are used again from the first one on when there are fewer.
  public var vmCount: Int
  /// Seed of random selection.
  public var seed: UInt64
  /// Differences from a sane plant.
  public var quirks = ReplayQuirks()

  /// CloudSim's sizes: 800 hosts and a VM a trace, or 50 and 50 for the random workload.
  public init(workload: ReplayWorkload, policy: ReplayPolicy, seed: UInt64 = 1) {
    self.workload = workload
    self.policy = policy
    self.seed = seed
    switch workload {
    case .trace(let trace):
      hostCount = 800
      vmCount = trace.vmCount
    case .syntheticDemand:
      hostCount = 50
      vmCount = 50
    }
  }
}

/// Why a replay can't be run.
public enum ReplayError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No part of that kind has this name.
  case unknownName(kind: String, name: String, known: [String])
  /// The text after the detector's colon is no positive number.
  case badParameter(detector: String, text: String)
  /// A trace has fewer samples than the day that is simulated.
  case shortTrace(file: String, samples: Int)
  /// A number of hosts or VMs is not positive.
  case badCount(name: String, value: Int)
  /// There is no room for a VM at the start.
  case noRoom(vm: Int, hosts: Int)
}
