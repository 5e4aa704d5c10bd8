// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing
import TrafficModels

/// Sums of a hundred terms against closed forms.
private let exactTolerance = 1e-9

@Suite("Instances that refuse what they cannot hold")
struct BoundedQueueTests {
  /// M/M/1/K: an admitted request finds n < K with probability ∝ ρⁿ.
  @Test(
    "the crowd under processor sharing is the truncated geometric one",
    arguments: [0.0, 0.3, 0.9, 0.999, 1.001, 1.5, 4], [1, 2, 20, 100])
  func crowd(utilization: Double, limit: Int) {
    let crowd = BoundedSharing(limit: limit).crowd(utilization: utilization)
    var sums = (0.0, 0.0, 0.0)
    for n in 0..<limit {
      var weight = 1.0
      for _ in 0..<n { weight *= utilization }
      let present = Double(n + 1)
      sums = (sums.0 + weight, sums.1 + weight * present, sums.2 + weight * present * present)
    }
    let mean = sums.1 / sums.0
    #expect(abs(crowd.mean / mean - 1) < exactTolerance)
    #expect(abs(crowd.variation - (sums.2 / sums.0 / mean / mean - 1)) < exactTolerance)
  }

  @Test("with room for everybody it is the M/M/1 crowd", arguments: [0.1, 0.5, 0.8])
  func unlimited(utilization: Double) {
    let free = (mean: 1 / (1 - utilization), variation: utilization)
    let bounded = BoundedSharing(limit: 1000).crowd(utilization: utilization)
    #expect(abs(free.mean - 1 / (1 - utilization)) < exactTolerance)
    #expect(abs(bounded.mean / free.mean - 1) < exactTolerance)
    #expect(abs(bounded.variation - free.variation) < exactTolerance)
  }

  @Test(
    "a pool with a long queue is M/M/c", arguments: [1, 2, 8], [0.2, 0.7, 0.9])
  func longQueue(workers: Int, utilization: Double) {
    let pool = BoundedPool(workers: workers, places: 600, serviceMilliseconds: 40)
    let queue = MultiServerQueue(workers: workers, serviceMilliseconds: 40)
    let waiting = pool.waitingProbabilities(utilization: utilization)
    for time in [1.0, 20, 100, 400, 2000] {
      let expected = queue.tail(time, utilization: utilization)
      #expect(abs(pool.tail(time, waiting: waiting) - expected) < exactTolerance)
    }
    // The quantile is found to a millionth.
    let median = pool.quantile(0.5, waiting: waiting)
    #expect(abs(median / queue.percentile(0.5, utilization: utilization) - 1) < 3e-6)
  }

  /// `E[T] = S + Σ Q_i/(cμ)`, and `∫ P(T > t) dt` by Simpson's rule.
  @Test("an overloaded pool's mean is the integral of its tail", arguments: [0.9, 1, 1.5, 3])
  func meanOfOverload(utilization: Double) {
    let pool = BoundedPool(workers: 4, places: 30, serviceMilliseconds: 1)
    let waiting = pool.waitingProbabilities(utilization: utilization)
    let mean = 1 + waiting.reduce(0, +) / 4
    let (end, count) = (60.0, 2000)
    var sum = 0.0
    for k in 0...count {
      let weight = k == 0 || k == count ? 1.0 : (k % 2 == 1 ? 4 : 2)
      sum += weight * pool.tail(end * Double(k) / Double(count), waiting: waiting)
    }
    #expect(abs(sum * end / Double(count) / 3 / mean - 1) < 1e-6)
  }

  /// Virtual time: every request leaves when the service given to each has reached its need.
  private func simulatedTimes(utilization: Double, limit: Int) -> [Double] {
    var arrivals = RandomStream(seed: 7, purpose: "arrivals")
    var services = RandomStream(seed: 7, purpose: "services")
    var present: [(leaves: Double, since: Double)] = []
    var (now, service) = (0.0, 0.0)
    var next = arrivals.exponential(mean: 1 / utilization)
    var times: [Double] = []
    while times.count < 60_000 {
      let count = Double(present.count)
      let first = present.indices.min { present[$0].leaves < present[$1].leaves }
      if let first, now + (present[first].leaves - service) * count <= next {
        now += (present[first].leaves - service) * count
        service = present[first].leaves
        times.append(now - present.remove(at: first).since)
      } else {
        if count > 0 { service += (next - now) / count }
        now = next
        let need = services.exponential(mean: 1)
        if present.count < limit { present.append((service + need, now)) }
        next = now + arrivals.exponential(mean: 1 / utilization)
      }
    }
    return times.sorted()
  }

  /// The shape under processor sharing is an approximation: from the median up 10 % bound its error
  /// and the noise of 60 000 requests (below it, and at ρ = 1, it is up to 20 % off).
  @Test("quantiles agree with a simulated server", arguments: [0.5, 0.8, 1, 1.2, 2])
  func simulated(utilization: Double) {
    let times = simulatedTimes(utilization: utilization, limit: 20)
    let model = ResponseTimeModel(
      serviceMilliseconds: 1, timeoutMilliseconds: 1e9, backlog: 20)
    for level in [0.5, 0.75, 0.9, 0.95, 0.99] {
      let found = model.percentileMilliseconds(level, offered: utilization, capacity: 1)
      let seen = times[Int(level * Double(times.count))]
      #expect(abs(found / seen - 1) < 0.1, "level \(level)")
    }
  }

  @Test("many quantiles at once are those one by one", arguments: [0.3, 0.95, 1.5], [1, 8])
  func quantiles(utilization: Double, workers: Int) {
    let pool = BoundedPool(workers: workers, places: 50, serviceMilliseconds: 40)
    let waiting = pool.waitingProbabilities(utilization: utilization)
    let levels = (0...200).map { 1 - pow(10, -0.01 - Double($0) * 0.015) }
    for (level, time) in zip(levels, pool.quantiles(levels, waiting: waiting)) {
      #expect(abs(time / pool.quantile(level, waiting: waiting) - 1) < 2e-3, "level \(level)")
    }
  }

  @Test(
    "overload is finite without the timeout: figures grow with the load up to a full instance",
    arguments: [ServiceDiscipline.processorSharing, .workerPool(coresPerWorker: 0.5)])
  func overload(discipline: ServiceDiscipline) {
    let model = ResponseTimeModel(
      discipline: discipline, serviceMilliseconds: 20, overheadMilliseconds: 1,
      timeoutMilliseconds: 60_000, backlog: 100)
    let tail = model.percentile(0.99)
    var (mean, high) = (0.0, 0.0)
    for step in 0...60 {
      let offered = Double(step) * 0.2
      let nextMean = model.meanMilliseconds(offered: offered, capacity: 2)
      let nextHigh = tail.milliseconds(offered: offered, capacity: 2)
      #expect(nextMean >= mean * (1 - 1e-6) && nextHigh >= high * (1 - 1e-6))
      (mean, high) = (nextMean, nextHigh)
    }
    // A hundred requests share two cores; four workers serve one after the other.
    let full = discipline == .processorSharing ? 20 * 100.0 : 20 + 96 * 20 / 4.0
    #expect(abs(mean / (full + 1) - 1) < 0.02)
    #expect(high < 60_000)
    #expect(model.meanMilliseconds(offered: 1, capacity: 0) == 60_000)
  }

  @Test(
    "books: what is refused is counted apart, and the rest has the quantiles of its loads",
    arguments: [ServiceDiscipline.processorSharing, .workerPool(coresPerWorker: 1)])
  func books(discipline: ServiceDiscipline) {
    let model = ResponseTimeModel(
      discipline: discipline, serviceMilliseconds: 50, timeoutMilliseconds: 1e6, backlog: 64)
    for utilization in [0.4, 0.97, 1, 1.03, 3] {
      var books = ResponseTimeBooks(models: [model])
      books.add(model: 0, offered: 4 * utilization, capacity: 4, weight: 100)
      let refused = max(0, 100 * (1 - 1 / utilization))
      #expect(abs(books.refusedWeight - refused) < 1e-9)
      let distribution = books.distribution()
      #expect(abs(distribution.totalWeight + refused - 100) < 1e-9)
      for level in [0.5, 0.95, 0.99] {
        let expected = model.percentileMilliseconds(
          level, offered: 4 * utilization, capacity: 4)
        let error = abs(distribution.quantile(level) / expected - 1)
        #expect(error < ResponseTimeBooksTests.tolerance, "load \(utilization), level \(level)")
      }
    }
  }
}
