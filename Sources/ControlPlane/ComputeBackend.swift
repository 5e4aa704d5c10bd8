// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// When an answer of a backend is there, and where it was worked out.
public struct ComputeAnswer: Sendable, Hashable, Codable {
  /// Nothing may be ordered by it before.
  public var readyAt: SimTime
  /// VMs whose part the processor worked out since an accelerator could not.
  public var fallbackVMs: Int

  /// An answer.
  public init(readyAt: SimTime, fallbackVMs: Int = 0) {
    self.readyAt = readyAt
    self.fallbackVMs = fallbackVMs
  }
}

/// What a policy computes on, and how long it makes the policy wait.
///
/// A policy asks for forecasts and for decisions about traffic, and orders nothing before
/// ``ComputeAnswer/readyAt``, in simulated time as in real time. A backend is a value: it remembers
/// what it is busy with, and draws what is left to chance from the seed of ``begin(seed:)``.
public protocol ComputeBackend: Sendable, Archivable {
  /// Usual time from the request to the answer, with nothing else to do and without mishap:
  /// forecasts and risks of so many VMs. A policy plans with it.
  func predictionLatency(vmCount: Int) -> SimTime
  /// The same for a decision about the traffic of so many VMs.
  func balancingLatency(vmCount: Int) -> SimTime
  /// Called once before a run.
  mutating func begin(seed: UInt64)
  /// Asks for forecasts and risks; requests come in order of time.
  mutating func predict(vmCount: Int, at now: SimTime) -> ComputeAnswer
  /// Asks for a decision about traffic; requests come in order of time.
  mutating func balance(vmCount: Int, at now: SimTime) -> ComputeAnswer
}

extension ComputeBackend {
  /// Refuses by name: what backends inherit that say nothing of their state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
  /// Nothing is left to chance.
  public mutating func begin(seed: UInt64) {}
  /// The usual time, whatever else was asked for.
  public mutating func predict(vmCount: Int, at now: SimTime) -> ComputeAnswer {
    ComputeAnswer(readyAt: now + predictionLatency(vmCount: vmCount))
  }
  /// The usual time, whatever else was asked for.
  public mutating func balance(vmCount: Int, at now: SimTime) -> ComputeAnswer {
    ComputeAnswer(readyAt: now + balancingLatency(vmCount: vmCount))
  }
}

/// A processor core that works VM by VM.
public struct CPUBackend: ComputeBackend, Hashable {
  /// Time to forecast one VM and work out its risk.
  public var predictionTimePerVM: SimTime
  /// Time to decide about one VM's traffic.
  public var balancingTimePerVM: SimTime
  private var freeAt = SimTime.zero

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

  /// After the forecasts that were asked for before. A decision doesn't wait for them: another
  /// thread makes it.
  public mutating func predict(vmCount: Int, at now: SimTime) -> ComputeAnswer {
    freeAt = max(now, freeAt) + predictionLatency(vmCount: vmCount)
    return ComputeAnswer(readyAt: freeAt)
  }
}

extension CPUBackend {
  /// Exchanges what the core is busy with.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&freeAt)
  }
}

/// Answers at once: for tests, and to see what latency costs.
public struct InstantBackend: ComputeBackend {
  /// A backend.
  public init() {}
  /// None.
  public func predictionLatency(vmCount: Int) -> SimTime { .zero }
  /// None.
  public func balancingLatency(vmCount: Int) -> SimTime { .zero }
  /// Has no state.
  public func archive(_ archive: inout StateArchive) {}
}
