// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import ExternalPolicy
import Foundation
import Testing
import Units

/// How a program that does nothing begins, and how it goes on.
private let hello = #"read line; echo '{"protocol":1}'; "#
private let rounds = #"while read line; do echo '{}'; done"#
/// Long enough for any machine.
private let patience = SimTime.minutes(2)
/// Runs out on purpose.
private let impatience = SimTime.milliseconds(300)

/// Small programs in sh, each with one thing wrong with it or one thing to show.
///
/// Limits of time are either far above what a loaded machine needs, or are meant to run out.
@Suite("External policy: the program", .serialized)
struct ProgramTests {
  private func policy(
    _ command: [String], timeout: SimTime = patience, startTimeout: SimTime = patience,
    folder: String = ".", given: [String] = []
  ) throws -> ExternalPolicy {
    var source = DefaultParameters()
    var parameters = ExternalPolicy.Parameters(from: &source)
    parameters.command = command
    parameters.folder = folder
    parameters.given = given.compactMap { ExternalPolicy.Parameter($0) }
    parameters.replyTimeout = timeout
    parameters.startTimeout = startTimeout
    return try ExternalPolicy(parameters: parameters, inventory: SmallCenter.inventory)
  }

  private func policy(
    script: String, timeout: SimTime = patience, startTimeout: SimTime = patience
  ) throws -> ExternalPolicy {
    try policy(["sh", "-c", script], timeout: timeout, startTimeout: startTimeout)
  }

  /// The error of starting a program, of asking it twice, or of letting it go.
  private func failure(
    _ script: String, timeout: SimTime = patience, startTimeout: SimTime = patience
  ) throws -> ExternalPolicyError {
    do {
      var policy = try policy(script: script, timeout: timeout, startTimeout: startTimeout)
      var commands = CommandQueue()
      policy.decide(at: .seconds(60), commands: &commands)
      policy.decide(at: .seconds(120), commands: &commands)
      policy.end(at: .seconds(130))
      return try #require(policy.failure as? ExternalPolicyError)
    } catch let error as ExternalPolicyError {
      return error
    }
  }

  @Test("commands arrive with the program's numbers, and outcomes go back under them")
  func conversation() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = """
      read line; echo "$line" > log; echo '{"protocol":1}'
      read line; echo "$line" >> log
      echo '{"commands":[{"command":"createShadow","vm":"web-002"}],"wakeAtNs":90000000000}'
      while read line; do echo "$line" >> log; echo '{}'; done
      """
    var policy = try policy(
      ["sh", "-c", script], folder: folder.path,
      given: ["threshold=0.9", "name=a=b", "flag=true", "code=007"])
    var commands = CommandQueue(firstNumber: 40)
    policy.observe(SmallCenter.frame(at: .seconds(30)))
    policy.decide(at: .seconds(60), commands: &commands)
    #expect(commands.takeWakeTime() == .seconds(90))
    let entries = commands.drain()
    #expect(entries.map(\.id) == [CommandID(40)])
    policy.receive(
      CommandOutcome(id: CommandID(40), result: .accepted(ShadowID(8)), at: .seconds(60)),
      commands: &commands)
    // Not one of the program's commands.
    policy.receive(
      CommandOutcome(id: CommandID(39), result: .done(nil), at: .seconds(61)), commands: &commands)
    policy.notice(.vmDown(VMID(2)), at: .seconds(70), commands: &commands)
    policy.restart(at: .seconds(80), commands: &commands)
    policy.decide(at: .seconds(90), commands: &commands)
    policy.end(at: .seconds(100))
    #expect(policy.failure == nil)
    let lines = try String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
      .split(separator: "\n")
    try #require(lines.count == 4)
    #expect(lines[0].contains(#""seed":18446744073709551615"#))
    #expect(
      lines[0].contains(#""parameters":{"threshold":0.9,"name":"a=b","flag":true,"code":"007"}"#))
    #expect(lines[0].contains(#"{"hosts":["r1-h02"],"startNs":7200000000000"#))
    #expect(lines[1].contains(#""offeredCores":[null,1.5,0.30000000000000004]"#))
    #expect(lines[1].contains(#""hostOfVM":["r1-h01",null,"r1-h02"]"#))
    #expect(
      lines[1].contains(#""shadows":[{"shadow":7,"vm":"web-002","host":"r1-h01","state":"ready"}]"#)
    )
    #expect(
      lines[2].hasSuffix(
        #""reason":"decision","timeNs":90000000000,"telemetry":[],"outcomes":[{"command":0,"#
          + #""result":"accepted","shadow":8,"atNs":60000000000}],"incidents":[{"type":"vmDown","#
          + #""vm":"batch-001","atNs":70000000000},{"type":"managementRestarted","#
          + #""atNs":80000000000}]}"#), "\(lines[2])")
    #expect(lines[3] == #"{"type":"bye","timeNs":100000000000}"#)
    #expect(ExternalPrograms.count == 0)
  }

  @Test("a program that answers events is asked for each of them")
  func events() throws {
    var policy = try policy(
      script: #"read line; echo '{"protocol":1,"answersEvents":true}'; "#
        + #"while read line; do case "$line" in *'"reason":"incident"'*) "#
        + #"echo '{"commands":[{"command":"powerHost","host":"r1-h01","target":"on"}]}';; "#
        + #"*) echo '{}';; esac; done"#)
    var commands = CommandQueue()
    policy.notice(.hostFailed(HostID(1)), at: .seconds(5), commands: &commands)
    #expect(commands.drain().map(\.command) == [.powerHost(HostID(0), .on)])
    policy.end(at: .seconds(6))
    #expect(policy.failure == nil)
  }

  @Test(
    "a program that fails is told of, with its exit status or signal",
    arguments: [
      ("exit 3", 1, "ended with exit status 3"),
      (hello + "exit 3", 2, "ended with exit status 3"),
      (hello + "read line; exit 0", 2, "ended with exit status 0"),
      (hello + "read line; kill -9 $$", 2, "was ended by signal 9"),
      (hello + "read line; printf '{\"comm'; exit 1", 2, "ended with exit status 1"),
      (hello + "exec <&-; exec >&-; sleep 1000", 2, "without having answered"),
      (hello + "read line; printf '{}\\n{}\\n'; \(rounds)", 3, "without being asked"),
      (hello + "read line; echo '{}'; read line; echo '{}'; exit 4", 0, "exit status 4 after"),
      // Closed before the first answer, so that the second line surely meets a closed pipe.
      (
        #"read line; exec <&-; echo '{"protocol":1}'; sleep 1000"#, 2,
        "closed its standard input, or ended, without having answered"
      ),
      (hello + "read line; yes | tr -d '\\n'", 2, "a line of more than 16 MiB"),
    ])
  func failing(script: String, reply: Int, message: String) throws {
    let error = try failure(script)
    #expect(error.kind == .programFailed)
    #expect(error.message.contains(message), "\(error)")
    #expect(error.reply == reply)
    #expect(ExternalPrograms.count == 0)
  }

  @Test(
    "a program that is silent is ended",
    arguments: [
      (hello + "sleep 1000", 2, "has not answered within 0.3 seconds"),
      (hello + "read line; while :; do printf x; sleep 0.05; done", 2, "has not answered within"),
      (hello + "trap '' TERM INT HUP; while :; do sleep 1000; done", 2, "has not answered within"),
    ])
  func silent(script: String, reply: Int, message: String) throws {
    let error = try failure(script, timeout: impatience)
    #expect(error.kind == .programFailed)
    #expect(error.message.contains(message), "\(error)")
    #expect(error.reply == reply)
    #expect(ExternalPrograms.count == 0)
  }

  /// The same limit holds for the answers before, so it is one that a loaded machine keeps.
  @Test("a program that does not end after the run is ended")
  func stubborn() throws {
    let error = try failure(hello + "\(rounds); sleep 1000", timeout: .seconds(5))
    #expect(error.kind == .programFailed && error.reply == 0)
    #expect(error.message.contains("has not ended within 5.0 seconds after"), "\(error)")
    #expect(ExternalPrograms.count == 0)
  }

  @Test("the first answer has a time of its own")
  func slowStart() throws {
    let error = try failure("sleep 1000", startTimeout: impatience)
    #expect(error.reply == 1 && error.message.contains("has not answered within"))
  }

  @Test("what cannot be started is said", arguments: [["no-such-program-anywhere"], [""], []])
  func missing(command: [String]) {
    #expect(throws: ExternalPolicyError.self) { try policy(command) }
    #expect(throws: ExternalPolicyError.self) { try policy(["sh"], folder: "no-such-folder") }
    #expect(ExternalPrograms.count == 0)
  }

  @Test("a bad reply is told by the number of its line and its key")
  func badReply() throws {
    let error = try failure(
      hello + #"read line; echo '{}'; read line; "#
        + #"echo '{"commands":[{"command":"createShadow","vm":"web-01"}]}'"#)
    #expect(error.kind == .badReply)
    #expect((error.reply, error.key) == (3, "commands[0].vm"))
    #expect(error.message.contains("did you mean \"web-001\"?"))
    #expect(ExternalPrograms.count == 0)
  }

  @Test("megabytes of standard error hold nobody up, and their end is told")
  func noise() throws {
    let noise = "dd if=/dev/zero bs=65536 count=64 2>&1 | tr '\\0' x >&2; "
    var policy = try policy(
      script: hello + "while read line; do \(noise) echo '{}'; done; \(noise)")
    var commands = CommandQueue()
    for minute in 1...3 { policy.decide(at: .minutes(minute), commands: &commands) }
    policy.end(at: .minutes(4))
    #expect(policy.failure == nil)
    let error = try failure(hello + noise + "echo the reason >&2; exit 1")
    #expect(error.standardError.hasSuffix("the reason\n"))
    #expect(error.standardError.utf8.count <= 4096)
    #expect(error.description.contains("| the reason"))
  }

  @Test("megabytes of inventory and answer pass each other")
  func bothPipesFull() throws {
    // The program reads one byte, so that it has been asked, and writes 200 kB, more than a pipe
    // holds, before it reads the rest.
    let padding =
      "dd bs=1 count=1 of=/dev/null 2>/dev/null; "
      + "dd if=/dev/zero bs=1000 count=200 2>/dev/null | tr '\\0' ' '; "
    var policy = try policy(
      script: padding + "echo '{\"protocol\":1}'; read line; \(rounds)")
    var commands = CommandQueue()
    policy.decide(at: .minutes(1), commands: &commands)
    policy.end(at: .minutes(2))
    #expect(policy.failure == nil)
  }

  @Test("nothing is left running: neither the program nor what it started")
  func leftovers() throws {
    let marker = "1000.\(ProcessInfo.processInfo.processIdentifier)"
    do {
      var policy = try policy(script: hello + "sleep \(marker) & \(rounds)")
      var commands = CommandQueue()
      policy.decide(at: .minutes(1), commands: &commands)
      #expect(ExternalPrograms.count == 1)
      #expect(try becomes(true, marker))
    }
    #expect(ExternalPrograms.count == 0)
    #expect(try becomes(false, marker))
  }

  /// Whether a process with `text` as its last argument comes, or goes; signals take their time.
  private func becomes(_ isThere: Bool, _ text: String) throws -> Bool {
    for _ in 0..<2_000 {
      if try isRunning(text) == isThere { return true }
      usleep(5_000)
    }
    return false
  }

  private func isRunning(_ text: String) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
      guard Int(name) != nil,
        let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
      else { return false }
      return String(decoding: line, as: UTF8.self).split(separator: "\0").last == text[...]
    }
  }
}
