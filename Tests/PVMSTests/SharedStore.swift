// SPDX-License-Identifier: Apache-2.0
import PVMS
import Synchronization
import Units

/// A store in memory that outlives its policy.
final class SharedStore: PolicyStore {
  private let store: Mutex<MemoryStore>
  private let retention: Retention

  init(retention: Retention = Retention()) {
    self.retention = retention
    store = Mutex(MemoryStore(retention: retention))
  }

  func clear() { store.withLock { $0 = MemoryStore(retention: retention) } }
  func history(from start: SimTime, to end: SimTime) -> [UsageSample] {
    store.withLock { $0.history(from: start, to: end) }
  }
  func checkpoint(given configuration: PolicyConfiguration) -> PolicyCheckpoint? {
    store.withLock { $0.checkpoint(given: configuration) }
  }
  func journal() -> [JournalEntry] { store.withLock { $0.journal() } }
  func save(_ checkpoint: PolicyCheckpoint, adding samples: [UsageSample]) {
    store.withLock { $0.save(checkpoint, adding: samples) }
  }
  func append(_ entry: JournalEntry) { store.withLock { $0.append(entry) } }
}
