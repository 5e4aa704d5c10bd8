// SPDX-License-Identifier: Apache-2.0

/// Calendar arithmetic in the proleptic Gregorian calendar, without leap seconds (as POSIX time).
public enum CivilTime {
  /// Seconds of a day.
  static let day: Int64 = 86_400

  /// Days from 1970-01-01 to a date (H. Hinnant, "chrono-compatible low-level date algorithms").
  public static func days(year: Int, month: Int, day: Int) -> Int64 {
    let y = Int64(month <= 2 ? year - 1 : year)
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let monthFromMarch = Int64((month + 9) % 12)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date `days` after 1970-01-01.
  public static func date(days: Int64) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (Int(year), Int(month), Int(day))
  }

  /// Number of days of a month.
  static func length(month: Int, year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Seconds since the start of its year of a moment given in seconds since 1970, both in the same
  /// zone, in a year of 365 days: 29 February counts as the 28th.
  public static func secondOfCommonYear(_ epochSeconds: Int64) -> Int64 {
    let days = floorDivide(epochSeconds, day)
    let date = date(days: days)
    let dayOfMonth = date.month == 2 ? min(date.day, 28) : date.day
    let dayOfYear = Self.days(year: 2021, month: date.month, day: dayOfMonth) - 18_628
    return dayOfYear * day + (epochSeconds - days * day)
  }

  /// The quotient, rounded towards −∞.
  static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }

  /// Reads `2024-03-31T00:15:00Z`, `2022-01-01 05:00:00+00:00` or `2024-07-01T00:00+02:00`.
  ///
  /// - Returns: seconds since 1970-01-01T00:00:00Z; nil when the text is something else or says no
  ///   time zone (a wall-clock time is no moment).
  public static func epochSeconds(_ text: some StringProtocol) -> Int64? {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), (1...12).contains(month), scanner.skip("-"),
      let day = scanner.number(digits: 2), (1...length(month: month, year: year)).contains(day),
      scanner.skip("T") || scanner.skip(" "),
      let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
      let minute = scanner.number(digits: 2), minute < 60
    else { return nil }
    var second = 0
    if scanner.skip(":") {
      guard let value = scanner.number(digits: 2), value < 60 else { return nil }
      second = value
    }
    guard let zone = scanner.zone(), scanner.isAtEnd else { return nil }
    let clock = Int64(hour * 3600 + minute * 60 + second)
    return days(year: year, month: month, day: day) * Self.day + clock - zone
  }
}

/// Reads fixed-width numbers out of a short text.
private struct DigitScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }

  mutating func number(digits: Int) -> Int? {
    guard position + digits <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[position..<position + digits] {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    position += digits
    return value
  }

  mutating func skip(_ character: Character) -> Bool {
    guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  /// `Z` or `±hh:mm`, as seconds east of Greenwich.
  mutating func zone() -> Int64? {
    if skip("Z") { return 0 }
    let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hours = number(digits: 2), hours <= 18, skip(":"),
      let minutes = number(digits: 2), minutes < 60
    else { return nil }
    return sign * Int64(hours * 3600 + minutes * 60)
  }
}
