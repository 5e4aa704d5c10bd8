// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units

/// How long it takes from an order to traffic on a shadow *now*: learned from the outcomes of the
/// last orders, because contention changes it.
struct LeadTimeEstimate: Sendable, Codable {
  private enum Kind: Int, Codable { case resume, grow, shift }
  private struct Order: Codable {
    var time: SimTime
    var kind: Kind
  }

  private var issuedAt: [CommandID: Order] = [:]
  /// Recent latencies by kind, a ring each.
  private var recent: [[SimTime]] = [[], [], []]
  private var position = [0, 0, 0]
  private let initial: SimTime
  private static let capacity = 32

  /// An estimate that answers `initial` until outcomes have been seen.
  init(initial: SimTime) { self.initial = initial }

  mutating func noteIssued(_ entries: [CommandQueue.Entry], at now: SimTime) {
    for entry in entries {
      switch entry.command {
      case .resumeShadow: issuedAt[entry.id] = Order(time: now, kind: .resume)
      case .resizeShadow: issuedAt[entry.id] = Order(time: now, kind: .grow)
      case .shiftTraffic(_, let share) where share.value > 0:
        issuedAt[entry.id] = Order(time: now, kind: .shift)
      default: break
      }
    }
  }

  mutating func receive(_ outcome: CommandOutcome) {
    switch outcome.result {
    case .accepted: return
    case .done:
      guard let order = issuedAt.removeValue(forKey: outcome.id) else { return }
      let kind = order.kind
      let latency = outcome.at - order.time
      if recent[kind.rawValue].count < Self.capacity {
        recent[kind.rawValue].append(latency)
      } else {
        recent[kind.rawValue][position[kind.rawValue]] = latency
        position[kind.rawValue] = (position[kind.rawValue] + 1) % Self.capacity
      }
    case .refused, .failed: issuedAt[outcome.id] = nil
    }
  }

  /// From the order to resume a standby until its traffic has been shifted: the 90th percentiles
  /// of all steps.
  var activation: SimTime {
    guard !recent[Kind.resume.rawValue].isEmpty else { return initial }
    return recent.reduce(.zero) { $0 + high($1) }
  }

  private func high(_ latencies: [SimTime]) -> SimTime {
    guard !latencies.isEmpty else { return .zero }
    return latencies.sorted()[latencies.count * 9 / 10]
  }
}
