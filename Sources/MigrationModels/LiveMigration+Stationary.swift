// SPDX-License-Identifier: Apache-2.0
import Units

/// What one look at the dirty pages found; two equal ones in a row make a migration stationary.
struct LookRecord: Sendable, Codable {
  var time: SimTime
  var restBytes: Double
  var sentBytes: Double
}

extension LiveMigration {
  /// Jumps over rounds that all look the same, up to just before a time limit ends them.
  ///
  /// For an owner that knows that bandwidth and dirty rate will not change: a guest that dirties
  /// its whole working set in every round would otherwise take millions of equal events. Without
  /// effect unless the last two rounds were equal and only time can end them.
  public mutating func skipEqualRounds() {
    guard phase == .copying, let earlier = previousLook, let latest = latestLook,
      latest.time == now, latest.restBytes == earlier.restBytes, latest.time > earlier.time,
      spec.resynchronisation == .endOfPass, spec.throttling.mode == .none, pausedSince == nil,
      spec.stop.maximumRounds == nil, spec.stop.maximumBytesFactor == nil,
      let limit = nextTimeout()
    else { return }
    let length = latest.time - earlier.time
    let count = (limit - now) / length - 1
    guard count > 0 else { return }
    let jump = length * count
    now += jump
    lastLook += jump
    rounds += count
    sentBytes += (latest.sentBytes - earlier.sentBytes) * Double(count)
    previousLook = nil
    latestLook = nil
  }
}
