// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import StateArchive
import Units

/// How long it takes *now* from ordering a shadow until it has its traffic, learned from the
/// outcomes of the latest orders: what a predictive policy must be ahead by.
struct CreationTime: Sendable {
  private enum Step: Int, Codable { case create, shift }

  private struct Order: Codable {
    var at: SimTime
    var step: Step
  }

  private var issued: [CommandID: Order] = [:]
  /// The latest durations of each step, rings.
  private var recent: [[SimTime]] = [[], []]
  private var position = [0, 0]
  private let initial: SimTime
  private static let capacity = 32
  /// Until so many have been seen, creations are not taken to be faster than `initial`.
  private static let fewCreations = 8

  /// An estimate that begins with `initial`.
  init(initial: SimTime) { self.initial = initial }

  mutating func noteIssued(_ entries: some Sequence<CommandQueue.Entry>, at now: SimTime) {
    for entry in entries {
      switch entry.command {
      case .createShadow: issued[entry.id] = Order(at: now, step: .create)
      case .shiftTraffic(_, let share) where share.value > 0:
        issued[entry.id] = Order(at: now, step: .shift)
      default: break
      }
    }
  }

  mutating func receive(_ outcome: CommandOutcome) {
    switch outcome.result {
    case .accepted: return
    case .done:
      guard let order = issued.removeValue(forKey: outcome.id) else { return }
      keep(outcome.at - order.at, order.step.rawValue)
    case .refused, .failed: issued[outcome.id] = nil
    }
  }

  private mutating func keep(_ duration: SimTime, _ step: Int) {
    if recent[step].count < Self.capacity {
      recent[step].append(duration)
    } else {
      recent[step][position[step]] = duration
      position[step] = (position[step] + 1) % Self.capacity
    }
  }

  /// The 90th percentiles of both steps.
  var estimate: SimTime {
    let least = recent[Step.create.rawValue].count < Self.fewCreations ? initial : .zero
    return max(high(Step.create), least) + high(Step.shift)
  }

  private func high(_ step: Step) -> SimTime {
    let sorted = recent[step.rawValue].sorted()
    return sorted.isEmpty ? .zero : sorted[sorted.count * 9 / 10]
  }
}

extension CreationTime: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    let open = issued.sorted { $0.key < $1.key }
    issued = Dictionary(
      uniqueKeysWithValues: try archive.pairs(open.map { ($0.key, $0.value) }))
    try archive.state(&recent)
    try archive.state(&position)
  }
}
