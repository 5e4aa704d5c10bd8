// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// A policy: state plus a rule that maps what was measured to commands.
///
/// It is the same value whether the data center behind the port is simulated or real, and it sees
/// nothing of the plant but telemetry frames and outcomes. All of its randomness, if it has any,
/// comes from a seed it was given.
public protocol ManagementPolicy: Sendable, Archivable {
  /// The capacity each VM's primary is provisioned with before the run; `sizing` is what the
  /// scenario's sizing rule says. Only static policies answer anything else.
  func initialCapacities(sizing: [Cores]) -> [Cores]
  /// Takes a frame; called in the order in which frames arrive.
  mutating func observe(_ frame: TelemetryFrame)
  /// Takes what became of a command, and may answer with further commands at once.
  mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue)
  /// Takes what happened without having been ordered, and may answer with commands at once.
  mutating func notice(_ incident: Incident, at now: SimTime, commands: inout CommandQueue)
  /// Decides. Called once every decision period.
  mutating func decide(at now: SimTime, commands: inout CommandQueue)
  /// The management server has been started anew: memory is lost, only what the policy has written
  /// to a store is left. Calls and messages go on after this.
  mutating func restart(at now: SimTime, commands: inout CommandQueue)
  /// Forecasts made since the last call, for the run's records; empty for policies without any.
  mutating func takeForecasts() -> [ForecastRecord]
  /// The run has ended: nothing is asked any more. Called at most once.
  mutating func end(at now: SimTime)
  /// Why the policy cannot go on, if it cannot: it orders nothing from then on, and what comes of
  /// the run is worth nothing.
  var failure: (any Error)? { get }
}

extension ManagementPolicy {
  /// Refuses by name: what policies inherit that say nothing of their state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
  /// The scenario's sizing, unchanged.
  public func initialCapacities(sizing: [Cores]) -> [Cores] { sizing }
  /// Ignores it: what policies inherit that hold nothing that could be lost.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {}
  /// Keeps its state: a policy without a store is taken to be copied on each change.
  public mutating func restart(at now: SimTime, commands: inout CommandQueue) {}
  /// No forecasts: what policies that make none inherit.
  public mutating func takeForecasts() -> [ForecastRecord] { [] }
  /// Nothing to give back: what policies inherit that are values alone.
  public mutating func end(at now: SimTime) {}
  /// None: what policies inherit that depend on nobody else.
  public var failure: (any Error)? { nil }
}
