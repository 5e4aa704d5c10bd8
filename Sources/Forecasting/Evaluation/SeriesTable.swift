// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// Series of equal length with names: one file of the forecast protocol.
public struct SeriesTable: Sendable, Equatable {
  /// Name of every series, in file order.
  public var names: [String]
  /// The values, `[series][sample]`; NaN where the file has an empty field.
  public var series: [[Double]]

  /// A table.
  public init(names: [String], series: [[Double]]) {
    self.names = names
    self.series = series
  }

  /// Reads `name,v0,v1,…` lines. Fields are split at commas only (names may hold spaces); an empty
  /// field or `nan` is a missing value; empty lines are skipped. `file` is for messages.
  public init(parsing text: String, file: String) throws(SeriesTableError) {
    self.init(names: [], series: [])
    let newline = UInt8(ascii: "\n")
    let comma = UInt8(ascii: ",")
    var number = 0
    // Bytes, not characters: a day of a large trace is megabytes.
    for line in text.utf8.split(separator: newline, omittingEmptySubsequences: false) {
      number += 1
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard !line.isEmpty else { continue }
      let fields = line.split(separator: comma, omittingEmptySubsequences: false).map(
        Substring.init)
      var values: [Double] = []
      values.reserveCapacity(fields.count - 1)
      for (column, field) in fields.enumerated().dropFirst() {
        guard let value = field.isEmpty ? .nan : Double(field), !value.isInfinite else {
          throw SeriesTableError(
            file: file, line: number, field: "column \(column + 1)",
            message: "expected a number, found \"\(field.prefix(40))\"")
        }
        values.append(value)
      }
      if let first = series.first, values.count != first.count {
        throw SeriesTableError(
          file: file, line: number, field: String(fields[0].prefix(40)),
          message: "expected \(first.count) values as in the first line, found \(values.count)")
      }
      names.append(String(fields[0]))
      series.append(values)
    }
    guard let first = series.first, !first.isEmpty else {
      throw SeriesTableError(
        file: file, line: max(1, number), field: "file",
        message: "expected lines of the form name,value,value,…")
    }
  }

  /// Reads a file of `name,v0,v1,…` lines.
  ///
  /// - Throws: ``SeriesTableError``; its line is 0 when the file can't be read at all.
  public init(path: String) throws(SeriesTableError) {
    try self.init(parsing: Self.text(at: path), file: path)
  }

  /// Only the series whose names stand in a file, one a line (empty lines are skipped), in the
  /// order of the table.
  ///
  /// - Throws: ``SeriesTableError`` when the file can't be read or names a series that isn't there.
  public func sampled(path: String) throws(SeriesTableError) -> SeriesTable {
    let lines = try Self.text(at: path).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.contains(where: { !$0.isEmpty }) else {
      throw SeriesTableError(
        file: path, line: 1, field: "file", message: "expected names of series, one a line")
    }
    return try sampled(lines.map(String.init), file: path)
  }

  private static func text(at path: String) throws(SeriesTableError) -> String {
    do {
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    } catch {
      throw SeriesTableError(
        file: path, line: 0, field: "file", message: "can't be read: \(error.localizedDescription)")
    }
  }

  /// Only the series named in `sample`, in file order; empty names are skipped.
  ///
  /// - Throws: ``SeriesTableError`` when a name is not in the table.
  public func sampled(_ sample: [String], file: String) throws(SeriesTableError) -> SeriesTable {
    let known = Set(names)
    for (index, name) in sample.enumerated() where !name.isEmpty && !known.contains(name) {
      let hint = nearestName(to: name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
      throw SeriesTableError(
        file: file, line: index + 1, field: String(name.prefix(40)),
        message: "no series of this name in the data" + hint)
    }
    let wanted = Set(sample)
    let kept = names.indices.filter { wanted.contains(names[$0]) }
    return SeriesTable(names: kept.map { names[$0] }, series: kept.map { series[$0] })
  }
}

/// What is wrong with a file of series.
public struct SeriesTableError: Error, Equatable, CustomStringConvertible {
  /// The file as it was named.
  public var file: String
  /// Line, from 1; 0 when it is about the whole file.
  public var line: Int
  /// The column or series concerned.
  public var field: String
  /// What was expected and what was found.
  public var message: String

  /// `file:line: field: message`.
  public var description: String {
    line > 0 ? "\(file):\(line): \(field): \(message)" : "\(file): \(message)"
  }
}
