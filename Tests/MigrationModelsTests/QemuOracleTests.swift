// SPDX-License-Identifier: Apache-2.0
import MigrationModels
import Testing

/// Real migrations, one parameter set (the preset `qemu`) for all rows.
@Suite("QEMU's measured migrations", .enabled(if: SharedData.exists(QemuOracle.file)))
struct QemuOracleTests {  // skipped: no shared data
  /// Limits of the task: relative error of the total time, absolute one of the downtime.
  static let totalMedian = 0.03
  static let totalNinetieth = 0.10
  static let downtimeMedianMs = 20.0
  static let downtimeNinetiethMs = 50.0

  struct Row {
    var run: QemuOracle.Run
    var found: MigrationTimeline
    var totalError: Double
    var downtimeErrorMs: Double
    var outageErrorMs: Double
  }

  static func rows() throws -> [Row] {
    let runs = try SharedData.decode(QemuOracle.self, QemuOracle.file).runs
    return try runs.compactMap { run -> Row? in
      guard let question = run.question, let total = run.totalMs, let down = run.downtimeMs,
        let gap = run.observedGapMs
      else { return nil }
      let found = try question.answer()
      return Row(
        run: run, found: found, totalError: abs(found.totalSeconds * 1000 / total - 1),
        downtimeErrorMs: abs(found.downtimeSeconds * 1000 - down),
        outageErrorMs: abs(found.outageSeconds * 1000 - gap))
    }
  }

  /// Linear between order statistics.
  static func percentile(_ values: [Double], _ level: Double) -> Double {
    let sorted = values.sorted()
    let position = level * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }

  @Test("total time where the network was the limit")
  func total() throws {
    let rows = try Self.rows().filter { $0.run.isNetworkBound }
    for row in rows { print(Self.line(row)) }
    let errors = rows.map(\.totalError)
    #expect(rows.count >= 12)
    print("total: median \(Self.percentile(errors, 0.5)), p90 \(Self.percentile(errors, 0.9))")
    #expect(Self.percentile(errors, 0.5) <= Self.totalMedian)
    #expect(Self.percentile(errors, 0.9) <= Self.totalNinetieth)
  }

  @Test("downtime and outage on shaped links")
  func downtime() throws {
    let rows = try Self.rows().filter { $0.run.shapedLink }
    #expect(rows.count >= 6)
    let errors = rows.map(\.downtimeErrorMs)
    let outages = rows.map(\.outageErrorMs)
    print("down: median \(Self.percentile(errors, 0.5)), p90 \(Self.percentile(errors, 0.9)) ms")
    print("out: median \(Self.percentile(outages, 0.5)), p90 \(Self.percentile(outages, 0.9)) ms")
    #expect(Self.percentile(errors, 0.5) <= Self.downtimeMedianMs)
    #expect(Self.percentile(errors, 0.9) <= Self.downtimeNinetiethMs)
    #expect(Self.percentile(outages, 0.9) <= Self.downtimeNinetiethMs)
  }

  static func line(_ row: Row) -> String {
    let run = row.run
    let found = row.found
    func whole(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
    return "\(run.name) total \(Int(run.totalMs ?? 0)) \(whole(found.totalSeconds))"
      + " down \(Int(run.downtimeMs ?? 0)) \(whole(found.downtimeSeconds))"
      + " out \(Int(run.observedGapMs ?? 0)) \(whole(found.outageSeconds))"
      + " rounds \(found.rounds) \(found.rule)"
  }

  @Test("the run that never converged is ended by force")
  func nonConverging() throws {
    let runs = try SharedData.decode(QemuOracle.self, QemuOracle.file).runs
    let cancelled = try #require(runs.first { $0.status == "cancelled" })
    var run = cancelled
    run.ramTotal = 537_403_392
    run.nonzeroBytes = 405_700_000
    let question = try #require(run.question)
    let found = try question.answer()
    #expect(found.isForced)
    #expect(found.rule == .timeout)
  }
}
