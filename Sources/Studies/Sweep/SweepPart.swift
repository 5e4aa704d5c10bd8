// SPDX-License-Identifier: Apache-2.0

/// A part of a sweep's units, as one machine or one task of a scheduler takes it: part `index` of
/// `count` has the units at `index`, `index + count`, `index + 2 count`, … of the plan. So each unit
/// is in exactly one part, and no part has more than one unit more than another.
public struct SweepPart: Sendable, Hashable {
  /// 0 … `count - 1`.
  public let index: Int
  /// 1 … ``mostParts``.
  public let count: Int

  /// Most parts of a sweep.
  public static let mostParts = 100_000
  /// Everything.
  public static let whole = SweepPart(index: 0, count: 1)

  /// A part.
  public init(index: Int, count: Int) {
    precondition((1...Self.mostParts).contains(count) && (0..<count).contains(index))
    self.index = index
    self.count = count
  }

  /// Reads `I/N`; nil when that is no part.
  public init?(_ text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
      (1...Self.mostParts).contains(count), (0..<count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  /// The part that the unit at a position of the plan belongs to.
  static func index(ofUnitAt position: Int, count: Int) -> Int { position % count }

  /// Whether the unit at a position of the plan belongs to the part.
  public func contains(_ position: Int) -> Bool {
    Self.index(ofUnitAt: position, count: count) == index
  }
}
