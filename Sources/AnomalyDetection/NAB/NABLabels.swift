// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// The file `combined_windows.json`: per data file the first and last time stamp of each window.
struct NABLabels {
  private let file: String
  private let windows: [String: [[String]]]

  init(file: String) throws(NABError) {
    self.file = file
    let bytes = try Self.contents(of: file)
    do {
      windows = try JSONDecoder().decode([String: [[String]]].self, from: Data(bytes))
    } catch {
      throw NABError(
        file: file, expected: "a JSON object of file names with lists of [first, last] time stamps",
        found: "something else")
    }
  }

  /// The bytes of a file.
  static func contents(of path: String) throws(NABError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw NABError(
        file: path, expected: "a readable file", found: exists ? "an unreadable one" : "none")
    }
  }

  /// The windows of a data file as rows.
  func windows(of data: NABFile) throws(NABError) -> [ClosedRange<Int>] {
    guard let list = windows[data.name] else {
      throw NABError(file: file, expected: "an entry \"\(data.name)\"", found: "none")
    }
    var result: [ClosedRange<Int>] = []
    for window in list {
      guard window.count == 2, let first = parseTimestamp(window[0][...]),
        let last = parseTimestamp(window[1][...])
      else {
        throw NABError(
          file: file, expected: "[first, last] time stamps of \"\(data.name)\"",
          found: "\(window)")
      }
      guard let start = data.times.firstIndex(of: first), let end = data.times.lastIndex(of: last),
        start <= end
      else {
        throw NABError(
          file: file, expected: "windows that begin and end on rows of \"\(data.name)\"",
          found: "\(window)")
      }
      result.append(start...end)
    }
    result.sort { $0.lowerBound < $1.lowerBound }
    for (earlier, later) in zip(result, result.dropFirst())
    where later.lowerBound <= earlier.upperBound {
      throw NABError(
        file: file, expected: "windows of \"\(data.name)\" that do not overlap",
        found: "rows \(earlier) and \(later)")
    }
    return result
  }
}

/// Reads `2014-02-14 14:30:00`, also with a fraction of a second, as time since 1970 (proleptic
/// Gregorian; days by 400-year eras that begin in March). nil for anything else.
func parseTimestamp(_ text: Substring) -> SimTime? {
  let bytes = Array(text.utf8)
  guard bytes.count >= 19, bytes.count == 19 || bytes[19] == UInt8(ascii: ".") else { return nil }
  func number(_ range: Range<Int>) -> Int? {
    var value = 0
    for index in range {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }
  let marks: [(Int, String)] = [(4, "-"), (7, "-"), (10, " T"), (13, ":"), (16, ":")]
  guard marks.allSatisfy({ $1.utf8.contains(bytes[$0]) }) else { return nil }
  let fields = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].compactMap(number)
  guard fields.count == 6, bytes.dropFirst(20).allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
    (1970...2200).contains(fields[0]), (1...12).contains(fields[1]), (1...31).contains(fields[2]),
    fields[3] < 24, fields[4] < 60, fields[5] < 61
  else { return nil }
  let year = fields[1] <= 2 ? fields[0] - 1 : fields[0]
  let era = year / 400
  let yearOfEra = year - era * 400
  let dayOfYear = (153 * (fields[1] + (fields[1] > 2 ? -3 : 9)) + 2) / 5 + fields[2] - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  let days = era * 146_097 + dayOfEra - 719_468
  var fraction = 0
  var unit = 100_000_000
  for digit in bytes.dropFirst(20).prefix(9) {
    fraction += unit * Int(digit - UInt8(ascii: "0"))
    unit /= 10
  }
  return .days(days) + .hours(fields[3]) + .minutes(fields[4]) + .seconds(fields[5])
    + SimTime(nanoseconds: Int64(fraction))
}
