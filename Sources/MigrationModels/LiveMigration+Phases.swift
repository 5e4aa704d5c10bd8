// SPDX-License-Identifier: Apache-2.0
import Units

extension LiveMigration {
  /// Starts a try with all memory unsent.
  mutating func beginAttempt(at time: SimTime) {
    phase = .preparing
    phaseEnd = time + spec.setupTime
    attemptStart = time
    sentBefore = sentBytes
    rounds = 0
    throttle = 0
    rule = .method
    ending = .switchedOver
    cold = DirtyPopulation(memory.cold)
    hot = DirtyPopulation(memory.hot)
    queue = PageQueue(firstPass)
    followUp = PageQueue([])
  }

  /// The guest's memory in the order of a scan: data, the run of free pages, and what the guest's
  /// kernel put at the very end.
  private var firstPass: [PageMix] {
    let tail = min(memory.staticBytes, memory.ramBytes * spec.transport.kernelTailShare)
    return [
      PageMix(
        staticBytes: memory.staticBytes - tail, cold: memory.cold.sizeBytes,
        hot: memory.hot.sizeBytes),
      PageMix(zero: memory.zeroBytes),
      PageMix(staticBytes: tail),
    ]
  }

  /// The first byte leaves.
  mutating func beginCopying() {
    phaseEnd = nil
    copyStart = now
    lastLook = now
    (previousLook, latestLook) = (nil, nil)
    leastRest = .infinity
    leastRestAt = now
    assessment = ThrottleAssessment(at: now)
    assessment.sentAtStart = sentBytes
    switch spec.method {
    case .preCopy, .hybrid, .delay: phase = .copying
    case .stopAndCopy: stopGuest(.method)
    case .postCopy: beginPostCopy(.method)
    }
  }

  /// Looks at the pages dirtied since the last look, and ends the copying if a rule says so.
  mutating func look() {
    let left = queue.sum
    let freshCold = cold.look(unsent: left.cold)
    let freshHot = hot.look(unsent: left.hot)
    // The scan goes on where it stands: what it had not reached comes first.
    queue = PageQueue([
      PageMix(staticBytes: left.staticBytes, zero: left.zero),
      PageMix(cold: left.cold + freshCold, hot: left.hot + freshHot),
    ])
    lastLook = now
    let rest = queue.total
    previousLook = latestLook
    latestLook = LookRecord(time: now, restBytes: rest, sentBytes: sentBytes)
    if rest < leastRest { (leastRest, leastRestAt) = (rest, now) }
    switch spec.method {
    case .delay: return finishDelay()
    case .hybrid: return beginPostCopy(.method)
    case .preCopy, .stopAndCopy, .postCopy: break
    }
    if rest <= enoughBytes {
      let floor = rest <= spec.stop.dirtyFloorBytes && rest > 0
      return stopGuest(floor ? .dirtyFloor : .downtimeLimit)
    }
    if let most = spec.stop.maximumRounds, rounds >= most { return exhaust(.roundLimit) }
    if let most = spec.stop.maximumBytesFactor,
      sentBytes - sentBefore >= most * memory.ramBytes
    {
      return exhaust(.bytesLimit)
    }
    assessThrottle(dirtied: freshCold + freshHot)
    rounds += 1
  }

  private mutating func exhaust(_ rule: StopRule) { escalate(spec.stop.onExhaustion, rule) }

  /// A time limit has run out.
  mutating func timeOut() {
    let total = spec.stop.timeLimit(ramBytes: memory.ramBytes).map { attemptStart + $0 }
    let isTotal = total.map { $0 <= now } ?? false
    escalate(spec.stop.onTimeout, isTotal ? .timeout : .progressTimeout)
  }

  private mutating func escalate(_ escalation: Escalation, _ rule: StopRule) {
    switch escalation {
    case .forceSwitchOver: stopGuest(rule)
    case .postCopy: beginPostCopy(rule)
    case .abort: fail(rule, retry: true)
    }
  }

  /// Stops the guest and sends what is dirty.
  mutating func stopGuest(_ rule: StopRule) {
    self.rule = rule
    collectDirty()
    queue = PageQueue(queue.parts + [deviceState])
    stoppedSince = now
    phase = .stopped
  }

  /// Stops the guest for its processor state only; the rest follows while it runs on the target.
  mutating func beginPostCopy(_ rule: StopRule) {
    self.rule = rule
    ending = .postCopied
    collectDirty()
    followUp = queue
    queue = PageQueue([deviceState])
    stoppedSince = now
    phase = .stopped
  }

  /// Adds what was written since the last look to the unsent pages.
  private mutating func collectDirty() {
    let left = queue.sum
    var all = left
    all.cold += cold.look(unsent: left.cold)
    all.hot += hot.look(unsent: left.hot)
    queue = PageQueue([all])
  }

  /// Device state as if it were pages: so many that their wire bytes are the state's.
  private var deviceState: PageMix {
    PageMix(staticBytes: spec.transport.deviceStateBytes / spec.transport.wireFactor)
  }

  mutating func beginSwitching() {
    phase = .switching
    phaseEnd = now + spec.switchOverTime
  }

  /// The guest runs on the target.
  mutating func endSwitching() {
    recordStop()
    if ending == .postCopied {
      phase = .postCopying
      phaseEnd = nil
      queue = followUp
      followUp = PageQueue([])
    } else {
      beginFinishing()
    }
  }

  /// Books the stop that ends now, as reported and as seen from outside.
  private mutating func recordStop() {
    guard let since = stoppedSince else { return }
    downtime = now - since
    let rate = spec.transport.wireRate(linkBytesPerSecond: linkRate)
    let unseen = spec.unseenOutage(wireRate: rate, isPostCopied: ending == .postCopied)
    let silent = now - (pausedSince ?? since) + unseen
    outage = max(outage, silent)
    stoppedSince = nil
    pausedSince = nil
  }

  private mutating func finishDelay() {
    queue = PageQueue([])
    rule = .method
    beginFinishing()
  }

  mutating func beginFinishing() {
    throttle = 0
    phase = .finishing
    phaseEnd = now + spec.finishTime
  }

  mutating func finish() {
    phase = .done
    phaseEnd = nil
    queue = PageQueue([])
    followUp = PageQueue([])
    summary = MigrationSummary(
      total: now - start, downtime: downtime, outage: max(outage, downtime),
      bytes: Bytes(sentBytes), rounds: rounds, attempts: attempt, rule: rule, ending: ending)
  }

  /// Ends this try without a switch; another one follows if the specification has it.
  mutating func fail(_ rule: StopRule, retry: Bool) {
    self.rule = rule
    throttle = 0
    if let since = pausedSince ?? stoppedSince { outage = max(outage, now - since) }
    pausedSince = nil
    stoppedSince = nil
    guard retry, attempt < spec.attempts else {
      ending = .aborted
      return finish()
    }
    phase = .waiting
    let doublings = min(attempt - 1, 10)
    let delay = min(spec.retryDelay, .days(1))
    phaseEnd = now + delay * (1 << doublings)
  }
}
