// SPDX-License-Identifier: Apache-2.0
import Units

extension LiveMigration {
  /// Asks for post-copy now; without effect unless memory is being copied.
  public mutating func requestPostCopy(at time: SimTime) {
    advance(to: time)
    if phase == .copying { beginPostCopy(.request) }
  }

  /// Asks for the final stop now; without effect unless memory is being copied.
  public mutating func requestSwitchOver(at time: SimTime) {
    advance(to: time)
    if phase == .copying { stopGuest(.request) }
  }

  /// Pauses the guest while its memory is still being copied in rounds, so that they converge.
  ///
  /// The hypervisor reports only the last part as downtime; a client sees the whole pause.
  public mutating func pauseGuest(at time: SimTime) {
    advance(to: time)
    if phase == .copying, pausedSince == nil { pausedSince = now }
  }

  /// Ends this try (a link failed, an operator changed her mind); after the switch nothing can be
  /// taken back and the call has no effect.
  ///
  /// - Parameters:
  ///   - time: When.
  ///   - retry: Whether a further try may follow as the specification says.
  public mutating func abort(at time: SimTime, retry: Bool) {
    advance(to: time)
    switch phase {
    case .preparing, .copying, .stopped: fail(.request, retry: retry)
    case .waiting where !retry: fail(.request, retry: false)
    case .switching, .postCopying, .finishing, .waiting, .done: break
    }
  }

  /// Share of its time that the guest loses to page faults over the network while post-copied.
  ///
  /// Faults = share × working set / page, each one round trip and one page transfer, spread over
  /// the rest of the transfer (Hines & Gopalan, VEE 2009, for the share).
  var faultLoad: Double {
    let rate = wireRate.value
    let duration = queue.seconds(untilRest: 0, sendingCost)
    guard rate > 0, duration > 0, duration.isFinite else { return rate > 0 ? 0 : 1 }
    let left = queue.sum
    let faults = spec.postCopy.faultShare * (left.cold + left.hot) / pageBytes
    let each = spec.postCopy.roundTrip.seconds + pageBytes / rate
    return min(1, faults * each / duration)
  }
}
