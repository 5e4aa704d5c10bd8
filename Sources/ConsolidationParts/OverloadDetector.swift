// SPDX-License-Identifier: Apache-2.0

/// When a host counts as overloaded (Beloglazov & Buyya, CCPE 24(13) 2012, doi:10.1002/cpe.1867,
/// §5.1; defaults are theirs).
public enum OverloadDetector: Sendable, Hashable {
  /// THR: demand over capacity above a fixed share.
  case threshold(Double)
  /// IQR: above `1 − safety · (q3 − q1)` of the host's past utilisation.
  case interquartileRange(safety: Double)
  /// MAD: above `1 − safety · median |u − median u|` of the host's past utilisation.
  case medianAbsoluteDeviation(safety: Double)
  /// LR, LRR: `safety` times the trend of the newest ten values, one migration ahead, reaches 1.
  case localRegression(safety: Double, weighting: RegressionWeighting)

  /// How the ten values of local regression count.
  public enum RegressionWeighting: String, Sendable, Hashable, CaseIterable {
    /// All alike: what CloudSim really computes, for LR and for LRR.
    case equal
    /// Tricube: local regression as published (LR).
    case tricube
    /// Tricube and bisquare: robust local regression as published (LRR).
    case bisquare
  }

  /// Share above which a host is overloaded while its history is too short for the rule.
  public static let shortHistoryThreshold = 0.7
  /// Values that IQR and MAD need.
  static let spreadHistory = 12
  /// Values that local regression looks at.
  static let regressionHistory = 10

  /// The publication's default of a name (`thr`, `iqr`, `mad`, `lr`, `lrr`) with regressions as
  /// published, or nil. `parameter` replaces the default threshold or safety.
  public init?(name: String, parameter: Double? = nil) {
    switch name {
    case "thr": self = .threshold(parameter ?? 0.8)
    case "iqr": self = .interquartileRange(safety: parameter ?? 1.5)
    case "mad": self = .medianAbsoluteDeviation(safety: parameter ?? 2.5)
    case "lr": self = .localRegression(safety: parameter ?? 1.2, weighting: .tricube)
    case "lrr": self = .localRegression(safety: parameter ?? 1.2, weighting: .bisquare)
    default: return nil
    }
  }

  /// The names that ``init(name:parameter:)`` knows.
  public static let names = ["thr", "iqr", "mad", "lr", "lrr"]

  /// Whether the rule looks at the past at all.
  public var needsHistory: Bool {
    if case .threshold = self { return false }
    return true
  }

  /// No host whose demand exceeds this share of its capacity passes; a bound for searches.
  var ceiling: Double {
    switch self {
    case .threshold(let share): share
    case .interquartileRange, .medianAbsoluteDeviation: 1
    case .localRegression: .infinity
    }
  }

  /// Whether a host is overloaded.
  ///
  /// - Parameters:
  ///   - demandShare: demand of its VMs over its capacity; may exceed 1.
  ///   - history: its past utilisation, newest first, without the zeros at the old end.
  ///   - stepsAhead: how many steps of the history a migration takes.
  /// - Returns: whether the rule fires; that of 70 % while the history is too short.
  public func isOverloaded(
    demandShare: Double, history: UnsafeBufferPointer<Double>, stepsAhead: Double
  ) -> Bool {
    switch self {
    case .threshold(let share): return demandShare > share
    case .interquartileRange(let safety):
      guard history.count >= Self.spreadHistory else { break }
      return demandShare > 1 - safety * ConsolidationParts.interquartileRange(history)
    case .medianAbsoluteDeviation(let safety):
      guard history.count >= Self.spreadHistory else { break }
      return demandShare > 1 - safety * ConsolidationParts.medianAbsoluteDeviation(history)
    case .localRegression(let safety, let weighting):
      let count = Self.regressionHistory
      guard history.count >= count else { break }
      let line =
        weighting == .equal
        ? Line(leastSquares: history, count: count)
        : localLine(history, count: count, isRobust: weighting == .bisquare)
      return safety * line.value(at: Double(count) + stepsAhead) >= 1
    }
    return demandShare > Self.shortHistoryThreshold
  }
}
