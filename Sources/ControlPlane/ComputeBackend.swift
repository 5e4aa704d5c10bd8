// SPDX-License-Identifier: Apache-2.0
public import Units

/// What a policy computes on, and how long it makes the policy wait.
///
/// The results are the same on every backend; what differs is when they are there. A policy orders
/// nothing before that, in simulated time as in real time.
public protocol ComputeBackend: Sendable {
  /// From the request to the answer: forecasts and risks of so many VMs.
  func predictionLatency(vmCount: Int) -> SimTime
  /// From a measurement's arrival to a decision about the traffic of so many VMs.
  func balancingLatency(vmCount: Int) -> SimTime
}

/// A processor core that works VM by VM.
public struct CPUBackend: ComputeBackend, Hashable {
  /// Time to forecast one VM and work out its risk.
  public var predictionTimePerVM: SimTime
  /// Time to decide about one VM's traffic.
  public var balancingTimePerVM: SimTime

  /// Reads the parameters.
  ///
  /// The defaults are rough: the CPU time of whole runs over their forecasts on one x86-64 core, and
  /// an assumption for the balancing. `foreshadow fpga calibrate` measures them on your machine.
  public init(from source: inout some ParameterSource) {
    predictionTimePerVM = source.time(
      "predictionTime", default: .seconds(45e-6), in: .zero ... .hours(1),
      about: "Time to forecast one VM and work out its risk.")
    balancingTimePerVM = source.time(
      "balancingTime", default: .seconds(2e-6), in: .zero ... .hours(1),
      about: "Time to decide about one VM's traffic.")
  }

  /// All VMs one after the other.
  public func predictionLatency(vmCount: Int) -> SimTime { predictionTimePerVM * vmCount }
  /// All VMs one after the other.
  public func balancingLatency(vmCount: Int) -> SimTime { balancingTimePerVM * vmCount }
}

/// Answers at once: for tests, and to see what latency costs.
public struct InstantBackend: ComputeBackend {
  /// A backend.
  public init() {}
  /// None.
  public func predictionLatency(vmCount: Int) -> SimTime { .zero }
  /// None.
  public func balancingLatency(vmCount: Int) -> SimTime { .zero }
}
