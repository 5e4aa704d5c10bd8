// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Foundation
import SimulationKernel
import Testing

@Suite("hls4ml's arithmetic")
struct FixedTests {
  static let file = "fpga/hls4ml_lstm_fixedpoint.json"

  @Test(
    "every known answer of hls4ml's C simulation is met bit by bit",
    .enabled(if: SharedData.exists(FixedTests.file), "skipped: no shared data"))
  func oracle() throws {
    let oracle = try SharedData.decode(FixedOracle.self, Self.file)
    let runs = try #require(oracle.runs)
    #expect(!runs.isEmpty)
    for run in runs {
      let type = try ApFixed(parsing: run.precision)
      let comparison = try #require(oracle.mismatches(of: oracle.outputs(in: type), in: type))
      #expect(comparison.different == 0, "\(run.precision)")
      #expect(comparison.compared >= 1536)
    }
  }

  /// AMD UG1399's examples: 1.25 and −1.25 with one fraction bit, by mode.
  @Test(
    "rounding modes",
    arguments: [
      ("AP_RND", 1.5, -1.0), ("AP_RND_ZERO", 1.0, -1.0), ("AP_RND_MIN_INF", 1.0, -1.5),
      ("AP_RND_INF", 1.5, -1.5), ("AP_RND_CONV", 1.0, -1.0), ("AP_TRN", 1.0, -1.5),
      ("AP_TRN_ZERO", 1.0, -1.0),
    ])
  func rounding(mode: String, up: Double, down: Double) throws {
    let type = try ApFixed(parsing: "ap_fixed<4,3,\(mode),AP_SAT>")
    #expect(type.value(try #require(type.raw(of: 1.25))) == up)
    #expect(type.value(try #require(type.raw(of: -1.25))) == down)
  }

  /// AMD UG1399's examples: 19 and −19 in four bits.
  @Test(
    "overflow modes",
    arguments: [
      ("AP_SAT", 7.0, -8.0), ("AP_SAT_ZERO", 0, 0), ("AP_SAT_SYM", 7, -7), ("AP_WRAP", 3, -3),
    ])
  func overflow(mode: String, up: Double, down: Double) throws {
    let type = try ApFixed(parsing: "ap_fixed<4,4,AP_RND,\(mode)>")
    #expect(type.value(try #require(type.raw(of: 19))) == up)
    #expect(type.value(try #require(type.raw(of: -19))) == down)
  }

  /// Rounding a number is the same as computing it with exact rationals: here with scaled doubles.
  @Test("conversion agrees with floating point where that is exact")
  func conversion() {
    var stream = RandomStream(seed: 7, purpose: "conversion")
    for _ in 0..<2000 {
      let bits = 2 + Int(stream.uniform() * 20)
      let whole = Int(stream.uniform() * Double(bits + 1))
      let raw = Int64((stream.uniform() - 0.5) * 0x1p40)
      let fraction = bits - whole + Int(stream.uniform() * 20)
      let exact = Double(raw) * Double(sign: .plus, exponent: -fraction, significand: 1)
      for quantization in ApFixed.Quantization.allCases {
        let type = ApFixed(bits, whole, quantization, .saturate)
        let scaled = exact / type.resolution
        let rounded =
          switch quantization {
          case .truncate: scaled.rounded(.down)
          case .truncateToZero: scaled.rounded(.towardZero)
          case .round: (scaled + 0.5).rounded(.down)
          case .roundToZero:
            scaled < 0 ? (scaled + 0.5).rounded(.down) : (scaled - 0.5).rounded(.up)
          case .roundDown: (scaled - 0.5).rounded(.up)
          case .roundAway: scaled.rounded(.toNearestOrAwayFromZero)
          case .roundToEven: scaled.rounded(.toNearestOrEven)
          }
        let highest = Double(sign: .plus, exponent: bits - 1, significand: 1) - 1
        let expected = min(max(rounded, -highest - 1), highest)
        #expect(type.convert(raw, fraction: fraction) == Int64(expected), "\(type) \(exact)")
      }
    }
  }

  @Test(
    "what can't be read is refused with a reason",
    arguments: [
      ("fixed<16,6>", "is not a type"), ("ap_fixed<16>", "whole numbers"),
      ("ap_fixed<99,6>", "W is 2 … 32"), ("ap_fixed<16,6,AP_RDN>", "did you mean AP_RND?"),
    ])
  func refusals(text: String, reason: String) {
    #expect(throws: ArithmeticError.self) { try ApFixed(parsing: text) }
    do { _ = try ApFixed(parsing: text) } catch { #expect(error.description.contains(reason)) }
  }
}
