// SPDX-License-Identifier: Apache-2.0
import CZlib
import Foundation

/// Where trace bytes come from.
public enum TraceInput: Sendable, Equatable {
  /// A file, plain or gzip, or a folder of files.
  case path(String)
  /// Text in memory (tests, embedders); `name` stands for the file in messages and VM names.
  case bytes([UInt8], name: String)

  /// The path or name, as messages show it.
  public var name: String {
    switch self {
    case .path(let path): path
    case .bytes(_, let name): name
    }
  }

  /// The last part of the path.
  var baseName: String {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"))
    return parts.last.map { String(Substring($0)) } ?? name
  }

  /// The last part of the path without `.gz` and one further extension of letters and digits.
  var stem: String {
    var text = Substring(baseName)
    if text.hasSuffix(".gz") { text = text.dropLast(3) }
    for suffix in [".csv", ".txt"] where text.hasSuffix(suffix) && text.count > suffix.count {
      text = text.dropLast(suffix.count)
    }
    return String(text)
  }

  /// Whether the path is a folder.
  var isFolder: Bool {
    guard case .path(let path) = self else { return false }
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  /// The files that `inputs` stand for: folders give the files in them (not their subfolders, not
  /// hidden files), and all are in bytewise order of their paths, however they were listed.
  static func expand(_ inputs: [TraceInput]) throws(TraceError) -> [TraceInput] {
    guard let first = inputs.first else {
      throw TraceError(file: "trace", expected: "at least one file", found: "none")
    }
    var files: [TraceInput] = []
    for input in inputs {
      if input.isFolder { files += try input.filesInFolder() } else { files.append(input) }
    }
    if files.isEmpty {
      throw TraceError(
        file: first.name, expected: "a folder with trace files", found: "no files in it")
    }
    return files.sorted { isOrderedBytewise($0.name, $1.name) }
  }

  private func filesInFolder() throws(TraceError) -> [TraceInput] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: name)
    } catch {
      throw TraceError(file: name, expected: "a readable folder", found: "\(error)")
    }
    return names.filter { !$0.hasPrefix(".") }
      .map { TraceInput.path(name.hasSuffix("/") ? name + $0 : name + "/" + $0) }
      .filter { !$0.isFolder }
  }
}

/// Order of the UTF-8 bytes; unlike `<` on strings it does not depend on Unicode normalisation.
func isOrderedBytewise(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// Bytes of one input in chunks; gzip is unpacked on the way.
///
/// A class because it owns an open file, which it closes when it goes away.
final class ByteStream {
  private let name: String
  private let handle: gzFile?
  private let memory: [UInt8]
  private var position = 0

  init(_ input: TraceInput) throws(TraceError) {
    name = input.name
    switch input {
    case .bytes(let bytes, _):
      (handle, memory) = (nil, bytes)
    case .path(let path):
      if path.utf8.contains(0) {
        throw TraceError(file: path, expected: "a path", found: "a NUL in it")
      }
      guard let handle = gzopen(path, "rb") else {
        throw TraceError(file: path, expected: "a readable file", found: Self.reason())
      }
      gzbuffer(handle, 1 << 17)
      (self.handle, memory) = (handle, [])
    }
  }

  deinit {
    if let handle { gzclose(handle) }
  }

  /// Overwrites `buffer` from `offset` on with the next bytes; 0 at the end.
  func read(into buffer: inout [UInt8], from offset: Int) throws(TraceError) -> Int {
    let room = min(buffer.count - offset, 1 << 20)
    guard let handle else {
      let count = min(room, memory.count - position)
      for index in 0..<count { buffer[offset + index] = memory[position + index] }
      position += count
      return count
    }
    let count = buffer.withUnsafeMutableBytes { bytes -> Int in
      guard let base = bytes.baseAddress else { return 0 }
      return Int(gzread(handle, base + offset, UInt32(room)))
    }
    if count <= 0 { try checkEnd(handle, failed: count < 0) }
    return max(0, count)
  }

  /// A gzip file that stops early reads like one that ends; only the error state tells.
  private func checkEnd(_ handle: gzFile, failed: Bool) throws(TraceError) {
    var code: Int32 = Z_OK
    let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
    if code == Z_BUF_ERROR {
      throw TraceError(file: name, expected: "a complete gzip file", found: "an early end")
    }
    guard failed else { return }
    let reason = code == Z_ERRNO || message.isEmpty ? Self.reason() : message
    throw TraceError(file: name, expected: "readable data", found: reason)
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
