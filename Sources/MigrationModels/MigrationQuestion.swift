// SPDX-License-Identifier: Apache-2.0
import Units

/// A planner's question: how would this guest move over this link?
public struct MigrationQuestion: Sendable {
  /// The guest.
  public var memory: MigratingMemory
  /// Method, rules and transport; start from a preset.
  public var spec: MigrationSpec
  /// Rate of the link, nil when the hosts or the cap are the limit.
  public var link: BytesPerSecond?
  /// When post-copy is asked for, after the start.
  public var postCopyAfter: SimTime?
  /// When the guest is paused while copying goes on.
  public var pauseAfter: SimTime?
  /// When the final stop is forced.
  public var switchOverAfter: SimTime?
  /// When the migration is cancelled.
  public var cancelAfter: SimTime?

  /// A question without requests from outside.
  public init(memory: MigratingMemory, spec: MigrationSpec, link: BytesPerSecond?) {
    self.memory = memory
    self.spec = spec
    self.link = link
  }

  /// The specification of the preset with that name.
  ///
  /// - Throws: ``MigrationQuestionError/unknownPreset(_:nearest:)``.
  public static func spec(preset name: String) throws(MigrationQuestionError) -> MigrationSpec {
    if let preset = MigrationPreset.all.first(where: { $0.name == name }) { return preset.spec }
    let names = MigrationPreset.all.map(\.name)
    throw .unknownPreset(name, nearest: nearestName(to: name, in: names))
  }

  /// Runs the migration over the fixed link and keeps its course.
  ///
  /// - Throws: ``MigrationQuestionError/noBandwidth`` when neither link nor cap bound the rate or
  ///   the rate is zero; ``MigrationQuestionError/noEnd`` when it would take centuries.
  public func answer() throws(MigrationQuestionError) -> MigrationTimeline {
    let linkRate = link?.value ?? 1e15
    let rate = spec.transport.cappedRate(linkBytesPerSecond: linkRate)
    guard rate > 0, rate < 1e14 else { throw .noBandwidth }
    var migration = LiveMigration(memory: memory, spec: spec, start: .zero)
    migration.setBandwidth(BytesPerSecond(linkRate), at: .zero)
    var course = MigrationCourse()
    var requests = self.requests
    course.note(migration)
    while let event = migration.nextEvent() {
      if course.steps >= Self.longestCourse { requests = [(migration.now, .cancel)] }
      if let first = requests.first, first.time <= event {
        requests.removeFirst()
        Self.make(first.request, of: &migration, at: max(first.time, migration.now))
      } else {
        migration.advance(to: event)
      }
      course.note(migration)
      // With requests still to come a jump could pass one of them.
      if requests.isEmpty, course.omitted > 0 { migration.skipEqualRounds() }
    }
    guard let summary = migration.summary else { throw .noEnd }
    return MigrationTimeline(
      summary: summary, memory: memory, points: course.points, omitted: course.omitted)
  }

  /// A migration with more events than this has no end worth waiting for; it is cancelled.
  private static let longestCourse = 1_000_000

  private enum Request { case postCopy, pause, switchOver, cancel }

  private var requests: [(time: SimTime, request: Request)] {
    let all: [(SimTime?, Request)] = [
      (postCopyAfter, .postCopy), (pauseAfter, .pause), (switchOverAfter, .switchOver),
      (cancelAfter, .cancel),
    ]
    let given = all.compactMap { time, request in time.map { (time: $0, request: request) } }
    return given.sorted { $0.time < $1.time }
  }

  private static func make(
    _ request: Request, of migration: inout LiveMigration, at time: SimTime
  ) {
    switch request {
    case .postCopy: migration.requestPostCopy(at: time)
    case .pause: migration.pauseGuest(at: time)
    case .switchOver: migration.requestSwitchOver(at: time)
    case .cancel: migration.abort(at: time, retry: false)
    }
  }
}

/// Why a question about a migration has no answer.
public enum MigrationQuestionError: Error, Equatable, Sendable {
  /// No preset has that name; `nearest` is the closest one that exists.
  case unknownPreset(String, nearest: String?)
  /// Nothing bounds the rate (give a link or a cap), or the rate is zero.
  case noBandwidth
  /// The transfer takes longer than a hundred years.
  case noEnd
}

/// Collects the points of a timeline: one for every change of phase, round or throttle.
private struct MigrationCourse {
  /// A diverging migration has thousands of equal rounds: the first ones tell it all.
  private static let mostPoints = 500
  private(set) var points: [MigrationPoint] = []
  private(set) var omitted = 0
  private(set) var steps = 0

  mutating func note(_ migration: LiveMigration) {
    steps += 1
    let point = MigrationPoint(migration)
    let isEnd = migration.phase != .copying
    if points.count < Self.mostPoints || isEnd { points.append(point) } else { omitted += 1 }
  }
}
