// SPDX-License-Identifier: Apache-2.0

/// What a number in a file measures; decides which unit suffixes are understood.
public enum Dimension: String, Sendable, CaseIterable {
  case time, power, energy, temperature, data, dataRate, cores, frequency, fraction, airFlow
  case carbonIntensity, energyPrice, temperatureDifference

  /// Unit suffix → factor to the base unit, in the order in which they are shown to people.
  ///
  /// Base units: s, W, J, °C, B, B/s, cores, Hz, 1, m³/s, g/kWh, per kWh, K.
  public var units: [(suffix: String, factor: Double)] {
    switch self {
    case .time:
      [
        ("s", 1), ("min", 60), ("h", 3600), ("d", 86_400), ("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6),
        ("ns", 1e-9), ("w", 604_800),
      ]
    case .power: [("W", 1), ("kW", 1e3), ("MW", 1e6)]
    case .energy: [("J", 1), ("kJ", 1e3), ("MJ", 1e6), ("Wh", 3600), ("kWh", 3.6e6)]
    case .temperature: [("°C", 1), ("C", 1)]
    case .temperatureDifference: [("K", 1)]
    case .data:
      [
        ("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1024), ("TiB", 1_099_511_627_776),
        ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
      ]
    case .dataRate:
      [
        ("Gb/s", 1.25e8), ("Mb/s", 1.25e5), ("Gbit/s", 1.25e8), ("Mbit/s", 1.25e5),
        ("kb/s", 125), ("B/s", 1), ("kB/s", 1e3), ("MB/s", 1e6), ("GB/s", 1e9),
        ("KiB/s", 1024), ("MiB/s", 1_048_576), ("GiB/s", 1_073_741_824),
      ]
    case .cores: [("cores", 1), ("core", 1)]
    case .frequency: [("Hz", 1), ("kHz", 1e3), ("MHz", 1e6), ("GHz", 1e9)]
    case .fraction: [("%", 0.01)]
    case .airFlow: [("m3/s", 1), ("m³/s", 1), ("m3/h", 1 / 3600.0), ("m³/h", 1 / 3600.0)]
    case .carbonIntensity: [("g/kWh", 1), ("kg/MWh", 1)]
    case .energyPrice: [("/kWh", 1), ("/MWh", 1e-3)]
    }
  }

  /// Whether a number without a unit is accepted (fractions and core counts are plain numbers).
  public var isUnitOptional: Bool { self == .fraction || self == .cores }

  /// A value of this dimension as a user would type it; shown in error messages.
  public var example: String {
    switch self {
    case .time: "300 s"
    case .power: "3 kW"
    case .energy: "5 kWh"
    case .temperature: "20 °C"
    case .temperatureDifference: "5 K"
    case .data: "2 GiB"
    case .dataRate: "10 Gb/s"
    case .cores: "2 cores"
    case .frequency: "200 MHz"
    case .fraction: "95 %"
    case .airFlow: "0.75 m3/s"
    case .carbonIntensity: "350 g/kWh"
    case .energyPrice: "0.20 /kWh"
    }
  }
}

/// Why a text is not a quantity.
public enum UnitParsingError: Error, Equatable, Sendable {
  /// The text does not start with a finite number.
  case notANumber(String)
  /// A number without the unit that its dimension needs.
  case missingUnit(Dimension)
  /// The suffix is not a unit of the dimension; `nearest` is the closest one that is.
  case unknownUnit(String, Dimension, nearest: String?)
}

/// Reads `"300 s"`, `"2 GiB"`, `"95 %"`, `"10Gb/s"` into the base unit of `dimension`.
///
/// - Throws: ``UnitParsingError`` when the number or the unit cannot be understood. Infinite and
///   not-a-number values are refused, so the result is always finite.
public func parseQuantity(_ text: String, as dimension: Dimension) throws(UnitParsingError)
  -> Double
{
  let trimmed = text.trimmingSpaces()
  let numberEnd = trimmed.numberPrefixEnd
  guard let number = Double(trimmed[..<numberEnd]), number.isFinite else {
    throw .notANumber(text)
  }
  let suffix = String(trimmed[numberEnd...]).trimmingSpaces()
  if suffix.isEmpty {
    guard dimension.isUnitOptional || number == 0 && dimension != .temperature else {
      throw .missingUnit(dimension)
    }
    return number
  }
  guard let unit = dimension.units.first(where: { $0.suffix == suffix }) else {
    let nearest = nearestName(to: suffix, in: dimension.units.map(\.suffix))
    throw .unknownUnit(suffix, dimension, nearest: nearest)
  }
  let result = number * unit.factor
  guard result.isFinite else { throw .notANumber(text) }
  return result
}

extension StringProtocol {
  /// The text without spaces and tabs at its ends.
  func trimmingSpaces() -> String {
    var view = Substring(self)
    while let first = view.first, first == " " || first == "\t" { view.removeFirst() }
    while let last = view.last, last == " " || last == "\t" { view.removeLast() }
    return String(view)
  }

  /// Where the longest leading decimal number ends (sign, digits, fraction, exponent).
  var numberPrefixEnd: Index {
    var index = startIndex
    func skipDigits() {
      while index < endIndex, self[index].isASCII, self[index].isNumber {
        index = self.index(after: index)
      }
    }
    if index < endIndex, self[index] == "+" || self[index] == "-" {
      index = self.index(after: index)
    }
    skipDigits()
    if index < endIndex, self[index] == "." {
      index = self.index(after: index)
      skipDigits()
    }
    if index < endIndex, self[index] == "e" || self[index] == "E" {
      let mark = index
      index = self.index(after: index)
      if index < endIndex, self[index] == "+" || self[index] == "-" {
        index = self.index(after: index)
      }
      let digits = index
      skipDigits()
      if index == digits { index = mark }
    }
    return index
  }
}
