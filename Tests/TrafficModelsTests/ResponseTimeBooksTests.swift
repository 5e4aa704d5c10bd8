// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing
import TrafficModels
import Units

@Suite("Response times of all requests")
struct ResponseTimeBooksTests {
  /// Classes of load (0.8 %), the histogram (0.4 %), the interpolation between idle and saturated
  /// (1 %) and half a step of the distribution that stands for each class (1/80 of the mean time,
  /// 1.8 % of the median of an exponential distribution).
  static let tolerance = 0.03

  @Test("a percentile over busy and idle instances is that of the mixture, not a mean of theirs")
  func mixture() {
    let loads: [(utilization: Double, share: Double)] = [(0, 0.5), (0.5, 0.3), (0.9, 0.2)]
    let model = ResponseTimeModel(serviceMilliseconds: 100, timeoutMilliseconds: 1e6)
    var books = ResponseTimeBooks(models: [model])
    for (utilization, share) in loads {
      books.add(model: 0, offered: 4 * utilization, capacity: 4, weight: share)
    }
    let distribution = books.distribution()
    #expect(abs(distribution.totalWeight - 1) < 1e-9)
    func tail(_ time: Double) -> Double {
      let tails = loads.map { load in
        load.share * TaggedRequest(utilization: load.utilization).tail(time / 100)
      }
      return tails.reduce(0, +)
    }
    for level in [0.5, 0.9, 0.95, 0.99] {
      let found = distribution.quantile(level)
      #expect(tail(found * (1 - Self.tolerance)) > 1 - level, "level \(level)")
      #expect(tail(found * (1 + Self.tolerance)) < 1 - level, "level \(level)")
    }
  }

  @Test("each profile by its own model: a web server beside a pool of slow workers")
  func profiles() {
    let web = ResponseTimeModel(serviceMilliseconds: 20, timeoutMilliseconds: 1e6)
    let pool = ResponseTimeModel(
      discipline: .workerPool(coresPerWorker: 2), serviceMilliseconds: 3000,
      timeoutMilliseconds: 1e6)
    var books = ResponseTimeBooks(models: [web, pool])
    books.add(model: 0, offered: 0, capacity: 1, weight: 0.9)
    // Two workers at 80 %.
    books.add(model: 1, offered: 3.2, capacity: 4, weight: 0.1)
    let workers = MultiServerQueue(workers: 2, serviceMilliseconds: 3000)
    func tail(_ time: Double) -> Double {
      0.9 * exp(-time / 20) + 0.1 * workers.tail(time, utilization: 0.8)
    }
    for level in [0.5, 0.85, 0.95, 0.99] {
      let found = books.distribution().quantile(level)
      #expect(tail(found * (1 - Self.tolerance)) > 1 - level, "level \(level)")
      #expect(tail(found * (1 + Self.tolerance)) < 1 - level, "level \(level)")
    }
  }

  @Test("overload and lost requests stand at the timeout, and nowhere else")
  func timeouts() {
    let model = ResponseTimeModel(serviceMilliseconds: 10, timeoutMilliseconds: 2000)
    var books = ResponseTimeBooks(models: [model])
    books.add(model: 0, offered: 1, capacity: 4, weight: 96)
    books.add(model: 0, offered: 5, capacity: 4, weight: 3)
    books.addTimedOut(model: 0, weight: 1)
    let distribution = books.distribution()
    #expect(distribution.quantile(0.95) < 100)
    #expect(abs(distribution.quantile(0.97) / 2000 - 1) < 0.005)
    #expect(distribution.maximum == 2000)
  }

  @Test(
    "neither the order of bookings nor their number matters",
    arguments: 1...5 as ClosedRange<UInt64>)
  func order(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "response times")
    let model = ResponseTimeModel()
    let bookings = (0..<200_000).map { _ in
      (random.uniform() * 1.1, random.uniform())
    }
    func distribution(_ bookings: some Sequence<(Double, Double)>) -> WeightedHistogram {
      var books = ResponseTimeBooks(models: [model])
      for (offered, weight) in bookings {
        books.add(model: 0, offered: offered, capacity: 1, weight: weight)
      }
      return books.distribution()
    }
    let (forwards, backwards) = (distribution(bookings), distribution(bookings.reversed()))
    #expect(abs(forwards.totalWeight / bookings.map(\.1).reduce(0, +) - 1) < 1e-9)
    for level in [0.1, 0.5, 0.9, 0.99] {
      #expect(forwards.quantile(level) == backwards.quantile(level))
    }
  }
}
