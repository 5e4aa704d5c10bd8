// SPDX-License-Identifier: Apache-2.0
public import Units

/// The life of a shadow as both sides name it.
public enum ShadowState: String, Sendable, Hashable, CaseIterable {
  case provisioning, standby, syncing, ready, active, draining, suspended, resuming, terminated
}

/// The commands that a policy gives in one decision, with the reasons it gives for them.
public struct CommandQueue: Sendable {
  /// One command on its way to the plant.
  public struct Entry: Sendable, Hashable {
    /// The command's number.
    public var id: CommandID
    /// The order.
    public var command: Command
    /// Inputs of the decision, for the event log (`explain` prints them); may be empty.
    public var rationale: Rationale
  }

  /// What the decision was based on. NaN means "played no part".
  public struct Rationale: Sendable, Hashable {
    /// Expected load in cores at the horizon that mattered.
    public var forecastCores: Double
    /// Upper bound of that load in cores.
    public var upperCores: Double
    /// Probability that the load exceeds the capacity.
    public var overloadProbability: Double
    /// Horizon of the forecast in seconds.
    public var horizonSeconds: Double
    /// Lead time assumed, in seconds.
    public var leadTimeSeconds: Double
    /// Expected unserved core-seconds saved minus core-seconds spent.
    public var expectedGainCoreSeconds: Double

    /// A rationale; leave out what played no part.
    public init(
      forecastCores: Double = .nan, upperCores: Double = .nan, overloadProbability: Double = .nan,
      horizonSeconds: Double = .nan, leadTimeSeconds: Double = .nan,
      expectedGainCoreSeconds: Double = .nan
    ) {
      self.forecastCores = forecastCores
      self.upperCores = upperCores
      self.overloadProbability = overloadProbability
      self.horizonSeconds = horizonSeconds
      self.leadTimeSeconds = leadTimeSeconds
      self.expectedGainCoreSeconds = expectedGainCoreSeconds
    }
  }

  /// The commands not yet taken by the plant, oldest first.
  public private(set) var entries: [Entry] = []
  private var next = 0

  /// An empty queue whose first command gets the number `first`.
  public init(firstNumber first: Int = 0) { next = first }

  /// Adds a command and returns its number.
  @discardableResult
  public mutating func issue(_ command: Command, because rationale: Rationale = Rationale())
    -> CommandID
  {
    let id = CommandID(next)
    next += 1
    entries.append(Entry(id: id, command: command, rationale: rationale))
    return id
  }

  /// Takes all commands out, oldest first.
  public mutating func drain() -> [Entry] {
    defer { entries.removeAll(keepingCapacity: true) }
    return entries
  }
}

/// One forecast that a policy made, kept so that it can be scored against what came.
public struct ForecastRecord: Sendable {
  /// When it was made.
  public var issuedAt: SimTime
  /// Start of the interval it speaks of.
  public var targetStart: SimTime
  /// Steps ahead (in units of the sample interval).
  public var horizon: Int
  /// Expected load per VM in cores.
  public var meanCores: [Double]
  /// Lower end of the central 90 % interval per VM in cores.
  public var lowerCores: [Double]
  /// Upper end of the central 90 % interval per VM in cores.
  public var upperCores: [Double]

  /// A record; arrays have one element a VM.
  public init(
    issuedAt: SimTime, targetStart: SimTime, horizon: Int, meanCores: [Double],
    lowerCores: [Double], upperCores: [Double]
  ) {
    self.issuedAt = issuedAt
    self.targetStart = targetStart
    self.horizon = horizon
    self.meanCores = meanCores
    self.lowerCores = lowerCores
    self.upperCores = upperCores
  }
}

/// A policy: state plus a rule that maps what was measured to commands.
///
/// It is the same value whether the data center behind the port is simulated or real, and it sees
/// nothing of the plant but telemetry frames and outcomes. All of its randomness, if it has any,
/// comes from a seed it was given.
public protocol ManagementPolicy: Sendable {
  /// Takes a frame; called in the order in which frames arrive.
  mutating func observe(_ frame: TelemetryFrame)
  /// Takes what became of a command.
  mutating func receive(_ outcome: CommandOutcome)
  /// Decides. Called once every decision period, and again at the times it asks for.
  ///
  /// - Returns: when it wants to be called next, if before the next period; nil otherwise.
  mutating func decide(at now: SimTime, commands: inout CommandQueue) -> SimTime?
  /// Forecasts made since the last call, for the run's records; empty for policies without any.
  mutating func takeForecasts() -> [ForecastRecord]
}

extension ManagementPolicy {
  /// No forecasts: what policies that make none inherit.
  public mutating func takeForecasts() -> [ForecastRecord] { [] }
}
