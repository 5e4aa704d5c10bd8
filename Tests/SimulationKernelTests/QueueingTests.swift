// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing
import Units

/// One server, Poisson arrivals, exponential service, first come first served (M/M/1).
private struct SingleServer: SimulationModel {
  enum Event: Sendable { case arrival, departure }

  let arrivalRate: Double
  let serviceRate: Double
  var arrivals: RandomStream
  var services: RandomStream
  var arrivalTimes: [SimTime] = []
  var served = 0
  var batch = RunningMoments()
  /// The means of batches of waiting times, in seconds: nearly independent, nearly normal.
  var batchMeans = RunningMoments()
  var response = WeightedHistogram(from: 1e-4, to: 1e4)
  var inSystem: TimeWeightedStatistic
  static let batchSize = 2000

  init(arrivalRate: Double, serviceRate: Double, seed: UInt64) {
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    arrivals = RandomStream(seed: seed, purpose: "arrivals")
    services = RandomStream(seed: seed, purpose: "services")
    inSystem = TimeWeightedStatistic(0, at: .zero, threshold: 0)
  }

  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
    switch event {
    case .arrival:
      arrivalTimes.append(scheduler.now)
      if arrivalTimes.count - served == 1 { beginService(&scheduler) }
      scheduler.schedule(.arrival, after: .seconds(arrivals.exponential(mean: 1 / arrivalRate)))
    case .departure:
      response.add((scheduler.now - arrivalTimes[served]).seconds)
      served += 1
      if arrivalTimes.count > served { beginService(&scheduler) }
    }
    inSystem.set(Double(arrivalTimes.count - served), at: scheduler.now)
  }

  private mutating func beginService(_ scheduler: inout Scheduler<Event>) {
    batch.add((scheduler.now - arrivalTimes[served]).seconds)
    if batch.count == Self.batchSize {
      batchMeans.add(batch.mean)
      batch = RunningMoments()
    }
    scheduler.schedule(.departure, after: .seconds(services.exponential(mean: 1 / serviceRate)))
  }
}

@Suite("A queue with a closed form")
struct QueueingTests {
  /// Student's t for 29 degrees of freedom and 99.9 % confidence, two-sided.
  static let studentT = 3.659
  static let batches = 30

  @Test("M/M/1 waits, numbers and quantiles agree with theory", arguments: [0.3, 0.6])
  func singleServer(load: Double) {
    let serviceRate = 0.5
    let model = SingleServer(arrivalRate: load * serviceRate, serviceRate: serviceRate, seed: 2026)
    var simulator = Simulator(model: model)
    simulator.scheduler.schedule(.arrival, at: .zero)
    while simulator.model.batchMeans.count < Self.batches { simulator.step() }
    let result = simulator.model

    // Wq = ρ / (μ − λ).
    let wait = load / (serviceRate - load * serviceRate)
    let halfWidth = Self.studentT * result.batchMeans.standardError
    #expect(abs(result.batchMeans.mean - wait) < halfWidth)
    // Narrow enough to tell ρ/(μ − λ) from neighbours such as 1/(μ − λ).
    #expect(halfWidth < 0.12 * wait)

    // The server is busy for ρ of the time, and holds ρ / (1 − ρ) customers on average. Their
    // relative errors are of the size of the wait's.
    let now = simulator.scheduler.now
    let busy = result.inSystem.timeAbove(until: now).seconds / now.seconds
    #expect(abs(busy - load) < 0.02)
    #expect(abs(result.inSystem.mean(until: now) - load / (1 - load)) < 0.12 * load / (1 - load))

    // The response time is exponential with rate μ − λ.
    for probability in [0.5, 0.95] {
      let quantile = -log(1 - probability) / (serviceRate - load * serviceRate)
      #expect(abs(result.response.quantile(probability) / quantile - 1) < 0.08)
    }
  }
}
