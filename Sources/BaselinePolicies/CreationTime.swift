// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import StateArchive
import Units

/// How long it takes *now* from ordering a shadow until it has its traffic: what a predictive
/// policy must be ahead by.
struct CreationTime: Sendable {
  private enum Step: Int, CommandStep {
    case create, shift

    init?(begunBy command: Command) {
      switch command {
      case .createShadow: self = .create
      case .shiftTraffic(_, let share) where share.value > 0: self = .shift
      default: return nil
      }
    }
  }

  private var latencies = CommandLatencies<Step>()
  private let initial: SimTime
  /// Until so many have been seen, creations are not taken to be faster than `initial`.
  private static let fewCreations = 8

  /// An estimate that begins with `initial`.
  init(initial: SimTime) { self.initial = initial }

  mutating func noteIssued(_ entries: some Sequence<CommandQueue.Entry>, at now: SimTime) {
    latencies.noteIssued(entries, at: now)
  }

  mutating func receive(_ outcome: CommandOutcome) { latencies.receive(outcome) }

  /// The 90th percentiles of both steps.
  var estimate: SimTime {
    let least = latencies.count(.create) < Self.fewCreations ? initial : .zero
    return max(latencies.high(.create), least) + latencies.high(.shift)
  }
}

extension CreationTime: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws { try archive.state(&latencies) }
}
