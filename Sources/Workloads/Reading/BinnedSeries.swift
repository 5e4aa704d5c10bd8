// SPDX-License-Identifier: Apache-2.0

/// Readings of one quantity of one VM, summed by bin; only bins with readings are stored.
struct BinnedSeries {
  private struct Bin {
    var index: Int
    var sum: Double
    var count: Int
  }

  private var bins: [Bin] = []
  private var isSorted = true

  var isEmpty: Bool { bins.isEmpty }

  @inline(__always)
  mutating func add(_ value: Double, bin: Int) {
    if let last = bins.indices.last {
      if bins[last].index == bin {
        bins[last].sum += value
        bins[last].count += 1
        return
      }
      if bins[last].index > bin { isSorted = false }
    }
    bins.append(Bin(index: bin, sum: value, count: 1))
  }

  /// Brings the bins into order and unites those that were visited more than once.
  mutating func normalise() {
    guard !isSorted else { return }
    let order = bins.indices.sorted {
      (bins[$0].index, $0) < (bins[$1].index, $1)
    }
    var merged: [Bin] = []
    for position in order {
      let bin = bins[position]
      if let last = merged.indices.last, merged[last].index == bin.index {
        merged[last].sum += bin.sum
        merged[last].count += bin.count
      } else {
        merged.append(bin)
      }
    }
    bins = merged
    isSorted = true
  }

  /// First and last bin with a reading. Call ``normalise()`` before.
  var span: ClosedRange<Int>? {
    guard let first = bins.first, let last = bins.last else { return nil }
    return first.index...last.index
  }

  /// Whether a bin of the window has a reading. Call ``normalise()`` before.
  func hasReading(in window: Range<Int>) -> Bool {
    bins.contains { window.contains($0.index) }
  }

  /// Writes the mean of every bin of `window` to `column`, the last value into empty bins (also
  /// the last one before the window), and `edges` outside the readings. Returns how many bins took
  /// a value from elsewhere. Call ``normalise()`` before.
  func fill(_ column: inout [Float], window: Range<Int>, edges: EdgeFill) -> Int {
    guard let span, let firstBin = bins.first else { return 0 }
    var carried = 0
    var next = 0
    var value = Float(firstBin.sum / Double(firstBin.count))
    for (row, bin) in window.enumerated() {
      while next < bins.count, bins[next].index < bin {
        value = Float(bins[next].sum / Double(bins[next].count))
        next += 1
      }
      if next < bins.count, bins[next].index == bin {
        value = Float(bins[next].sum / Double(bins[next].count))
        column[row] = value
      } else if span.contains(bin) || edges == .hold {
        column[row] = value
        carried += 1
      } else {
        column[row] = edges == .zero ? 0 : .nan
      }
    }
    return carried
  }
}
