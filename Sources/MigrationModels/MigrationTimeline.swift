// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// The state of a migration right after something happened to it.
public struct MigrationPoint: Sendable, Codable, Equatable {
  /// Seconds since the request.
  public var timeSeconds: Double
  /// Where it stands.
  public var phase: LiveMigration.Phase
  /// Rounds after the first pass.
  public var round: Int
  /// Dirty and unsent memory in bytes, zero pages included.
  public var unsentBytes: Double
  /// Wire bytes sent so far.
  public var sentBytes: Double
  /// Share of CPU time taken from the guest.
  public var throttle: Double

  /// The present state of `migration`.
  public init(_ migration: LiveMigration) {
    timeSeconds = migration.now.seconds
    phase = migration.phase
    round = migration.rounds
    unsentBytes = migration.unsentBytes.value
    sentBytes = migration.sentBytes
    throttle = migration.throttle
  }
}

/// The course of one migration and its figures; what `foreshadow migrate` prints.
public struct MigrationTimeline: Sendable, Codable, Equatable {
  /// From the request to the end, in seconds.
  public var totalSeconds: Double
  /// The stop that the hypervisor reports, in seconds.
  public var downtimeSeconds: Double
  /// The longest silence seen from outside, in seconds.
  public var outageSeconds: Double
  /// Bytes on the wire.
  public var bytes: Double
  /// The guest's memory in bytes.
  public var ramBytes: Double
  /// Rounds after the first pass.
  public var rounds: Int
  /// Tries.
  public var attempts: Int
  /// Which rule ended the copying of the running guest.
  public var rule: StopRule
  /// How it ended.
  public var ending: MigrationEnding
  /// Whether a rule other than "it fits" ended it.
  public var isForced: Bool
  /// What happened when.
  public var points: [MigrationPoint]
  /// Rounds of a long migration that are not among the points.
  public var omittedPoints: Int

  init(
    summary: MigrationSummary, memory: MigratingMemory, points: [MigrationPoint], omitted: Int
  ) {
    totalSeconds = summary.total.seconds
    downtimeSeconds = summary.downtime.seconds
    outageSeconds = summary.outage.seconds
    bytes = summary.bytes.value
    ramBytes = memory.ramBytes
    rounds = summary.rounds
    attempts = summary.attempts
    rule = summary.rule
    ending = summary.ending
    isForced = summary.isForced
    self.points = points
    omittedPoints = omitted
  }

  /// The timeline for a terminal: the figures, then one line for each point.
  public var text: String {
    var lines = [
      "total        \(Self.seconds(totalSeconds))",
      "downtime     \(Self.seconds(downtimeSeconds))  (as the hypervisor reports it)",
      "outage       \(Self.seconds(outageSeconds))  (longest silence seen from outside)",
      "sent         \(Self.megabytes(bytes))  "
        + "(\(Self.fixed(ramBytes > 0 ? bytes / ramBytes : 0, 2)) x memory)",
      "rounds       \(rounds)" + (attempts > 1 ? " in the last of \(attempts) tries" : ""),
      "ended by     \(rule.rawValue), \(ending.rawValue)" + (isForced ? " (forced)" : ""),
      "",
      "        time  phase        round      unsent        sent  throttle",
    ]
    for point in points {
      let columns = [
        Self.padded(Self.seconds(point.timeSeconds), 12), "  ",
        point.phase.rawValue.padding(toLength: 11, withPad: " ", startingAt: 0),
        Self.padded("\(point.round)", 7), Self.padded(Self.megabytes(point.unsentBytes), 12),
        Self.padded(Self.megabytes(point.sentBytes), 12),
        Self.padded(point.throttle > 0 ? "\(Self.fixed(point.throttle * 100, 0)) %" : "-", 10),
      ]
      lines.append(columns.joined())
    }
    if omittedPoints > 0 { lines.append("\(omittedPoints) further rounds are not shown") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
  private static func seconds(_ value: Double) -> String { "\(fixed(value, 3)) s" }
  private static func megabytes(_ value: Double) -> String { "\(fixed(value / 1e6, 1)) MB" }
  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
