// SPDX-License-Identifier: Apache-2.0
import Units

/// How a load balancer moves traffic between the instances of a service.
public struct TrafficSpec: Sendable, Hashable, Codable {
  /// From an order to new weights in the balancer.
  public var shiftTime: SimTime
  /// Time over which weights move to their new values; zero for a step.
  public var slowStart: SimTime
  /// Mean length of a session that sticks to its instance; zero without session affinity.
  public var sessionMean: SimTime
  /// After this time the sessions left on a draining instance are cut.
  public var drainTimeout: SimTime
  /// From a new instance's start to its first healthy answer, before which it gets nothing.
  public var healthCheckDelay: SimTime
  /// From a failure to its discovery; requests sent to the failed instance meanwhile are lost.
  public var failureDetection: SimTime

  /// AWS ALB: deregistration delay 300 s, slow start off, no stickiness; Kubernetes: readiness
  /// probe every 10 s (5 s in the mean), three failures of it until an instance is taken out.
  public init() {
    shiftTime = .seconds(5)
    slowStart = .zero
    sessionMean = .zero
    drainTimeout = .seconds(300)
    healthCheckDelay = .seconds(5)
    failureDetection = .seconds(30)
  }

  /// Reads the balancer's parameters.
  public init(from source: inout some ParameterSource) {
    let preset = TrafficSpec()
    shiftTime = source.time(
      "shiftTime", default: preset.shiftTime, in: .zero ... .hours(1),
      about: "From the order to new weights in the balancer.")
    slowStart = source.time(
      "slowStart", default: preset.slowStart, in: .zero ... .days(1),
      about: "Time over which weights move; 0 s for a step (AWS allows 30-900 s).")
    sessionMean = source.time(
      "sessionMean", default: preset.sessionMean, in: .zero ... .days(1),
      about: "Mean length of a session bound to its instance; 0 s without affinity.")
    drainTimeout = source.time(
      "drainTimeout", default: preset.drainTimeout, in: .zero ... .days(1),
      about: "When the sessions left on a draining instance are cut (AWS: 300 s).")
    healthCheckDelay = source.time(
      "healthCheckDelay", default: preset.healthCheckDelay, in: .zero ... .hours(1),
      about: "From a new instance's start to its first healthy answer.")
    failureDetection = source.time(
      "failureDetection", default: preset.failureDetection, in: .zero ... .hours(1),
      about: "From an instance's failure to its discovery by the balancer.")
  }
}

extension ResponseTimeModel {
  /// Reads the model of an instance's response time.
  public init<Source: ParameterSource>(from source: inout Source) {
    let discipline = source.alternative(
      "discipline", default: "processorSharing",
      of: [
        Alternative<Source, ServiceDiscipline>(
          "processorSharing", about: "All requests at once, M/G/1-PS (Kleinrock 1976)."
        ) { _ in .processorSharing },
        Alternative<Source, ServiceDiscipline>(
          "workerPool", about: "A queue before workers, M/M/c (Erlang C)."
        ) { source in
          .workerPool(
            coresPerWorker: source.quantity(
              "coresPerWorker", .cores, default: 1, in: 0.001...1024,
              about: "Cores that one worker uses."))
        },
      ], about: "How an instance serves its requests.")
    let service = source.time(
      "service", default: .milliseconds(50), in: SimTime(nanoseconds: 1000) ... .hours(1),
      about: "Mean time of a request on an idle instance.")
    let overhead = source.time(
      "overhead", default: .milliseconds(1), in: .zero ... .minutes(1),
      about: "Balancer and network time of each request.")
    let timeout = source.time(
      "timeout", default: .seconds(10), in: .milliseconds(1) ... .hours(1),
      about: "Longest time that a user waits for an answer.")
    let backlog = source.integer(
      "backlog", default: 0, in: 0...100_000,
      about: "Most requests in an instance, beyond which it refuses; 0: they wait until timeout.")
    self.init(
      discipline: discipline, serviceMilliseconds: service.seconds * 1000,
      overheadMilliseconds: overhead.seconds * 1000, timeoutMilliseconds: timeout.seconds * 1000,
      backlog: backlog > 0 ? backlog : nil)
  }
}
