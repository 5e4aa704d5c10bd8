// SPDX-License-Identifier: Apache-2.0

/// How many shadows of full size bring every instance's part of `load` down to
/// `threshold × capacity`, load being shared equally; 0 when the primary alone is enough.
///
/// - Parameters:
///   - load: Load in cores.
///   - capacity: What one instance serves, in cores.
///   - threshold: Part of the capacity that may be used.
///   - limit: Most shadows allowed.
/// - Returns: 0 … `limit`; 0 for a load or capacity that is no number.
public func shadowsNeeded(
  for load: Double, capacity: Double, threshold: Double, atMost limit: Int
) -> Int {
  guard capacity > 0, load > capacity * threshold else { return 0 }
  let instances = (load / (capacity * threshold) - 1e-9).rounded(.up)
  return instances < Double(limit + 1) ? max(1, Int(instances) - 1) : limit
}
