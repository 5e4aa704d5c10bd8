// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The container of a checkpoint: sixteen characters that say what it is, a checksum, the state.
///
/// A new one stands beside the old one until it is whole and on disk, and then takes its name, so
/// that a process that is killed at any moment leaves a whole one behind.
struct CheckpointFile {
  let path: String

  private static let mark = Array("ForeshadowState1".utf8)

  func write(_ state: [UInt8]) throws(CheckpointError) {
    let partial = path + ".partial"
    do {
      guard FileManager.default.createFile(atPath: partial, contents: nil) else {
        throw CocoaError(.fileWriteUnknown)
      }
      let file = try FileHandle(forWritingTo: URL(filePath: partial))
      try file.write(contentsOf: Self.mark + bytes(of: checksum(of: state[...])))
      try file.write(contentsOf: state)
      try file.synchronize()
      try file.close()
    } catch {
      throw CheckpointError(kind: .unwritable, path: path, reason: error.localizedDescription)
    }
    guard rename(partial, path) == 0 else {
      throw CheckpointError(kind: .unwritable, path: path, reason: String(cString: strerror(errno)))
    }
  }

  func read() throws(CheckpointError) -> [UInt8] {
    let content: [UInt8]
    do {
      content = [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw CheckpointError(
        kind: .missing, path: path, reason: "cannot be read: \(error.localizedDescription)")
    }
    guard content.starts(with: Self.mark) else {
      throw CheckpointError(kind: .damaged, path: path, reason: "is no checkpoint of Foreshadow")
    }
    let state = content.dropFirst(Self.mark.count + 8)
    guard content.count >= Self.mark.count + 8,
      content[Self.mark.count..<Self.mark.count + 8].elementsEqual(bytes(of: checksum(of: state)))
    else {
      throw CheckpointError(
        kind: .damaged, path: path, reason: "is damaged: its checksum is wrong, or its end missing")
    }
    return Array(state)
  }
}

/// The eight bytes of a number, lowest first.
func bytes(of number: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
}

/// 64-bit FNV-1a over words of eight bytes, and the length. Each step is one-to-one in the word and
/// in the hash so far, so a change within one word is always noticed, any other but for a chance of
/// 2^-64.
func checksum(of bytes: ArraySlice<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0x0000_0100_0000_01B3
    // The product's low bits know nothing of the word's high ones.
    hash ^= hash >> 29
  }
  bytes.withUnsafeBytes { buffer in
    var place = 0
    while place + 8 <= buffer.count {
      mix(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
      place += 8
    }
    while place < buffer.count {
      mix(UInt64(buffer[place]))
      place += 1
    }
  }
  mix(UInt64(bytes.count))
  return hash
}
