// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
import Synchronization
public import Units

/// A policy in another program, in whatever language: it reads what happens from its standard
/// input and writes its commands to its standard output, one line of JSON each.
///
/// The program sees what policies inside see: the same frames with the same delays and gaps, the
/// same outcomes. One process is started a run; if it answers the same to the same lines, runs are
/// as reproducible as any. The article <doc:PolicyProtocol> states every line.
///
/// Copies share the program, so only one of them may go on.
public struct ExternalPolicy: ManagementPolicy {
  private let link: ProgramLink
  private let messages: Messages
  private let reader: ReplyReader
  private let answersEvents: Bool
  private var news = News()
  /// How the program counts its commands, by the number that the queue gave.
  private var numbers: [CommandID: Int] = [:]
  private var commandCount = 0
  private var roundCount = 0
  /// Why the program cannot go on; it is then no longer asked.
  public private(set) var failure: (any Error)?

  /// Starts the program and tells it what there is.
  ///
  /// - Throws: ``ExternalPolicyError`` when it cannot be started, does not answer in time, or
  ///   speaks another version of the protocol.
  public init(parameters: Parameters, inventory: Inventory) throws {
    messages = Messages(inventory)
    let reader = ReplyReader(inventory)
    self.reader = reader
    link = try ProgramLink(parameters)
    let answer = try link.ask(messages.hello(parameters.given), within: parameters.startTimeout)
    answersEvents = try link.understand { () throws(ReplyProblem) in
      try reader.hello(answer).answersEvents
    }
  }

  /// Keeps the frame for the next round.
  public mutating func observe(_ frame: TelemetryFrame) {
    if failure == nil { news.frames.append(frame) }
  }

  /// Keeps what became of a command for the next round, or tells it at once.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    guard failure == nil, let number = numbers[outcome.id] else { return }
    if case .accepted = outcome.result {} else { numbers[outcome.id] = nil }
    news.outcomes.append(News.Outcome(command: number, outcome: outcome))
    if answersEvents { ask(.outcome, at: outcome.at, &commands) }
  }

  /// Keeps the incident for the next round, or tells it at once.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    guard failure == nil else { return }
    news.incidents.append(News.Incident(what: incident, at: now))
    if answersEvents { ask(.incident, at: now, &commands) }
  }

  /// Tells the program, which keeps what it knows: it is taken to have saved each change.
  public mutating func restart(at now: SimTime, commands: inout CommandQueue) {
    guard failure == nil else { return }
    news.incidents.append(News.Incident(what: nil, at: now))
    if answersEvents { ask(.incident, at: now, &commands) }
  }

  /// Asks the program.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    if failure == nil { ask(.decision, at: now, &commands) }
  }

  /// Says good-bye, and waits for the program to end.
  public mutating func end(at now: SimTime) {
    guard failure == nil else { return }
    do { try link.finish(messages.bye(at: now)) } catch { failure = error }
  }

  private mutating func ask(
    _ reason: RoundReason, at now: SimTime, _ commands: inout CommandQueue
  ) {
    roundCount += 1
    let line = messages.round(roundCount, reason: reason, at: now, news)
    news = News()
    do {
      let answer = try link.ask(line)
      let reply = try link.understand { () throws(ReplyProblem) in try reader.round(answer) }
      for order in reply.orders {
        numbers[commands.issue(order.command, because: order.rationale)] = commandCount
        commandCount += 1
      }
      if let wake = reply.wakeTime { commands.wake(at: wake) }
    } catch {
      failure = error
    }
  }
}

/// The program of one run, with the count of its lines. Used by one run, on one thread at a time.
private final class ProgramLink: Sendable {
  private struct State: ~Copyable {
    var conversation: Conversation
    var replies = 0
  }
  private let state: Mutex<State>
  private let parameters: ExternalPolicy.Parameters

  init(_ parameters: ExternalPolicy.Parameters) throws(ExternalPolicyError) {
    self.parameters = parameters
    do {
      state = Mutex(
        State(
          conversation: try Conversation(command: parameters.command, folder: parameters.folder)))
    } catch {
      throw ExternalPolicyError(
        kind: .programFailed, command: parameters.command, reply: 0, key: "",
        message: error.message)
    }
  }

  /// Sends a line and returns the answer.
  func ask(_ line: [UInt8], within timeout: SimTime? = nil) throws(ExternalPolicyError)
    -> [UInt8]
  {
    try state.withLock { state throws(ExternalPolicyError) in
      state.replies += 1
      do throws(ProgramProblem) {
        return try state.conversation.exchange(
          line, within: duration(timeout ?? parameters.replyTimeout))
      } catch {
        throw failure(of: error, reply: state.replies)
      }
    }
  }

  /// Sends the last line and waits for the program's end.
  func finish(_ line: [UInt8]) throws(ExternalPolicyError) {
    try state.withLock { state throws(ExternalPolicyError) in
      do throws(ProgramProblem) {
        try state.conversation.finish(line, within: duration(parameters.replyTimeout))
      } catch {
        throw failure(of: error, reply: 0)
      }
    }
  }

  /// What `read` makes of the last answer; the program is ended when it makes nothing of it.
  func understand<Value>(_ read: () throws(ReplyProblem) -> Value) throws(ExternalPolicyError)
    -> Value
  {
    do {
      return try read()
    } catch {
      let replies = state.withLock { state in
        state.conversation.abandon()
        return state.replies
      }
      throw ExternalPolicyError(
        kind: .badReply, command: parameters.command, reply: replies, key: error.key,
        message: error.message)
    }
  }

  private func failure(of problem: ProgramProblem, reply: Int) -> ExternalPolicyError {
    ExternalPolicyError(
      kind: .programFailed, command: parameters.command, reply: reply, key: "",
      message: problem.message, standardError: problem.standardError)
  }

  private func duration(_ time: SimTime) -> Duration { .nanoseconds(time.nanoseconds) }
}
