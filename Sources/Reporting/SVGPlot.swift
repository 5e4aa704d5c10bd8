// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A line chart as SVG text: made here, so a report needs no script, and equal input gives equal
/// bytes. Colours are CSS variables of the page, so that the same picture serves light and dark.
public struct SVGPlot: Sendable {
  /// One curve.
  public struct Curve: Sendable {
    /// Name in the legend.
    public var name: String
    /// Points; a NaN in `y` interrupts the curve.
    public var points: [(x: Double, y: Double)]
    /// Whether values hold until the next point.
    public var isStep: Bool
    /// Whether the area below is filled lightly.
    public var isFilled: Bool
    /// Points that get a dot each, whether the curve goes through them or not.
    public var dots: [(x: Double, y: Double)] = []

    /// A curve.
    public init(
      _ name: String, _ points: [(x: Double, y: Double)], isStep: Bool = false,
      isFilled: Bool = false
    ) {
      self.name = name
      self.points = points
      self.isStep = isStep
      self.isFilled = isFilled
    }
  }

  /// Heading of the picture.
  public var title: String
  /// Label of the vertical axis, with its unit.
  public var yLabel: String
  /// Label of the horizontal axis, with its unit.
  public var xLabel: String
  /// The curves, drawn in order; colours 1 … 6 in turn.
  public var curves: [Curve]
  /// Areas between two curves, drawn below the curves in the third colour.
  public var bands: [[(x: Double, low: Double, high: Double)]] = []
  /// Stretches of the horizontal axis that are shaded.
  public var shaded: [(from: Double, to: Double)]

  /// A chart.
  public init(
    title: String, xLabel: String = "hours", yLabel: String, curves: [Curve],
    shaded: [(from: Double, to: Double)] = []
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.curves = curves
    self.shaded = shaded
  }

  static let width = 720.0
  /// Height with a legend of one row; more rows come on top.
  static let height = 260.0
  private static let left = 62.0
  private static let right = 12.0
  private static let legendRow = 18.0
  private static let colorCount = 6
  private var height: Double { Self.height + Double(legendRows - 1) * Self.legendRow }
  private var top: Double { 30 + Double(legendRows - 1) * Self.legendRow }
  private static let bottom = 44.0

  /// The picture.
  public var text: String {
    let edges = bands.flatMap { $0.flatMap { [(x: $0.x, y: $0.low), (x: $0.x, y: $0.high)] } }
    let points = (curves.flatMap { $0.points + $0.dots } + edges).filter {
      $0.x.isFinite && $0.y.isFinite
    }
    let xs = Axis(points.map(\.x), includesZero: false, isHours: xLabel == "hours")
    let ys = Axis(points.map(\.y), includesZero: true)
    var parts = [
      """
      <svg class="plot" viewBox="0 0 720 \(height.fixed(0))" role="img" xmlns="http://www.w3.org/2000/svg">\
      <title>\(htmlEscaped(title))</title>
      """
    ]
    parts.append(contentsOf: shaded.map { shade($0, xs) })
    parts.append(contentsOf: grid(xs, ys))
    parts.append(contentsOf: bands.map { draw(band: $0, xs, ys) })
    for (index, curve) in curves.enumerated() { parts.append(draw(curve, index, xs, ys)) }
    parts.append(contentsOf: legend())
    parts.append("</svg>")
    return parts.joined(separator: "\n")
  }

  /// The picture as a file of its own, with the light colours built in.
  public var standaloneText: String {
    text.replacing(
      "<title>", with: "<style>\(standalonePlotStyle)</style><title>", maxReplacements: 1)
  }

  private func x(_ value: Double, _ axis: Axis) -> Double {
    Self.left + axis.position(value) * (Self.width - Self.left - Self.right)
  }

  private func y(_ value: Double, _ axis: Axis) -> Double {
    height - Self.bottom - axis.position(value) * (height - top - Self.bottom)
  }

  /// A tick's number without zeros that say nothing.
  private func tickText(_ value: Double) -> String {
    var text = value.fixed(3)
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private func shade(_ range: (from: Double, to: Double), _ axis: Axis) -> String {
    let start = x(range.from, axis)
    let end = max(start + 0.5, x(range.to, axis))
    return """
      <rect class="shade" x="\(start.fixed(1))" y="\(top)" \
      width="\((end - start).fixed(1))" height="\(height - top - Self.bottom)"/>
      """
  }

  private func grid(_ xs: Axis, _ ys: Axis) -> [String] {
    let floor = height - Self.bottom
    let horizontal = ys.ticks.map { tick in
      let height = y(tick, ys).fixed(1)
      return """
        <line class="grid" x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(height)" \
        y2="\(height)"/><text class="tick" x="\(Self.left - 6)" y="\(height)" dy="4" \
        text-anchor="end">\(tickText(tick))</text>
        """
    }
    let vertical = xs.ticks.map { tick in
      let place = x(tick, xs).fixed(1)
      return """
        <line class="axis" x1="\(place)" x2="\(place)" y1="\(floor)" y2="\(floor + 4)"/>\
        <text class="tick" x="\(place)" y="\(floor + 17)" text-anchor="middle">\
        \(tickText(tick))</text>
        """
    }
    let labels = """
      <text class="label" x="\(Self.left)" y="14">\(htmlEscaped(yLabel))</text>\
      <text class="label" x="\(Self.width - Self.right)" y="\(height - 8)" \
      text-anchor="end">\(htmlEscaped(xLabel))</text>\
      <line class="axis" x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(floor)" \
      y2="\(floor)"/>
      """
    return horizontal + vertical + [labels]
  }

  private func draw(
    band: [(x: Double, low: Double, high: Double)], _ xs: Axis, _ ys: Axis
  ) -> String {
    let corners =
      band.map { (x($0.x, xs), y($0.high, ys)) }
      + band.reversed().map { (x($0.x, xs), y($0.low, ys)) }
    let path = corners.map { "\($0.0.fixed(1)) \($0.1.fixed(1))" }.joined(separator: "L")
    return path.isEmpty ? "" : "<path class=\"fill c3\" d=\"M\(path)Z\"/>"
  }

  private func draw(_ curve: Curve, _ index: Int, _ xs: Axis, _ ys: Axis) -> String {
    var path = ""
    var area = ""
    var isOpen = false
    var last = (x: 0.0, y: 0.0)
    let floor = (height - Self.bottom).fixed(1)
    for point in curve.points {
      guard point.x.isFinite, point.y.isFinite else {
        isOpen = false
        continue
      }
      let place = (x: x(point.x, xs), y: y(point.y, ys))
      if !isOpen {
        path += "M\(place.x.fixed(1)) \(place.y.fixed(1))"
        area += (area.isEmpty ? "" : "V\(floor)Z") + "M\(place.x.fixed(1)) \(floor)"
      } else if curve.isStep {
        path += "H\(place.x.fixed(1))"
        area += "V\(last.y.fixed(1))H\(place.x.fixed(1))"
      }
      if isOpen { path += "L\(place.x.fixed(1)) \(place.y.fixed(1))" }
      area += "L\(place.x.fixed(1)) \(place.y.fixed(1))"
      isOpen = true
      last = place
    }
    let color = Self.color(index)
    let fill =
      curve.isFilled && !area.isEmpty
      ? "<path class=\"fill \(color)\" d=\"\(area)V\(floor)Z\"/>" : ""
    let dots = curve.dots.filter { $0.x.isFinite && $0.y.isFinite }.map { dot in
      """
      <circle class="fill dot \(color)" cx="\(x(dot.x, xs).fixed(1))" \
      cy="\(y(dot.y, ys).fixed(1))" r="3"/>
      """
    }
    return fill + "<path class=\"line \(color)\(Self.dash(index))\" d=\"\(path)\"/>" + dots.joined()
  }

  private static func color(_ index: Int) -> String { "c\(index % colorCount + 1)" }

  /// The second turn of the colours is dashed.
  private static func dash(_ index: Int) -> String {
    (index / colorCount).isMultiple(of: 2) ? "" : " dash"
  }

  /// Place of each curve's name: from the right, a row more when the first one is full.
  private var legendPlaces: [(x: Double, row: Int)] {
    var right = Self.width - Self.right
    var row = 0
    return curves.reversed().map { curve in
      let width = Double(curve.name.count) * 6.6 + 26
      // The label of the vertical axis stands at the left of the first row.
      let left = row == 0 ? Double(yLabel.count) * 6.6 + Self.left : 0
      if right - width < left, right < Self.width - Self.right {
        right = Self.width - Self.right
        row += 1
      }
      right -= width
      return (max(0, right), row)
    }.reversed()
  }

  private var legendRows: Int { (legendPlaces.map(\.row).max() ?? 0) + 1 }

  private func legend() -> [String] {
    zip(curves.indices, legendPlaces).map { index, place in
      let y = 10 + Double(place.row) * Self.legendRow
      return """
        <line class="line \(Self.color(index))\(Self.dash(index))" x1="\(place.x.fixed(0))" \
        x2="\((place.x + 14).fixed(0))" y1="\(y.fixed(0))" y2="\(y.fixed(0))"/>\
        <text class="label" x="\((place.x + 18).fixed(0))" y="\((y + 4).fixed(0))">\
        \(htmlEscaped(curves[index].name))</text>
        """
    }
  }
}

/// A linear axis with round ticks.
struct Axis: Sendable {
  let lower: Double
  let upper: Double
  let ticks: [Double]

  /// Hours of a day are divided as clocks do.
  private static let hourSteps = [1.0, 2, 3, 6, 12, 24, 48, 168]

  init(_ values: [Double], includesZero: Bool, isHours: Bool = false) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if includesZero { (low, high) = (min(0, low), max(0, high)) }
    if high <= low { high = low + 1 }
    let raw = (high - low) / 5
    let magnitude = pow(10, floor(log10(raw)))
    let steps = isHours && raw > 0.5 ? Self.hourSteps : [1, 2, 2.5, 5, 10].map { $0 * magnitude }
    let step = steps.first { $0 >= raw } ?? raw
    lower = includesZero ? (low / step).rounded(.down) * step : low
    upper = includesZero ? (high / step).rounded(.up) * step : high
    let first = (lower / step).rounded(.up)
    let last = (upper / step + 1e-9).rounded(.down)
    ticks = first <= last ? (Int(first)...Int(last)).map { Double($0) * step } : []
  }

  func position(_ value: Double) -> Double { (value - lower) / (upper - lower) }
}

/// Text that can stand anywhere in HTML or SVG.
func htmlEscaped(_ text: String) -> String {
  var result = ""
  for character in text {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.append(character)
    }
  }
  return result
}
