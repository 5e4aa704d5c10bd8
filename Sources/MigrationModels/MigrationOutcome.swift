// SPDX-License-Identifier: Apache-2.0
import Units

/// Which rule ended the copying of a running guest.
public enum StopRule: String, Sendable, Codable, CaseIterable {
  /// What was left fitted into the downtime limit: the wanted end.
  case downtimeLimit
  /// Less was left than the floor below which no further round pays.
  case dirtyFloor
  /// The greatest number of rounds was reached.
  case roundLimit
  /// More than the allowed multiple of the memory was sent.
  case bytesLimit
  /// The migration took longer than allowed.
  case timeout
  /// Nothing got better for longer than allowed.
  case progressTimeout
  /// Someone asked for the switch (post-copy after a delay, a forced stop, an abort).
  case request
  /// The method does not copy a running guest (stop-and-copy, pure post-copy, plain delay).
  case method

  /// Whether the guest had to be switched although it did not fit the downtime limit.
  public var isForced: Bool {
    switch self {
    case .downtimeLimit, .dirtyFloor, .method: false
    case .roundLimit, .bytesLimit, .timeout, .progressTimeout, .request: true
    }
  }
}

/// How a migration ended.
public enum MigrationEnding: String, Sendable, Codable, CaseIterable {
  /// The guest runs on the target, all memory was there when it started.
  case switchedOver
  /// The guest runs on the target and fetched the rest of its memory while running.
  case postCopied
  /// The guest still runs on the source.
  case aborted
}

/// The figures of one finished migration.
public struct MigrationSummary: Sendable, Equatable, Codable {
  /// From the request to the end of the last byte, all retries included.
  public var total: SimTime
  /// The stop that the hypervisor reports: both sides stand still.
  public var downtime: SimTime
  /// The longest silence that a client outside sees; at least `downtime`.
  public var outage: SimTime
  /// Bytes on the wire, headers and repeated rounds included.
  public var bytes: Bytes
  /// Rounds after the first pass over the memory.
  public var rounds: Int
  /// Attempts that were needed, 1 without a retry.
  public var attempts: Int
  /// Which rule ended the copying of the running guest.
  public var rule: StopRule
  /// How it ended.
  public var ending: MigrationEnding

  /// Whether a rule other than "it fits" ended it; such migrations are counted apart.
  public var isForced: Bool { rule.isForced }
}
