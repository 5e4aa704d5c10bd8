// SPDX-License-Identifier: Apache-2.0

/// Steps through the lines of an input and through the fields of a line, as byte ranges of its
/// own buffer, so that no text is copied or decoded.
///
/// Lines end in LF or CR LF; the last one may lack its end. A UTF-8 byte order mark is skipped.
struct LineReader {
  /// A longer line is refused: one VM for a year of one-second samples still fits.
  static let longestLine = 1 << 28

  /// The input, for messages.
  let file: String
  /// Number of the present line, from 1.
  private(set) var lineNumber = 0
  /// The chunk that holds the present line.
  private(set) var bytes: [UInt8]
  /// The present line in `bytes`, without its end.
  private(set) var line: Range<Int> = 0..<0

  private let stream: ByteStream
  private var filled = 0
  private var nextLine = 0
  private var isAtEnd = false
  private var cursor = 0
  private var hasMoreFields = false

  init(_ input: TraceInput) throws(TraceError) {
    file = input.name
    stream = try ByteStream(input)
    bytes = [UInt8](repeating: 0, count: 1 << 16)
  }

  /// Goes to the next line; false at the end of the input.
  mutating func next() throws(TraceError) -> Bool {
    var scan = nextLine
    while true {
      while scan < filled, bytes[scan] != UInt8(ascii: "\n") { scan += 1 }
      if scan < filled { break }
      if isAtEnd {
        if nextLine == filled { return false }
        break
      }
      scan -= nextLine
      try refill()
    }
    var end = scan
    var start = nextLine
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    if lineNumber == 0, end - start >= 3, bytes[start] == 0xEF, bytes[start + 1] == 0xBB,
      bytes[start + 2] == 0xBF
    {
      start += 3
    }
    line = start..<end
    nextLine = min(scan + 1, filled)
    lineNumber += 1
    rewind()
    return true
  }

  /// Goes to the next line that is not blank; false at the end of the input.
  mutating func nextNonBlank() throws(TraceError) -> Bool {
    while try next() {
      if !line.allSatisfy({ isBlank(bytes[$0]) }) { return true }
    }
    return false
  }

  /// Moves the unfinished line to the front of the buffer and reads on behind it.
  private mutating func refill() throws(TraceError) {
    let pending = filled - nextLine
    if nextLine > 0 {
      for index in 0..<pending { bytes[index] = bytes[nextLine + index] }
      nextLine = 0
    }
    filled = pending
    if filled == bytes.count {
      guard bytes.count < Self.longestLine else {
        throw TraceError(
          file: file, line: lineNumber + 1,
          expected: "a line of at most \(Self.longestLine) bytes", found: "a longer one")
      }
      bytes += [UInt8](repeating: 0, count: bytes.count)
    }
    let count = try stream.read(into: &bytes, from: filled)
    filled += count
    isAtEnd = count == 0
  }

  /// Starts again with the first field of the present line.
  mutating func rewind() {
    cursor = line.lowerBound
    hasMoreFields = true
  }

  /// The next field of the line, up to `separator`; nil when there is none.
  ///
  /// `a,b,` has three fields, the last one empty. An empty line has one.
  mutating func field(separator: UInt8 = UInt8(ascii: ",")) -> Range<Int>? {
    guard hasMoreFields else { return nil }
    let start = cursor
    let end = line.upperBound
    var scan = start
    while scan < end, bytes[scan] != separator { scan += 1 }
    hasMoreFields = scan < end
    cursor = scan + 1
    return start..<scan
  }

  /// Like ``field(separator:)``, where a field may stand in double quotes (RFC 4180, within one
  /// line); the quotes are cut off and doubled ones stay doubled (see ``text(_:field:)``).
  mutating func quotedField(separator: UInt8 = UInt8(ascii: ",")) throws(TraceError) -> Range<Int>?
  {
    let quote = UInt8(ascii: "\"")
    guard hasMoreFields else { return nil }
    guard cursor < line.upperBound, bytes[cursor] == quote else {
      return field(separator: separator)
    }
    let start = cursor + 1
    var scan = start
    while scan < line.upperBound {
      if bytes[scan] == quote {
        guard scan + 1 < line.upperBound, bytes[scan + 1] == quote else { break }
        scan += 1
      }
      scan += 1
    }
    let after = scan + 1
    guard scan < line.upperBound, after == line.upperBound || bytes[after] == separator else {
      throw error(expected: "a closing quote before the comma", found: start..<line.upperBound)
    }
    hasMoreFields = after < line.upperBound
    cursor = after + 1
    return start..<scan
  }

  /// How many fields the line has.
  func fieldCount(separator: UInt8 = UInt8(ascii: ",")) -> Int {
    1 + line.reduce(0) { $0 + (bytes[$1] == separator ? 1 : 0) }
  }

  /// Whether a range holds nothing but blanks.
  func isBlankField(_ range: Range<Int>) -> Bool { range.allSatisfy { isBlank(bytes[$0]) } }

  /// The number in a range, or nil.
  func number(_ range: Range<Int>) -> Double? { parseNumber(bytes, range) }

  /// The number in a range, which must lie in `bounds`.
  func number(
    _ range: Range<Int>?, field: String, in bounds: ClosedRange<Double>
  ) throws(TraceError) -> Double {
    guard let range else { throw missing(field) }
    guard let value = parseNumber(bytes, range), bounds.contains(value) else {
      throw error(
        field: field,
        expected: "a number from \(shortNumber(bounds.lowerBound)) to "
          + "\(shortNumber(bounds.upperBound))", found: range)
    }
    return value
  }

  /// The number in a range; nil for an empty field or `nan`.
  func optionalNumber(
    _ range: Range<Int>?, field: String, in bounds: ClosedRange<Double>
  ) throws(TraceError) -> Double? {
    guard let range, !isBlankField(range), !isNaN(range) else { return nil }
    return try number(range, field: field, in: bounds)
  }

  private func isNaN(_ range: Range<Int>) -> Bool {
    guard range.count == 3 else { return false }
    return zip(range, [UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "n")])
      .allSatisfy { bytes[$0] | 0x20 == $1 }
  }

  /// The text in a range, without the doubling of quotes; it must be UTF-8 of at most 1000 bytes.
  func text(_ range: Range<Int>?, field: String) throws(TraceError) -> String {
    guard let range else { throw missing(field) }
    guard range.count <= 1000, let text = String(validating: bytes[range], as: UTF8.self) else {
      throw error(field: field, expected: "UTF-8 text of at most 1000 bytes", found: range)
    }
    return text.utf8.contains(UInt8(ascii: "\"")) ? text.replacing("\"\"", with: "\"") : text
  }

  /// An error at the present line about the bytes in `found`.
  func error(field: String? = nil, expected: String, found: Range<Int>) -> TraceError {
    TraceError(
      file: file, line: lineNumber, field: field, expected: expected,
      found: found.isEmpty ? "nothing" : TraceError.quoted(bytes[found]))
  }

  /// An error at the present line about a field that is not there.
  func missing(_ field: String) -> TraceError {
    TraceError(
      file: file, line: lineNumber, field: field, expected: "this field",
      found: "the end of the line")
  }

  /// The error of a file without a single line of data.
  func empty(expected: String) -> TraceError {
    TraceError(file: file, expected: expected, found: "the end of the file")
  }
}

/// Space or tab.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// A number without a fraction of zero.
private func shortNumber(_ value: Double) -> String {
  value.magnitude < 1e15 && value == value.rounded() ? "\(Int(value))" : "\(value)"
}
