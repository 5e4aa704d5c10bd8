// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import SQLiteStore
import Testing
import Units

/// Files that are a store, and files that are none. What PVMS does with a store is tested with PVMS.
@Suite("SQLite store")
struct SQLiteStoreTests {
  private static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  @Test("a new file is an empty store, and is one when it is opened again")
  func empty() throws {
    try Self.withFolder { folder in
      let path = folder.appending(path: "a.sqlite").path
      for _ in 0..<2 {
        let store = try SQLiteStore(path: path)
        #expect(try store.history(from: .zero, to: .distantFuture).isEmpty)
        #expect(try store.journal().isEmpty)
      }
    }
  }

  @Test("what is no store is refused")
  func foreignFile() throws {
    try Self.withFolder { folder in
      let path = folder.appending(path: "notes.txt").path
      try String(repeating: "no database at all\n", count: 300).write(
        toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: DatabaseError.self) { try SQLiteStore(path: path) }
      #expect(throws: DatabaseError.self) {
        try SQLiteStore(path: folder.appending(path: "no/such/folder/a.sqlite").path)
      }
    }
  }

  @Test("a store of a later version is left alone")
  func laterVersion() throws {
    try Self.withFolder { folder in
      let path = folder.appending(path: "a.sqlite").path
      _ = try SQLiteStore(path: path)
      try DatabaseQueue(path: path).write {
        try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9')")
      }
      #expect(throws: StoreFormatError.self) { try SQLiteStore(path: path) }
    }
  }
}
