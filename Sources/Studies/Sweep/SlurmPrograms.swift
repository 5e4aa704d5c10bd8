// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Slurm is not there, or does not do what it is asked.
public struct SlurmError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong, and what to do about it.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A task of an array as `squeue` knows it.
public struct SlurmTask: Sendable, Hashable {
  /// Its place in the array: the part of the sweep.
  public var index: Int
  /// Slurm's word: `PENDING`, `RUNNING`, `FAILED`, ….
  public var state: String
  /// Exit status; 0 when it did not end by itself.
  public var exitStatus: Int
  /// Number of the signal that ended it; 0 without one.
  public var signal: Int
  /// Why it waits or failed, in Slurm's words.
  public var reason: String

  /// States that a task does not leave by itself; all others mean that it goes on.
  private static let ends = [
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
    "PREEMPTED", "REVOKED", "TIMEOUT",
  ]

  /// Whether it has come to an end, good or bad.
  public var isOver: Bool { Self.ends.contains(state) }
  /// Whether it has come to a bad end.
  public var isFailed: Bool { isOver && state != "COMPLETED" }
  /// Whether it has not begun.
  public var isWaiting: Bool { ["PENDING", "REQUEUED", "REQUEUE_HOLD"].contains(state) }

  /// What became of it, in words.
  public var outcome: String {
    switch (state, exitStatus, signal) {
    case ("FAILED", _, 1...): "was ended by signal \(signal)"
    case ("FAILED", _, _): "failed with exit status \(exitStatus)"
    default: "ended as \(state)"
    }
  }

  /// Fields of a line that can be read, for `squeue --Format`.
  static let fields = "ArrayTaskID:12,State:20,exit_code:12,Reason:60"

  /// Reads a line of `squeue`; nil when it is none of a task.
  package init?(_ line: Substring) {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
    guard words.count >= 3, let index = Int(words[0]),
      let (exitStatus, signal) = Self.ending(words[2])
    else { return nil }
    self.index = index
    state = String(words[1])
    self.exitStatus = exitStatus
    self.signal = signal
    reason = words.count > 3 ? words[3].trimmingCharacters(in: .whitespaces) : ""
  }

  /// Reads the status of `wait(2)`, or `status:signal` as other programs of Slurm write it.
  private static func ending(_ text: Substring) -> (Int, Int)? {
    let numbers = text.split(separator: ":").map { Int($0) }
    switch (numbers.count, numbers.first ?? nil, numbers.last ?? nil) {
    case (1, let status?, _): return (status >> 8 & 0xff, status & 0x7f)
    case (2, let status?, let signal?): return (status, signal)
    default: return nil
    }
  }
}

/// The programs by which Slurm is spoken to: `sbatch` and `squeue`.
public struct SlurmPrograms: Sendable {
  private let sbatch: String
  private let squeue: String

  /// Looks for the programs in the folders of `searchPath` (the form of the variable PATH).
  ///
  /// - Throws: ``SlurmError`` when one is missing.
  public init(searchPath: String) throws(SlurmError) {
    let folders = searchPath.split(separator: ":")
    func find(_ name: String) throws(SlurmError) -> String {
      let paths = folders.map { "\($0)/\(name)" }
      guard let found = paths.first(where: FileManager.default.isExecutableFile) else {
        throw SlurmError(
          "\(name) is not on the search path; the engine slurm needs Slurm's commands "
            + "(Debian package slurm-client) and a cluster; --engine local needs neither")
      }
      return found
    }
    sbatch = try find("sbatch")
    squeue = try find("squeue")
  }

  /// Submits a script.
  ///
  /// - Parameters:
  ///   - script: Name of the script in the folder.
  ///   - folder: The job's folder.
  /// - Returns: Number of the job.
  /// - Throws: ``SlurmError`` with what `sbatch` says against it.
  func submit(_ script: String, in folder: String) throws(SlurmError) -> Int {
    let answer = try run(sbatch, ["--parsable", script], in: folder)
    // The name of the cluster may follow.
    let number = answer.output.prefix { $0 != ";" && !$0.isNewline }
    guard answer.status == 0, let job = Int(number) else {
      // Slurm does not say which of its limits it means.
      let hint =
        answer.errors.contains("Invalid job array") ? "\nSlurm's MaxArraySize limits --tasks" : ""
      throw SlurmError("the job was not submitted: \(answer.complaint)\(hint)")
    }
    return job
  }

  /// The number of a job of this user that has been submitted from a folder and is not over.
  ///
  /// - Throws: ``SlurmError`` when `squeue` does not answer.
  func job(of folder: String) throws(SlurmError) -> Int? {
    let answer = try run(
      squeue,
      ["--me", "--noheader", "--name=\(SlurmArray.jobName)", "--format=%F|%Z"], in: folder)
    guard answer.status == 0 else { throw SlurmError("squeue: \(answer.complaint)") }
    let wanted = canonical(folder)
    for line in answer.output.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: "|", maxSplits: 1)
      if words.count == 2, let job = Int(words[0]), canonical(String(words[1])) == wanted {
        return job
      }
    }
    return nil
  }

  /// The tasks of a job, also those that ended not long ago; none when Slurm has forgotten the job.
  ///
  /// - Throws: ``SlurmError`` when `squeue` does not answer.
  func tasks(of job: Int, in folder: String) throws(SlurmError) -> [SlurmTask] {
    let answer = try run(
      squeue,
      [
        "--jobs=\(job)", "--array", "--states=all", "--noheader", "--Format=\(SlurmTask.fields)",
      ], in: folder)
    guard answer.status == 0 else {
      if answer.errors.contains("Invalid job id") { return [] }
      throw SlurmError("squeue: \(answer.complaint)")
    }
    var tasks: [SlurmTask] = []
    for line in answer.output.split(whereSeparator: \.isNewline) {
      // Not to be taken for a job without tasks, which would be over.
      guard let task = SlurmTask(line) else { throw SlurmError("squeue says \"\(line)\"") }
      tasks.append(task)
    }
    return tasks
  }

  private func canonical(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }

  /// What a program said.
  private struct Answer {
    var status: Int32
    var output: String
    var errors: String

    var complaint: String {
      let text = errors.trimmingCharacters(in: .whitespacesAndNewlines)
      return text.isEmpty ? "exit status \(status), \"\(output)\"" : text
    }
  }

  private func run(_ program: String, _ arguments: [String], in folder: String)
    throws(SlurmError) -> Answer
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw SlurmError("\(program): \(error.localizedDescription)")
    }
    func text(_ pipe: Pipe) -> String {
      let bytes = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
      return String(decoding: bytes, as: UTF8.self)
    }
    // One after the other: messages are a few lines and fit into the pipe meanwhile.
    let (said, complained) = (text(output), text(errors))
    process.waitUntilExit()
    return Answer(status: process.terminationStatus, output: said, errors: complained)
  }
}
