// SPDX-License-Identifier: Apache-2.0
import StateArchive
public import Units
import SimulationKernel

/// When a card does not answer: listed times, and failures by chance.
public struct CardOutages: Sendable, Equatable {
  /// Times that are known, in any order.
  public var listed: [Range<SimTime>] = []
  /// Mean of the exponential time from a repair to the next failure; zero means none by chance.
  public var meanTimeBetweenFailures: SimTime = .zero
  /// How long a failure by chance lasts.
  public var repairTime: SimTime = .minutes(10)

  /// None.
  public init() {}
}

/// The outages of one run, drawn as far as somebody asks.
struct OutageCalendar: Sendable, Equatable {
  private let spec: CardOutages
  private var drawn: [Range<SimTime>] = []
  private var stream: RandomStream

  init(_ spec: CardOutages, seed: UInt64) {
    self.spec = spec
    stream = RandomStream(seed: seed, purpose: "card failures")
  }

  /// The first outage that is not over at a time.
  mutating func next(at time: SimTime) -> Range<SimTime>? {
    draw(beyond: time)
    let candidates = (spec.listed + drawn).filter { $0.upperBound > time }
    return candidates.min { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
  }

  /// End of the last outage that is over at a time.
  mutating func lastRepair(until time: SimTime) -> SimTime? {
    draw(beyond: time)
    return (spec.listed + drawn).map(\.upperBound).filter { $0 <= time }.max()
  }

  private mutating func draw(beyond time: SimTime) {
    guard spec.meanTimeBetweenFailures > .zero else { return }
    while (drawn.last?.lowerBound ?? .zero) <= time {
      let gap = stream.exponential(mean: spec.meanTimeBetweenFailures.seconds)
      // A nanosecond at least, so that drawing gets on.
      let start =
        (drawn.last?.upperBound ?? .zero) + max(.seconds(gap), SimTime(nanoseconds: 1))
      drawn.append(start..<start + spec.repairTime)
    }
  }
}

extension OutageCalendar: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&drawn)
    try archive.state(&stream)
  }
}
