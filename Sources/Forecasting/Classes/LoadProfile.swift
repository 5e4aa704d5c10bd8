// SPDX-License-Identifier: Apache-2.0

/// How a series behaves, in five numbers that do not depend on its size: what series are clustered
/// by. Loads are taken relative to the series' 95th percentile.
struct LoadProfile: Sendable, Equatable {
  /// Mean level; 1 for a constant series.
  var level = 1.0
  /// Standard deviation.
  var variation = 0.0
  /// Correlation of neighbouring values, −1 … 1.
  var persistence = 0.0
  /// Share of the variance that the mean of each time of day explains; 0 below two days.
  var rhythm = 0.0
  /// 99th percentile, at most 4.
  var peak = 1.0

  /// The numbers in order.
  var features: [Double] { [level, variation, persistence, rhythm, peak] }

  /// The profile of some values (NaN: missing); that of a constant series where there are none.
  init(_ values: ArraySlice<Double>, stepsPerDay: Int) {
    let seen = values.filter(\.isFinite).sorted()
    let scale = linearQuantile(seen, 0.95)
    guard scale.isFinite, scale > 0 else { return }
    let relative = values.map { $0 / scale }
    let known = relative.filter(\.isFinite)
    let center = mean(known)
    level = center
    peak = min(4, linearQuantile(seen, 0.99) / scale)
    let variance = mean(known.map { ($0 - center) * ($0 - center) })
    guard variance > 1e-12 else { return }
    variation = variance.squareRoot()
    let pairs = zip(relative, relative.dropFirst()).filter { $0.0.isFinite && $0.1.isFinite }
    if !pairs.isEmpty {
      persistence = mean(pairs.map { ($0 - center) * ($1 - center) }) / variance
    }
    if relative.count >= 2 * stepsPerDay {
      rhythm = Self.explained(relative, period: stepsPerDay, center: center) / variance
    }
  }

  /// Variance of the means of each phase, weighted by how many values they are of.
  private static func explained(_ values: [Double], period: Int, center: Double) -> Double {
    var sums = [Double](repeating: 0, count: period)
    var counts = sums
    for (index, value) in values.enumerated() where value.isFinite {
      sums[index % period] += value
      counts[index % period] += 1
    }
    let total = counts.reduce(0, +)
    return sums.indices.reduce(0) { sum, phase in
      guard counts[phase] > 0 else { return sum }
      let offset = sums[phase] / counts[phase] - center
      return sum + counts[phase] / total * offset * offset
    }
  }
}
