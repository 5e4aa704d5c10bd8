// SPDX-License-Identifier: Apache-2.0
import Units

extension LiveMigration {
  /// When something happens next by itself; nil when over, or stuck without bandwidth and limit.
  public func nextEvent() -> SimTime? {
    switch phase {
    case .done: nil
    case .preparing, .switching, .finishing, .waiting: phaseEnd
    case .stopped, .postCopying: time(afterSending: queue.seconds(untilRest: 0, sendingCost))
    case .copying: earliest(nextLook(), nextTimeout()).map { max(now, $0) }
    }
  }

  /// Runs up to `time`, all events up to and including it.
  ///
  /// - Precondition: `time` is not before ``now``.
  /// - Complexity: O(number of events in between).
  public mutating func advance(to time: SimTime) {
    precondition(time >= now, "migration cannot run backwards: \(time) is before \(now)")
    while let next = nextEvent(), next <= time {
      run(to: next)
      happen()
    }
    run(to: time)
  }

  /// Lets time pass without an event.
  private mutating func run(to time: SimTime) {
    let seconds = (time - now).seconds
    now = time
    guard seconds > 0 else { return }
    switch phase {
    case .copying, .stopped, .postCopying:
      let cost = sendingCost
      if phase == .copying, pausedSince == nil {
        let factor = writeFactor
        cold.writtenBytes += cold.set.dirtyRateBytesPerSecond * factor * seconds
        hot.writtenBytes += hot.set.dirtyRateBytesPerSecond * factor * seconds
      }
      sentBytes += queue.send(seconds: seconds, cost)
    case .preparing, .switching, .finishing, .waiting, .done: break
    }
  }

  /// The event that is due now.
  private mutating func happen() {
    switch phase {
    case .preparing: beginCopying()
    case .copying:
      if let limit = nextTimeout(), limit <= now {
        timeOut()
      } else {
        look()
      }
    case .stopped: beginSwitching()
    case .switching: endSwitching()
    case .postCopying: beginFinishing()
    case .finishing: finish()
    case .waiting:
      attempt += 1
      beginAttempt(at: now)
    case .done: break
    }
  }

  /// What sending costs in the present phase and round.
  var sendingCost: SendingCost {
    let transport = spec.transport
    let set = memory.cold.sizeBytes + memory.hot.sizeBytes
    // Delta compression needs the earlier version of a page in its cache: pages enter it with the
    // second pass, so the third one is the first to gain.
    let usesDelta =
      rounds >= 2 && transport.deltaFactor < 1 && set <= transport.deltaCacheBytes
    let header = transport.pageHeaderBytes / pageBytes
    return SendingCost(
      full: transport.wireFactor,
      rewritten: usesDelta ? transport.deltaFactor + header : transport.wireFactor,
      zero: transport.zeroFactor, wireRate: wireRate.value,
      copyRate: transport.hostThroughputBytesPerSecond)
  }

  /// Unsent memory that fits into the downtime limit at the present rate.
  var enoughBytes: Double {
    max(wireRate.value * spec.stop.downtimeLimit.seconds, spec.stop.dirtyFloorBytes)
  }

  /// When the dirty pages are looked at next, nil when the bandwidth never gets there.
  private func nextLook() -> SimTime? {
    guard spec.resynchronisation == .early, spec.method == .preCopy else {
      return time(afterSending: queue.seconds(untilRest: 0, sendingCost))
    }
    let seconds = queue.seconds(untilRest: enoughBytes, sendingCost)
    guard let reached = time(afterSending: seconds) else { return nil }
    // A sender looks between two iterations, never in the middle of one.
    let grid = hasCap ? spec.capWindow : spec.iterationInterval
    let steps = max(reached - copyStart, lastLook - copyStart) / grid + 1
    return copyStart + grid * steps
  }

  private var hasCap: Bool {
    let transport = spec.transport
    guard let cap = transport.capBytesPerSecond else { return false }
    return cap < transport.wireRate(linkBytesPerSecond: linkRate)
  }

  /// When a time limit ends the copying, nil without one.
  func nextTimeout() -> SimTime? {
    let total = spec.stop.timeLimit(ramBytes: memory.ramBytes).map { attemptStart + $0 }
    let stalled = spec.stop.progressTimeout.map { leastRestAt + $0 }
    return earliest(total, stalled)
  }

  private func earliest(_ left: SimTime?, _ right: SimTime?) -> SimTime? {
    switch (left, right) {
    case (let left?, let right?): min(left, right)
    default: left ?? right
    }
  }

  /// `now` and that many seconds, at least as late; nil when that is beyond any run.
  private func time(afterSending seconds: Double) -> SimTime? {
    guard seconds < longestTimeSeconds else { return nil }
    return now + SimTime(nanoseconds: Int64((seconds * 1e9).rounded(.up)))
  }
}
