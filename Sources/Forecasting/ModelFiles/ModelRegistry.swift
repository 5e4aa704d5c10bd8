// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// Models on disk: one folder, one safetensors file a model, named after it.
///
/// A model is written under a temporary name and renamed when complete, so a reader never sees half
/// of one.
public struct ModelRegistry: Sendable {
  /// The folder; it is made when the first model is written.
  public let folder: String

  /// The registry of a folder.
  public init(folder: String) { self.folder = folder }

  private static let suffix = ".safetensors"

  /// Names of the models, sorted.
  ///
  /// - Throws: ``LearnedModelError`` when the folder can't be listed; a missing folder is empty.
  public func names() throws(LearnedModelError) -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
        .map { String($0.dropLast(Self.suffix.count)) }.sorted()
    } catch {
      throw LearnedModelError(.file, at: folder, "can't be listed: \(error.localizedDescription)")
    }
  }

  /// Writes a model, in place of an earlier one of that name.
  ///
  /// A name consists of letters, digits, `-`, `_` and `.`, and does not start with a dot.
  ///
  /// - Throws: ``LearnedModelError`` when the name is another one or the file can't be written.
  public func write(_ file: SafetensorsFile, name: String) throws(LearnedModelError) {
    let path = try path(of: name)
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try Data(file.bytes()).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LearnedModelError(.file, at: path, "can't be written: \(error.localizedDescription)")
    }
  }

  /// Writes several models so that none appears before all are complete, then removes others.
  ///
  /// - Parameters:
  ///   - models: names and contents.
  ///   - removing: models that these replace under other names.
  ///   - staging: called with the path of each temporary file before it is made.
  /// - Throws: ``LearnedModelError`` when a file can't be written; nothing has changed then.
  public func write(
    _ models: [(name: String, file: SafetensorsFile)], removing: [String] = [],
    staging: (String) -> Void = { _ in }
  ) throws(LearnedModelError) {
    var staged: [(temporary: String, final: String)] = []
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      for (name, file) in models {
        let final = try path(of: name)
        let temporary = "\(folder)/.\(name)\(Self.suffix).partial"
        staging(temporary)
        staged.append((temporary, final))
        try Data(file.bytes()).write(to: URL(fileURLWithPath: temporary))
      }
    } catch {
      for entry in staged { unlink(entry.temporary) }
      if let error = error as? LearnedModelError { throw error }
      throw LearnedModelError(.file, at: folder, "can't be written: \(error.localizedDescription)")
    }
    for entry in staged where rename(entry.temporary, entry.final) != 0 {
      throw LearnedModelError(.file, at: entry.final, String(cString: strerror(errno)))
    }
    let kept = models.map(\.name)
    for name in removing where !kept.contains(name) { unlink(try path(of: name)) }
  }

  /// Reads a model.
  ///
  /// - Returns: the file's content.
  /// - Throws: ``LearnedModelError`` when there is none of that name (with the nearest one that
  ///   exists) or it is damaged.
  public func read(_ name: String) throws(LearnedModelError) -> SafetensorsFile {
    let path = try path(of: name)
    guard FileManager.default.fileExists(atPath: path) else {
      let hint = try nearestName(to: name, in: names()).map { "; did you mean \"\($0)\"?" } ?? ""
      throw LearnedModelError(.file, at: path, "there is no model \"\(name)\"\(hint)")
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw LearnedModelError(.file, at: path, "can't be read: \(error.localizedDescription)")
    }
    do {
      return try SafetensorsFile(bytes: [UInt8](data))
    } catch {
      throw LearnedModelError(error.code, at: "\(path): \(error.location)", error.message)
    }
  }

  /// The path of a model's file.
  private func path(of name: String) throws(LearnedModelError) -> String {
    let allowed = name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard allowed, !name.isEmpty, !name.hasPrefix(".") else {
      throw LearnedModelError(
        .file, at: "model name",
        "expected letters, digits, - _ . (not first), found \"\(name)\"")
    }
    return "\(folder)/\(name)\(Self.suffix)"
  }
}
