// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Testing
import TrafficModels
import Units

/// A server that shares itself equally among its requests, simulated event by event.
private struct SharedServer: SimulationModel {
  enum Event: Sendable {
    case arrival
    /// Valid only if the version is still the present one.
    case departure(version: Int)
  }
  /// Work left of each request and when it came.
  var work: [(left: Double, since: SimTime)] = []
  var lastChange = SimTime.zero
  var version = 0
  var arrivals: RandomStream
  var services: RandomStream
  var utilization: Double
  /// Makes a service time of mean 1 from a uniform number.
  var isDeterministic: Bool
  var responses: [Double] = []

  init(utilization: Double, isDeterministic: Bool, seed: UInt64) {
    arrivals = RandomStream(seed: seed, purpose: "arrivals")
    services = RandomStream(seed: seed, purpose: "services")
    self.utilization = utilization
    self.isDeterministic = isDeterministic
  }

  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
    let now = scheduler.now
    if case .departure(let version) = event, version != self.version { return }
    let served = work.isEmpty ? 0 : (now - lastChange).seconds / Double(work.count)
    for index in work.indices { work[index].left -= served }
    lastChange = now
    switch event {
    case .arrival:
      let service = isDeterministic ? 1 : services.exponential(mean: 1)
      work.append((service, now))
      scheduler.schedule(.arrival, after: .seconds(arrivals.exponential(mean: 1 / utilization)))
    case .departure:
      if let next = work.indices.min(by: { work[$0].left < work[$1].left }) {
        responses.append((now - work[next].since).seconds)
        work.remove(at: next)
      }
    }
    version += 1
    guard let least = work.map(\.left).min() else { return }
    scheduler.schedule(
      .departure(version: version), after: .seconds(max(0, least) * Double(work.count)))
  }
}

/// A pool of workers with one queue, simulated event by event.
private struct WorkerPool: SimulationModel {
  enum Event: Sendable {
    case arrival
    case departure(since: SimTime)
  }
  var workers: Int
  var waiting: [SimTime] = []
  var busy = 0
  var arrivals: RandomStream
  var services: RandomStream
  var utilization: Double
  var responses: [Double] = []

  init(workers: Int, utilization: Double, seed: UInt64) {
    self.workers = workers
    self.utilization = utilization
    arrivals = RandomStream(seed: seed, purpose: "arrivals")
    services = RandomStream(seed: seed, purpose: "services")
  }

  mutating func handle(_ event: Event, scheduler: inout Scheduler<Event>) {
    switch event {
    case .arrival:
      waiting.append(scheduler.now)
      let gap = arrivals.exponential(mean: 1 / (utilization * Double(workers)))
      scheduler.schedule(.arrival, after: .seconds(gap))
    case .departure(let since):
      busy -= 1
      responses.append((scheduler.now - since).seconds)
    }
    while busy < workers, !waiting.isEmpty {
      busy += 1
      let since = waiting.removeFirst()
      scheduler.schedule(
        .departure(since: since), after: .seconds(services.exponential(mean: 1)))
    }
  }
}

/// Mean of the responses after a warm-up, and its standard error from batch means.
private func estimate(_ responses: [Double]) -> RunningMoments {
  let steady = responses.dropFirst(responses.count / 10)
  let batchSize = steady.count / 30
  var batches = RunningMoments()
  for batch in 0..<30 {
    let values = steady.dropFirst(batch * batchSize).prefix(batchSize)
    batches.add(values.reduce(0, +) / Double(batchSize))
  }
  return batches
}

@Suite("Queues simulated with the kernel")
struct SimulatedQueueTests {
  /// Width of the confidence interval in standard errors: 30 batches, two-sided level 0.9997.
  static let standardErrors = 4.0
  static let requests = 30_000.0

  @Test(
    "processor sharing has the mean S / (1 - r) whatever the service times are",
    arguments: [false, true], [0.5, 0.8])
  func insensitivity(isDeterministic: Bool, utilization: Double) {
    let server = SharedServer(
      utilization: utilization, isDeterministic: isDeterministic, seed: 11)
    var simulator = Simulator(model: server)
    simulator.scheduler.schedule(.arrival, at: .zero)
    simulator.run(until: .seconds(Self.requests / utilization))
    let found = estimate(simulator.model.responses)
    let expected = ProcessorSharing(serviceMilliseconds: 1000).mean(utilization: utilization) / 1000
    #expect(abs(found.mean - expected) <= Self.standardErrors * found.standardError)
    #expect(found.standardError < 0.1 * expected)
  }

  @Test("M/M/c: mean and share beyond the 95th percentile", arguments: [1, 4])
  func workerPool(workers: Int) {
    let utilization = 0.8
    var simulator = Simulator(
      model: WorkerPool(workers: workers, utilization: utilization, seed: 12))
    simulator.scheduler.schedule(.arrival, at: .zero)
    simulator.run(until: .seconds(Self.requests / utilization / Double(workers)))
    let responses = simulator.model.responses
    let queue = MultiServerQueue(workers: workers, serviceMilliseconds: 1000)
    let found = estimate(responses)
    let expected = queue.mean(utilization: utilization) / 1000
    #expect(abs(found.mean - expected) <= Self.standardErrors * found.standardError)
    let limit = queue.percentile(0.95, utilization: utilization) / 1000
    let beyond = estimate(responses.map { $0 > limit ? 1 : 0 })
    #expect(abs(beyond.mean - 0.05) <= Self.standardErrors * beyond.standardError)
  }

  @Test("the 95th percentile under processor sharing")
  func sharingPercentile() {
    let server = SharedServer(utilization: 0.7, isDeterministic: false, seed: 13)
    var simulator = Simulator(model: server)
    simulator.scheduler.schedule(.arrival, at: .zero)
    simulator.run(until: .seconds(Self.requests / 0.7))
    let model = ResponseTimeModel(serviceMilliseconds: 1000, timeoutMilliseconds: 1e9)
    let limit = model.percentileMilliseconds(0.95, offered: 0.7, capacity: 1) / 1000
    let beyond = estimate(simulator.model.responses.map { $0 > limit ? 1 : 0 })
    #expect(abs(beyond.mean - 0.05) <= Self.standardErrors * beyond.standardError)
  }
}
