// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Foundation
import StateArchive

/// One stretch of a run as its recorder takes it.
struct RecordedStretch: Codable {
  var events: [LogRecord]
  var forecasts: [ForecastRecord]
  var readings: PlantReadings
}

/// What a run file's recorder has been given so far, in a file beside the checkpoint.
///
/// HDF5 files cannot be taken up again so that their bytes stay the same as of one that was written
/// in one go, so a resumed run writes its run file anew from these rows. They are only ever
/// appended; a checkpoint says how far they belong to it. Each block: length, checksum, content.
final class RowJournal {
  private let path: String
  private let file: FileHandle
  private(set) var length: UInt64

  /// Begins an empty journal.
  init(creating path: String) throws(CheckpointError) {
    self.path = path
    length = 0
    do {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw CocoaError(.fileWriteUnknown)
      }
      file = try FileHandle(forUpdating: URL(filePath: path))
    } catch {
      throw CheckpointError(kind: .unwritable, path: path, reason: error.localizedDescription)
    }
  }

  /// Takes up a journal of which the first `length` bytes count, and goes through them.
  init(
    resuming path: String, length: UInt64, _ body: (RecordedStretch) throws -> Void
  ) throws {
    self.path = path
    self.length = length
    do {
      file = try FileHandle(forUpdating: URL(filePath: path))
    } catch {
      throw CheckpointError(
        kind: .missing, path: path, reason: "cannot be read: \(error.localizedDescription)")
    }
    var place: UInt64 = 0
    while place < length {
      let head = try take(16, before: length, &place)
      let size = number(head[..<8])
      let content = try take(size, before: length, &place)
      guard checksum(of: content[...]) == number(head[8...]) else { throw damaged }
      try body(try StateArchive.value(RecordedStretch.self, from: content))
    }
    try file.truncate(atOffset: length)
  }

  private var damaged: CheckpointError {
    CheckpointError(
      kind: .damaged, path: path, reason: "is damaged, or of another checkpoint")
  }

  private func take(
    _ count: UInt64, before end: UInt64, _ place: inout UInt64
  ) throws -> [UInt8] {
    guard count <= end - place, let bytes = try file.read(upToCount: Int(count)),
      bytes.count == count
    else { throw damaged }
    place += count
    return [UInt8](bytes)
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  func append(_ stretch: RecordedStretch) throws {
    let content = try StateArchive.bytes(of: stretch)
    let head = bytes(of: UInt64(content.count)) + bytes(of: checksum(of: content[...]))
    do {
      try file.write(contentsOf: head + content)
    } catch {
      throw CheckpointError(kind: .unwritable, path: path, reason: error.localizedDescription)
    }
    length += UInt64(head.count + content.count)
  }

  /// Makes sure that all rows are on disk.
  func synchronize() throws(CheckpointError) {
    do {
      try file.synchronize()
    } catch {
      throw CheckpointError(kind: .unwritable, path: path, reason: error.localizedDescription)
    }
  }
}
