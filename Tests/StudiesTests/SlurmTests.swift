// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Studies
import Testing

/// A plan with a number of units.
private func plan(units: Int) -> SweepPlan {
  SweepPlan(
    scenario: "s.yaml", settings: [], scenarioDigest: "", design: .grid, paths: [], points: [[]],
    policies: ["none"], firstSeed: 1, seedCount: units)
}

private func array(
  units: Int, open: [Int]? = nil, _ options: SlurmOptions
) throws -> SlurmArray {
  let all = plan(units: units).units
  return try SlurmArray(units: all, open: open.map { $0.map { all[$0] } } ?? all, options: options)
}

@Suite("Parts of a sweep")
struct SweepPartTests {
  @Test("I/N is read, and nothing else")
  func reading() {
    #expect(SweepPart("3/50") == SweepPart(index: 3, count: 50))
    for text in ["", "3", "50/50", "-1/3", "1/0", "1/2/3", "1//2", "a/b", "0/100001"] {
      #expect(SweepPart(text) == nil, "\(text)")
    }
  }

  @Test("every unit is in exactly one task, and no task is larger than asked", arguments: 0..<200)
  func division(seed: UInt64) throws {
    var stream = RandomStream(seed: seed, purpose: "division")
    let units = 1 + Int(stream.uniform() * 400)
    let number = 1 + Int(stream.uniform() * 450)
    let division: SlurmOptions.Division =
      stream.uniform() < 0.5 ? .tasks(number) : .unitsPerTask(number)
    // A sweep that was begun: any of its units may be done.
    let share = stream.uniform()
    let open = (0..<units).filter { _ in stream.uniform() < share }

    let array = try array(units: units, open: open, SlurmOptions(division: division))
    let whole = (0..<array.partCount).map { SweepPart(index: $0, count: array.partCount) }
    for unit in 0..<units { #expect(whole.count { $0.contains(unit) } == 1) }
    let sizes = whole.map { part in (0..<units).count { part.contains($0) } }
    let (smallest, largest) = (try #require(sizes.min()), try #require(sizes.max()))
    #expect(largest - smallest <= 1 && smallest >= 1)
    switch division {
    case .tasks: #expect(array.partCount == min(number, units))
    case .unitsPerTask: #expect(largest <= number && array.partCount == (units - 1) / number + 1)
    }
    for unit in open { #expect(array.parts.count { $0.contains(unit) } == 1) }
    for part in array.parts { #expect(open.contains { part.contains($0) }) }
  }

  @Test("ranges name each number once", arguments: 0..<50)
  func ranges(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: "ranges")
    let numbers = (0..<60).filter { _ in stream.uniform() < 0.6 }
    let read = SlurmArray.ranges(numbers).split(separator: ",").flatMap { range in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      return Array(ends[0]...ends[ends.count - 1])
    }
    #expect(read == numbers)
  }

  @Test("ranges as sbatch reads them")
  func rangeText() {
    #expect(SlurmArray.ranges([0, 1, 2, 3, 7, 9, 10]) == "0-3,7,9-10")
    #expect(SlurmArray.ranges([5]) == "5")
  }
}

@Suite("Slurm scripts")
struct SlurmScriptTests {
  private let places = SlurmArray.Places(
    program: "/programs/foreshadow", folder: "/data/sweep", workingFolder: "/project/ann",
    sharedFolder: nil)

  @Test("the script of a whole sweep")
  func plain() throws {
    let script = try array(units: 150, SlurmOptions(division: .tasks(50))).script(places)
    #expect(
      script == """
        #!/bin/sh
        # A sweep as a Slurm job array, written by `foreshadow sweep run --engine slurm`.
        # Task I works on those of the units I, I + 50, I + 100, … of plan.json
        # that have no result yet: one that is killed, requeued or submitted again computes only
        # what is missing. By hand, from this folder: sbatch sweep.sbatch
        #SBATCH --job-name=foreshadow-sweep
        #SBATCH --array=0-49
        #SBATCH --cpus-per-task=1
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --output=slurm/%A_%a.log
        set -eu
        cd /project/ann
        exec /programs/foreshadow sweep run /data/sweep \\
          --part "$SLURM_ARRAY_TASK_ID/50" --jobs "$SLURM_CPUS_PER_TASK"

        """)
  }

  @Test("options stand in the script, quoted where need be; only open tasks are submitted")
  func options() throws {
    let options = try SlurmOptions(
      division: .unitsPerTask(3), cores: 4, partition: "short,long", time: "2-12:00:00",
      further: ["--account=physics", "--comment=a \"b\" # c", "-p x", "--exclusive"])
    let lines = try array(units: 30, open: [2, 3, 13, 7], options).script(places)
      .split(separator: "\n")
    for wanted in [
      "--array=2-3,7", "--cpus-per-task=4", "--partition=short,long", "--time=2-12:00:00",
      "--account=physics", "--comment=\"a \\\"b\\\" # c\"", "-p x", "--exclusive",
    ] {
      #expect(lines.contains { $0 == "#SBATCH \(wanted)" }, "\(wanted)")
    }
    #expect(lines.last?.contains("--part \"$SLURM_ARRAY_TASK_ID/10\"") == true)
    // Slurm reads no options behind the first command.
    let last = try #require(lines.lastIndex { $0.hasPrefix("#SBATCH") })
    #expect(last < (try #require(lines.firstIndex { !$0.hasPrefix("#") })))
  }

  @Test("a shell gives the program what was meant, whatever the names of the folders")
  func shell() throws {
    try withFolder { root in
      let odd = "\(root)/it's a $HOME \"folder\" \\ `x`"
      try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: true)
      try writeProgram(
        "program", in: odd, "pwd\nprintf '%s\\n' \"$FORESHADOW_SHARED\" \"$@\"")
      let places = SlurmArray.Places(
        program: "\(odd)/program", folder: "\(odd)/sweep", workingFolder: odd,
        sharedFolder: "\(odd)/shared")
      let script = try array(units: 8, SlurmOptions(division: .tasks(4), cores: 2)).script(places)
      let path = "\(root)/sweep.sbatch"
      try Data(script.utf8).write(to: URL(fileURLWithPath: path))

      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [path]
      process.environment = ["SLURM_ARRAY_TASK_ID": "3", "SLURM_CPUS_PER_TASK": "2"]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let text = String(
        decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let lines = text.split(separator: "\n").map(String.init)
      let physical = URL(fileURLWithPath: odd).resolvingSymlinksInPath().path
      #expect(lines.first == physical || lines.first == odd)
      #expect(
        lines.dropFirst() == [
          "\(odd)/shared", "sweep", "run", "\(odd)/sweep", "--part", "3/4", "--jobs", "2",
        ])
    }
  }

  @Test(
    "time limits in Slurm's forms",
    arguments: ["30", "30:00", "01:30:00", "2-12", "2-12:30", "2-12:30:00"])
  func times(text: String) throws {
    #expect(try SlurmOptions(time: text).time == text)
  }

  @Test("what Slurm or the script could not use is refused with its name")
  func refused() {
    func message(_ make: () throws(StudyError) -> SlurmOptions) -> String {
      do { return "accepted: \(try make())" } catch { return error.description }
    }
    for time in ["", "1h", "1:2:3:4", "-1", "1-2-3", "01:00:00\n#SBATCH --exclusive"] {
      #expect(message { () throws(StudyError) in try SlurmOptions(time: time) }.contains("limit"))
    }
    for option in ["", "-", "account=x", "--comment=a\n#SBATCH --exclusive"] {
      #expect(
        message { () throws(StudyError) in try SlurmOptions(further: [option]) }
          .contains("not an option"))
    }
    for option in ["--array=0-3", "-a0-3", "--output=x", "-o x", "--chdir", "-D /", "--wrap=x"] {
      #expect(
        message { () throws(StudyError) in try SlurmOptions(further: [option]) }
          .contains("by the sweep"), "\(option)")
    }
    for division in [SlurmOptions.Division.tasks(0), .tasks(100_001), .unitsPerTask(0)] {
      #expect(
        message { () throws(StudyError) in try SlurmOptions(division: division) }
          .contains("number of"))
    }
    #expect(message { () throws(StudyError) in try SlurmOptions(cores: 0) }.contains("cores"))
    #expect(
      message { () throws(StudyError) in try SlurmOptions(partition: "") }.contains("partition"))
    #expect(throws: StudyError.self) {
      try array(units: 100_002, SlurmOptions(division: .unitsPerTask(1)))
    }
  }
}

/// What squeue of Slurm 22.05.8 printed on a cluster of one node.
@Suite("Slurm's answers")
struct SlurmTaskTests {
  @Test("tasks as squeue writes them")
  func lines() throws {
    let failed = try #require(
      SlurmTask("3           FAILED              16640       NonZeroExitCode               "))
    #expect(failed.index == 3 && failed.isFailed && failed.exitStatus == 65 && failed.signal == 0)
    #expect(failed.outcome == "failed with exit status 65")
    let killed = try #require(SlurmTask("4  FAILED  9  JobLaunchFailure"))
    #expect(killed.signal == 9 && killed.outcome == "was ended by signal 9")
    let waiting = try #require(SlurmTask("8  PENDING  0  Resources   "))
    #expect(waiting.isWaiting && !waiting.isOver && waiting.reason == "Resources")
    let done = try #require(SlurmTask("0  COMPLETED  0  None"))
    #expect(done.isOver && !done.isFailed)
    let late = try #require(SlurmTask("0  TIMEOUT  15  TimeLimit"))
    #expect(late.isFailed && late.outcome == "ended as TIMEOUT")
    let pair = try #require(SlurmTask("0  FAILED  65:0  NonZeroExitCode"))
    #expect(pair.exitStatus == 65)
    #expect(!(try #require(SlurmTask("0  COMPLETING  0  None")).isOver))
    for line in ["", "0", "N/A  PENDING  0  None", "0  RUNNING  x  None"] {
      #expect(SlurmTask(Substring(line)) == nil)
    }
  }
}

@Suite("Waiting for Slurm")
struct SlurmSweepTests {
  /// A sweep of 3 units and the programs of a Slurm that says what a script makes it say.
  private func withSweep(
    squeue: String, sbatch: String = "echo '17;cluster'",
    _ body: (SlurmSweep, SweepFolder) throws -> Void
  ) throws {
    try withFolder { root in
      try SweepFolder.create(plan(units: 3), at: "\(root)/sweep")
      try writeProgram("sbatch", in: root, sbatch)
      try writeProgram("squeue", in: root, squeue)
      let folder = try SweepFolder(path: "\(root)/sweep")
      try body(SlurmSweep(folder, programs: SlurmPrograms(searchPath: "/nowhere:\(root)")), folder)
    }
  }

  private let places = SlurmArray.Places(
    program: "/p", folder: "/f", workingFolder: "/", sharedFolder: nil)

  @Test("a script is written where it is submitted, with a folder for its logs")
  func submitting() throws {
    // It fails unless the script and the folder are there.
    try withSweep(squeue: "", sbatch: "test -d slurm && test -f \"$2\" && echo 17") { sweep, _ in
      let job = try sweep.submit(array(units: 3, SlurmOptions()), places)
      #expect(job == 17)
      #expect(sweep.logFile(job: 17, task: 2).hasSuffix("/sweep/slurm/17_2.log"))
    }
    try withSweep(squeue: "", sbatch: "echo 'no partition x' >&2; exit 1") { sweep, _ in
      let error = #expect(throws: SlurmError.self) {
        try sweep.submit(array(units: 3, SlurmOptions()), places)
      }
      #expect(error?.description.contains("no partition x") == true)
    }
    try withSweep(squeue: "") { sweep, _ in
      let job = try sweep.submit(array(units: 3, SlurmOptions()), places)
      #expect(job == 17)
    }
  }

  @Test("a job of this folder is found, one of another is not")
  func presentJob() throws {
    try withSweep(squeue: "echo '12|/elsewhere'; echo \"13|$PWD\"") { sweep, _ in
      let job = try sweep.presentJob()
      #expect(job == 13)
    }
    try withSweep(squeue: "echo '12|/elsewhere'") { sweep, _ in
      let job = try sweep.presentJob()
      #expect(job == nil)
    }
    try withSweep(squeue: "echo 'no answer' >&2; exit 1") { sweep, _ in
      #expect(throws: SlurmError.self) { try sweep.presentJob() }
    }
  }

  @Test("tasks that failed are named, with what ended them; silence in between is waited out")
  func failing() throws {
    // Silent at first; then not to be understood; then two tasks run; then it has forgotten the one that failed before.
    let squeue = """
      n=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) >count
      case $n in
        0) echo 'Unable to contact slurm controller' >&2; exit 1 ;;
        1) echo 'something else' ;;
        2) echo '0  COMPLETED  0  None'; echo '1  FAILED  16640  NonZeroExitCode'
           echo '2  PENDING  0  Resources' ;;
        *) echo '2  FAILED  9  None' ;;
      esac
      """
    try withSweep(squeue: squeue) { sweep, folder in
      let units = folder.plan.units
      try folder.store(SweepResult(unit: units[0], obstacle: "no room", metrics: []))
      var seen: [SlurmSweep.Progress] = []
      let outcome = try sweep.wait(for: 17, open: units) { seen.append($0) }
      #expect(outcome.missing == 2)
      #expect(outcome.failed.map(\.index) == [1, 2])
      #expect(outcome.failed.map(\.exitStatus) == [65, 0])
      #expect(outcome.failed.map(\.signal) == [0, 9])
      #expect(seen.map(\.done) == [1, 1, 1, 1])
      #expect(seen[0].reason.contains("Unable to contact"))
      #expect(seen[1].reason.contains("something else"))
      #expect(seen[2].waiting == 1 && seen[2].running == 0 && seen[2].reason == "Resources")
    }
  }

  @Test("a job that Slurm has forgotten is over; results say whether all is done")
  func forgotten() throws {
    let squeue = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"
    try withSweep(squeue: squeue) { sweep, folder in
      for unit in folder.plan.units {
        try folder.store(SweepResult(unit: unit, obstacle: "no room", metrics: []))
      }
      let outcome = try sweep.wait(for: 17, open: folder.plan.units) { _ in }
      #expect(outcome.missing == 0 && outcome.failed.isEmpty)
    }
  }

  @Test("without Slurm's programs the message says so")
  func missing() {
    let error = #expect(throws: SlurmError.self) { try SlurmPrograms(searchPath: "/nowhere") }
    #expect(error?.description.contains("sbatch") == true)
  }
}

private func withFolder(_ body: (String) throws -> Void) throws {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(
    "foreshadow-slurm-\(UUID().uuidString)"
  ).path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(path)
}

private func writeProgram(_ name: String, in folder: String, _ commands: String) throws {
  let path = "\(folder)/\(name)"
  try Data("#!/bin/sh\n\(commands)\n".utf8).write(to: URL(fileURLWithPath: path))
  try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
}
