// SPDX-License-Identifier: Apache-2.0
import Units

/// A public trace format: its name, how it is recognised and how it is read.
///
/// A new format is one file under `Formats/` and one line in ``all``.
public struct TraceFormat: Sendable {
  /// The name in scenario files and on the command line.
  public let name: String
  /// One sentence: what it is and where it comes from.
  public let about: String
  let matches: @Sendable (TraceHead) -> Bool
  let readFiles:
    @Sendable (_ files: [TraceInput], TraceReadingOptions) throws(TraceError) -> DemandTrace

  /// The formats, in the order in which detection tries them.
  public static let all: [TraceFormat] = [
    BitbrainsReader.format, PlainCSVReader.format, AzureReader.formatV2, AzureReader.formatV1,
    AlibabaReader.format, PlanetLabReader.format, WideCSVReader.format,
  ]

  /// The format of a name; nil when there is none.
  public static func named(_ name: String) -> TraceFormat? { all.first { $0.name == name } }

  /// The format of some files, judged by the beginning of the first one and the file names.
  ///
  /// - Throws: ``TraceError`` when a file can't be read or no format fits.
  public static func detect(_ inputs: [TraceInput]) throws(TraceError) -> TraceFormat {
    let files = try TraceInput.expand(inputs)
    let head = try TraceHead(files)
    if let format = all.first(where: { $0.matches(head) }) { return format }
    throw TraceError(
      file: files[0].name, line: 1,
      expected: "the beginning of one of \(all.map(\.name).joined(separator: ", "))",
      found: TraceError.quoted(head.firstLine))
  }

  /// Reads files or folders of this format into one trace.
  ///
  /// Memory beyond the result is bounded by the readings kept (24 bytes a bin), not by the files.
  /// The result does not depend on the order of `inputs` or on that of a folder.
  ///
  /// - Parameters:
  ///   - inputs: files (plain or gzip) or folders.
  ///   - options: what to take and how.
  /// - Returns: the trace.
  /// - Throws: ``TraceError`` with file, line and field. Any bytes at all give a trace or an error.
  public func read(
    _ inputs: [TraceInput], options: TraceReadingOptions = TraceReadingOptions()
  ) throws(TraceError) -> DemandTrace {
    try readFiles(TraceInput.expand(inputs), options)
  }
}

extension DemandTrace {
  /// Reads a trace.
  ///
  /// - Parameters:
  ///   - inputs: files (plain or gzip) or folders.
  ///   - format: a name of ``TraceFormat/all``; nil detects it.
  ///   - options: what to take and how.
  /// - Returns: the trace.
  /// - Throws: ``TraceError``.
  public static func read(
    _ inputs: [TraceInput], format: String? = nil,
    options: TraceReadingOptions = TraceReadingOptions()
  ) throws(TraceError) -> DemandTrace {
    guard let format else { return try TraceFormat.detect(inputs).read(inputs, options: options) }
    guard let known = TraceFormat.named(format) else {
      let names = TraceFormat.all.map(\.name)
      let near = nearestName(to: format, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
      throw TraceError(
        file: inputs.first?.name ?? "trace", field: "format",
        expected: "one of \(names.joined(separator: ", "))", found: "\"\(format)\"" + near)
    }
    return try known.read(inputs, options: options)
  }
}

/// What format detection looks at.
struct TraceHead: Sendable {
  /// Base names of all files, sorted.
  let baseNames: [String]
  /// First line that is not blank, of the first file; empty when there is none.
  let firstLine: [UInt8]
  /// Its fields between commas.
  let fields: [ArraySlice<UInt8>]
  /// Which of the fields are numbers.
  let isNumber: [Bool]

  init(_ files: [TraceInput]) throws(TraceError) {
    baseNames = files.map(\.baseName)
    var reader = try LineReader(files[0])
    firstLine = try reader.nextNonBlank() ? Array(reader.bytes[reader.line]) : []
    let line = firstLine
    fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    isNumber = fields.map { parseNumber(line, $0.indices) != nil }
  }

  /// The first line as text, for headers.
  var header: String { String(decoding: firstLine.prefix(400), as: UTF8.self) }

  /// Whether every field after the first `count` is a number or empty, and there is one.
  func isNumeric(after count: Int) -> Bool {
    fields.count > count && zip(fields, isNumber).dropFirst(count).allSatisfy { $0.isEmpty || $1 }
  }
}
