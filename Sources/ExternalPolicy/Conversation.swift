// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Lines to a program and lines back, with a limit in time.
///
/// While it waits it reads everything that the program writes, so that no pipe is ever full on both
/// sides; of the standard error only the end is kept.
struct Conversation: ~Copyable {
  private let program: ChildProcess
  private let clock = ContinuousClock()
  private var received: [UInt8] = []
  /// Bytes of `received` that are known to hold no line end.
  private var searched = 0
  private var errorTail: [UInt8] = []
  private var isOutputOpen = true
  private var isErrorOpen = true

  /// Bytes of standard error that are kept.
  private static let keptErrors = 4096
  /// Longest line that is read.
  static let longestReply = 16 << 20
  /// How long a program that has closed its output may take to end by itself, so that its exit
  /// status can be told.
  private static let grace = Duration.seconds(1)

  init(command: [String], folder: String) throws(ProgramProblem) {
    program = try ChildProcess(command: command, folder: folder)
  }

  /// Sends a line and waits for the answer.
  ///
  /// - Parameters:
  ///   - line: With its line end.
  ///   - timeout: How long the answer may take, by the wall clock.
  /// - Returns: The answer without its line end.
  /// - Throws: ``ProgramProblem`` when there is none; the program is then ended.
  mutating func exchange(_ line: [UInt8], within timeout: Duration) throws(ProgramProblem)
    -> [UInt8]
  {
    let deadline = clock.now.advanced(by: timeout)
    drain()
    guard received.isEmpty else {
      let start = String(decoding: received.prefix(60), as: UTF8.self)
      throw problem("wrote something without being asked: \"\(start)\"")
    }
    var rest = line[...]
    while true {
      if !rest.isEmpty, !send(&rest) {
        drain()
        if let answer = takeLine() { return answer }
        throw ended("closed its standard input, or ended,")
      }
      if rest.isEmpty, let answer = takeLine() { return answer }
      guard isOutputOpen else { throw ended("closed its standard output, or ended,") }
      guard received.count <= Self.longestReply else {
        throw problem("wrote a line of more than \(Self.longestReply >> 20) MiB")
      }
      guard wait(until: deadline, toWrite: !rest.isEmpty) else {
        throw problem("has not answered within \(timeout)")
      }
      drain()
    }
  }

  /// Sends the last line, and lets the program end.
  mutating func finish(_ line: [UInt8], within timeout: Duration) throws(ProgramProblem) {
    let deadline = clock.now.advanced(by: timeout)
    var rest = line[...]
    while send(&rest), !rest.isEmpty, wait(until: deadline, toWrite: true) { discard() }
    program.closeInput()
    guard awaitEnd(until: deadline) else {
      throw problem("has not ended within \(timeout) after \"bye\"")
    }
    program.end()
    guard program.status == .exited(0) else { throw problem("\(statusText) after \"bye\"") }
  }

  /// Ends the program, whatever it does.
  func abandon() { program.end() }

  // MARK: Streams

  /// Writes as much as goes; false when nobody reads any more.
  private func send(_ rest: inout ArraySlice<UInt8>) -> Bool {
    guard let count = program.write(rest) else { return false }
    rest = rest.dropFirst(count)
    return true
  }

  /// Takes in what has arrived, of each stream as much as may be kept.
  private mutating func drain() {
    while isOutputOpen, received.count <= Self.longestReply,
      let bytes = ChildProcess.read(program.output)
    {
      isOutputOpen = !bytes.isEmpty
      received += bytes
    }
    drainErrors()
  }

  /// Takes in what has arrived, and forgets the answers among it.
  private mutating func discard() {
    while isOutputOpen, let bytes = ChildProcess.read(program.output) {
      isOutputOpen = !bytes.isEmpty
    }
    drainErrors()
  }

  /// One chunk at most, so that a program that writes without end cannot hold us here.
  private mutating func drainErrors() {
    guard isErrorOpen, let bytes = ChildProcess.read(program.errors) else { return }
    isErrorOpen = !bytes.isEmpty
    errorTail = Array((errorTail + bytes).suffix(Self.keptErrors))
  }

  private mutating func takeLine() -> [UInt8]? {
    guard let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
      searched = received.count
      return nil
    }
    let line = Array(received[..<end])
    received.removeFirst(end + 1)
    searched = 0
    return line
  }

  /// Waits until a stream is ready; false when the time is over.
  private func wait(until deadline: ContinuousClock.Instant, toWrite: Bool) -> Bool {
    let left = clock.now.duration(to: deadline)
    guard left > .zero else { return false }
    let milliseconds = min(left / .milliseconds(1), 3_600_000).rounded(.up)
    var streams: [pollfd] = []
    if isOutputOpen {
      streams.append(pollfd(fd: program.output, events: Int16(POLLIN), revents: 0))
    }
    if isErrorOpen { streams.append(pollfd(fd: program.errors, events: Int16(POLLIN), revents: 0)) }
    if toWrite, let input = program.input {
      streams.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0))
    }
    _ = poll(&streams, nfds_t(streams.count), Int32(milliseconds))
    return true
  }

  /// Waits for the program to end by itself; false when the time is over.
  private mutating func awaitEnd(until deadline: ContinuousClock.Instant) -> Bool {
    while !program.hasEnded {
      guard clock.now < deadline else { return false }
      discard()
      // Whoever holds the streams open may be another than the program, so they are no sign.
      poll(nil, 0, 2)
    }
    for _ in 0..<64 { drainErrors() }
    return true
  }

  // MARK: What went wrong

  /// The program as it is now cannot go on: it is ended, and what it has said is told.
  private mutating func problem(_ message: String) -> ProgramProblem {
    program.end()
    for _ in 0..<64 { drainErrors() }
    return ProgramProblem(
      message: message, standardError: String(decoding: errorTail, as: UTF8.self))
  }

  /// The program has closed a stream; usually because it has ended, and then how is told.
  private mutating func ended(_ message: String) -> ProgramProblem {
    guard awaitEnd(until: clock.now.advanced(by: Self.grace)) else {
      return problem("\(message) without having answered")
    }
    program.end()
    return problem("\(statusText) without having answered")
  }

  private var statusText: String {
    switch program.status {
    case .exited(let code)?: "ended with exit status \(code)"
    case .killed(let signal)?: "was ended by signal \(signal)"
    case nil: "ended"
    }
  }
}
