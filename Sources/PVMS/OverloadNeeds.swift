// SPDX-License-Identifier: Apache-2.0
import ControlPlane

/// How many shadows an overload of each VM takes, learned from its overloads so far.
///
/// The probability of an overload says nothing of its size; some VMs exceed their capacity by a
/// tenth, some by a factor of ten. Kept as fading counts of "at least k shadows were needed", so
/// that the worth of the k-th shadow is P(overload) · P(at least k needed | overload).
package struct OverloadNeeds: Sendable, Codable {
  private let limit: Int
  /// P(need ≥ k + 1 | overload), `[vm][k]`.
  private var atLeast: [Double]
  private var hasOverloaded: [Bool]
  /// Shadows needed in the last interval; 0 when it was not overloaded.
  private var lastNeed: [Int]

  /// Weight of the newest overloaded interval: about ten intervals are remembered.
  private static let weight = 0.1
  /// Overloads go on as they are more often than not: weight of the last interval's need in what is
  /// expected of the next one.
  private static let persistence = 0.5

  /// Nothing known: one shadow is enough.
  package init(vmCount: Int, limit: Int) {
    self.limit = limit
    atLeast = [Double](repeating: 0, count: vmCount * limit)
    hasOverloaded = [Bool](repeating: false, count: vmCount)
    lastNeed = [Int](repeating: 0, count: vmCount)
  }

  /// Takes the mean loads of an interval; NaN is missing.
  package mutating func observe(_ loads: [Double], capacities: [Double]) {
    for vm in loads.indices {
      let need = shadowsNeeded(
        for: loads[vm], capacity: capacities[vm], threshold: 1, atMost: limit)
      lastNeed[vm] = need
      guard need > 0 else { continue }
      let weight = hasOverloaded[vm] ? Self.weight : 1
      hasOverloaded[vm] = true
      for k in 0..<limit {
        let index = vm * limit + k
        atLeast[index] += weight * ((k < need ? 1 : 0) - atLeast[index])
      }
    }
  }

  /// Probability that an overload in the next interval takes at least `count` shadows, ≥ 1.
  package func probability(ofAtLeast count: Int, vm: Int) -> Double {
    guard count > 1 else { return 1 }
    guard count <= limit else { return 0 }
    let learned = atLeast[vm * limit + count - 1]
    guard lastNeed[vm] > 0 else { return learned }
    let goesOn = lastNeed[vm] >= count ? 1.0 : 0
    return Self.persistence * goesOn + (1 - Self.persistence) * learned
  }

  /// How many shadows are each likelier to be needed than `threshold`, given that an overload is as
  /// likely as `risk`; 0 when not even one is.
  package func count(vm: Int, risk: Double, threshold: Double) -> Int {
    var count = 0
    while count < limit, risk * probability(ofAtLeast: count + 1, vm: vm) > threshold {
      count += 1
    }
    return count
  }

  /// How many shadows are worth their price: the number that maximises `risk` · P(they are enough |
  /// overload) − `price` · number.
  ///
  /// Too few save no degraded time, so one of fifty is worth nothing by itself; where an overload
  /// takes more than can be paid for in advance, it is answered when it is there.
  package func bestCount(vm: Int, risk: Double, price: Double) -> Int {
    var best = 0
    var bestGain = 0.0
    for count in 1...limit {
      if risk <= price * Double(count) { break }
      let gain = risk * (1 - probability(ofAtLeast: count + 1, vm: vm)) - price * Double(count)
      if gain > bestGain { (best, bestGain) = (count, gain) }
    }
    return best
  }
}
