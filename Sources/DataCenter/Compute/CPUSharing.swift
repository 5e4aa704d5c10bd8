// SPDX-License-Identifier: Apache-2.0

/// Max-min fair sharing of one host's CPU among claims with caps.
///
/// Each claim `w_i` is what an instance would use alone (its load or its cap, whichever is less).
/// Allocation `a_i = min(w_i, level)`, where `level` is the largest number with Σ a_i ≤ capacity:
/// nobody can get more without taking from someone who has no more than they have.
struct CPUSharing: Sendable {
  private var sorted: ContiguousArray<Double> = []

  /// The level for claims that together exceed `capacity`.
  ///
  /// - Precondition: `claims` is not empty and sums to more than `capacity`.
  /// - Complexity: O(n log n).
  mutating func level(of claims: some Sequence<Double>, capacity: Double) -> Double {
    sorted.removeAll(keepingCapacity: true)
    sorted.append(contentsOf: claims)
    sorted.sort()
    var remaining = capacity
    for (index, claim) in sorted.enumerated() {
      let equalPart = remaining / Double(sorted.count - index)
      if claim >= equalPart { return equalPart }
      remaining -= claim
    }
    return sorted.last ?? 0
  }
}
