// SPDX-License-Identifier: Apache-2.0

/// The unit that finds the least loaded of N targets and counts those that reach a threshold: P
/// comparisons a cycle, then a tree.
public struct DecisionUnit: Sendable, Equatable {
  /// Values compared a cycle, a power of two ≥ 2.
  public var lanes: Int

  /// A unit.
  ///
  /// - Precondition: `lanes` is a power of two ≥ 2.
  public init(lanes: Int = 8) {
    precondition(lanes >= 2 && lanes & (lanes - 1) == 0, "lanes")
    self.lanes = lanes
  }

  /// Cycles from `start` to `done`: a row of P values a cycle, one level of the tree a cycle, one to
  /// read and one to compare.
  public func cycles(count: Int) -> Int {
    (count + lanes - 1) / lanes + lanes.trailingZeroBitCount + 2
  }

  /// What it finds; ties go to the lower index.
  public static func decide(
    _ values: [Int16], threshold: Int16
  ) -> (least: Int16, index: Int, reaching: Int) {
    var best = 0
    for index in values.indices where values[index] < values[best] { best = index }
    return (values[best], best, values.count { $0 >= threshold })
  }
}
