// SPDX-License-Identifier: Apache-2.0
package import Units

/// Turns irregular telemetry into one value a VM and sample interval (the forecasters' step).
///
/// Telemetry is reported on change, so a value holds until the next frame. Shortly before an
/// interval ends, its mean is known up to the little that may still change: `close` takes the last
/// value to hold to the end, which is what lets a forecast be made in time to act on it.
package struct LoadNowcast: Sendable, Codable {
  private let interval: SimTime
  private let telemetryInterval: SimTime
  private var integral: [Double]
  private var knownSeconds: [Double]
  private var updatedAt: SimTime
  /// Newest load of every VM in cores; NaN until something was reported.
  package private(set) var latest: [Double]
  /// Start of the interval that is being filled.
  package private(set) var start: SimTime = .zero

  /// A nowcast that knows nothing yet.
  package init(vmCount: Int, interval: SimTime, telemetryInterval: SimTime) {
    self.interval = interval
    self.telemetryInterval = telemetryInterval
    integral = [Double](repeating: 0, count: vmCount)
    knownSeconds = [Double](repeating: 0, count: vmCount)
    updatedAt = .zero
    latest = [Double](repeating: .nan, count: vmCount)
  }

  /// End of the interval that is being filled.
  package var end: SimTime { start + interval }

  /// Takes a frame. Its values are means over at most one telemetry interval before it.
  package mutating func observe(_ frame: TelemetryFrame) {
    let taken = max(updatedAt, min(frame.takenAt, end))
    let since = max(updatedAt, max(start, taken - telemetryInterval))
    let heldSeconds = (since - updatedAt).seconds
    let newSeconds = (taken - since).seconds
    for (vm, value) in frame.offeredCores.enumerated() {
      if latest[vm].isFinite {
        integral[vm] += latest[vm] * heldSeconds
        knownSeconds[vm] += heldSeconds
      }
      if value.isFinite { latest[vm] = value }
      if latest[vm].isFinite {
        integral[vm] += latest[vm] * newSeconds
        knownSeconds[vm] += newSeconds
      }
    }
    updatedAt = taken
  }

  /// Ends the interval now, whatever is left of it, and begins the next.
  ///
  /// - Returns: The mean load of each VM in cores; NaN for VMs of which nothing is known.
  package mutating func close() -> [Double] {
    let restSeconds = (end - updatedAt).seconds
    let means = latest.indices.map { vm in
      guard latest[vm].isFinite else { return Double.nan }
      return (integral[vm] + latest[vm] * restSeconds) / (knownSeconds[vm] + restSeconds)
    }
    start = end
    updatedAt = start
    for vm in latest.indices {
      integral[vm] = 0
      knownSeconds[vm] = 0
    }
    return means
  }
}
