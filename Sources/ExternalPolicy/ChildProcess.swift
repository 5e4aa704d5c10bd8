// SPDX-License-Identifier: Apache-2.0
import CChildProcess
import Foundation

/// A program that was started, with its three standard streams; the leader of a process group of
/// its own, so that what it starts goes with it.
///
/// The program gets nothing but the three streams: no other descriptor of this process, and every
/// signal with its default action. It is ended and reaped at the latest when this object goes.
final class ChildProcess {
  /// How it ended.
  enum Status: Equatable {
    case exited(Int)
    case killed(signal: Int)
  }

  private let leader: pid_t
  /// Where this process writes what the program reads; nil when it is closed.
  private(set) var input: Int32?
  /// Where the program's standard output arrives, and its standard error.
  let output: Int32
  let errors: Int32
  private(set) var status: Status?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - command: The program (looked up in PATH unless it has a slash) and its arguments.
  ///   - folder: Its working directory.
  /// - Throws: ``ProgramProblem`` when it cannot be started.
  init(command: [String], folder: String) throws(ProgramProblem) {
    guard let program = command.first, !program.isEmpty else {
      throw ProgramProblem(message: "the command is empty")
    }
    guard !command.contains(where: { $0.utf8.contains(0) }), !folder.utf8.contains(0) else {
      throw ProgramProblem(message: "the command contains a NUL")
    }
    var pipes: [Pipe] = []
    var leader: pid_t = 0
    var code: Int32 = 0
    for _ in 0..<3 where code == 0 {
      var pipe = Pipe()
      code = child_pipe(&pipe.ends)
      if code == 0 { pipes.append(pipe) }
    }
    if code == 0 {
      code = withCStrings(command) {
        child_start(
          &leader, $0, folder, [pipes[0].reading, pipes[1].writing, pipes[2].writing])
      }
    }
    guard code == 0 else {
      for pipe in pipes { pipe.close() }
      throw ProgramProblem(
        message: "cannot be started in \"\(folder)\": \(String(cString: strerror(code)))")
    }
    for end in [pipes[0].reading, pipes[1].writing, pipes[2].writing] { close(end) }
    self.leader = leader
    input = pipes[0].writing
    output = pipes[1].reading
    errors = pipes[2].reading
    for end in [pipes[0].writing, output, errors] {
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
    ExternalPrograms.add(leader)
  }

  deinit {
    end()
    close(output)
    close(errors)
  }

  /// Closes the program's standard input, which tells it that nothing more comes.
  func closeInput() {
    if let input { close(input) }
    input = nil
  }

  /// Whether the program has ended by itself. It is not reaped yet: its number stays its own.
  var hasEnded: Bool {
    guard status == nil else { return true }
    var info = siginfo_t()
    let result = waitid(P_PID, id_t(leader), &info, WEXITED | WNOHANG | WNOWAIT)
    // It fails where the process was told to let its children go unseen.
    return result != 0 || info.si_signo == SIGCHLD
  }

  /// Ends the program if it still runs, with everything that it started, and reaps it.
  func end() {
    guard status == nil else { return }
    closeInput()
    ExternalPrograms.end(leader)
    var code: Int32 = 0
    while waitpid(leader, &code, 0) < 0, errno == EINTR {}
    let signal = code & 0x7f
    status = signal == 0 ? .exited(Int(code >> 8) & 0xff) : .killed(signal: Int(signal))
  }

  /// Writes what the stream takes now; a closed pipe raises no signal.
  ///
  /// - Returns: Number of bytes written; nil when nobody reads them any more.
  func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let input else { return nil }
    var pipeSignal = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
    let count = bytes.withUnsafeBytes { Foundation.write(input, $0.baseAddress, $0.count) }
    let code = errno
    if count < 0, code == EPIPE {
      // The signal waits at this thread; it is taken away before the thread listens again.
      var now = timespec()
      _ = sigtimedwait(&pipeSignal, nil, &now)
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    if count >= 0 { return count }
    return code == EAGAIN || code == EINTR ? 0 : nil
  }

  /// What has arrived on a stream: nil for nothing yet, empty for its end.
  static func read(_ stream: Int32) -> [UInt8]? {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      let got = Foundation.read(stream, buffer.baseAddress, buffer.count)
      failed = got < 0 && (errno == EAGAIN || errno == EINTR)
      count = max(0, got)
    }
    return failed ? nil : bytes
  }
}

/// The two ends of a pipe.
private struct Pipe {
  var ends: [Int32] = [-1, -1]
  var reading: Int32 { ends[0] }
  var writing: Int32 { ends[1] }
  func close() { for end in ends { Foundation.close(end) } }
}

/// Calls `body` with the texts as C wants lists of them: with a null pointer at the end.
private func withCStrings<Value>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
) -> Value {
  let copies = texts.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
