// SPDX-License-Identifier: Apache-2.0
import Foundation

/// hls4ml's function tables: 1024 entries of `ap_fixed<18,8>`, at the lower end of their interval.
///
/// Source: hls4ml 1.x `nnet_activation.h` (behaviour, as recorded with its C simulation): the
/// argument of an entry is a 32-bit float, the function is evaluated in double precision, and its
/// value goes through a 32-bit float.
struct HLSTable: Sendable {
  static let entries = 1024
  static let type = ApFixed(18, 8)

  let values: [Int64]
  /// Entries per unit of the argument, a power of two: 2^6 for σ (−8 … 8), 2^7 for tanh (−4 … 4).
  let entriesPerUnitLog2: Int

  static let sigmoid = HLSTable(entriesPerUnitLog2: 6) { 1 / (1 + exp(-$0)) }
  static let tanh = HLSTable(entriesPerUnitLog2: 7) { Foundation.tanh($0) }

  private init(entriesPerUnitLog2: Int, _ function: (Double) -> Double) {
    self.entriesPerUnitLog2 = entriesPerUnitLog2
    values = (0..<Self.entries).map { entry in
      let argument =
        Float(entry - Self.entries / 2)
        / Float(sign: .plus, exponent: entriesPerUnitLog2, significand: 1)
      let value = Float(function(Double(argument)))
      return Self.type.raw(of: Double(value)) ?? 0
    }
  }

  /// The entry for a raw argument: its integer part in entries, towards zero, clamped.
  func value(_ raw: Int64, fraction: Int) -> Int64 {
    let shift = Int64(fraction - entriesPerUnitLog2)
    let scaled: Int64
    if shift <= 0 {
      scaled = raw << -shift
    } else {
      scaled = raw >= 0 ? raw >> shift : -(-raw >> shift)
    }
    let index = scaled + Int64(Self.entries / 2)
    return values[Int(min(max(index, 0), Int64(Self.entries - 1)))]
  }
}
