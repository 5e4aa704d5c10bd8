// SPDX-License-Identifier: Apache-2.0

/// Rows of cells with two spaces between the columns; the last column is not padded.
func alignedText(_ rows: [[String]]) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    row.enumerated().map { column, cell in
      column + 1 == row.count
        ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
    }.joined()
  }.joined(separator: "\n")
}

/// A number with a fixed number of decimals.
func fixedText(_ value: Double, decimals: Int) -> String {
  guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
  var unit = 1
  for _ in 0..<decimals { unit *= 10 }
  let scaled = Int((value.magnitude * Double(unit)).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % unit)
  return sign + String(scaled / unit) + "."
    + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A number in about three significant digits.
func shortText(_ value: Double) -> String {
  let magnitude = value.magnitude
  return fixedText(value, decimals: magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2)
}
