// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units

/// How long it takes *now* from an order to traffic on a shadow.
struct LeadTimeEstimate: Sendable, Codable {
  private enum Step: Int, CommandStep {
    case resume, grow, shift

    init?(begunBy command: Command) {
      switch command {
      case .resumeShadow: self = .resume
      case .resizeShadow: self = .grow
      case .shiftTraffic(_, let share) where share.value > 0: self = .shift
      default: return nil
      }
    }
  }

  private var latencies = CommandLatencies<Step>()
  private let initial: SimTime

  /// An estimate that answers `initial` until a standby has been resumed.
  init(initial: SimTime) { self.initial = initial }

  mutating func noteIssued(_ entries: [CommandQueue.Entry], at now: SimTime) {
    latencies.noteIssued(entries, at: now)
  }

  mutating func receive(_ outcome: CommandOutcome) { latencies.receive(outcome) }

  /// From the order to resume a standby until its traffic has been shifted: the 90th percentiles
  /// of all steps.
  var activation: SimTime {
    guard latencies.count(.resume) > 0 else { return initial }
    return latencies.high(.resume) + latencies.high(.grow) + latencies.high(.shift)
  }
}
