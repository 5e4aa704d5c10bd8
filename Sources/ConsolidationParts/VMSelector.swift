// SPDX-License-Identifier: Apache-2.0
public import SimulationKernel

/// Which VM leaves an overloaded host first (Beloglazov & Buyya, CCPE 24(13) 2012, §5.2).
public enum VMSelector: String, Sendable, Hashable, CaseIterable {
  /// MMT: the one that migrates fastest, i.e. with the least memory.
  case minimumMigrationTime = "mmt"
  /// MU: the one with the lowest utilisation.
  case minimumUtilisation = "mu"
  /// MC: the one whose history is best explained by those of the others.
  case maximumCorrelation = "mc"
  /// RS: any one.
  case random = "rs"

  /// Whether the rule looks at the past.
  public var needsHistory: Bool { self == .maximumCorrelation }

  /// The VM to move.
  ///
  /// The first one wins ties. MC falls back to MMT with one VM, with histories of fewer values than
  /// VMs, and when a regression is exactly singular.
  ///
  /// - Parameters:
  ///   - candidates: the host's VMs, in order.
  ///   - state: their sizes, loads and histories.
  ///   - random: the stream that RS draws from.
  /// - Returns: one of the candidates, or nil when there is none.
  public func select(
    from candidates: ContiguousArray<Int32>, in state: PackingState, random: inout RandomStream
  ) -> Int32? {
    guard let first = candidates.first else { return nil }
    switch self {
    case .minimumMigrationTime:
      return least(candidates) { state.memory[$0] }
    case .minimumUtilisation:
      return least(candidates) { state.share[$0] * state.size[$0] / state.size[$0] }
    case .random:
      return candidates[random.integer(below: candidates.count)]
    case .maximumCorrelation:
      let length = candidates.map { state.history.count(of: Int($0)) }.min() ?? 0
      guard candidates.count > 1, length >= candidates.count else { break }
      let histories = candidates.map { vm in
        (0..<length).map { state.history.value($0, of: Int(vm)) }
      }
      guard let correlations = multipleCorrelations(histories) else { break }
      var (best, greatest) = (first, 0.0)
      for (position, value) in correlations.enumerated() where value > greatest {
        (best, greatest) = (candidates[position], value)
      }
      return best
    }
    return least(candidates) { state.memory[$0] }
  }

  private func least(_ candidates: ContiguousArray<Int32>, _ key: (Int) -> Double) -> Int32? {
    var best: Int32?
    var smallest = Double.infinity
    for vm in candidates {
      let value = key(Int(vm))
      if value < smallest { (best, smallest) = (vm, value) }
    }
    return best ?? candidates.first
  }
}
