// SPDX-License-Identifier: Apache-2.0

/// A calendar time as ISO 8601 without a zone, e.g. `2011-03-03T00:00:00`.
///
/// Days to civil date by Howard Hinnant's algorithm ("chrono-compatible low-level date
/// algorithms"), valid for all proleptic Gregorian dates in range; no locale, no time zone files.
package func isoText(epochSeconds: Int64) -> String {
  let days = epochSeconds >= 0 ? epochSeconds / 86_400 : (epochSeconds - 86_399) / 86_400
  let second = epochSeconds - days * 86_400
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra =
    (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
  return date + "T" + time.joined(separator: ":")
}
