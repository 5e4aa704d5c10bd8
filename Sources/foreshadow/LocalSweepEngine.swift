// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ExternalPolicy
import Foundation
import Studies
import Terminal

/// Runs a sweep, or a part of it, on the threads of this process.
struct LocalSweepEngine: ParsableArguments, SweepEngine {
  @Option(
    help: ArgumentHelp(
      "Only part I of N (from 0), for several machines.", valueName: "I/N"),
    transform: { text in
      guard let part = SweepPart(text) else {
        throw ValidationError("expected I/N with I from 0 to N − 1")
      }
      return part
    })
  var part: SweepPart?

  var givenOptions: [String] { part == nil ? [] : ["--part"] }

  func run(_ work: SweepWork) throws {
    let runner = try work.runner(
      part: part ?? .whole, jobs: work.jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    let progress = ProgressReport(total: runner.open.count, noun: "units")
    let interruption = Interruption(cleanUp: ExternalPrograms.endAll)
    defer { withExtendedLifetime(interruption) {} }
    try runner.run { progress.report(done: $0) }
    Console.say("\(runner.open.count) units run; `foreshadow sweep collect` makes the table")
  }
}
