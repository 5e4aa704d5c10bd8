// SPDX-License-Identifier: Apache-2.0

/// A dimension of OpenDC's topology files: what a number without a unit means, and the units that a
/// text may have (OpenDC 2.4, package `org.opendc.common.units`).
enum OpenDCQuantity {
  case power, data, frequency

  /// The unit of a number that has none: watt, mebibyte, megahertz.
  private var bareFactor: Double {
    switch self {
    case .power: 1
    case .data: ImportedRacks.mebibyte
    case .frequency: 1e6
    }
  }

  /// What messages propose.
  var example: String {
    switch self {
    case .power: "200 or \"200 W\""
    case .data: "131072 (MiB) or \"128 GiB\""
    case .frequency: "2500 (MHz) or \"2.5 GHz\""
    }
  }

  /// The value of `text` in watts, bytes or hertz; nil when it is none.
  func value(of text: String) -> Double? {
    let trimmed = text.drop { $0 == " " }
    let end = trimmed.firstIndex { !"+-.eE0123456789".contains($0) } ?? trimmed.endIndex
    guard let number = Double(trimmed[..<end]), number.isFinite else { return nil }
    let suffix = String(trimmed[end...].filter { $0 != " " })
    guard let factor = suffix.isEmpty ? bareFactor : factor(of: suffix) else { return nil }
    let value = number * factor
    return value.isFinite ? value : nil
  }

  private func factor(of suffix: String) -> Double? {
    switch self {
    case .power:
      factor(of: suffix.lowercased(), bases: [("watts", 1), ("watt", 1), ("w", 1)])
    case .frequency: factor(of: suffix.lowercased(), bases: [("hz", 1)])
    case .data:
      // The only unit whose case counts: a capital B is a byte, a small one a bit.
      factor(
        of: suffix,
        bases: [
          ("bytes", 1), ("byte", 1), ("Bytes", 1), ("Byte", 1), ("B", 1), ("bits", 0.125),
          ("bit", 0.125), ("Bits", 0.125), ("Bit", 0.125), ("b", 0.125),
        ])
    }
  }

  private func factor(of suffix: String, bases: [(name: String, factor: Double)]) -> Double? {
    guard let base = bases.first(where: { suffix.hasSuffix($0.name) }) else { return nil }
    let prefix = suffix.dropLast(base.name.count).lowercased()
    // A watt's m may be meant as milli or as mega; no host's power needs either.
    let known = self == .power ? Self.prefixes.prefix(2) : Self.prefixes[...]
    return known.first { $0.names.contains(prefix) }.map { $0.factor * base.factor }
  }

  private static let prefixes: [(names: [String], factor: Double)] = [
    ([""], 1), (["k", "kilo"], 1e3), (["ki", "kibi"], 1024), (["m", "mega"], 1e6),
    (["mi", "mebi"], 1_048_576), (["g", "giga"], 1e9), (["gi", "gibi"], 1_073_741_824),
    (["t", "tera"], 1e12), (["ti", "tebi"], 1_099_511_627_776),
  ]
}
