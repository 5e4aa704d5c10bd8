// SPDX-License-Identifier: Apache-2.0

/// Quantiles of any number of weighted observations in constant memory.
///
/// ```swift
/// var response = WeightedHistogram(from: 1e-6, to: 1e3)
/// response.add(0.020, weight: 350)
/// response.quantile(0.95)
/// ```
/// Every power of two is cut into 2^`precisionBits` equal bins, so bins are log-linear and the bin
/// of a value is read from its bits: no logarithm, the same on every machine. A quantile is the
/// middle of its bin, which is within 2^−(`precisionBits` + 1) of the true one, relatively (0.4 %
/// for 7 bits, at 1 KiB per power of two). Below the range the absolute error is the lower bound;
/// above it the greatest observation stands for all.
///
/// Same construction as Tene's HdrHistogram, with real weights and values.
public struct WeightedHistogram: Sendable, Hashable, Codable {
  /// The number of observations with a weight above 0.
  public private(set) var count = 0
  /// The sum of the weights.
  public private(set) var totalWeight = 0.0
  /// The least observation; infinity if there are none.
  public private(set) var minimum = Double.infinity
  /// The greatest observation; −infinity if there are none.
  public private(set) var maximum = -Double.infinity

  private let precisionBits: Int
  /// The number of the lowest bin's bit prefix.
  private let lowestPrefix: UInt64
  /// The weights: below the range, the bins, above the range.
  private var bins: ContiguousArray<Double>
  private var weightedSum = 0.0

  /// An empty histogram.
  ///
  /// - Parameters:
  ///   - lower: Values from here on are told apart; smaller ones are one class.
  ///   - upper: Values up to here are told apart.
  ///   - precisionBits: 1 … 16; the relative error is at most 2^−(`precisionBits` + 1).
  /// - Precondition: `lower` and `upper` are normal numbers with 0 < `lower` < `upper`.
  public init(from lower: Double, to upper: Double, precisionBits: Int = 7) {
    precondition(
      lower.isNormal && upper.isNormal && 0 < lower && lower < upper,
      "a histogram needs a range of positive numbers")
    precondition((1...16).contains(precisionBits), "a histogram's precision is 1 ... 16 bits")
    self.precisionBits = precisionBits
    let shift = UInt64(52 - precisionBits)
    lowestPrefix = lower.bitPattern >> shift
    let inside = Int((upper.bitPattern >> shift) - lowestPrefix) + 1
    bins = ContiguousArray(repeating: 0, count: inside + 2)
  }

  /// The greatest relative error of a quantile inside the range.
  public var relativeError: Double { 0.5 / Double(1 << precisionBits) }

  /// The weighted mean, exact but for rounding; NaN if there are no observations.
  public var mean: Double { totalWeight > 0 ? weightedSum / totalWeight : .nan }

  /// Adds an observation; a weight of 0 adds nothing.
  ///
  /// - Precondition: `value` and `weight` are finite and not negative.
  public mutating func add(_ value: Double, weight: Double = 1) {
    precondition(value >= 0 && value.isFinite, "a histogram takes finite values from 0 on")
    precondition(weight >= 0 && weight.isFinite, "a weight must be finite and at least 0")
    if weight == 0 { return }
    bins[index(of: value)] += weight
    count += 1
    totalWeight += weight
    weightedSum += value * weight
    minimum = min(minimum, value)
    maximum = max(maximum, value)
  }

  /// Adds the observations of another part. Merge parts in a fixed order, as with any sum.
  ///
  /// - Precondition: Both have the same range and precision.
  public mutating func merge(_ other: WeightedHistogram) {
    precondition(
      precisionBits == other.precisionBits && lowestPrefix == other.lowestPrefix
        && bins.count == other.bins.count, "only histograms with the same bins can be merged")
    for bin in bins.indices { bins[bin] += other.bins[bin] }
    count += other.count
    totalWeight += other.totalWeight
    weightedSum += other.weightedSum
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }

  /// The least value whose observations, with all smaller ones, have at least the fraction
  /// `probability` of the weight; NaN if there are no observations. O(number of bins).
  ///
  /// - Precondition: `probability` is in 0 … 1.
  public func quantile(_ probability: Double) -> Double {
    precondition((0...1).contains(probability), "a quantile's probability is in 0 ... 1")
    guard count > 0 else { return .nan }
    // Summing the bins, not `totalWeight`, keeps rounding from missing the last bin.
    let target = probability * bins.reduce(0, +)
    var below = 0.0
    for bin in bins.indices where bins[bin] > 0 {
      below += bins[bin]
      if below >= target { return min(max(middle(of: bin), minimum), maximum) }
    }
    return maximum
  }

  private func index(of value: Double) -> Int {
    let prefix = value.magnitude.bitPattern >> UInt64(52 - precisionBits)
    if prefix < lowestPrefix { return 0 }
    return min(Int(prefix - lowestPrefix) + 1, bins.count - 1)
  }

  private func middle(of bin: Int) -> Double {
    func edge(_ offset: Int) -> Double {
      Double(bitPattern: (lowestPrefix + UInt64(offset)) << UInt64(52 - precisionBits))
    }
    if bin == 0 { return edge(0) / 2 }
    if bin == bins.count - 1 { return maximum }
    return (edge(bin - 1) + edge(bin)) / 2
  }
}
