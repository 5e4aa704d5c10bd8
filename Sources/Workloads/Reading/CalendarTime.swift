// SPDX-License-Identifier: Apache-2.0

/// Times in traces reach to the year 2286, so that a count of nanoseconds never overflows.
let timeBounds: ClosedRange<Double> = 0...9e9

/// Whole nanoseconds of a time within ``timeBounds``; exact for whole seconds.
func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }

/// Seconds since 1970-01-01T00:00:00Z of a civil date and time of day, proleptic Gregorian.
///
/// Days by the era method (400-year eras of 146 097 days, years starting in March).
func epochSeconds(
  year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Double = 0
) -> Double {
  let shifted = month <= 2 ? year - 1 : year
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  let days = era * 146_097 + dayOfEra - 719_468
  return Double(days * 86_400 + hour * 3600 + minute * 60) + second
}

/// `2024-01-31T23:55:00Z`: the inverse of ``epochSeconds(year:month:day:hour:minute:second:)``.
func calendarText(epochSeconds: Int64) -> String {
  let day = (epochSeconds >= 0 ? epochSeconds : epochSeconds - 86_399) / 86_400
  let second = epochSeconds - day * 86_400
  let shifted = day + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * marchMonth + 2) / 5 + 1))"
  return date + "T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
}

/// Reads `2024-01-31T23:55:00Z`, also with a blank for the T, without seconds, with a fraction of a
/// second, without Z (taken as UTC) or with `+00:00`; nil for anything else.
func parseTimestamp(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
  var index = range.lowerBound
  let end = range.upperBound
  func digits(_ count: Int, upTo limit: Int) -> Int? {
    guard end - index >= count else { return nil }
    var value = 0
    for _ in 0..<count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
      index += 1
    }
    return value <= limit ? value : nil
  }
  func skip(_ allowed: String) -> Bool {
    guard index < end, allowed.utf8.contains(bytes[index]) else { return false }
    index += 1
    return true
  }
  guard let year = digits(4, upTo: 2200), year >= 1970, skip("-"),
    let month = digits(2, upTo: 12), month >= 1, skip("-"),
    let day = digits(2, upTo: 31), day >= 1, skip("T t"),
    let hour = digits(2, upTo: 23), skip(":"), let minute = digits(2, upTo: 59)
  else { return nil }
  var second = 0.0
  if skip(":") {
    let start = index
    while index < end, bytes[index] == UInt8(ascii: ".") || bytes[index] &- 48 < 10 { index += 1 }
    guard let value = parseNumber(bytes, start..<index), value < 61 else { return nil }
    second = value
  }
  let zone = String(decoding: bytes[index..<end], as: UTF8.self)
  guard ["", "Z", "z", "+00:00", "+0000"].contains(zone) else { return nil }
  return epochSeconds(
    year: year, month: month, day: day, hour: hour, minute: minute, second: second)
}
