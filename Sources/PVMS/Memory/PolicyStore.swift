// SPDX-License-Identifier: Apache-2.0
import ControlPlane
public import StateArchive
public import Units

/// What PVMS keeps outside of its process: a time series of what every VM used, and enough of its
/// own state to go on after a restart as if there had been none.
///
/// The state is a checkpoint, made once a sample interval, and a journal of what has come in since.
/// Samples and checkpoint are written together, so that they always fit each other.
public protocol PolicyStore: Sendable {
  /// Samples of the time from `start` on and before `end`, oldest first. What is older than the
  /// retention of single samples comes as means over longer spans.
  func history(from start: SimTime, to end: SimTime) throws -> [UsageSample]
  /// The newest checkpoint; nil when there is none. What is configuration rather than state is not
  /// kept with it: a decoder finds that in its `userInfo`.
  func checkpoint(given configuration: PolicyConfiguration) throws -> PolicyCheckpoint?
  /// What came in after the newest checkpoint, oldest first.
  func journal() throws -> [JournalEntry]
  /// Adds samples, replaces the checkpoint and empties the journal: all or nothing.
  mutating func save(_ checkpoint: PolicyCheckpoint, adding samples: [UsageSample]) throws
  /// Adds a line to the journal. It is there, whatever happens, once this returns.
  mutating func append(_ entry: JournalEntry) throws
  /// Exchanges the store's content with a checkpoint of the simulation.
  mutating func archive(_ archive: inout StateArchive, given configuration: PolicyConfiguration)
    throws
}

extension PolicyStore {
  /// Refuses by name: what stores inherit that outlive the simulation.
  public mutating func archive(
    _ archive: inout StateArchive, given configuration: PolicyConfiguration
  ) throws {
    throw ArchiveError.unsupported("the policy's store (\(Self.self))")
  }
}

/// What all VMs used in one span of time. Arrays have one element a VM, in the order of the
/// inventory, or none at all where nobody measures that; NaN is missing.
public struct UsageSample: Sendable, Codable, Equatable {
  /// When the span begins.
  public var start: SimTime
  /// Its length.
  public var span: SimTime
  /// Mean load in cores.
  public var cpuCores: [Double]
  /// Memory in use in bytes, as last reported in the span.
  public var memoryBytes: [Double]
  /// Network traffic in bytes/s, as last reported in the span.
  public var networkBytesPerSecond: [Double]
  /// Disk traffic in bytes/s, as last reported in the span.
  public var diskBytesPerSecond: [Double]

  /// A sample.
  public init(
    start: SimTime, span: SimTime, cpuCores: [Double], memoryBytes: [Double] = [],
    networkBytesPerSecond: [Double] = [], diskBytesPerSecond: [Double] = []
  ) {
    self.start = start
    self.span = span
    self.cpuCores = cpuCores
    self.memoryBytes = memoryBytes
    self.networkBytesPerSecond = networkBytesPerSecond
    self.diskBytesPerSecond = diskBytesPerSecond
  }

  /// A sample of mean loads, and of the rest as the newest frame has it.
  init(start: SimTime, span: SimTime, cpuCores: [Double], newest frame: TelemetryFrame?) {
    func reported(_ values: [Double]?) -> [Double] {
      guard let values, values.contains(where: \.isFinite) else { return [] }
      return values
    }
    self.init(
      start: start, span: span, cpuCores: cpuCores, memoryBytes: reported(frame?.memoryBytes),
      networkBytesPerSecond: reported(frame?.networkBytesPerSecond),
      diskBytesPerSecond: reported(frame?.diskBytesPerSecond))
  }
}

/// State of PVMS at one instant, and what data center it is of.
public struct PolicyCheckpoint: Sendable, Codable {
  /// Sizes that the state's arrays have; another data center can't use it.
  struct Shape: Sendable, Codable, Equatable {
    var vms: [String]
    var hosts: Int
    var racks: Int
    var maximumShadows: Int
    var sampleInterval: SimTime
  }
  var shape: Shape
  var state: PVMSState
  /// Start of the first interval that the models have not seen.
  var learnedUntil: SimTime
  /// Commands that nobody has answered yet, oldest first.
  var unanswered: [CommandQueue.Entry]
}

/// What a checkpoint refers to and does not hold.
public struct PolicyConfiguration: Sendable {
  /// For the decoder of a ``PolicyCheckpoint``.
  public let userInfo: [CodingUserInfoKey: any Sendable]

  init(parameters: PVMSParameters, inventory: Inventory) {
    let known: [(CodingUserInfoKey?, any Sendable)] = [
      (Given<PVMSParameters>.key, parameters), (Given<RackPowerParameters>.key, parameters.power),
      (Given<Inventory>.key, inventory),
    ]
    userInfo = Dictionary(
      uniqueKeysWithValues: known.compactMap { key, value in key.map { ($0, value) } })
  }
}

/// Something that came in.
public struct JournalEntry: Sendable, Codable {
  enum Input: Sendable, Codable {
    case frame(TelemetryFrame)
    case outcome(CommandOutcome)
    case incident(Incident, at: SimTime)
    case decision(at: SimTime)
  }
  var input: Input
  /// Number of the first command that it may have led to.
  var firstCommand: Int
}
