// SPDX-License-Identifier: Apache-2.0
public import Units

/// The value below which a share of a sample lies, with straight lines between order statistics.
///
/// With n values in ascending order the result for `percent` p is the value at position
/// (n − 1)·p/100, counted from 0: `numpy.percentile` with its default method "linear" (Hyndman and
/// Fan's definition 7, The American Statistician 50(4) 1996).
///
/// - Parameters:
///   - sorted: finite values in ascending order; at least one.
///   - percent: 0…100.
/// - Returns: the percentile.
public func percentile(ofSorted sorted: [Float], _ percent: Double) -> Double {
  precondition(!sorted.isEmpty && (0...100).contains(percent))
  let position = Double(sorted.count - 1) * percent / 100
  let index = min(Int(position), sorted.count - 1)
  let below = Double(sorted[index])
  guard index + 1 < sorted.count else { return below }
  return below + (Double(sorted[index + 1]) - below) * (position - Double(index))
}

extension DemandTrace {
  /// Sizes every VM by a percentile of its own load.
  ///
  /// - Parameters:
  ///   - percent: which percentile (95: one sample in twenty lies above the capacity).
  ///   - samples: the samples to look at, usually a training period before the run; nil takes all.
  ///   - floor: the least capacity of a VM.
  /// - Returns: capacity of each VM in VM order, in cores. A VM without a value in the range gets
  ///   `floor`.
  /// - Precondition: 0 ≤ `percent` ≤ 100, and the range lies within the samples.
  public func capacities(
    percentile percent: Double = 95, over samples: Range<Int>? = nil, floor: Cores = .zero
  ) -> [Cores] {
    let samples = samples ?? 0..<sampleCount
    precondition(samples.clamped(to: 0..<sampleCount) == samples, "samples outside the trace")
    return vms.indices.map { vm in
      let load = samples.lazy.map { cpuCores[$0, vm] }.filter { $0.isFinite }.sorted()
      guard !load.isEmpty else { return floor }
      return max(floor, Cores(Workloads.percentile(ofSorted: load, percent)))
    }
  }
}
