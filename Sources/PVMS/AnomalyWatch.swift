// SPDX-License-Identifier: Apache-2.0
public import AnomalyDetection
import ControlPlane
public import StateArchive
public import Units

/// Watches every VM's load for what has never been seen, and keeps it out of what is learned.
///
/// An episode begins with an alarm. While the load stays outside what was forecast before it, the
/// forecasters are told that the value is missing: an attack or a broken client should not become
/// next week's expectation. After ``longestEpisode`` it is no anomaly but the new normal.
public struct AnomalyWatch: Sendable {
  /// One VM's episode.
  struct Episode: Sendable, Codable {
    var lower: Double
    var upper: Double
    var stepsLeft: Int
  }

  /// Something unusual that has just begun.
  struct Finding: Sendable {
    var vm: Int
    var load: Double
    var reason: String
  }

  /// Longest time for which a load is kept from the forecasters.
  public static let longestEpisode = SimTime.hours(1)

  private var detectors: [AnomalyDetector]
  private var episodes: [Episode?]
  private let interval: SimTime
  private var step = 0

  /// A watch that has seen nothing.
  ///
  /// - Parameters:
  ///   - spec: How to detect.
  ///   - vmCount: Number of VMs.
  ///   - interval: Distance of samples.
  public init(spec: AnomalyDetectorSpec, vmCount: Int, interval: SimTime) {
    detectors = [AnomalyDetector](
      repeating: AnomalyDetector(spec: spec, interval: interval), count: vmCount)
    episodes = [Episode?](repeating: nil, count: vmCount)
    self.interval = interval
  }

  /// Takes loads of the past, `[interval, VM]` row-major, without alarming anybody.
  public mutating func recall(_ history: [Double]) {
    let count = detectors.count
    guard count > 0 else { return }
    for start in stride(from: 0, through: history.count - count, by: count) {
      for vm in 0..<count {
        _ = detectors[vm].observe(history[start + vm], at: interval * step)
      }
      step += 1
    }
  }

  /// Takes the mean loads of an interval.
  ///
  /// - Parameters:
  ///   - loads: In cores; NaN is missing. Values of an episode are replaced by NaN.
  ///   - lower: Lower end of what was forecast for the interval, one a VM.
  ///   - upper: Upper end of it.
  /// - Returns: Where an episode has begun.
  mutating func observe(
    _ loads: inout [Double], lower: ArraySlice<Double>, upper: ArraySlice<Double>
  ) -> [Finding] {
    let now = interval * step
    step += 1
    var findings: [Finding] = []
    for vm in loads.indices {
      let load = loads[vm]
      let judgement = detectors[vm].observe(load, at: now)
      if judgement.isAlarm, episodes[vm] == nil {
        episodes[vm] = Episode(
          lower: lower[lower.startIndex + vm], upper: upper[upper.startIndex + vm],
          stepsLeft: Self.longestEpisode / interval)
        findings.append(
          Finding(
            vm: vm, load: load, reason: judgement.reason?.text(Self.text) ?? "unlike anything seen"
          ))
      }
      guard var episode = episodes[vm] else { continue }
      if episode.stepsLeft <= 0
        || (episode.lower...max(episode.lower, episode.upper)).contains(load)
      {
        episodes[vm] = nil
      } else {
        episode.stepsLeft -= 1
        episodes[vm] = episode
        loads[vm] = .nan
      }
    }
    return findings
  }

  private static func text(_ cores: Double) -> String {
    "\((cores * 1000).rounded() / 1000) cores"
  }
}

extension AnomalyWatch: Archivable {
  /// Exchanges what was seen.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&detectors)
    try archive.state(&episodes)
    try archive.state(&step)
  }
}
