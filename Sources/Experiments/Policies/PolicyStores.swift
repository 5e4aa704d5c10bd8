// SPDX-License-Identifier: Apache-2.0
import Foundation
import PVMS
import SQLiteStore
import StateArchive
import Units

extension PolicyCatalog {
  /// Makes an empty store for a run.
  typealias StoreMaker = @Sendable () throws -> any PolicyStore

  static func policyStores<Source: ParameterSource>() -> [Alternative<Source, StoreMaker>] {
    [
      Alternative("memory", about: "In memory, as a copy of what the policy knows.") { source in
        let retention = retention(from: &source)
        return { MemoryStore(retention: retention) }
      },
      Alternative(
        "sqlite", about: "In an SQLite file, as a management server does; deleted after the run."
      ) { source in
        let retention = retention(from: &source)
        return { try TemporaryStore(retention: retention) }
      },
    ]
  }

  private static func retention(from source: inout some ParameterSource) -> Retention {
    let span = source.time(
      "meanSpan", default: .hours(1), in: .minutes(1) ... .days(7),
      about: "Span of the means that replace old samples.")
    let full = source.time(
      "retention", default: .days(28), in: .days(7) ... .days(3650),
      about: "Age up to which single samples are kept.")
    let means = source.time(
      "meanRetention", default: .days(366), in: .days(7) ... .days(36_500),
      about: "Age up to which their means are kept.")
    return Retention(full: full, span: span, means: means)
  }
}

/// An SQLite store whose file lives as long as the run.
private final class TemporaryStore: PolicyStore {
  private let folder: URL
  private let store: SQLiteStore

  init(retention: Retention) throws {
    let temporary = FileManager.default.temporaryDirectory
    var template = Array(temporary.appending(path: "foreshadow-XXXXXX").path.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporary.path])
    }
    let name = template.dropLast().map { UInt8(bitPattern: $0) }
    folder = URL(filePath: String(decoding: name, as: UTF8.self), directoryHint: .isDirectory)
    store = try SQLiteStore(
      path: folder.appending(path: "pvms.sqlite").path, retention: retention)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func history(from start: SimTime, to end: SimTime) throws -> [UsageSample] {
    try store.history(from: start, to: end)
  }
  func checkpoint(given configuration: PolicyConfiguration) throws -> PolicyCheckpoint? {
    try store.checkpoint(given: configuration)
  }
  func journal() throws -> [JournalEntry] { try store.journal() }
  func save(_ checkpoint: PolicyCheckpoint, adding samples: [UsageSample]) throws {
    try store.save(checkpoint, adding: samples)
  }
  func append(_ entry: JournalEntry) throws { try store.append(entry) }
  func archive(_ archive: inout StateArchive, given configuration: PolicyConfiguration) throws {
    try store.archive(&archive, given: configuration)
  }
}
