// SPDX-License-Identifier: Apache-2.0

/// How hot and cold air are kept apart.
public enum Containment: String, Sendable, Hashable, CaseIterable {
  case none
  case coldAisle = "cold-aisle"
  case hotAisle = "hot-aisle"

  /// Share of a rack's exhaust that finds its way to inlets. Measured supply-heat indices run from
  /// about 0.05 with containment to 0.2 and more without (Sharma, Bash and Patel, AIAA 2002-3091;
  /// lower is better).
  public var usualRecirculation: Double {
    switch self {
    case .none: 0.18
    case .coldAisle: 0.05
    case .hotAisle: 0.03
    }
  }
}

/// Where the racks stand, and what share of whose exhaust gets where.
///
/// Racks fill rows of `racksPerRow`. The fronts of rows 0 and 1, 2 and 3, … face each other over a
/// cold aisle, the backs of rows 1 and 2, 3 and 4, … over a hot one. Exhaust of a rack that does
/// not return to the units spills over the tops of its own row and of the row behind it: to the inlet
/// of rack `j` goes a share that falls by half with each rack of distance along the row, and to a
/// fifth over the hot aisle; racks at the ends of a row leak `endFactor` times as much, around the
/// end. This is a generator of plausible matrices, not a flow simulation; measured or simulated
/// matrices can be given instead.
public struct FloorLayout: Sendable, Hashable {
  /// Racks in a row.
  public var racksPerRow: Int
  /// Share of a rack's exhaust that goes to inlets, away from the ends of a row.
  public var recirculation: Double
  /// How much more racks at a row's ends leak.
  public var endFactor: Double

  /// Racks further apart than this along the row don't affect each other (2⁻⁶ of the own share).
  private static let reach = 5
  private static let decay = 0.5
  private static let overAisle = 0.2

  /// A layout.
  public init(racksPerRow: Int, recirculation: Double, endFactor: Double = 1.5) {
    self.racksPerRow = racksPerRow
    self.recirculation = recirculation
    self.endFactor = endFactor
  }

  /// `a_ij`: share of the exhaust of rack `i` that reaches the inlet of rack `j`, for all racks.
  ///
  /// The result is a function of the two racks; sums over `j` are below 1 for any `i`.
  func shares(rackCount: Int) -> (_ from: Int, _ to: Int) -> Double {
    let totals = (0..<rackCount).map { source in
      candidates(of: source, rackCount: rackCount).reduce(0) { $0 + weight(source, $1) }
    }
    return { source, target in
      let weight = weight(source, target)
      guard weight > 0 else { return 0 }
      return min(recirculation * leak(source, rackCount), 0.9) * weight / totals[source]
    }
  }

  private func candidates(of source: Int, rackCount: Int) -> [Int] {
    (0..<rackCount).filter { weight(source, $0) > 0 }
  }

  private func leak(_ rack: Int, _ rackCount: Int) -> Double {
    let column = rack % racksPerRow
    let isEnd = column == 0 || column == racksPerRow - 1 || rack == rackCount - 1
    return isEnd ? endFactor : 1
  }

  private func weight(_ source: Int, _ target: Int) -> Double {
    let row = source / racksPerRow
    let other = target / racksPerRow
    let distance = abs(source % racksPerRow - target % racksPerRow)
    guard distance <= Self.reach else { return 0 }
    // Row 2k + 1 has the hot aisle at its back towards row 2k + 2.
    let behind = row % 2 == 1 ? row + 1 : row - 1
    let base: Double
    if other == row {
      base = 1
    } else if other == behind {
      base = Self.overAisle
    } else {
      return 0
    }
    return base * Elementary.pow(Self.decay, Double(distance))
  }
}
