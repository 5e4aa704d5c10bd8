// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
public import Units

/// A step of a shadow's life that takes time.
public enum ShadowStep: Sendable { case provision, sync, suspend, resume }

/// How long the steps of a shadow's life take.
public struct ShadowTimings: Sendable, Hashable {
  public var bootMedian: SimTime
  public var bootSigma: Double
  public var syncTime: SimTime
  public var suspendTime: SimTime
  public var resumeTime: SimTime
  public var stepFailureProbability: Double
  public var retries: Int

  public init(from source: inout some ParameterSource) {
    bootMedian = source.time("bootMedian", default: .seconds(60), about: "Median boot time.")
    bootSigma = source.number("bootSigma", default: 0.25, in: 0...3, about: "Log-normal sigma.")
    syncTime = source.time("syncTime", default: .seconds(5), about: "State sync.")
    suspendTime = source.time("suspendTime", default: .seconds(2), about: "Suspend.")
    resumeTime = source.time("resumeTime", default: .seconds(1), about: "Resume.")
    stepFailureProbability = source.fraction("failure", default: 0, about: "Failure.")
    retries = source.integer("retries", default: 1, in: 0...100, about: "Retries.")
  }

  func duration(
    of step: ShadowStep, memory: Bytes, size: Fraction, stream: inout RandomStream
  ) -> SimTime {
    switch step {
    case .provision:
      .seconds(bootMedian.seconds * exp(bootSigma * stream.normal(mean: 0, standardDeviation: 1)))
    case .sync: syncTime
    case .suspend: suspendTime
    case .resume: resumeTime
    }
  }
}

public struct TrafficTimings: Sendable, Hashable {
  public var shiftTime: SimTime
  public var drainTime: SimTime
  public init(from source: inout some ParameterSource) {
    shiftTime = source.time("shiftTime", default: .seconds(5), about: "From the order to shifted.")
    drainTime = source.time("drainTime", default: .seconds(30), about: "Drain.")
  }
}

public struct ResponseTime: Sendable, Hashable {
  public var serviceMilliseconds = 50.0
  public var timeoutMilliseconds = 10_000.0
  func meanMilliseconds(offered: Double, capacity: Double) -> Double {
    guard offered < capacity else { return timeoutMilliseconds }
    return min(timeoutMilliseconds, serviceMilliseconds / (1 - offered / capacity))
  }
}
