// SPDX-License-Identifier: Apache-2.0

/// Powers of ten that a `Double` holds exactly.
private let exactPowers: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

/// Reads a decimal number (`12`, `-0.5`, `1.2E7`) with blanks around it; nil when the bytes are
/// anything else or the number is beyond the range of `Double`.
///
/// Exact up to 15 significant digits and exponents within ±22; otherwise within three units in the
/// last place, far below the precision in which samples are stored. Nineteen digits count, more
/// only move the point. No locale, no allocation.
func parseNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
  var index = range.lowerBound
  var end = range.upperBound
  while index < end, isBlank(bytes[index]) { index += 1 }
  while end > index, isBlank(bytes[end - 1]) { end -= 1 }
  guard index < end else { return nil }
  let isNegative = bytes[index] == UInt8(ascii: "-")
  if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }

  var mantissa: UInt64 = 0
  var significantDigits = 0
  var digits = 0
  var exponent = 0
  var isFraction = false
  while index < end {
    let byte = bytes[index]
    let digit = byte &- UInt8(ascii: "0")
    if digit < 10 {
      digits += 1
      if significantDigits < 19 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if mantissa > 0 { significantDigits += 1 }
        if isFraction { exponent -= 1 }
      } else if !isFraction {
        exponent += 1
      }
    } else if byte == UInt8(ascii: "."), !isFraction {
      isFraction = true
    } else {
      break
    }
    index += 1
  }
  guard digits > 0 else { return nil }
  if index < end {
    guard let power = parseExponent(bytes, index..<end) else { return nil }
    exponent += power
  }
  let magnitude = scale(Double(mantissa), byPowerOfTen: exponent)
  guard magnitude.isFinite else { return nil }
  return isNegative ? -magnitude : magnitude
}

/// `e5`, `E-05`; nil for anything else. Limited to ±100 000, where every number is 0 or infinite.
private func parseExponent(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
  var index = range.lowerBound
  guard bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
  index += 1
  guard index < range.upperBound else { return nil }
  let isNegative = bytes[index] == UInt8(ascii: "-")
  if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
  guard index < range.upperBound else { return nil }
  var value = 0
  while index < range.upperBound {
    let digit = bytes[index] &- UInt8(ascii: "0")
    guard digit < 10 else { return nil }
    value = min(value * 10 + Int(digit), 100_000)
    index += 1
  }
  return isNegative ? -value : value
}

private func scale(_ value: Double, byPowerOfTen exponent: Int) -> Double {
  if exponent == 0 || value == 0 { return value }
  if exponent > 0, exponent <= 22 { return value * exactPowers[exponent] }
  if exponent < 0, exponent >= -22 { return value / exactPowers[-exponent] }
  var result = value
  var left = exponent.magnitude
  while left > 0, result != 0, result.isFinite {
    let step = Int(min(left, 22))
    result = exponent > 0 ? result * exactPowers[step] : result / exactPowers[step]
    left -= UInt(step)
  }
  return result
}
