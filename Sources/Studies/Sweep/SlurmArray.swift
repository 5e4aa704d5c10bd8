// SPDX-License-Identifier: Apache-2.0

/// A sweep as a Slurm job array: which tasks there are, and the script that `sbatch` reads.
///
/// Task I of N is part `I/N` of the sweep. It works on what has no result yet, so a task that Slurm
/// requeues, or that is submitted again, computes only what is missing.
public struct SlurmArray: Sendable, Hashable {
  /// Name of the jobs.
  public static let jobName = "foreshadow-sweep"
  /// Name of the script in the sweep's folder.
  public static let scriptName = "sweep.sbatch"
  /// Folder of the log files in the sweep's folder.
  public static let logFolderName = "slurm"

  /// Where the tasks find things. All paths are absolute, and the same on every node.
  public struct Places: Sendable, Hashable {
    /// The program.
    public var program: String
    /// The sweep's folder.
    public var folder: String
    /// The present folder, which some paths are relative to.
    public var workingFolder: String
    /// Value of `FORESHADOW_SHARED`; nil without one.
    public var sharedFolder: String?

    /// Places.
    public init(program: String, folder: String, workingFolder: String, sharedFolder: String?) {
      self.program = program
      self.folder = folder
      self.workingFolder = workingFolder
      self.sharedFolder = sharedFolder
    }
  }

  /// Number of parts that the plan is cut into.
  public let partCount: Int
  /// The parts that have something left to do, in order: one task each.
  public let parts: [SweepPart]
  private let options: SlurmOptions

  /// The array for what is left of a sweep.
  ///
  /// - Parameters:
  ///   - units: All units of the plan.
  ///   - open: Those that have no result yet.
  ///   - options: What the user asks for.
  /// - Throws: ``StudyError`` when that would be too many tasks.
  public init(units: [SweepPlan.Unit], open: [SweepPlan.Unit], options: SlurmOptions)
    throws(StudyError)
  {
    let count = options.division.taskCount(units: units.count)
    guard count <= SweepPart.mostParts else {
      throw StudyError("\(count) tasks are too many; the most are \(SweepPart.mostParts)")
    }
    var hasWork = [Bool](repeating: false, count: count)
    let left = Set(open)
    for (position, unit) in units.enumerated() where left.contains(unit) {
      hasWork[SweepPart.index(ofUnitAt: position, count: count)] = true
    }
    parts = (0..<count).filter { hasWork[$0] }.map { SweepPart(index: $0, count: count) }
    partCount = count
    self.options = options
  }

  /// The script. Its log files and `plan.json` are in the folder from which it is submitted.
  public func script(_ places: Places) -> String {
    var lines = [
      "#!/bin/sh",
      "# A sweep as a Slurm job array, written by `foreshadow sweep run --engine slurm`.",
      "# Task I works on those of the units I, I + \(partCount), I + \(2 * partCount), … of plan.json",
      "# that have no result yet: one that is killed, requeued or submitted again computes only",
      "# what is missing. By hand, from this folder: sbatch \(Self.scriptName)",
      directive("--job-name=\(Self.jobName)"),
      directive("--array=\(Self.ranges(parts.map(\.index)))"),
      directive("--cpus-per-task=\(options.cores)"),
      directive("--requeue"),
      directive("--open-mode=append"),
      directive("--output=\(Self.logFolderName)/%A_%a.log"),
    ]
    if let partition = options.partition { lines.append(directive("--partition=\(partition)")) }
    if let time = options.time { lines.append(directive("--time=\(time)")) }
    lines += options.further.map(directive)
    lines.append("set -eu")
    if let shared = places.sharedFolder {
      lines.append("export FORESHADOW_SHARED=\(shellWord(shared))")
    }
    lines += [
      "cd \(shellWord(places.workingFolder))",
      "exec \(shellWord(places.program)) sweep run \(shellWord(places.folder)) \\",
      "  --part \"$SLURM_ARRAY_TASK_ID/\(partCount)\" --jobs \"$SLURM_CPUS_PER_TASK\"",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// Numbers as `sbatch --array` reads them: `0-3,7,9-10`.
  ///
  /// - Parameter numbers: Ascending.
  /// - Returns: The ranges, separated by commas.
  public static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

/// A line for `sbatch`. A value with anything but plain characters is quoted.
private func directive(_ option: String) -> String {
  guard option.hasPrefix("--"), let equals = option.firstIndex(of: "=") else {
    return "#SBATCH \(option)"
  }
  let value = String(option[option.index(after: equals)...])
  if value.utf8.allSatisfy(isPlain) { return "#SBATCH \(option)" }
  let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  return "#SBATCH \(option[...equals])\"\(quoted)\""
}

/// A word of a shell command.
private func shellWord(_ text: String) -> String {
  if !text.isEmpty, text.utf8.allSatisfy(isPlain) { return text }
  return "'\(text.replacing("'", with: "'\\''"))'"
}

/// Whether a byte means itself to a shell and to `sbatch`.
private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: "/._-+:,=%@".utf8.contains(byte)
  }
}
