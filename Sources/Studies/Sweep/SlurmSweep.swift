// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A sweep in the hands of Slurm. What is done is told by the results in the sweep's folder, which
/// all nodes share; Slurm itself is only asked what has become of the tasks.
public struct SlurmSweep: Sendable {
  /// How far the job is.
  public struct Progress: Sendable, Hashable {
    /// Units finished since the beginning of the wait.
    public var done: Int
    /// Tasks that wait.
    public var waiting: Int
    /// Tasks that run.
    public var running: Int
    /// Why tasks wait, in Slurm's words, or why nothing is known; empty without a reason.
    public var reason: String
  }

  /// How a job ended.
  public struct Outcome: Sendable, Hashable {
    /// Tasks that came to a bad end, in order; not those whose units are all done nevertheless.
    public var failed: [SlurmTask]
    /// Units without a result.
    public var missing: Int
  }

  private let folder: SweepFolder
  private let programs: SlurmPrograms

  /// Seconds between two looks at a job: short at first, for small sweeps; then easy on Slurm.
  private static let (firstPause, longestPause, pauseGrowth) = (0.25, 5.0, 1.2)
  /// Seconds without an answer of Slurm after which nobody waits longer. A controller that is
  /// started anew is back by then.
  private static let longestSilence = 600.0
  /// Seconds for which results of a finished task may still appear: NFS remembers the listing of a
  /// folder for up to a minute (`acdirmax`, nfs(5)).
  private static let longestLag = 60.0

  /// A sweep.
  public init(_ folder: SweepFolder, programs: SlurmPrograms) {
    self.folder = folder
    self.programs = programs
  }

  /// The job that works on the sweep already, if there is one.
  ///
  /// - Throws: ``SlurmError`` when Slurm does not answer.
  public func presentJob() throws(SlurmError) -> Int? { try programs.job(of: folder.path) }

  /// Log file of a task.
  public func logFile(job: Int, task: Int) -> String {
    "\(folder.path)/\(SlurmArray.logFolderName)/\(job)_\(task).log"
  }

  /// Writes the script and submits it.
  ///
  /// - Returns: The job's number.
  /// - Throws: Foundation's error when the script cannot be written, ``SlurmError`` when Slurm
  ///   refuses it.
  public func submit(_ array: SlurmArray, _ places: SlurmArray.Places) throws -> Int {
    // Slurm makes no folders for log files.
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/\(SlurmArray.logFolderName)", withIntermediateDirectories: true)
    try Data(array.script(places).utf8).write(
      to: URL(fileURLWithPath: "\(folder.path)/\(SlurmArray.scriptName)"), options: .atomic)
    return try programs.submit(SlurmArray.scriptName, in: folder.path)
  }

  /// Waits until all units have a result or the job is over.
  ///
  /// - Parameters:
  ///   - job: The job.
  ///   - open: Units that have no result yet.
  ///   - progress: Called at each look.
  /// - Returns: What is missing and why.
  /// - Throws: ``SlurmError`` when Slurm is silent for too long, ``StudyError`` when a result is
  ///   not of this plan.
  public func wait(
    for job: Int, open: [SweepPlan.Unit], progress: (Progress) -> Void
  ) throws -> Outcome {
    var left = open
    var look = Look()
    var pause = Self.firstPause
    while true {
      try ask(about: job, &look)
      left = try folder.open(among: left)
      progress(look.progress(done: open.count - left.count))
      if left.isEmpty { return Outcome(failed: [], missing: 0) }
      if look.isOver {
        let failed = look.failed
        look.lag += pause
        if !failed.isEmpty || look.lag > Self.longestLag {
          return Outcome(failed: failed, missing: left.count)
        }
      }
      Thread.sleep(forTimeInterval: pause)
      pause = min(pause * Self.pauseGrowth, Self.longestPause)
      if look.complaint != nil { look.silence += pause }
    }
  }

  private func ask(about job: Int, _ look: inout Look) throws(SlurmError) {
    do {
      look.see(try programs.tasks(of: job, in: folder.path))
    } catch {
      guard look.silence < Self.longestSilence else {
        throw SlurmError("\(error); job \(job) may still go on")
      }
      look.complaint = error.description
    }
  }
}

/// What has been seen of a job.
private struct Look {
  /// The last that was heard of each task.
  private var tasks: [SlurmTask] = []
  /// Whether the job is over.
  private(set) var isOver = false
  /// Why nothing is known; nil when Slurm answers.
  var complaint: String?
  /// Seconds without an answer.
  var silence = 0.0
  /// Seconds since the job's end.
  var lag = 0.0

  mutating func see(_ present: [SlurmTask]) {
    // Slurm forgets tasks that ended some minutes ago; the bad ends are still to be told.
    let known = Set(present.map(\.index))
    tasks = present + tasks.filter { $0.isFailed && !known.contains($0.index) }
    isOver = present.allSatisfy(\.isOver)
    complaint = nil
    silence = 0
  }

  var failed: [SlurmTask] {
    tasks.filter(\.isFailed).sorted { $0.index < $1.index }
  }

  func progress(done: Int) -> SlurmSweep.Progress {
    let waiting = tasks.filter(\.isWaiting)
    let first = waiting.min { $0.index < $1.index }
    return SlurmSweep.Progress(
      done: done, waiting: waiting.count,
      running: tasks.count { !$0.isOver && !$0.isWaiting },
      reason: complaint ?? first?.reason ?? "")
  }
}
