// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
public import PVMS
public import StateArchive
public import Units

/// What PVMS remembers, in one SQLite file that survives process and machine.
///
/// Write-ahead logging with full synchronisation: what a call has written is on disk when it
/// returns. A row of `sample` holds what all VMs used in one interval, as little-endian doubles; a
/// row of `mean` the same over a longer span, once the samples have passed their retention.
public final class SQLiteStore: PolicyStore {
  private let database: DatabaseQueue
  private let retention: Retention

  /// Opens the file at `path`, or makes it.
  ///
  /// - Throws: GRDB's `DatabaseError` when the file is no such store or can't be written;
  ///   ``StoreFormatError`` when a later version of this program has made it.
  public init(path: String, retention: Retention = Retention()) throws {
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    database = try DatabaseQueue(path: path, configuration: configuration)
    self.retention = retention
    let migrator = Self.migrator
    if try database.read(migrator.hasBeenSuperseded) {
      throw StoreFormatError(description: "\(path): made by a later version of this program")
    }
    try migrator.migrate(database)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      for table in ["sample", "mean"] {
        try database.execute(
          sql: """
            CREATE TABLE \(table) (
              start INTEGER PRIMARY KEY, span INTEGER NOT NULL, cpuCores BLOB NOT NULL,
              memoryBytes BLOB NOT NULL, networkBytesPerSecond BLOB NOT NULL,
              diskBytesPerSecond BLOB NOT NULL)
            """)
      }
      try database.execute(
        sql: """
          CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL);
          CREATE TABLE journal (id INTEGER PRIMARY KEY, entry BLOB NOT NULL);
          """)
    }
    return migrator
  }

  /// Samples and, for what is older, means.
  public func history(from start: SimTime, to end: SimTime) throws -> [UsageSample] {
    try database.read { database in
      try ["mean", "sample"].flatMap { table in
        try Self.rows(of: table, from: start, to: end, database)
      }
    }
  }

  /// The newest checkpoint.
  public func checkpoint(given configuration: PolicyConfiguration) throws -> PolicyCheckpoint? {
    let decoder = Self.decoder
    for (key, value) in configuration.userInfo { decoder.userInfo[key] = value }
    return try database.read { database in
      try Data.fetchOne(database, sql: "SELECT state FROM checkpoint").map {
        try decoder.decode(PolicyCheckpoint.self, from: $0)
      }
    }
  }

  /// What came in since.
  public func journal() throws -> [JournalEntry] {
    try database.read { database in
      try Data.fetchAll(database, sql: "SELECT entry FROM journal ORDER BY id").map {
        try Self.decoder.decode(JournalEntry.self, from: $0)
      }
    }
  }

  /// Replaces the checkpoint, in one transaction with the samples.
  public func save(_ checkpoint: PolicyCheckpoint, adding samples: [UsageSample]) throws {
    let state = try Self.encoder.encode(checkpoint)
    try database.write { database in
      for sample in samples { try Self.insert(sample, into: "sample", database) }
      try database.execute(
        sql: "INSERT OR REPLACE INTO checkpoint (id, state) VALUES (1, ?)", arguments: [state])
      try database.execute(sql: "DELETE FROM journal")
      try shorten(database)
    }
  }

  /// Adds to the journal.
  public func append(_ entry: JournalEntry) throws {
    let data = try Self.encoder.encode(entry)
    try database.write { database in
      try database.cachedStatement(sql: "INSERT INTO journal (entry) VALUES (?)")
        .execute(arguments: [data])
    }
  }

  // MARK: Checkpoints of a simulation

  /// Exchanges the content.
  public func archive(
    _ archive: inout StateArchive, given configuration: PolicyConfiguration
  ) throws {
    var content = try database.read(Content.init)
    try archive.state(&content)
    guard archive.isReading else { return }
    try database.write { [content] database in try content.replace(in: database) }
  }

  /// All rows.
  private struct Content: Codable {
    var samples: [UsageSample]
    var means: [UsageSample]
    var checkpoint: [[UInt8]]
    var journal: [[UInt8]]

    init(_ database: Database) throws {
      let (start, end) = (SimTime(nanoseconds: .min), SimTime.distantFuture)
      samples = try SQLiteStore.rows(of: "sample", from: start, to: end, database)
      means = try SQLiteStore.rows(of: "mean", from: start, to: end, database)
      checkpoint = try Data.fetchAll(database, sql: "SELECT state FROM checkpoint").map {
        [UInt8]($0)
      }
      journal = try Data.fetchAll(database, sql: "SELECT entry FROM journal ORDER BY id")
        .map { [UInt8]($0) }
    }

    func replace(in database: Database) throws {
      for table in ["sample", "mean", "checkpoint", "journal"] {
        try database.execute(sql: "DELETE FROM \(table)")
      }
      for sample in samples { try SQLiteStore.insert(sample, into: "sample", database) }
      for mean in means { try SQLiteStore.insert(mean, into: "mean", database) }
      for state in checkpoint {
        try database.execute(
          sql: "INSERT INTO checkpoint (id, state) VALUES (1, ?)", arguments: [Data(state)])
      }
      for entry in journal {
        try database.execute(
          sql: "INSERT INTO journal (entry) VALUES (?)", arguments: [Data(entry)])
      }
    }
  }

  // MARK: Retention

  /// Replaces samples that are too old by means, and forgets means that are.
  private func shorten(_ database: Database) throws {
    guard let newest = try Int64.fetchOne(database, sql: "SELECT max(start) FROM sample") else {
      return
    }
    let now = SimTime(nanoseconds: newest)
    let limit = retention.fullLimit(at: now)
    let old = try Self.rows(
      of: "sample", from: SimTime(nanoseconds: .min), to: limit, database)
    guard !old.isEmpty else { return }
    for mean in retention.means(of: old) { try Self.insert(mean, into: "mean", database) }
    try database.execute(
      sql: "DELETE FROM sample WHERE start < ?", arguments: [limit.nanoseconds])
    try database.execute(
      sql: "DELETE FROM mean WHERE start < ?",
      arguments: [retention.meansLimit(at: now).nanoseconds])
  }

  // MARK: Rows

  private static func rows(
    of table: String, from start: SimTime, to end: SimTime, _ database: Database
  ) throws -> [UsageSample] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM \(table) WHERE start >= ? AND start < ? ORDER BY start",
      arguments: [start.nanoseconds, end.nanoseconds]
    ).map { row in
      UsageSample(
        start: SimTime(nanoseconds: row["start"]), span: SimTime(nanoseconds: row["span"]),
        cpuCores: try numbers(row["cpuCores"]), memoryBytes: try numbers(row["memoryBytes"]),
        networkBytesPerSecond: try numbers(row["networkBytesPerSecond"]),
        diskBytesPerSecond: try numbers(row["diskBytesPerSecond"]))
    }
  }

  private static func insert(
    _ sample: UsageSample, into table: String, _ database: Database
  ) throws {
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO \(table) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [
      sample.start.nanoseconds, sample.span.nanoseconds, bytes(sample.cpuCores),
      bytes(sample.memoryBytes), bytes(sample.networkBytesPerSecond),
      bytes(sample.diskBytesPerSecond),
    ])
  }

  private static func bytes(_ numbers: [Double]) -> Data {
    numbers.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
  }

  private static func numbers(_ bytes: Data) throws -> [Double] {
    let width = MemoryLayout<UInt64>.size
    guard bytes.count % width == 0 else {
      throw StoreFormatError(description: "a sample of \(bytes.count) bytes is no list of doubles")
    }
    return bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: bytes.count, by: width).map {
        let pattern = buffer.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: pattern))
      }
    }
  }

  // JSON writes a double with as many digits as it takes to read the same one back.
  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}

/// A store that this program can't read.
public struct StoreFormatError: Error, Sendable, CustomStringConvertible {
  /// What is wrong with it.
  public var description: String
}
