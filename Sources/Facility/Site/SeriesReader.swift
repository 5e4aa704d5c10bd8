// SPDX-License-Identifier: Apache-2.0

/// Why a file of the site or of servers can't be used.
public struct FacilityFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file as it was named.
  public var file: String
  /// The line, counted from 1; 0 when it is about the whole file.
  public var line: Int
  /// The column or field it is about; may be empty.
  public var field: String
  /// What was expected, and what was found.
  public var message: String

  /// An error.
  public init(file: String, line: Int, field: String = "", message: String) {
    self.file = file
    self.line = line
    self.field = field
    self.message = message
  }

  /// `file:line: field: message`.
  public var description: String {
    let place = line > 0 ? "\(file):\(line)" : file
    return field.isEmpty ? "\(place): \(message)" : "\(place): \(field): \(message)"
  }
}

/// Reads time series with a `timestamp` column: carbon intensity and prices.
///
/// Comma-separated with a header. Time stamps carry a zone (`Z`, `+00:00`); a local clock time
/// without one is refused, because an hour of the year would be ambiguous. Steps may differ and may
/// change inside a file. Where a value is missing (an empty field) the one before it goes on, as in a
/// gap; the first row must have one. The last value holds as long as the step before it did.
public enum SeriesReader {
  /// The column that holds carbon intensity, by its possible names (opendc-traces, dc-rl).
  public static let carbonColumns = ["carbon_intensity", "avg_CI"]
  /// The columns that hold a price, with the factor to a price per kWh.
  public static let priceColumns = [("price_per_kwh", 1.0), ("price_per_mwh", 1e-3)]

  /// Carbon intensity in g/kWh.
  ///
  /// - Throws: ``FacilityFileError`` naming line and column.
  public static func carbonIntensity(_ text: String, file: String) throws(FacilityFileError)
    -> StepSeries<Double>
  {
    let columns = carbonColumns.map { ($0, 1.0) }
    return try series(text, file: file, columns: columns, range: 0...5000)
  }

  /// Price per kWh, in the currency of the file; may be negative.
  ///
  /// - Throws: ``FacilityFileError`` naming line and column.
  public static func price(_ text: String, file: String) throws(FacilityFileError)
    -> StepSeries<Double>
  {
    try series(text, file: file, columns: priceColumns, range: -1000...1000)
  }

  private static func series(
    _ text: String, file: String, columns: [(name: String, factor: Double)],
    range: ClosedRange<Double>
  ) throws(FacilityFileError) -> StepSeries<Double> {
    var lines = LineReader(text)
    guard let header = lines.next() else {
      throw FacilityFileError(file: file, line: 0, message: "the file is empty")
    }
    let names = header.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let (time, value, factor) = try place(columns, in: names, file: file)
    var stamps: [Int64] = []
    var values: [Double] = []
    while let line = lines.next() {
      if line.isEmpty { continue }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      func fail(_ field: String, _ message: String) -> FacilityFileError {
        FacilityFileError(file: file, line: lines.number, field: field, message: message)
      }
      guard fields.count == names.count else {
        throw fail("", "expected \(names.count) fields, found \(fields.count)")
      }
      guard let stamp = CivilTime.epochSeconds(fields[time]) else {
        throw fail("timestamp", "expected a time with its zone, found \"\(fields[time])\"")
      }
      if let last = stamps.last, stamp <= last { throw fail("timestamp", "times do not ascend") }
      if fields[value].isEmpty, !stamps.isEmpty { continue }
      guard let number = Double(fields[value]), range.contains(number) else {
        throw fail(
          names[value],
          "expected a number from \(range.lowerBound) to \(range.upperBound), "
            + "found \"\(fields[value])\"")
      }
      stamps.append(stamp)
      values.append(number * factor)
    }
    return try assemble(stamps, values, file: file)
  }

  private static func place(
    _ columns: [(name: String, factor: Double)], in names: [String], file: String
  ) throws(FacilityFileError) -> (time: Int, value: Int, factor: Double) {
    guard let time = names.firstIndex(of: "timestamp") else {
      throw FacilityFileError(file: file, line: 1, message: "there is no column \"timestamp\"")
    }
    for (name, factor) in columns {
      if let index = names.firstIndex(of: name) { return (time, index, factor) }
    }
    let wanted = columns.map { "\"\($0.name)\"" }.joined(separator: " or ")
    throw FacilityFileError(file: file, line: 1, message: "there is no column \(wanted)")
  }

  private static func assemble(_ stamps: [Int64], _ values: [Double], file: String)
    throws(FacilityFileError) -> StepSeries<Double>
  {
    guard let first = stamps.first, let last = stamps.last, stamps.count > 1 else {
      throw FacilityFileError(file: file, line: 0, message: "expected at least two rows")
    }
    let lastStep = last - stamps[stamps.count - 2]
    return StepSeries(
      offsets: stamps.map { $0 - first }, values: values, period: last - first + lastStep,
      startEpochSeconds: first)
  }
}

/// Lines of a text with their numbers; LF or CRLF, with or without one at the end.
struct LineReader {
  private var rest: Substring.UTF8View
  /// Number of the line that was read last, from 1.
  private(set) var number = 0

  init(_ text: String) { rest = Substring(text).utf8 }

  /// The next line without its end; nil when there is none left.
  mutating func next() -> Substring? {
    if rest.isEmpty { return nil }
    number += 1
    let end = rest.firstIndex(of: 10) ?? rest.endIndex
    var line = rest[..<end]
    rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
    if line.last == 13 { line = line.dropLast() }
    return Substring(line)
  }
}
