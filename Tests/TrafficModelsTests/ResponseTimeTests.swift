// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import TrafficModels

/// Figures that are exact in the model: only rounding may differ.
private let exact = 1e-6

private func near(_ left: Double, _ right: Double, _ tolerance: Double) -> Bool {
  abs(left - right) <= tolerance * abs(right)
}

@Suite("Response times in closed form")
struct ResponseTimeTests {
  /// A timeout so long that it cuts nothing off.
  static let patient = 1e12

  @Test("M/M/1: mean S / (1 - r), percentile -ln(1 - p) S / (1 - r)", arguments: [0.1, 0.5, 0.9])
  func singleServer(utilization: Double) {
    let queue = MultiServerQueue(workers: 1, serviceMilliseconds: 50)
    let mean = 50 / (1 - utilization)
    #expect(near(queue.mean(utilization: utilization), mean, exact))
    for level in [0.5, 0.95, 0.99] {
      let expected = -log(1 - level) * mean
      #expect(near(queue.percentile(level, utilization: utilization), expected, exact))
      // The wait alone: P(W > t) = r e^(-(1 - r) t / S).
      let wait = max(0, log(utilization / (1 - level)) * mean)
      #expect(abs(queue.waitingPercentile(level, utilization: utilization) - wait) <= exact * mean)
    }
    let sharing = ResponseTimeModel(serviceMilliseconds: 50, timeoutMilliseconds: Self.patient)
    #expect(near(sharing.meanMilliseconds(offered: utilization, capacity: 1), mean, exact))
  }

  @Test("M/M/2: C = 2r^2 / (1 + r), mean S / (1 - r^2)", arguments: [0.2, 0.6, 0.95])
  func twoServers(utilization r: Double) {
    let queue = MultiServerQueue(workers: 2, serviceMilliseconds: 40)
    #expect(near(queue.waitingProbability(utilization: r), 2 * r * r / (1 + r), exact))
    #expect(near(queue.mean(utilization: r), 40 / (1 - r * r), exact))
  }

  @Test("Erlang's C by its definition with factorials", arguments: [3, 10, 40])
  func erlangC(workers: Int) {
    for utilization in [0.3, 0.8, 0.97] {
      let load = utilization * Double(workers)
      func term(_ k: Int) -> Double { exp(Double(k) * log(load) - lgamma(Double(k) + 1)) }
      let waiting = term(workers) / (1 - utilization)
      let expected = waiting / ((0..<workers).reduce(0) { $0 + term($1) } + waiting)
      let queue = MultiServerQueue(workers: workers, serviceMilliseconds: 1)
      #expect(near(queue.waitingProbability(utilization: utilization), expected, exact))
    }
  }

  @Test("a percentile is where the tail says, also where service and wait have the same rate")
  func percentileAndTail() {
    // c (1 - r) = 1: both exponentials have rate 1 / S, the formula's special case.
    for (workers, utilization) in [(4, 0.75), (4, 0.75 + 1e-12), (8, 0.5), (2, 0.9)] {
      let queue = MultiServerQueue(workers: workers, serviceMilliseconds: 25)
      for level in [0.5, 0.9, 0.99, 0.999] {
        let time = queue.percentile(level, utilization: utilization)
        #expect(near(queue.tail(time, utilization: utilization), 1 - level, exact))
      }
    }
  }

  @Test(
    "the mean with a timeout is the integral of the tail up to it", arguments: [0.5, 0.75, 0.95])
  func truncation(utilization: Double) {
    let timeout = 120.0
    let model = ResponseTimeModel(
      discipline: .workerPool(coresPerWorker: 1), serviceMilliseconds: 30,
      timeoutMilliseconds: timeout)
    let queue = MultiServerQueue(workers: 4, serviceMilliseconds: 30)
    // Simpson's rule.
    let steps = 2000
    let width = timeout / Double(steps)
    var sum = 0.0
    for index in 0...steps {
      let weight = index == 0 || index == steps ? 1.0 : (index % 2 == 0 ? 2 : 4)
      sum += weight * queue.tail(Double(index) * width, utilization: utilization)
    }
    let found = model.meanMilliseconds(offered: 4 * utilization, capacity: 4)
    #expect(near(found, sum * width / 3, exact))
  }

  @Test(
    "overload is finite: everything waits for the timeout, and figures grow with the load",
    arguments: [ServiceDiscipline.processorSharing, .workerPool(coresPerWorker: 0.5)])
  func overload(discipline: ServiceDiscipline) {
    let model = ResponseTimeModel(
      discipline: discipline, serviceMilliseconds: 20, overheadMilliseconds: 1,
      timeoutMilliseconds: 5000)
    let tail = model.percentile(0.95)
    var mean = 0.0
    var high = 0.0
    for step in 0...130 {
      let offered = Double(step) * 0.02
      let nextMean = model.meanMilliseconds(offered: offered, capacity: 2)
      let nextHigh = tail.milliseconds(offered: offered, capacity: 2)
      #expect(nextMean >= mean && nextMean <= 5000)
      #expect(nextHigh >= high && nextHigh <= 5000)
      (mean, high) = (nextMean, nextHigh)
    }
    #expect(mean == 5000 && high == 5000)
    #expect(model.meanMilliseconds(offered: 1, capacity: 0) == 5000)
    #expect(model.meanMilliseconds(offered: 0, capacity: 0) == 5000)
    #expect(near(model.meanMilliseconds(offered: 0, capacity: 2), 21, exact))
  }

  @Test("many instances at once give the same as one by one")
  func vectorised() {
    let model = ResponseTimeModel()
    let offered = (0..<50).map { Double($0) * 0.05 }
    let capacity = [Double](repeating: 2, count: 50)
    var result = [Double](repeating: 0, count: 50)
    model.meanMilliseconds(offered: offered, capacity: capacity, into: &result)
    for index in offered.indices {
      #expect(result[index] == model.meanMilliseconds(offered: offered[index], capacity: 2))
    }
  }
}

/// The exact distribution of M/M/1-PS: a tagged request among n others is served at rate
/// 1 / (n + 1); n starts geometric. Solved by uniformisation (Jensen's method).
struct TaggedRequest {
  var utilization: Double

  /// P(T > t) in units of the service time.
  func tail(_ time: Double) -> Double {
    let states = Int(max(60, 45 / (1 - utilization)))
    let rate = utilization + 1
    var mass = (0..<states).map { (1 - utilization) * pow(utilization, Double($0)) }
    let mean = rate * time
    let steps = Int(mean + 12 * mean.squareRoot() + 50)
    var result = 0.0
    for step in 0...steps {
      let weight = exp(-mean + Double(step) * log(mean) - lgamma(Double(step) + 1))
      result += weight * mass.reduce(0, +)
      var next = [Double](repeating: 0, count: states)
      for n in 0..<states {
        let up = n + 1 < states ? utilization / rate : 0
        next[n] += mass[n] * (1 - up - 1 / rate)
        if n + 1 < states { next[n + 1] += mass[n] * up }
        if n > 0 { next[n - 1] += mass[n] * Double(n) / Double(n + 1) / rate }
      }
      mass = next
    }
    return result
  }
}

@Suite("Percentiles under processor sharing")
struct ProcessorSharingPercentileTests {
  /// What the documentation promises of the interpolation.
  static let promised = 0.01

  @Test("within 1 % of the exact distribution", arguments: [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95])
  func exactDistribution(utilization: Double) {
    let exact = TaggedRequest(utilization: utilization)
    let server = ProcessorSharing(serviceMilliseconds: 1)
    for level in [0.5, 0.9, 0.95, 0.99] {
      let ratio = ProcessorSharingPercentile(level: level).ratio(utilization: utilization)
      let found = ratio * server.mean(utilization: utilization)
      #expect(exact.tail(found * (1 - Self.promised)) > 1 - level, "level \(level)")
      #expect(exact.tail(found * (1 + Self.promised)) < 1 - level, "level \(level)")
    }
  }

  @Test("an idle server's percentile is that of the service time")
  func idle() {
    let ratio = ProcessorSharingPercentile(level: 0.95).ratio(utilization: 0)
    #expect(abs(ratio - log(20)) < 1e-12)
  }
}
