// SPDX-License-Identifier: Apache-2.0

/// Air that goes from rack outlets straight to rack inlets, as heat-capacity rates `F_ij` in W/K.
///
/// Kept as runs of neighbouring destinations per source, because recirculation is local on a real
/// floor (a band of neighbours) and may be full when it was measured or simulated: both are then
/// plain loops over contiguous memory.
package struct RecirculationFlows: Sendable, Hashable, Codable {
  /// Destinations `first ..< first + count` of one source; its values start at `offset`.
  struct Run: Sendable, Hashable, Codable {
    var source: Int32
    var first: Int32
    var count: Int32
    var offset: Int
  }

  /// Number of racks.
  package let rackCount: Int
  private(set) var runs: [Run] = []
  private(set) var values: [Double] = []

  /// No recirculation.
  package init(rackCount: Int) { self.rackCount = rackCount }

  /// The flows `value(i, j)` from outlet `i` to inlet `j`; zeros cost nothing.
  package init(rackCount: Int, value: (_ from: Int, _ to: Int) -> Double) {
    self.rackCount = rackCount
    for i in 0..<rackCount {
      var open = false
      for j in 0..<rackCount {
        let flow = value(i, j)
        guard flow != 0 else {
          open = false
          continue
        }
        if !open {
          runs.append(Run(source: Int32(i), first: Int32(j), count: 0, offset: values.count))
          open = true
        }
        runs[runs.count - 1].count += 1
        values.append(flow)
      }
    }
  }

  /// `Σ_i F_ij` for each inlet `j`.
  var received: [Double] {
    var sums = [Double](repeating: 0, count: rackCount)
    accumulate([Double](repeating: 1, count: rackCount), into: &sums)
    return sums
  }

  /// `Σ_j F_ij` for each outlet `i`.
  var sent: [Double] {
    var sums = [Double](repeating: 0, count: rackCount)
    for run in runs {
      for k in 0..<Int(run.count) { sums[Int(run.source)] += values[run.offset + k] }
    }
    return sums
  }

  /// The flows when the fans of rack `i` turn at the share `speeds[i]` of their design speed.
  func scaled(by speeds: [Double]) -> RecirculationFlows {
    var result = self
    for run in runs {
      let own = speeds[Int(run.source)]
      for k in 0..<Int(run.count) {
        result.values[run.offset + k] *= min(own, speeds[Int(run.first) + k])
      }
    }
    return result
  }

  /// Adds `Σ_i F_ij·x_i` to `sums[j]`; both have at least one element a rack.
  func accumulate(_ x: [Double], into sums: inout [Double]) {
    precondition(x.count >= rackCount && sums.count >= rackCount)
    x.withUnsafeBufferPointer { source in
      sums.withUnsafeMutableBufferPointer { target in
        if let from = source.baseAddress, let to = target.baseAddress {
          accumulate(from: from, into: to)
        }
      }
    }
  }

  /// The same on bare memory; the innermost loop of the thermal model.
  @inline(__always)
  func accumulate(from x: UnsafePointer<Double>, into sums: UnsafeMutablePointer<Double>) {
    values.withUnsafeBufferPointer { flows in
      guard let base = flows.baseAddress else { return }
      var index = 0
      while index < runs.count {
        let run = runs[index]
        let target = sums + Int(run.first)
        let a = base + run.offset
        let xa = x[Int(run.source)]
        if index + 1 < runs.count, runs[index + 1].first == run.first,
          runs[index + 1].count == run.count
        {
          // Two rows of a full matrix at once: the sums are read and written half as often.
          let b = base + runs[index + 1].offset
          let xb = x[Int(runs[index + 1].source)]
          for k in 0..<Int(run.count) { target[k] += a[k] * xa + b[k] * xb }
          index += 2
        } else {
          for k in 0..<Int(run.count) { target[k] += a[k] * xa }
          index += 1
        }
      }
    }
  }
}
