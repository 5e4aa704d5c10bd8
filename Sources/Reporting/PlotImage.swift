// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A file format of plots.
public enum PlotFormat: String, CaseIterable, Sendable {
  /// Vectors, made here.
  case svg
  /// Pixels, 1440 × 520.
  case png
  /// Vectors on a page of 720 × 260 points.
  case pdf
}

/// A plot could not be made into a file of the wanted format.
public struct PlotImageError: Error, CustomStringConvertible {
  /// What went wrong, and what to do about it.
  public let description: String
}

/// Makes plots into files. PNG and PDF are drawn by librsvg's program `rsvg-convert`, which reads
/// the same SVG text that the report holds.
public struct PlotConverter: Sendable {
  private static let program = "rsvg-convert"
  /// Where the program is; nil when it is not installed.
  private let path: String?

  /// Looks for the program in the folders of `searchPath` (the form of the variable PATH).
  public init(searchPath: String) {
    path = searchPath.split(separator: ":").map { "\($0)/\(Self.program)" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  /// Whether files of a format can be made here.
  public func canMake(_ format: PlotFormat) -> Bool { format == .svg || path != nil }

  /// A plot as the bytes of a file; equal input gives equal bytes.
  ///
  /// - Throws: ``PlotImageError`` when the program is missing or fails.
  public func file(of plot: SVGPlot, as format: PlotFormat) throws -> Data {
    let picture = Data(plot.standaloneText.utf8)
    switch format {
    case .svg: return picture
    case .png:
      return try convert(picture, ["--format=png", "--zoom=2", "--background-color=white"])
    case .pdf: return try convert(picture, ["--format=pdf"])
    }
  }

  private func convert(_ picture: Data, _ arguments: [String]) throws -> Data {
    guard let path else {
      throw PlotImageError(
        description: "PNG and PDF plots need \(Self.program) (Debian package librsvg2-bin)")
    }
    // A folder of its own, whose name nobody else has.
    var template = Array("\(NSTemporaryDirectory())/foreshadow-plot-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw PlotImageError(description: "cannot make a folder in \(NSTemporaryDirectory())")
    }
    let folder = URL(
      fileURLWithPath: String(
        decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(component: "plot.svg")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments + [source.path]
    // A PDF file would otherwise hold the time at which it was made.
    process.environment = ["SOURCE_DATE_EPOCH": "946684800", "LC_ALL": "C"]
    let output = Pipe()
    process.standardOutput = output
    do {
      try picture.write(to: source)
      try process.run()
    } catch { throw PlotImageError(description: "\(path): \(error.localizedDescription)") }
    let bytes = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !bytes.isEmpty else {
      throw PlotImageError(
        description: "\(path) ended with status \(process.terminationStatus) and no picture")
    }
    return bytes
  }
}
