// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// A store in memory: for simulations, in which the management server's process is all there is.
public struct MemoryStore: PolicyStore {
  private let retention: Retention
  private var samples: [UsageSample] = []
  /// Samples at the front that have been replaced by means; removed many at a time.
  private var replaced = 0
  private var means: [UsageSample] = []
  private var saved: PolicyCheckpoint?
  private var entries: [JournalEntry] = []

  /// An empty store.
  public init(retention: Retention = Retention()) { self.retention = retention }

  /// Samples and, for what is older, means.
  public func history(from start: SimTime, to end: SimTime) -> [UsageSample] {
    (means + samples[replaced...]).filter { $0.start >= start && $0.start < end }
  }
  /// The newest checkpoint.
  public func checkpoint(given configuration: PolicyConfiguration) -> PolicyCheckpoint? { saved }
  /// What came in since.
  public func journal() -> [JournalEntry] { entries }

  /// Replaces the checkpoint.
  public mutating func save(_ checkpoint: PolicyCheckpoint, adding new: [UsageSample]) {
    saved = checkpoint
    entries.removeAll(keepingCapacity: true)
    samples += new
    guard let now = samples.last?.start else { return }
    let limit = retention.fullLimit(at: now)
    let old = samples[replaced...].prefix { $0.start < limit }
    guard !old.isEmpty else { return }
    means += retention.means(of: Array(old))
    means.removeFirst(means.prefix { $0.start < retention.meansLimit(at: now) }.count)
    replaced += old.count
    guard replaced > samples.count / 2 else { return }
    samples.removeFirst(replaced)
    replaced = 0
  }

  /// Adds to the journal.
  public mutating func append(_ entry: JournalEntry) { entries.append(entry) }

  /// Exchanges the content.
  public mutating func archive(
    _ archive: inout StateArchive, given configuration: PolicyConfiguration
  ) throws {
    try archive.state(&samples)
    try archive.state(&replaced)
    try archive.state(&means)
    try archive.state(&saved, given: configuration.userInfo)
    try archive.state(&entries)
  }
}
