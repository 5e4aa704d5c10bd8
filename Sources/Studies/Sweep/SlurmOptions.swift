// SPDX-License-Identifier: Apache-2.0

/// What a user asks Slurm for: how a sweep is cut into tasks, and what each task gets.
public struct SlurmOptions: Sendable, Hashable {
  /// How many tasks the units are dealt out to.
  public enum Division: Sendable, Hashable {
    /// So many tasks; no more than there are units.
    case tasks(Int)
    /// As many tasks as it takes when each has so many units at most.
    case unitsPerTask(Int)

    /// Number of tasks for a number of units.
    ///
    /// - Parameter units: Units of the whole plan, also those that are done: so the parts stay the
    ///   same when a sweep is gone on with.
    /// - Returns: 1 at least.
    public func taskCount(units: Int) -> Int {
      let wanted =
        switch self {
        case .tasks(let count): min(count, units)
        case .unitsPerTask(let size): units / size + (units % size == 0 ? 0 : 1)
        }
      return max(wanted, 1)
    }
  }

  /// Slurm spends 0.3 to 0.5 s on a task of an array: 100 tasks are less than a minute of it, and
  /// keep 100 cores at work.
  public static let usualDivision = Division.tasks(100)
  /// Most cores of a task.
  public static let mostCores = 1024

  /// How the sweep is cut.
  public let division: Division
  /// Cores of a task, and threads of the program there.
  public let cores: Int
  /// Name of the partition; nil is Slurm's default.
  public let partition: String?
  /// Time limit of a task in one of Slurm's forms; nil is the partition's.
  public let time: String?
  /// Further options of `sbatch`, as it reads them: `--account=physics`.
  public let further: [String]

  /// Options.
  ///
  /// - Parameters:
  ///   - division: How the sweep is cut.
  ///   - cores: Cores of a task, 1 … ``mostCores``.
  ///   - partition: Name of the partition.
  ///   - time: Time limit of a task: `M`, `M:S`, `H:M:S`, `D-H`, `D-H:M` or `D-H:M:S`.
  ///   - further: Further options of `sbatch`; none that the script itself needs.
  /// - Throws: ``StudyError`` with the option.
  public init(
    division: Division = usualDivision, cores: Int = 1, partition: String? = nil,
    time: String? = nil, further: [String] = []
  ) throws(StudyError) {
    switch division {
    case .tasks(let count) where !(1...SweepPart.mostParts).contains(count):
      throw StudyError("the number of tasks is 1 … \(SweepPart.mostParts), not \(count)")
    case .unitsPerTask(let size) where !(1...SweepDesign.mostPoints).contains(size):
      throw StudyError(
        "the number of units of a task is 1 … \(SweepDesign.mostPoints), not \(size)")
    default: break
    }
    guard (1...Self.mostCores).contains(cores) else {
      throw StudyError("a task has 1 … \(Self.mostCores) cores, not \(cores)")
    }
    if let partition, partition.isEmpty || !isOneLine(partition) {
      throw StudyError("\"\(partition)\" is not the name of a partition")
    }
    if let time, !Self.isTimeLimit(time) {
      throw StudyError("\"\(time)\" is not a time limit; expected e.g. 01:30:00 or 2-12:00:00")
    }
    for option in further { try Self.check(option) }
    self.division = division
    self.cores = cores
    self.partition = partition
    self.time = time
    self.further = further
  }

  /// The script's own options, which the tasks and those who wait for them rely on.
  private static let reserved = [
    "--array", "-a", "--chdir", "-D", "--clusters", "-M", "--cpus-per-task", "-c", "--job-name",
    "-J", "--open-mode", "--output", "-o", "--no-requeue", "--parsable", "--wait", "-W", "--wrap",
  ]

  private static func check(_ option: String) throws(StudyError) {
    guard option.hasPrefix("-"), option.count > 1, isOneLine(option) else {
      throw StudyError("\"\(option)\" is not an option of sbatch, e.g. --account=physics")
    }
    // A short option may have its value right behind it.
    let name =
      option.hasPrefix("--")
      ? String(option.prefix { $0 != "=" && $0 != " " }) : String(option.prefix(2))
    guard !reserved.contains(name) else {
      throw StudyError("\(name) is set by the sweep itself")
    }
  }

  /// Forms of a time limit: `sbatch(1)`, option `--time`.
  private static func isTimeLimit(_ text: String) -> Bool {
    let form = #/(?:\d{1,6}(?::\d{1,2}){0,2}|\d{1,4}-\d{1,2}(?::\d{1,2}){0,2})/#
    return text.wholeMatch(of: form) != nil
  }
}

/// Whether a text can stand in a line of a script.
private func isOneLine(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}
