// SPDX-License-Identifier: Apache-2.0
public import Units

/// The commands that a policy gives in one decision, with the reasons it gives for them.
public struct CommandQueue: Sendable, Codable {
  /// One command on its way to the plant.
  public struct Entry: Sendable, Hashable, Codable {
    /// The command's number.
    public var id: CommandID
    /// The order.
    public var command: Command
    /// Inputs of the decision, for the event log (`explain` prints them); may be empty.
    public var rationale: Rationale
  }

  /// What the decision was based on. NaN means "played no part".
  public struct Rationale: Sendable, Hashable, Codable {
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

    /// Whether there is anything in it.
    public var isStated: Bool {
      [
        forecastCores, upperCores, overloadProbability, horizonSeconds, leadTimeSeconds,
        expectedGainCoreSeconds,
      ].contains { !$0.isNaN }
    }

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
  /// Number of the next command.
  public private(set) var next = 0

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

  /// Gives a command again that may not have arrived. It keeps its number, by which the plant knows
  /// whether it has carried it out already.
  public mutating func reissue(_ entry: Entry) { entries.append(entry) }

  /// The earliest time for which a call of `decide` outside its period has been asked for.
  public private(set) var wakeTime: SimTime?

  /// Asks to be called at `time` in addition to the regular decisions (a timer of the policy).
  public mutating func wake(at time: SimTime) {
    wakeTime = min(time, wakeTime ?? time)
  }

  /// Takes the wake-up request out.
  public mutating func takeWakeTime() -> SimTime? {
    defer { wakeTime = nil }
    return wakeTime
  }

  /// Takes all commands out, oldest first.
  public mutating func drain() -> [Entry] {
    defer { entries.removeAll(keepingCapacity: true) }
    return entries
  }
}
