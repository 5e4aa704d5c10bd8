// SPDX-License-Identifier: Apache-2.0

/// A small chart of characters: what came, and between which values the rest is expected.
struct TextPlot {
  /// One point of time; NaN and nil are left out.
  struct Point {
    var step: Int
    var value = Double.nan
    var range: ClosedRange<Double>?
  }

  /// Values that came.
  var past: [Point]
  /// Expected values with their range.
  var future: [Point]
  var width = 72
  var height = 12

  private enum Ink: Int { case blank, now, range, expected, past }
  private static let marks: [Ink: Character] = [
    .blank: " ", .now: "┊", .range: "░", .expected: "━", .past: "•",
  ]

  /// The picture, with the values of the highest and lowest line on the left.
  var text: String {
    let values =
      past.map(\.value) + future.map(\.value)
      + future.flatMap { [$0.range?.lowerBound ?? .nan, $0.range?.upperBound ?? .nan] }
    let finite = values.filter(\.isFinite)
    let steps = (past + future).map(\.step)
    guard let low = finite.min(), let high = finite.max(), let first = steps.min(),
      let last = steps.max(), last > first
    else { return "" }
    let bottom = min(0, low)
    let top = high > bottom ? high : bottom + 1
    var grid = [[Ink]](
      repeating: [Ink](repeating: .blank, count: width), count: height)
    func column(_ step: Int) -> Int { (step - first) * (width - 1) / (last - first) }
    func row(_ value: Double) -> Int {
      height - 1 - Int(((value - bottom) / (top - bottom) * Double(height - 1)).rounded())
    }
    func put(_ ink: Ink, _ row: Int, _ column: Int) {
      if ink.rawValue > grid[row][column].rawValue { grid[row][column] = ink }
    }
    if let now = past.map(\.step).max() { for line in 0..<height { put(.now, line, column(now)) } }
    for point in future {
      if let range = point.range {
        for line in row(range.upperBound)...row(range.lowerBound) {
          put(.range, line, column(point.step))
        }
      }
      if point.value.isFinite { put(.expected, row(point.value), column(point.step)) }
    }
    for point in past where point.value.isFinite {
      put(.past, row(point.value), column(point.step))
    }
    let labels = [ComparisonTable.rounded(top), ComparisonTable.rounded(bottom)]
    let margin = labels.map(\.count).max() ?? 0
    return grid.enumerated().map { index, line in
      let label = index == 0 ? labels[0] : index == height - 1 ? labels[1] : ""
      let text = String(line.map { Self.marks[$0] ?? " " })
      return String(repeating: " ", count: margin - label.count) + label + " ┤"
        + text.replacing(#/ +$/#, with: "")
    }.joined(separator: "\n")
  }
}
