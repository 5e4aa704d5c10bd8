// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Requests in an instance that works on at most `limit` of them at once and refuses more
/// (M/M/1/K under processor sharing).
///
/// An admitted request finds `n` others with probability ∝ ρⁿ, n = 0 … K − 1, for *any* ρ, below 1
/// and above (Kleinrock, *Queueing Systems I*, 1975, §3.6; the number in the system is the same
/// under processor sharing). Its mean time is `S·E[n + 1]`, by Little's law, so overload is finite.
package struct BoundedSharing: Sendable, Hashable {
  /// Most requests at a time, K.
  package var limit: Int

  /// A server with that limit.
  ///
  /// - Precondition: at least one request.
  package init(limit: Int) {
    precondition(limit >= 1)
    self.limit = limit
  }

  /// Mean and squared coefficient of variation of `n + 1`.
  ///
  /// - Complexity: O(limit).
  package func crowd(utilization: Double) -> (mean: Double, variation: Double) {
    // Weights from the likelier end, which keeps powers at or below 1.
    let isOver = utilization > 1
    let ratio = isOver ? 1 / utilization : utilization
    var (weight, total, first, second) = (1.0, 0.0, 0.0, 0.0)
    for step in 0..<limit {
      let present = Double(isOver ? limit - step : step + 1)
      total += weight
      first += weight * present
      second += weight * present * present
      weight *= ratio
      if weight < 1e-18 { break }
    }
    let mean = first / total
    return (mean, max(0, second / total / (mean * mean) - 1))
  }
}

/// A queue of limited length before equal workers, first come first served (M/M/c/K).
///
/// An admitted request finds all workers busy and `j` others waiting with probability ∝ ρʲ,
/// j = 0 … J − 1; then it waits for `j + 1` departures at rate cμ and is served at rate μ. Exact.
package struct BoundedPool: Sendable, Hashable {
  /// Workers c.
  package var workers: Int
  /// Places in the queue, J.
  package var places: Int
  /// Mean service time of one worker in milliseconds, 1/μ.
  package var serviceMilliseconds: Double

  /// A pool.
  ///
  /// - Precondition: at least one worker and one place.
  package init(workers: Int, places: Int, serviceMilliseconds: Double) {
    precondition(workers >= 1 && places >= 1 && serviceMilliseconds > 0)
    (self.workers, self.places) = (workers, places)
    self.serviceMilliseconds = serviceMilliseconds
  }

  /// `Q_i`: probability that an admitted request waits for at least `i` departures, i = 1 … J.
  package func waitingProbabilities(utilization: Double) -> [Double] {
    let load = utilization * Double(workers)
    var blocking = 1.0
    for servers in 1...workers { blocking = load * blocking / (Double(servers) + load * blocking) }
    guard blocking > 0 else { return [Double](repeating: 0, count: places) }
    // Relative to the state with all workers busy and nobody waiting; scaled down when ρ > 1.
    let scale = utilization > 1 ? pow(utilization, -Double(places - 1)) : 1
    let below = (1 / blocking - 1) * scale
    var weight = scale
    var weights: [Double] = []
    for _ in 0..<places {
      weights.append(weight)
      weight *= utilization
    }
    var total = below
    var sums = weights
    for place in stride(from: places - 1, through: 0, by: -1) {
      sums[place] = weights[place] + (place + 1 < places ? sums[place + 1] : 0)
    }
    total += sums.first ?? 0
    return sums.map { $0 / total }
  }

  /// Probability that an admitted request takes longer than `time` milliseconds.
  ///
  /// With `D_j = P(E_j + X > t) − P(E_{j−1} + X > t)`, E Erlang at rate `a = cμ` and X exponential
  /// at rate μ, integration by parts gives `a·D_j = (a − μ)·D_{j+1} + μ·Pois(j; a·t)`: a backward
  /// recurrence of positive terms, in which an error at the start shrinks by (c − 1)/c each step.
  package func tail(_ time: Double, waiting: [Double]) -> Double {
    let mu = 1 / serviceMilliseconds
    let rate = Double(workers) * mu
    let mean = rate * time
    let top = places + 40 * workers
    var poisson = [Double](repeating: 0, count: top + 1)
    var logarithm = -mean
    for j in 0...top {
      if j > 0 { logarithm += mean > 0 ? log(mean / Double(j)) : -.infinity }
      poisson[j] = exp(logarithm)
    }
    var difference = 0.0
    var result = exp(-mu * time)
    for j in stride(from: top, through: 1, by: -1) {
      difference = ((rate - mu) * difference + mu * poisson[j]) / rate
      if j <= places { result += difference * waiting[j - 1] }
    }
    return min(1, result)
  }

  /// Mean time of an admitted request cut off at `limit`: ∫₀^limit P(T > t) dt, by Simpson's rule.
  package func truncatedMean(_ limit: Double, waiting: [Double]) -> Double {
    let end = min(limit, quantile(1 - 1e-10, waiting: waiting))
    let count = 1000
    var sum = 0.0
    for k in 0...count {
      let weight = k == 0 || k == count ? 1.0 : (k % 2 == 1 ? 4 : 2)
      sum += weight * tail(end * Double(k) / Double(count), waiting: waiting)
    }
    return sum * end / Double(count) / 3
  }

  /// The time that the fraction `level` of admitted requests does not exceed, to 1e−9.
  package func quantile(_ level: Double, waiting: [Double]) -> Double {
    var low = 0.0
    var high = serviceMilliseconds
    while tail(high, waiting: waiting) > 1 - level { high *= 2 }
    while high - low > 1e-9 * high {
      let middle = (low + high) / 2
      if tail(middle, waiting: waiting) > 1 - level { low = middle } else { high = middle }
    }
    return high
  }

  /// The times of many levels, rising; those in between are interpolated in the logarithm of the
  /// tail, which is nearly a straight line (error below 2e−3).
  package func quantiles(_ levels: [Double], waiting: [Double]) -> [Double] {
    guard let first = levels.first, let last = levels.last else { return [] }
    let end = quantile(last, waiting: waiting)
    var time = min(quantile(first, waiting: waiting), end)
    var before = (time: time, depth: -log(tail(time, waiting: waiting)))
    var result: [Double] = []
    // Steps of 3 %, or of a hundredth of a service time where that is longer.
    while result.count < levels.count {
      time = min(end, max(time * 1.03, time + serviceMilliseconds / 100))
      let after = (time: time, depth: -log(tail(time, waiting: waiting)))
      while result.count < levels.count {
        let wanted = -log(1 - levels[result.count])
        guard wanted <= after.depth || time >= end else { break }
        let span = after.depth - before.depth
        let part = span > 0 ? min(1, max(0, (wanted - before.depth) / span)) : 1
        result.append(before.time + part * (after.time - before.time))
      }
      before = after
    }
    return result
  }
}
