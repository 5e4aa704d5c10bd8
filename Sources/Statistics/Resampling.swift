// SPDX-License-Identifier: Apache-2.0
import SimulationKernel

/// An interval.
public struct Interval: Sendable, Hashable {
  /// Lower end.
  public var lower: Double
  /// Upper end.
  public var upper: Double

  /// An interval from its ends.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

/// The percentile bootstrap interval of a mean (Efron, Ann. Statist. 7(1) 1979).
///
/// - Parameters:
///   - values: The sample; differences of pairs for a paired statement.
///   - level: Confidence, in (0, 1).
///   - resamples: Samples drawn with replacement.
///   - seed: Root of the drawing; equal input gives an equal interval.
/// - Returns: The interval; NaN when there are fewer than two values or one is not a number.
public func bootstrapInterval(
  of values: [Double], level: Double = 0.95, resamples: Int = 9999, seed: UInt64 = 0
) -> Interval {
  guard values.count > 1, values.allSatisfy(\.isFinite), resamples > 0 else {
    return Interval(lower: .nan, upper: .nan)
  }
  var stream = RandomStream(seed: seed, purpose: "bootstrap")
  var means: [Double] = []
  means.reserveCapacity(resamples)
  for _ in 0..<resamples {
    var sum = 0.0
    for _ in values.indices { sum += values[stream.integer(below: values.count)] }
    means.append(sum / Double(values.count))
  }
  means.sort()
  let tail = (1 - level) / 2
  return Interval(
    lower: linearQuantile(tail, ofSorted: means), upper: linearQuantile(1 - tail, ofSorted: means))
}

/// A quantile with linear interpolation between order statistics (Hyndman and Fan's type 7).
func linearQuantile(_ share: Double, ofSorted values: [Double]) -> Double {
  let place = share * Double(values.count - 1)
  let index = min(max(0, Int(place)), values.count - 1)
  guard index + 1 < values.count else { return values[index] }
  return values[index] + (place - Double(index)) * (values[index + 1] - values[index])
}

/// Probabilities of several tests, corrected so that the chance of any false alarm stays at the
/// level they are compared with (Holm, Scand. J. Statist. 6(2) 1979).
///
/// - Parameter probabilities: One a test; NaN (no test) stays NaN and does not count.
/// - Returns: The corrected probabilities in the same order, at most 1.
public func holmAdjusted(_ probabilities: [Double]) -> [Double] {
  let order = probabilities.indices.filter { !probabilities[$0].isNaN }
    .sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
  var adjusted = probabilities
  var highest = 0.0
  for (rank, index) in order.enumerated() {
    highest = max(highest, min(1, probabilities[index] * Double(order.count - rank)))
    adjusted[index] = highest
  }
  return adjusted
}

/// How much of the start of a series is warm-up: MSER over batch means (White, Simulation 69(6)
/// 1997; batches of 5: White, Cobb and Spratt, WSC 2000).
///
/// The truncation is the one for which the standard error of the mean of what remains is least,
/// looked for in the first half of the series.
///
/// - Parameters:
///   - values: Observations in order of time.
///   - batch: Observations to a batch, at least 1.
/// - Returns: Observations to drop: a multiple of `batch`; nil when the minimum lies at the end
///   of the first half or there are fewer than four batches, so that the run is too short to tell.
public func warmUpLength(of values: [Double], batch: Int = 5) -> Int? {
  precondition(batch >= 1)
  let batches = values.count / batch
  guard batches >= 4 else { return nil }
  let means = (0..<batches).map { index in
    values[index * batch..<(index + 1) * batch].reduce(0, +) / Double(batch)
  }
  // Squares around the overall mean, so that a large offset takes no digits away.
  let offset = means.reduce(0, +) / Double(batches)
  var sum = 0.0
  var squares = 0.0
  var best: (dropped: Int, error: Double)?
  for dropped in stride(from: batches - 1, through: 0, by: -1) {
    let value = means[dropped] - offset
    sum += value
    squares += value * value
    let count = Double(batches - dropped)
    let error = max(0, squares - sum * sum / count) / (count * count)
    if dropped <= batches / 2, error <= best?.error ?? .infinity { best = (dropped, error) }
  }
  guard let best, best.dropped < batches / 2 else { return nil }
  return best.dropped * batch
}
