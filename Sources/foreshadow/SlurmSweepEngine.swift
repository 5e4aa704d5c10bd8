// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Studies
import Terminal

/// Runs a sweep as a Slurm job array, and waits for it. An interruption ends the wait and not the
/// job: the same command, given again, finds the job and goes on waiting.
struct SlurmSweepEngine: ParsableArguments, SweepEngine {
  @Option(
    help: ArgumentHelp("Tasks of the array (default: 100, or one a unit).", valueName: "number"))
  var tasks: Int?

  @Option(
    help: ArgumentHelp(
      "Units of a task; a unit is all policies at a point under a seed.", valueName: "number"))
  var unitsPerTask: Int?

  @Option(help: "Partition (default: Slurm's).")
  var partition: String?

  @Option(help: ArgumentHelp("Time limit of a task.", valueName: "[D-]HH:MM:SS"))
  var time: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Any other option of sbatch, e.g. --account=physics. Can be given more than once.",
      valueName: "option"))
  var sbatchOption: [String] = []

  @Flag(help: "Only submit the job, and print its number.")
  var submitOnly = false

  /// Most failed tasks that are told one by one.
  private static let mostTold = 20

  var givenOptions: [String] {
    [
      tasks.map { _ in "--tasks" }, unitsPerTask.map { _ in "--units-per-task" },
      partition.map { _ in "--partition" }, time.map { _ in "--time" },
      sbatchOption.first.map { _ in "--sbatch-option" }, submitOnly ? "--submit-only" : nil,
    ].compactMap { $0 }
  }

  func validate() throws { _ = try options(cores: 1) }

  private func options(cores: Int) throws -> SlurmOptions {
    let division: SlurmOptions.Division
    switch (tasks, unitsPerTask) {
    case (nil, nil): division = SlurmOptions.usualDivision
    case (let count?, nil): division = .tasks(count)
    case (nil, let size?): division = .unitsPerTask(size)
    default: throw ValidationError("give --tasks or --units-per-task, not both")
    }
    do {
      return try SlurmOptions(
        division: division, cores: cores, partition: partition, time: time, further: sbatchOption)
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run(_ work: SweepWork) throws {
    let programs = try SlurmPrograms(
      searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
    let open = try work.runner(part: .whole, jobs: 1).open
    guard !open.isEmpty else {
      return Console.say("0 units to run; `foreshadow sweep collect` makes the table")
    }
    let sweep = SlurmSweep(work.folder, programs: programs)
    let (job, news): (Int, String)
    if let present = try sweep.presentJob() {
      // A second one would compute the same units at the same time.
      (job, news) = (present, "job \(present) works on this sweep already; no other is submitted")
    } else {
      (job, news) = try submit(open, of: work, sweep)
    }
    if submitOnly {
      Console.say(news)
      try Console.write("\(job)")
    } else {
      try wait(for: job, news: news, open, of: work, sweep)
    }
  }

  /// Submits what is open; gives the job's number and what there is to say about it.
  private func submit(_ open: [SweepPlan.Unit], of work: SweepWork, _ sweep: SlurmSweep) throws
    -> (Int, String)
  {
    let array = try SlurmArray(
      units: work.folder.plan.units, open: open, options: options(cores: work.jobs ?? 1))
    let places = SlurmArray.Places(
      program: Bundle.main.executablePath ?? CommandLine.arguments[0],
      folder: URL(fileURLWithPath: work.folder.path).standardizedFileURL.path,
      workingFolder: FileManager.default.currentDirectoryPath,
      sharedFolder: SweepWork.sharedFolder)
    let job: Int
    do {
      job = try sweep.submit(array, places)
    } catch let error as SlurmError {
      throw error
    } catch {
      throw OutputError(reason: "\(work.folder.path): \(error.localizedDescription)")
    }
    return (
      job,
      "job \(job): \(open.count) units in \(array.parts.count) tasks, logs "
        + "\(work.folder.path)/\(SlurmArray.logFolderName)/\(job)_*.log"
    )
  }

  private func wait(
    for job: Int, news: String, _ open: [SweepPlan.Unit], of work: SweepWork, _ sweep: SlurmSweep
  ) throws {
    let report = ProgressReport(total: open.count, noun: "units")
    let interruption = Interruption {
      Console.say(
        "\njob \(job) goes on: the same command waits for it again, `scancel \(job)` ends it")
    }
    defer { withExtendedLifetime(interruption) {} }
    Console.say(news)
    var idleness = Idleness()
    let outcome = try sweep.wait(for: job, open: open) { progress in
      report.report(done: progress.done)
      if let reason = idleness.reason(at: progress) { Console.say("job \(job) waits: \(reason)") }
    }
    guard outcome.missing > 0 else {
      return Console.say(
        "\(open.count) units run; `foreshadow sweep collect` makes the table")
    }
    for task in outcome.failed.prefix(Self.mostTold) {
      Console.say(
        "task \(task.index) \(task.outcome): \(sweep.logFile(job: job, task: task.index))")
    }
    let more = outcome.failed.count - Self.mostTold
    if more > 0 { Console.say("and \(more) tasks more") }
    Console.say(
      "job \(job) is over, \(outcome.missing) of \(open.count) units are not done; the same command "
        + "submits them again")
    throw ExitCode(1)
  }
}

/// Notices when nothing goes on in the queue. That is no fault, but its reason may be one.
private struct Idleness {
  private var last: SlurmSweep.Progress?
  private var looks = 0
  /// Looks without any change before it is told: the pause between two tasks is no idleness.
  private static let patience = 5

  /// The reason at the moment at which it has become worth telling.
  mutating func reason(at now: SlurmSweep.Progress) -> String? {
    looks = now == last && now.running == 0 ? looks + 1 : 0
    last = now
    return looks == Self.patience && !["", "None"].contains(now.reason) ? now.reason : nil
  }
}
