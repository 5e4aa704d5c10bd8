// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// How an instance serves its requests.
public enum ServiceDiscipline: Sendable, Hashable {
  /// All requests at once (M/G/1-PS): web servers with a thread or coroutine a request.
  case processorSharing
  /// A queue before a pool of workers of this many cores each (M/M/c).
  case workerPool(coresPerWorker: Double)
}

/// Response times of an instance from its load: mean and percentiles, finite under overload.
///
/// A user gives up after the timeout; every figure is that of min(T, timeout). Without a backlog every
/// request waits until then at and above full utilisation. With one the instance refuses requests at
/// once when it holds so many, and the figures are those of the requests that it admits.
public struct ResponseTimeModel: Sendable, Hashable {
  /// How requests are served.
  public var discipline: ServiceDiscipline
  /// Mean time of a request on an idle instance, in milliseconds.
  public var serviceMilliseconds: Double
  /// Added to every request: balancer and network, in milliseconds.
  public var overheadMilliseconds: Double
  /// Longest time that a user waits, in milliseconds.
  public var timeoutMilliseconds: Double
  /// Most requests in an instance, in work and waiting; nil for no limit but the timeout.
  public var backlog: Int?

  /// A model of an instance.
  ///
  /// - Precondition: service time and timeout are positive, and a backlog is at least 1.
  public init(
    discipline: ServiceDiscipline = .processorSharing, serviceMilliseconds: Double = 50,
    overheadMilliseconds: Double = 0, timeoutMilliseconds: Double = 10_000, backlog: Int? = nil
  ) {
    precondition(serviceMilliseconds > 0 && timeoutMilliseconds > 0 && backlog ?? 1 >= 1)
    self.backlog = backlog
    self.discipline = discipline
    self.serviceMilliseconds = serviceMilliseconds
    self.overheadMilliseconds = overheadMilliseconds
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  /// Mean response time in milliseconds.
  ///
  /// Processor sharing: `m (1 − e^(−timeout / m))` with `m = S / (1 − ρ)`, the mean of an
  /// exponential of that mean cut off at the timeout (with a backlog `m = S · E[n + 1]`). Worker
  /// pool: exact.
  ///
  /// - Parameters:
  ///   - offered: Load in cores, at least 0.
  ///   - capacity: What the instance can serve, in cores.
  /// - Returns: the mean, at most the timeout.
  public func meanMilliseconds(offered: Double, capacity: Double) -> Double {
    let time = shape(offered: offered, capacity: capacity).mean(timeout: timeoutMilliseconds)
    return min(timeoutMilliseconds, time + overheadMilliseconds)
  }

  /// The mean for many instances at once.
  ///
  /// - Precondition: the arrays are equally long.
  public func meanMilliseconds(
    offered: [Double], capacity: [Double], into result: inout [Double]
  ) {
    precondition(offered.count == capacity.count && offered.count == result.count)
    for index in offered.indices {
      result[index] = meanMilliseconds(offered: offered[index], capacity: capacity[index])
    }
  }

  /// A percentile of the response times of all requests, in milliseconds.
  ///
  /// For several instances make the ``ResponseTimePercentile`` once.
  public func percentileMilliseconds(
    _ level: Double, offered: Double, capacity: Double
  ) -> Double {
    percentile(level).milliseconds(offered: offered, capacity: capacity)
  }

  /// The percentile of that level as a function of load.
  ///
  /// - Precondition: 0 < level < 1.
  public func percentile(_ level: Double) -> ResponseTimePercentile {
    ResponseTimePercentile(model: self, level: level)
  }

  /// Workers that make up `capacity`; slower or faster ones where it is not a whole number.
  func pool(capacity: Double, coresPerWorker: Double) -> MultiServerQueue {
    let workers = max(1, (capacity / coresPerWorker).rounded())
    let slowdown = workers * coresPerWorker / capacity
    return MultiServerQueue(
      workers: Int(min(workers, 100_000)), serviceMilliseconds: serviceMilliseconds * slowdown)
  }
}

/// A percentile of response time as a function of load.
public struct ResponseTimePercentile: Sendable, Hashable {
  private let model: ResponseTimeModel
  private let level: Double
  private let sharing: ProcessorSharingPercentile

  init(model: ResponseTimeModel, level: Double) {
    self.model = model
    self.level = level
    sharing = ProcessorSharingPercentile(level: level)
  }

  /// The percentile in milliseconds; the timeout when nobody is answered.
  ///
  /// Processor sharing: that of exponential service times, see ``ProcessorSharingPercentile``.
  public func milliseconds(offered: Double, capacity: Double) -> Double {
    milliseconds(model.shape(offered: offered, capacity: capacity))
  }

  /// The same where the distribution at that load is known already.
  func milliseconds(_ shape: ResponseTimeShape) -> Double {
    let timeout = model.timeoutMilliseconds
    guard let time = shape.percentile(level, sharing) else { return timeout }
    return min(timeout, time + model.overheadMilliseconds)
  }
}
