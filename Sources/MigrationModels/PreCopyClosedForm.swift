// SPDX-License-Identifier: Apache-2.0
import Units

/// The textbook pre-copy recurrence for a bandwidth that never changes.
///
/// With V₀ = memory, T_i = V_i / B and two populations of rewritten pages
/// `V_{i+1} = min(D_cold·T_i, W_cold) + min(D_hot·T_i, W_hot)` the migration stops before round n
/// when `V_n ≤ B·d_max` (or another stop rule fires); then
/// `total = setup + Σ V_i / B + switch-over`, `downtime = V_n / B + switch-over`.
/// Clark et al. (NSDI 2005), Akoush et al. (MASCOTS 2010), Liu et al. (HPDC 2011).
///
/// Throttling, early re-synchronisation, retries and changing bandwidth are what
/// `PreCopyMigration` is for; here the throttle is ignored and a failed attempt is not repeated.
public struct PreCopyClosedForm: Sendable {
  /// The guest.
  public var memory: MigratingMemory
  /// Stop rules and transport.
  public var spec: MigrationSpec
  /// What the network gives to this migration, in bytes per second.
  public var bandwidth: BytesPerSecond

  /// A migration of `memory` at a fixed bandwidth.
  public init(memory: MigratingMemory, spec: MigrationSpec, bandwidth: BytesPerSecond) {
    self.memory = memory
    self.spec = spec
    self.bandwidth = bandwidth
  }

  /// The figures of this migration, or nil when nothing can ever be sent (no bandwidth).
  ///
  /// - Complexity: O(rounds); a recurrence that has become stationary jumps to its time limit.
  public func summary() -> MigrationSummary? {
    let transport = spec.transport
    let running = transport.cappedRate(linkBytesPerSecond: bandwidth.value)
    let stopped = transport.wireRate(linkBytesPerSecond: bandwidth.value)
    guard running > 0 else { return nil }
    let first = firstPassBytes
    switch spec.method {
    case .delay:
      return summary(seconds: first / running, bytes: first, rule: .method)
    case .stopAndCopy:
      let all = first + transport.deviceStateBytes
      let seconds = all / stopped
      return summary(
        seconds: seconds, downSeconds: seconds, bytes: all, down: true, rule: .method)
    case .postCopy:
      return postCopy(afterSeconds: 0, sent: 0, rest: first, rounds: 0, rule: .method)
    case .hybrid:
      let rest = dirtied(in: first / running) * transport.wireFactor
      return postCopy(
        afterSeconds: first / running, sent: first, rest: rest, rounds: 0, rule: .method)
    case .preCopy:
      return iterate(rate: running, stoppedRate: stopped)
    }
  }

  /// Wire bytes of the first pass over the memory.
  private var firstPassBytes: Double {
    memory.nonzeroBytes * spec.transport.wireFactor
      + memory.zeroBytes * spec.transport.zeroFactor
  }

  /// Bytes of distinct pages dirtied in `seconds`, whole bytes.
  private func dirtied(in seconds: Double) -> Double {
    let cold = memory.cold.newlyDirty(
      written: memory.cold.dirtyRateBytesPerSecond * seconds, clean: memory.cold.sizeBytes)
    let hot = memory.hot.newlyDirty(
      written: memory.hot.dirtyRateBytesPerSecond * seconds, clean: memory.hot.sizeBytes)
    return (cold + hot).rounded(.down)
  }

  /// The recurrence: rounds until a rule fires.
  private func iterate(rate: Double, stoppedRate: Double) -> MigrationSummary {
    let stop = spec.stop
    let wire = spec.transport.wireFactor
    let limitSeconds = stop.timeLimit(ramBytes: memory.ramBytes)?.seconds ?? longestTimeSeconds
    let enough = max(rate * stop.downtimeLimit.seconds, stop.dirtyFloorBytes * wire)
    var volume = firstPassBytes
    var seconds = 0.0
    var sent = 0.0
    var rounds = 0
    var leastVolume = Double.infinity
    var leastAt = 0.0
    while true {
      seconds += volume / rate
      sent += volume
      let next = dirtied(in: volume / rate) * wire
      if next < leastVolume { (leastVolume, leastAt) = (next, seconds) }
      if let rule = ruleFiring(
        rest: next, enough: enough, rounds: rounds, sent: sent, seconds: seconds,
        stalledSeconds: seconds - leastAt, limitSeconds: limitSeconds)
      {
        return end(
          rule, seconds: seconds, sent: sent, rest: next, rounds: rounds, stoppedRate: stoppedRate)
      }
      if next == volume, stop.maximumRounds == nil, stop.maximumBytesFactor == nil {
        // Stationary: every further round looks the same until a clock runs out.
        let untilStall = stop.progressTimeout.map { leastAt + $0.seconds } ?? .infinity
        let missing = max(0, min(limitSeconds, untilStall) - seconds)
        let skipped = min((missing * rate / volume).rounded(.down), 1e15)
        seconds += skipped * volume / rate
        sent += skipped * volume
        rounds += Int(skipped)
      }
      volume = next
      rounds += 1
    }
  }

  /// The first rule that ends the iteration now, in the order of the implementations.
  private func ruleFiring(
    rest: Double, enough: Double, rounds: Int, sent: Double, seconds: Double,
    stalledSeconds: Double, limitSeconds: Double
  ) -> StopRule? {
    let stop = spec.stop
    if rest <= enough {
      return rest <= stop.dirtyFloorBytes * spec.transport.wireFactor && rest > 0
        ? .dirtyFloor : .downtimeLimit
    }
    if let most = stop.maximumRounds, rounds >= most { return .roundLimit }
    if let most = stop.maximumBytesFactor, sent >= most * memory.ramBytes { return .bytesLimit }
    if seconds >= limitSeconds { return .timeout }
    if let longest = stop.progressTimeout, stalledSeconds >= longest.seconds {
      return .progressTimeout
    }
    return nil
  }

  /// What follows when `rule` has fired with `rest` wire bytes unsent.
  private func end(
    _ rule: StopRule, seconds: Double, sent: Double, rest: Double, rounds: Int,
    stoppedRate: Double
  ) -> MigrationSummary {
    let timedOut = rule == .timeout || rule == .progressTimeout
    let escalation = timedOut ? spec.stop.onTimeout : spec.stop.onExhaustion
    guard rule.isForced, escalation != .forceSwitchOver else {
      let bytes = rest + spec.transport.deviceStateBytes
      return summary(
        seconds: seconds + bytes / stoppedRate, downSeconds: bytes / stoppedRate,
        bytes: sent + bytes, rounds: rounds, down: true, rule: rule)
    }
    if escalation == .abort {
      return summary(
        seconds: seconds, bytes: sent, rounds: rounds, rule: rule, ending: .aborted)
    }
    return postCopy(
      afterSeconds: seconds, sent: sent, rest: rest, rounds: rounds, rule: rule)
  }

  private func postCopy(
    afterSeconds: Double, sent: Double, rest: Double, rounds: Int, rule: StopRule
  ) -> MigrationSummary {
    let rate = spec.transport.wireRate(linkBytesPerSecond: bandwidth.value)
    let stopSeconds = spec.transport.deviceStateBytes / rate
    let followingSeconds = rest / min(rate, spec.postCopyRate)
    return summary(
      seconds: afterSeconds + stopSeconds + followingSeconds, downSeconds: stopSeconds,
      bytes: sent + rest + spec.transport.deviceStateBytes, rounds: rounds, down: true,
      rule: rule, ending: .postCopied)
  }

  private func summary(
    seconds: Double, downSeconds: Double = 0, bytes: Double, rounds: Int = 0,
    down: Bool = false, rule: StopRule, ending: MigrationEnding = .switchedOver
  ) -> MigrationSummary {
    let switchOver = down ? spec.switchOverTime : .zero
    let downtime = SimTime.seconds(min(downSeconds, longestTimeSeconds)) + switchOver
    let rate = spec.transport.wireRate(linkBytesPerSecond: bandwidth.value)
    let unseen = spec.unseenOutage(wireRate: rate, isPostCopied: ending == .postCopied)
    let copying = SimTime.seconds(min(seconds, longestTimeSeconds))
    return MigrationSummary(
      total: spec.setupTime + copying + switchOver + spec.finishTime, downtime: downtime,
      outage: down ? downtime + unseen : .zero, bytes: Bytes(bytes),
      rounds: rounds, attempts: 1, rule: rule, ending: ending)
  }
}
