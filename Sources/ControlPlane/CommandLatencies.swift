// SPDX-License-Identifier: Apache-2.0
public import Units

/// A step on the way of traffic to a shadow, whose duration is worth learning.
public protocol CommandStep: Sendable, Codable, CaseIterable, RawRepresentable<Int> {
  /// The step that a command begins; nil if nobody asks how long that takes.
  init?(begunBy command: Command)
}

/// How long commands take *now*, from the order to its outcome: learned from the latest outcomes,
/// because contention changes it. Refused and failed commands teach nothing.
public struct CommandLatencies<Step: CommandStep>: Sendable, Codable {
  private struct Order: Codable {
    var id: CommandID
    var time: SimTime
    var step: Step
  }

  /// Latencies of the latest orders of one step, a ring, with the percentile that is asked for at
  /// every look.
  private struct Recent: Codable {
    var latencies: [SimTime] = []
    var next = 0
    var high = SimTime.zero

    mutating func insert(_ latency: SimTime) {
      if latencies.count < CommandLatencies.capacity {
        latencies.append(latency)
      } else {
        latencies[next] = latency
        next = (next + 1) % CommandLatencies.capacity
      }
      high = latencies.sorted()[latencies.count * 9 / 10]
    }
  }

  /// Orders without an outcome. A run numbers its commands upwards, so these ascend.
  private var open: [Order] = []
  private var lastNoted = CommandID(-1)
  private var recent: [Recent]

  /// Latencies of each step that are kept.
  public static var capacity: Int { 32 }

  /// Nothing learned yet.
  public init() { recent = Step.allCases.map { _ in Recent() } }

  /// Notes the commands that were given at `now`, some perhaps once more.
  public mutating func noteIssued(_ entries: some Sequence<CommandQueue.Entry>, at now: SimTime) {
    for entry in entries {
      guard let step = Step(begunBy: entry.command) else { continue }
      if entry.id > lastNoted {
        lastNoted = entry.id
        open.append(Order(id: entry.id, time: now, step: step))
      } else if let index = openIndex(of: entry.id) {
        open[index].time = now
      }
    }
  }

  /// Takes the outcome of a command, its own or another's.
  public mutating func receive(_ outcome: CommandOutcome) {
    if case .accepted = outcome.result { return }
    guard let index = openIndex(of: outcome.id) else { return }
    let order = open.remove(at: index)
    if case .done = outcome.result { recent[order.step.rawValue].insert(outcome.at - order.time) }
  }

  private func openIndex(of id: CommandID) -> Int? {
    var range = open.startIndex..<open.endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if open[middle].id == id { return middle }
      range = open[middle].id < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  /// Latencies of a step that have been seen and are kept: 0 … ``capacity``.
  public func count(_ step: Step) -> Int { recent[step.rawValue].latencies.count }

  /// The 90th percentile of a step's latest latencies; zero before the first.
  public func high(_ step: Step) -> SimTime { recent[step.rawValue].high }
}
