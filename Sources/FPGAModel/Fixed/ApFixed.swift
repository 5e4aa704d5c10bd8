// SPDX-License-Identifier: Apache-2.0
import Units

/// The HLS number type `ap_fixed<W, I, Q, O>`: W bits, I of them before the binary point.
///
/// Values are kept as integers ("raw"), value · 2^(W − I). Source: AMD UG1399, arbitrary-precision
/// fixed-point types.
public struct ApFixed: Sendable, Equatable {
  /// What becomes of bits below the last one.
  public enum Quantization: String, Sendable, CaseIterable {
    /// Towards minus infinity.
    case truncate = "AP_TRN"
    /// Towards zero.
    case truncateToZero = "AP_TRN_ZERO"
    /// To the nearest, halves up.
    case round = "AP_RND"
    /// To the nearest, halves to zero.
    case roundToZero = "AP_RND_ZERO"
    /// To the nearest, halves down.
    case roundDown = "AP_RND_MIN_INF"
    /// To the nearest, halves away from zero.
    case roundAway = "AP_RND_INF"
    /// To the nearest, halves to the even one.
    case roundToEven = "AP_RND_CONV"
  }

  /// What becomes of values out of range.
  public enum Overflow: String, Sendable, CaseIterable {
    /// The upper bits are lost.
    case wrap = "AP_WRAP"
    /// The nearest value in range.
    case saturate = "AP_SAT"
    /// Zero.
    case saturateToZero = "AP_SAT_ZERO"
    /// The nearest value in range, with a lowest value of minus the highest.
    case saturateSymmetric = "AP_SAT_SYM"
  }

  /// All bits, 2 … 32.
  public let bits: Int
  /// Bits before the binary point, sign included; may be negative or more than W.
  public let integerBits: Int
  /// Rounding.
  public let quantization: Quantization
  /// Overflow.
  public let overflow: Overflow

  /// Bits after the binary point.
  public var fractionBits: Int { bits - integerBits }
  /// The value of the last bit.
  public var resolution: Double { Double(sign: .plus, exponent: -fractionBits, significand: 1) }

  /// A type.
  ///
  /// - Precondition: 2 ≤ W ≤ 32, and −31 ≤ I ≤ 32 with I ≥ 2 when W is 32 (sums of two products
  ///   then fit 64 bits).
  public init(
    _ bits: Int, _ integerBits: Int, _ quantization: Quantization = .truncate,
    _ overflow: Overflow = .wrap
  ) {
    precondition(Self.isSupported(bits: bits, integerBits: integerBits), "ap_fixed out of range")
    self.bits = bits
    self.integerBits = integerBits
    self.quantization = quantization
    self.overflow = overflow
  }

  static func isSupported(bits: Int, integerBits: Int) -> Bool {
    (2...32).contains(bits) && integerBits <= 32 && bits - integerBits <= 32
      && (bits < 32 || integerBits >= 2)
  }

  /// Brings a raw value with `fraction` bits after the binary point into this type.
  @inlinable
  public func convert(_ raw: Int64, fraction: Int) -> Int64 {
    let drop = fraction - fractionBits
    if drop > 0 { return bound(quantize(raw, dropping: min(drop, 63))) }
    // Bits that a wrap would lose anyway may go; a saturating type must see them.
    let shift = min(-drop, 63)
    let limit = Int64.max >> Int64(shift)
    if overflow != .wrap, raw > limit || raw < -limit { return bound(raw > 0 ? .max : .min) }
    return bound(raw << Int64(shift))
  }

  /// The nearest raw value of a number by this type's rules; exact below 2^52.
  ///
  /// - Returns: nil when the number is not finite or beyond ± 2^(52 − fraction bits).
  public func raw(of value: Double) -> Int64? {
    let guardBits = 8
    let scaled = value * Double(sign: .plus, exponent: fractionBits + guardBits, significand: 1)
    guard scaled.isFinite, scaled.magnitude < 0x1p60 else { return nil }
    // The guard bits keep which side of a half the rest lies on.
    var wide = Int64(scaled.rounded(.down))
    if Double(wide) != scaled, wide & 1 == 0 { wide |= 1 }
    return convert(wide, fraction: fractionBits + guardBits)
  }

  /// The value of a raw one.
  public func value(_ raw: Int64) -> Double { Double(raw) * resolution }

  @usableFromInline
  func quantize(_ raw: Int64, dropping count: Int) -> Int64 {
    let drop = Int64(count)
    let floor = raw >> drop
    let rest = raw & ((1 << drop) - 1)
    guard rest != 0 else { return floor }
    let half: Int64 = 1 << (drop - 1)
    switch quantization {
    case .truncate: return floor
    case .truncateToZero: return raw < 0 ? floor + 1 : floor
    case .round: return rest >= half ? floor + 1 : floor
    case .roundDown: return rest > half ? floor + 1 : floor
    case .roundToZero:
      return rest > half || (rest == half && raw < 0) ? floor + 1 : floor
    case .roundAway:
      return rest > half || (rest == half && raw >= 0) ? floor + 1 : floor
    case .roundToEven:
      return rest > half || (rest == half && floor & 1 == 1) ? floor + 1 : floor
    }
  }

  @usableFromInline
  func bound(_ raw: Int64) -> Int64 {
    let unused = Int64(64 - bits)
    let wrapped = (raw << unused) >> unused
    guard overflow != .wrap else { return wrapped }
    let highest: Int64 = (1 << Int64(bits - 1)) - 1
    let lowest = overflow == .saturateSymmetric ? -highest : -highest - 1
    if raw > highest { return overflow == .saturateToZero ? 0 : highest }
    if raw < lowest { return overflow == .saturateToZero ? 0 : lowest }
    return raw
  }
}

/// An arithmetic that can't be read.
public struct ArithmeticError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and what was expected.
  public let description: String
}

extension ApFixed: CustomStringConvertible {
  /// The C++ spelling; default modes are left out.
  public var description: String {
    let modes =
      overflow != .wrap
      ? ",\(quantization.rawValue),\(overflow.rawValue)"
      : quantization == .truncate ? "" : ",\(quantization.rawValue)"
    return "ap_fixed<\(bits),\(integerBits)\(modes)>"
  }

  /// Reads the C++ spelling, as in `ap_fixed<16,6>` or `ap_fixed<16,6,AP_RND,AP_SAT>`.
  ///
  /// - Throws: ``ArithmeticError`` with the part that is wrong.
  public init(parsing text: String) throws(ArithmeticError) {
    let bare = text.filter { !$0.isWhitespace }
    guard bare.hasPrefix("ap_fixed<"), bare.hasSuffix(">") else {
      throw ArithmeticError(
        description: "\"\(text)\" is not a type such as ap_fixed<16,6> or "
          + "ap_fixed<16,6,AP_RND,AP_SAT>")
    }
    let parts = bare.dropFirst(9).dropLast().split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
    guard (2...4).contains(parts.count), let bits = Int(parts[0]), let whole = Int(parts[1]) else {
      throw ArithmeticError(description: "\"\(text)\": W and I are whole numbers, then Q and O")
    }
    guard (2...32).contains(bits), (-32...32).contains(whole),
      Self.isSupported(bits: bits, integerBits: whole)
    else {
      throw ArithmeticError(
        description: "\"\(text)\": W is 2 … 32, I at most 32 and W − I at most 32 "
          + "(W = 32 needs I ≥ 2)")
    }
    self.init(
      bits, whole,
      try Self.mode(parts.count > 2 ? parts[2] : "AP_TRN", of: text),
      try Self.mode(parts.count > 3 ? parts[3] : "AP_WRAP", of: text))
  }

  private static func mode<Mode: CaseIterable & RawRepresentable<String>>(
    _ name: String, of text: String
  ) throws(ArithmeticError) -> Mode {
    if let mode = Mode(rawValue: name) { return mode }
    let known = Mode.allCases.map(\.rawValue)
    let hint = nearestName(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
    throw ArithmeticError(
      description: "\"\(text)\": \(name) is none of \(known.joined(separator: ", "))\(hint)")
  }
}
