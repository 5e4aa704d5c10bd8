// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Reporting
import Terminal

/// The checks before a long command that would be a pity to find out about afterwards.
enum OutputFile {
  /// Refuses an existing file without `--force`, and a folder that does not exist.
  static func check(_ path: String, force: Bool) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists, isFolder.boolValue { throw OutputError(reason: "\(path) is a folder") }
    if exists, !force {
      throw OutputError(reason: "\(path) exists; --force overwrites it")
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw OutputError(reason: "no folder \(folder) that can be written to")
    }
  }
}

extension OutputFile {
  /// Makes a folder and those above it.
  static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw OutputError(reason: "cannot make the folder \(path): \(error.localizedDescription)")
    }
  }

  /// Writes a text so that it appears complete or not at all.
  static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  /// Writes bytes so that they appear complete or not at all.
  static func write(_ bytes: Data, to path: String) throws {
    do {
      try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw OutputError(reason: "\(path): \(error.localizedDescription)")
    }
  }
}

/// The plots of a report as files.
struct PlotFiles {
  /// The formats the user asked for; nil: SVG, and PNG where it can be drawn.
  let formats: [PlotFormat]?

  /// Formats from a list like `svg,png`.
  static func formats(_ list: String) throws -> [PlotFormat] {
    try list.split(separator: ",").map { name in
      guard let format = PlotFormat(rawValue: name.lowercased()) else {
        let known = PlotFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("no plot format \"\(name)\"; known: \(known)")
      }
      return format
    }
  }

  func write(_ plots: [(name: String, plot: SVGPlot)], in folder: String) throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let converter = PlotConverter(searchPath: path)
    let chosen = formats ?? PlotFormat.allCases.filter { $0 != .pdf && converter.canMake($0) }
    for (name, plot) in plots {
      for format in chosen {
        let bytes = try converter.file(of: plot, as: format)
        try OutputFile.write(bytes, to: "\(folder)/\(name).\(format.rawValue)")
      }
    }
  }
}
