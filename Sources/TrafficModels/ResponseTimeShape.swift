// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The distribution of an instance's response times at one load, before overhead and timeout.
///
/// Worked out once for a load, then asked for mean and percentiles.
enum ResponseTimeShape {
  /// Nobody is answered within any time.
  case unanswered
  /// Processor sharing: the mean, and how much the stretch of requests varies.
  case sharing(mean: Double, mixture: Double)
  /// A worker pool whose queue has no end.
  case pool(MultiServerQueue, utilization: Double)
  /// A worker pool with a queue of limited length.
  case boundedPool(BoundedPool, waiting: [Double])

  /// Mean of a time cut off at `timeout`, in milliseconds.
  ///
  /// Processor sharing: as an exponential of that mean. Worker pools: exact.
  func mean(timeout: Double) -> Double {
    switch self {
    case .unanswered: timeout
    case .sharing(let mean, _): -mean * expm1(-timeout / mean)
    case .pool(let queue, let utilization):
      queue.truncatedMean(timeout, utilization: utilization)
    case .boundedPool(let pool, let waiting): pool.truncatedMean(timeout, waiting: waiting)
    }
  }

  /// A percentile in milliseconds; nil when nobody is answered.
  func percentile(_ level: Double, _ sharing: ProcessorSharingPercentile) -> Double? {
    switch self {
    case .unanswered: nil
    case .sharing(let mean, let mixture): mean * sharing.ratio(mixture: mixture)
    case .pool(let queue, let utilization): queue.percentile(level, utilization: utilization)
    case .boundedPool(let pool, let waiting): pool.quantile(level, waiting: waiting)
    }
  }
}

extension ResponseTimeModel {
  /// The distribution at a load.
  ///
  /// With a ``backlog`` it is that of the requests that are admitted, below and above full
  /// utilisation: exact mean under processor sharing (``BoundedSharing``), its shape between those of
  /// a constant and an exponential stretch by the crowd's variation (from the median up within 10 % of
  /// a simulated server of 20 places); exact for pools.
  func shape(offered: Double, capacity: Double) -> ResponseTimeShape {
    guard capacity > 0, backlog != nil || offered < capacity else { return .unanswered }
    let utilization = max(0, offered) / capacity
    switch discipline {
    case .processorSharing:
      guard let backlog else {
        let damping = ProcessorSharingPercentile.damping(utilization: utilization)
        return .sharing(
          mean: serviceMilliseconds / (1 - utilization), mixture: utilization * damping)
      }
      let crowd = BoundedSharing(limit: backlog).crowd(utilization: utilization)
      let damping = ProcessorSharingPercentile.damping(utilization: utilization)
      return .sharing(
        mean: serviceMilliseconds * crowd.mean, mixture: crowd.variation * damping)
    case .workerPool(let cores):
      let queue = pool(capacity: capacity, coresPerWorker: cores)
      guard let backlog else { return .pool(queue, utilization: utilization) }
      let bounded = BoundedPool(
        workers: queue.workers, places: max(1, backlog - queue.workers),
        serviceMilliseconds: queue.serviceMilliseconds)
      return .boundedPool(bounded, waiting: bounded.waitingProbabilities(utilization: utilization))
    }
  }
}
