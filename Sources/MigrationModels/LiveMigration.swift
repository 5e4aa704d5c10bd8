// SPDX-License-Identifier: Apache-2.0
import Units

/// One migration in progress: memory leaves in rounds until a rule ends them, whatever happens to
/// the bandwidth and to the guest's dirty rate meanwhile.
///
/// A plain value without references: its owner tells it the bandwidth, asks for ``nextEvent()``,
/// and advances it. Between two events everything is linear, so the owner may advance it to any
/// time in between.
///
/// ```swift
/// var migration = LiveMigration(memory: guest, spec: spec, start: now)
/// migration.setBandwidth(share, at: now)
/// while let next = migration.nextEvent() { migration.advance(to: next) }
/// migration.summary?.downtime
/// ```
///
/// The model is the recurrence of ``PreCopyClosedForm`` with, in addition: re-synchronisation
/// before the end of a pass, throttling, post-copy, retries and requests from outside. Not
/// modelled: page order inside a working set, loss and latency of the transport (its goodput is a
/// constant share), competition of page faults with the background copy.
public struct LiveMigration: Sendable, Codable {
  /// Where a migration stands.
  public enum Phase: String, Sendable, Codable, CaseIterable {
    /// Connecting; nothing is sent yet.
    case preparing
    /// Memory is sent while the guest runs on the source.
    case copying
    /// The guest stands still and the rest is sent.
    case stopped
    /// All is sent; the target resumes the guest.
    case switching
    /// The guest runs on the target and its memory follows.
    case postCopying
    /// The guest runs on the target; clean-up.
    case finishing
    /// A try failed; the next one starts later.
    case waiting
    /// Over; ``LiveMigration/summary`` says how.
    case done
  }

  /// Parameters of this migration.
  public let spec: MigrationSpec
  /// The guest as it was at the start (dirty rates as last set).
  public internal(set) var memory: MigratingMemory
  /// Where it stands.
  public internal(set) var phase = Phase.preparing
  /// Present time of this value.
  public internal(set) var now: SimTime
  /// Present try, from 1.
  public internal(set) var attempt = 1
  /// Rounds after the first pass of this try.
  public internal(set) var rounds = 0
  /// Wire bytes sent in all tries.
  public internal(set) var sentBytes = 0.0
  /// Share of the guest's CPU time that is taken to slow its writes.
  public internal(set) var throttle = 0.0
  /// The result, once ``phase`` is `done`.
  public internal(set) var summary: MigrationSummary?

  /// When the request came.
  let start: SimTime
  /// Link rate that the owner last told.
  var linkRate = 0.0
  /// What is sent in the present phase.
  var queue = PageQueue([])
  /// What follows after the switch.
  var followUp = PageQueue([])
  var cold: DirtyPopulation
  var hot: DirtyPopulation
  /// End of a phase whose length is fixed.
  var phaseEnd: SimTime?
  /// Start of the present try's copying.
  var copyStart: SimTime
  /// Start of the present try.
  var attemptStart: SimTime
  /// Wire bytes sent before the present try.
  var sentBefore = 0.0
  /// Latest look at the dirty pages.
  var lastLook: SimTime
  /// The last two looks of this try.
  var previousLook: LookRecord?
  var latestLook: LookRecord?
  /// Least unsent memory after any look of this try, and when it was reached.
  var leastRest = Double.infinity
  var leastRestAt: SimTime
  var assessment: ThrottleAssessment
  /// Since when the guest has been standing still.
  var stoppedSince: SimTime?
  /// Since when it has been paused by request; longer than the reported stop.
  var pausedSince: SimTime?
  var downtime = SimTime.zero
  var outage = SimTime.zero
  var rule = StopRule.method
  var ending = MigrationEnding.switchedOver

  /// A migration that is requested at `start`; without bandwidth until it is told some.
  public init(memory: MigratingMemory, spec: MigrationSpec, start: SimTime) {
    self.spec = spec
    self.memory = memory
    self.start = start
    now = start
    cold = DirtyPopulation(memory.cold)
    hot = DirtyPopulation(memory.hot)
    copyStart = start
    attemptStart = start
    lastLook = start
    leastRestAt = start
    assessment = ThrottleAssessment(at: start)
    beginAttempt(at: start)
  }

  /// Whether the guest is executing now (on either side).
  public var isGuestRunning: Bool {
    switch phase {
    case .preparing, .copying: pausedSince == nil
    case .stopped, .switching: false
    case .postCopying, .finishing, .waiting, .done: true
    }
  }

  /// Whether the guest belongs to the target host: from the switch on.
  public var isOnTarget: Bool {
    switch phase {
    case .postCopying, .finishing: true
    case .done: summary?.ending != .aborted
    case .preparing, .copying, .stopped, .switching, .waiting: false
    }
  }

  /// Share of its normal speed at which the guest runs now, 0…1.
  public var guestSpeed: Double {
    guard isGuestRunning else { return 0 }
    switch phase {
    case .copying: return (1 - throttle) * (1 - spec.cost.guestSlowdown)
    case .postCopying: return (1 - faultLoad) * (1 - spec.cost.guestSlowdown)
    default: return 1
    }
  }

  /// Bytes of pages that are known to be dirty and not yet sent, zeros included.
  public var unsentBytes: Bytes { Bytes(queue.total + followUp.total) }

  /// Link rate that this migration could use now; what its network flow should be capped at.
  public var wantedLinkRate: BytesPerSecond {
    let transport = spec.transport
    let host = transport.hostThroughputBytesPerSecond
    switch phase {
    case .copying:
      return BytesPerSecond(min(transport.capBytesPerSecond ?? host, host) / transport.goodput)
    case .stopped: return BytesPerSecond(host / transport.goodput)
    case .postCopying: return BytesPerSecond(min(host, spec.postCopyRate) / transport.goodput)
    case .preparing, .switching, .finishing, .waiting, .done: return .zero
    }
  }

  /// Present rate on the wire.
  public var wireRate: BytesPerSecond {
    switch phase {
    case .copying: BytesPerSecond(spec.transport.cappedRate(linkBytesPerSecond: linkRate))
    case .stopped: BytesPerSecond(spec.transport.wireRate(linkBytesPerSecond: linkRate))
    case .postCopying:
      BytesPerSecond(
        min(spec.postCopyRate, spec.transport.wireRate(linkBytesPerSecond: linkRate)))
    case .preparing, .switching, .finishing, .waiting, .done: .zero
    }
  }

  /// CPU that the source host spends on the transfer now.
  public var sourceCores: Cores {
    Cores(spec.cost.sourceCoreSecondsPerGigabyte * wireRate.value / 1e9)
  }
  /// CPU that the target host spends on the transfer now.
  public var targetCores: Cores {
    Cores(spec.cost.targetCoreSecondsPerGigabyte * wireRate.value / 1e9)
  }

  /// Tells the link rate that this migration has from `time` on.
  public mutating func setBandwidth(_ link: BytesPerSecond, at time: SimTime) {
    advance(to: time)
    linkRate = max(0, link.value)
  }

  /// Tells the dirty rates that hold from `time` on.
  public mutating func setDirtyRate(
    cold coldRate: BytesPerSecond, hot hotRate: BytesPerSecond = .zero, at time: SimTime
  ) {
    advance(to: time)
    memory.cold.dirtyRateBytesPerSecond = max(0, coldRate.value)
    memory.hot.dirtyRateBytesPerSecond = max(0, hotRate.value)
    cold.set.dirtyRateBytesPerSecond = memory.cold.dirtyRateBytesPerSecond
    hot.set.dirtyRateBytesPerSecond = memory.hot.dirtyRateBytesPerSecond
  }
}
