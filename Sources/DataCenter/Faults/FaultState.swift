// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import SimulationKernel
import StateArchive
import Units

/// What is broken now, and how many random faults have been drawn.
struct FaultState: Sendable {
  /// Faults at known times.
  let listed: [Fault]
  /// Failures drawn so far for each host and, after them, for each rack switch.
  var drawCount: ContiguousArray<UInt32>
  /// Whether heat or a breaker has stopped a rack that is not reset yet.
  var isTripped: ContiguousArray<Bool>
  /// When each rack was last switched on.
  var rackOnSince: ContiguousArray<SimTime>
  /// Telemetry gaps that hold now.
  var openGaps = 0
  /// Delays that hold now, in the order in which they began.
  var delays: [SimTime] = []
  /// Errors of the agents' clocks that hold now, in the order in which they began.
  var skews: [SimTime] = []
  /// What holds of the management server.
  var management = ManagementAbsence()

  init(spec: FaultSpec, fromTrace: [Fault], hosts: Int, racks: Int) {
    listed = spec.listed + fromTrace
    drawCount = ContiguousArray(repeating: 0, count: hosts + racks)
    isTripped = ContiguousArray(repeating: false, count: racks)
    rackOnSince = ContiguousArray(repeating: .zero, count: racks)
  }
}

/// The management server while it is away.
struct ManagementAbsence: Sendable, Codable {
  /// Something that it will be told when it is back.
  enum Message: Sendable, Codable {
    case frame(TelemetryFrame)
    case outcome(CommandOutcome)
    case incident(Incident, at: SimTime)
  }
  /// Faults that keep it away now.
  var causes = 0
  /// Oldest first.
  var waiting: [Message] = []
  /// Whether it would have been called meanwhile.
  var hasMissedCall = false
}

/// What went wrong over a run, and what came of it.
public struct FaultBooks: Sendable, Codable {
  /// Hosts that failed, each failure once.
  public internal(set) var hostFailures = 0
  /// Times hosts and racks were cut off from the network.
  public internal(set) var partitions = 0
  /// Times the management server was started anew.
  public internal(set) var managementRestarts = 0
  /// Primaries that were lost with their hosts.
  public internal(set) var vmCrashes = 0
  /// Primaries that came back.
  public internal(set) var vmRestarts = 0
  /// Shadows that were lost with their hosts.
  public internal(set) var shadowsLost = 0
  /// Seconds from each crash to the end of the boot that followed, in order of the latter.
  public internal(set) var restartSeconds: [Double] = []
}

extension Hosts {
  /// What a fault leaves of a host: kept apart from power states.
  struct Faults: Sendable, Codable {
    /// Reasons for which the host does not run now.
    var causes: Int32 = 0
    /// Reasons for which nobody reaches it now.
    var cuts: Int32 = 0
    /// Whether it was on, or about to be, when it failed.
    var wasOn = false
  }
}

extension FaultState: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&drawCount)
    try archive.state(&isTripped)
    try archive.state(&rackOnSince)
    try archive.state(&openGaps)
    try archive.state(&delays)
    try archive.state(&skews)
    try archive.state(&management)
  }
}
