// SPDX-License-Identifier: Apache-2.0

/// A discrete-time Markov chain over equal bins of a series' range: what PRESS predicts from when
/// there is no repeating pattern (Gong, Gu & Wilkes, CNSM 2010).
///
/// P_ij is the share of visits to bin i that were followed by bin j. k steps ahead the distribution
/// is e_now·Pᵏ (Chapman-Kolmogorov), and the prediction its mean, a bin being worth the mean of the
/// values that were seen in it. A bin that was never left is taken to stay.
public struct BinnedMarkovChain: Sendable, Codable {
  /// Number of bins.
  public let binCount: Int
  private var lower = 0.0
  private var width = 0.0
  /// Transitions seen, `[from, to]`.
  private var counts: [Float]
  /// Transitions seen out of each bin.
  private var exits: [Float]
  private var sums: [Double]
  private var visits: [Double]
  /// The bin of the newest value; nil before the first.
  public private(set) var current: Int?
  private var isInterrupted = false

  /// A chain that has seen nothing; every value falls into its first bin until ``fit(_:)``.
  ///
  /// - Precondition: `binCount ≥ 1`.
  public init(binCount: Int) {
    precondition(binCount >= 1, "\(binCount) bins")
    self.binCount = binCount
    counts = [Float](repeating: 0, count: binCount * binCount)
    exits = [Float](repeating: 0, count: binCount)
    sums = [Double](repeating: 0, count: binCount)
    visits = sums
  }

  /// Starts anew: bins that divide the range of `values`, transitions between them.
  public mutating func fit(_ values: ArraySlice<Double>) {
    for bin in 0..<binCount where visits[bin] > 0 {
      for next in 0..<binCount { counts[bin * binCount + next] = 0 }
      exits[bin] = 0
      sums[bin] = 0
      visits[bin] = 0
    }
    current = nil
    isInterrupted = false
    lower = values.min() ?? 0
    width = ((values.max() ?? 0) - lower) / Double(binCount)
    for value in values { observe(value) }
  }

  /// Takes the next value, finite. Values outside the range count for the outermost bin.
  public mutating func observe(_ value: Double) {
    let bin = bin(of: value)
    sums[bin] += value
    visits[bin] += 1
    if let current, !isInterrupted {
      counts[current * binCount + bin] += 1
      exits[current] += 1
    }
    current = bin
    isInterrupted = false
  }

  /// Takes note that a value is missing: what comes next does not follow from what was last.
  public mutating func skip() { isInterrupted = true }

  /// The bin of a value.
  public func bin(of value: Double) -> Int {
    guard width > 0 else { return 0 }
    let position = (value - lower) / width
    return position >= Double(binCount) ? binCount - 1 : max(0, Int(max(0, position)))
  }

  /// What a bin is worth: the mean of its values; nil if there were none.
  public func value(of bin: Int) -> Double? {
    visits[bin] > 0 ? sums[bin] / visits[bin] : nil
  }

  /// P_ij.
  public func probability(from bin: Int, to next: Int) -> Double {
    if exits[bin] == 0 { return bin == next ? 1 : 0 }
    return Double(counts[bin * binCount + next]) / Double(exits[bin])
  }

  /// Where the chain is after so many steps: one probability a bin; all 0 before the first value.
  /// What is asked for beyond ``mostSteps`` is answered by the distribution there.
  public func distribution(after steps: Int) -> [Double] {
    var (present, next) = start()
    for _ in 0..<min(steps, Self.mostSteps) {
      if advance(&present, &next) < Self.stillness { break }
    }
    return present
  }

  /// The mean of the distribution after 1, 2, … steps, as many as `means` has elements; 0 before
  /// the first value.
  public func predict(into means: UnsafeMutableBufferPointer<Double>) {
    var (present, next) = start()
    for step in means.indices {
      _ = advance(&present, &next)
      means[step] = mean(present)
    }
  }

  /// The mean of the distribution after `steps` steps; 0 before the first value.
  public func prediction(after steps: Int) -> Double { mean(distribution(after: steps)) }

  /// Most steps that are worked out: bounds the work of long horizons.
  public static let mostSteps = 64

  /// A step that moves less probability than this is the last that is worked out. What steps move
  /// never grows, so a thousand further ones would have moved 1e-10 at most.
  private static let stillness = 1e-13

  private func start() -> (present: [Double], next: [Double]) {
    let none = [Double](repeating: 0, count: binCount)
    var present = none
    if let current { present[current] = 1 }
    return (present, none)
  }

  /// One step: present ← present·P.
  ///
  /// - Returns: Probability that has moved (the sum of absolute differences).
  private func advance(_ present: inout [Double], _ next: inout [Double]) -> Double {
    for bin in 0..<binCount { next[bin] = 0 }
    for bin in 0..<binCount where present[bin] > 0 {
      if exits[bin] == 0 {
        next[bin] += present[bin]
        continue
      }
      let share = present[bin] / Double(exits[bin])
      let row = bin * binCount
      for target in 0..<binCount { next[target] += share * Double(counts[row + target]) }
    }
    var moved = 0.0
    for bin in 0..<binCount { moved += abs(next[bin] - present[bin]) }
    swap(&present, &next)
    return moved
  }

  private func mean(_ distribution: [Double]) -> Double {
    var total = 0.0
    for bin in 0..<binCount where distribution[bin] > 0 {
      total += distribution[bin] * sums[bin] / visits[bin]
    }
    return total
  }
}
