// SPDX-License-Identifier: Apache-2.0
import Units

/// What a stepped throttle looks at: dirtied against sent bytes of the present period.
struct ThrottleAssessment: Sendable, Codable {
  var periodStart: SimTime
  var dirtiedBytes = 0.0
  var sentAtStart = 0.0
  var highPeriods = 0

  init(at time: SimTime) { periodStart = time }
}

extension LiveMigration {
  /// Share of its dirty rate that the guest keeps under the present throttle.
  var writeFactor: Double {
    let rate = memory.dirtyRateBytesPerSecond
    guard let peak = spec.throttling.peakDirtyRate, rate > 0 else { return 1 - throttle }
    return min(1, peak / rate * (1 - throttle))
  }

  /// Longest time that the throttle keeps the guest from running at a stretch.
  ///
  /// QEMU's timer (softmmu/cpu-throttle.c) lets the guest run in slices of 10 ms and sleep
  /// `throttle / (1 − throttle)` times as long after each.
  var throttleSleep: SimTime {
    throttle > 0 ? .seconds(0.010 * throttle / (1 - throttle)) : .zero
  }

  /// Adjusts the throttle after a look that found `dirtied` new bytes.
  mutating func assessThrottle(dirtied: Double) {
    let throttling = spec.throttling
    switch throttling.mode {
    case .none: return
    case .proportional:
      let reachable = throttling.peakDirtyRate ?? memory.dirtyRateBytesPerSecond
      let wanted = throttling.trigger * wireRate.value / spec.transport.wireFactor
      throttle = reachable > 0 ? min(throttling.maximum, max(0, 1 - wanted / reachable)) : 0
    case .stepped:
      assessment.dirtiedBytes += dirtied
      guard now - assessment.periodStart > throttling.shortestPeriod else { return }
      let sent = sentBytes - assessment.sentAtStart
      if assessment.dirtiedBytes > throttling.trigger * sent { assessment.highPeriods += 1 }
      if assessment.highPeriods >= throttling.periodsPerStep {
        assessment.highPeriods = 0
        let next = throttle > 0 ? throttle + throttling.increment : throttling.initial
        throttle = min(throttling.maximum, next)
      }
      assessment.periodStart = now
      assessment.dirtiedBytes = 0
      assessment.sentAtStart = sentBytes
    }
    outage = max(outage, throttleSleep)
  }
}
