// SPDX-License-Identifier: Apache-2.0
public import Experiments
import Units

/// A condition on a metric, such as `degradedMinutesPerVmDay <= 1`.
public struct WhatIfGoal: Sendable, CustomStringConvertible {
  /// How the metric's mean stands to the limit.
  public enum Comparison: String, Sendable, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"
  }

  /// The metric.
  public let metric: Metric
  /// How it is to stand to the limit.
  public let comparison: Comparison
  /// The limit, in the metric's unit.
  public let limit: Double

  /// Reads `METRIC <= NUMBER`; also `>=`, `<`, `>`.
  ///
  /// - Throws: ``StudyError`` that says what was expected.
  public init(_ text: String) throws(StudyError) {
    guard
      let comparison = Comparison.allCases.first(where: { text.contains($0.rawValue) }),
      let place = text.firstRange(of: comparison.rawValue),
      let limit = Double(trimmed(text[place.upperBound...])), limit.isFinite
    else { throw StudyError("expected METRIC <= NUMBER (or >=, <, >), found \"\(text)\"") }
    metric = try Metric.called(trimmed(text[..<place.lowerBound]))
    self.comparison = comparison
    self.limit = limit
  }

  /// Whether a value fulfils it; a value that does not exist does not.
  public func isMet(by value: Double) -> Bool {
    switch comparison {
    case .atMost: value <= limit
    case .atLeast: value >= limit
    case .below: value < limit
    case .above: value > limit
    }
  }

  /// The condition as it is written.
  public var description: String {
    let number = limit == limit.rounded() && abs(limit) < 1e15 ? "\(Int(limit))" : "\(limit)"
    return "\(metric.name) \(comparison.rawValue) \(number)"
  }
}

extension Metric {
  /// The metric of a name.
  ///
  /// - Throws: ``StudyError`` with the nearest name.
  public static func called(_ name: String) throws(StudyError) -> Metric {
    guard let position = position(of: name) else {
      let nearest = nearestName(to: name, in: all.map(\.name))
      throw StudyError(
        "no metric \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    return all[position]
  }
}
