// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A queue in front of equal workers, first come first served (M/M/c).
///
/// Erlang (1917); formulas as in Gross & Harris, *Fundamentals of Queueing Theory*, §2.3. With
/// offered load `a = λS` and ρ = a / c < 1 a request waits with probability C(c, a), and then for
/// an exponential time of rate θ = (c − a) / S.
public struct MultiServerQueue: Sendable, Hashable {
  /// Number of workers c, at least 1.
  public var workers: Int
  /// Mean service time S of one worker, in milliseconds.
  public var serviceMilliseconds: Double

  /// That many workers with that mean service time.
  ///
  /// - Precondition: at least one worker, a positive service time.
  public init(workers: Int, serviceMilliseconds: Double) {
    precondition(workers >= 1 && serviceMilliseconds > 0, "a queue needs workers that work")
    self.workers = workers
    self.serviceMilliseconds = serviceMilliseconds
  }

  /// Probability that a request has to wait, Erlang's C.
  ///
  /// - Parameter utilization: ρ, 0 ≤ ρ < 1.
  /// - Returns: a probability.
  /// - Complexity: O(workers), by the recurrence of Erlang's B.
  public func waitingProbability(utilization: Double) -> Double {
    let load = utilization * Double(workers)
    var blocking = 1.0
    for servers in 1...workers { blocking = load * blocking / (Double(servers) + load * blocking) }
    return blocking / (1 - utilization * (1 - blocking))
  }

  /// Mean time from arrival to the end of service at ρ < 1, in milliseconds.
  public func mean(utilization: Double) -> Double {
    serviceMilliseconds + waitingMean(utilization: utilization)
  }
  /// Mean wait at ρ < 1, in milliseconds.
  public func waitingMean(utilization: Double) -> Double {
    waitingProbability(utilization: utilization) * serviceMilliseconds
      / (Double(workers) * (1 - utilization))
  }

  /// Percentile of the wait, in milliseconds: 0 when fewer than `1 − level` of requests wait.
  public func waitingPercentile(_ level: Double, utilization: Double) -> Double {
    let waits = waitingProbability(utilization: utilization)
    guard waits > 1 - level else { return 0 }
    return log(waits / (1 - level)) / waitingRate(utilization)
  }

  /// Probability that the time in the system exceeds `milliseconds`, exact.
  public func tail(_ milliseconds: Double, utilization: Double) -> Double {
    let waits = waitingProbability(utilization: utilization)
    return tail(milliseconds, waits: waits, theta: waitingRate(utilization))
  }

  /// Percentile of the time in the system, in milliseconds: exact up to rounding.
  ///
  /// - Precondition: 0 < level < 1, 0 ≤ ρ < 1.
  public func percentile(_ level: Double, utilization: Double) -> Double {
    let waits = waitingProbability(utilization: utilization)
    let theta = waitingRate(utilization)
    var low = 0.0
    var high = serviceMilliseconds
    while tail(high, waits: waits, theta: theta) > 1 - level { high *= 2 }
    while true {
      let middle = (low + high) / 2
      // Half a nanosecond, or the resolution of a double.
      if middle <= low || middle >= high || high - low < 5e-7 { return middle }
      if tail(middle, waits: waits, theta: theta) > 1 - level {
        low = middle
      } else {
        high = middle
      }
    }
  }

  /// Mean of the time in the system cut off at `limit`: ∫₀^limit P(T > t) dt, in milliseconds.
  func truncatedMean(_ limit: Double, utilization: Double) -> Double {
    let waits = waitingProbability(utilization: utilization)
    let theta = waitingRate(utilization)
    let mu = 1 / serviceMilliseconds
    let served = -expm1(-mu * limit) / mu
    let gap = theta - mu
    guard abs(gap) > 1e-9 * mu else {
      // θ = μ: the tail of the sum of two equal exponentials.
      return served + waits * (served - limit * exp(-mu * limit))
    }
    let waited = -expm1(-theta * limit) / theta
    return (1 - waits) * served + waits * (theta * served - mu * waited) / gap
  }

  private func waitingRate(_ utilization: Double) -> Double {
    Double(workers) * (1 - utilization) / serviceMilliseconds
  }

  /// T = X, or X + W with probability C: X exponential of rate μ, W of rate θ.
  private func tail(_ time: Double, waits: Double, theta: Double) -> Double {
    let mu = 1 / serviceMilliseconds
    let service = exp(-mu * time)
    let gap = theta - mu
    guard abs(gap) > 1e-9 * mu else { return service * (1 + waits * mu * time) }
    return (1 - waits) * service + waits * (theta * service - mu * exp(-theta * time)) / gap
  }
}
