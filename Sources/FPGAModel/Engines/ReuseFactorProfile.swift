// SPDX-License-Identifier: Apache-2.0

/// What depends on the tool and the way of building, and not on the network: calibrated once.
///
/// A reuse-factor engine takes, per step, as many cycles as its busiest matrix is reused, and some
/// more to control and drain the step. That overhead is not derivable; it was found constant over
/// reuse factors and, from 12 to 28 bits, over precisions, so that one number a cell describes
/// hundreds of designs. Each profile says what it was calibrated on.
public struct ReuseFactorProfile: Sendable, Equatable {
  /// Name on the command line.
  public var name: String
  /// Where the constants come from.
  public var source: String
  /// Cycles of a step beside the reuse, 11 … 28 bits.
  public var stepOverhead: Int
  /// Cycles of a dense layer beside its reuse.
  public var denseOverhead: Int
  /// Cycles once a sequence.
  public var fixedOverhead: Int
  /// Longest minus shortest course, per step.
  public var stepSpread: Int
  /// Longest minus shortest course, once.
  public var fixedSpread: Int
  /// Memory blocks of the tables and buffers.
  public var bramFixed: Double
  /// Memory blocks per bit of the word for states and buffers.
  public var bramPerBit: Double
  /// Flip-flops: fixed, per bit of the word, per bit and multiplier.
  public var flipFlops: (fixed: Double, perBit: Double, perMultiplierBit: Double)
  /// Look-up tables: fixed, per bit of the word, per bit and multiplier.
  public var lut: (fixed: Double, perBit: Double, perMultiplierBit: Double)

  /// Whether two profiles are the same one.
  public static func == (a: ReuseFactorProfile, b: ReuseFactorProfile) -> Bool { a.name == b.name }
}

extension ReuseFactorProfile {
  /// hls4ml static RNNs, Vivado HLS 2019.2: calibrated on the reports of Khoda et al. 2022
  /// (arXiv:2207.00559, T = 20, I = 6, H = 20). Their split into 31 cycles a step and 14 once can't
  /// be told from one T. Areas: least squares on 12 … 26 bits, mean error 3.5 % (FF), 4.5 % (LUT).
  public static let vivado2019Lstm = ReuseFactorProfile(
    name: "vivado-2019.2-lstm", source: "Khoda et al. 2022, synthesis reports, T=20",
    stepOverhead: 31, denseOverhead: 7, fixedOverhead: 0, stepSpread: 41, fixedSpread: 2,
    bramFixed: 53, bramPerBit: 13.54, flipFlops: (1460, 1805, 0.892), lut: (36857, 1485, 4.14))

  /// The same for GRUs, whose reset gate makes a second product wait: 151 cycles a step.
  public static let vivado2019Gru = ReuseFactorProfile(
    name: "vivado-2019.2-gru", source: "Khoda et al. 2022, synthesis reports, T=20",
    stepOverhead: 151, denseOverhead: 7, fixedOverhead: 0, stepSpread: 41, fixedSpread: 2,
    bramFixed: 44.6, bramPerBit: 14.22, flipFlops: (1481, 1636, 0.841),
    lut: (35413, 1303, 3.78))

  /// hls4ml with streams between layers: one LFADS GRU (T = 73, reuse 64), 10 cycles a step.
  public static let streamGru = ReuseFactorProfile(
    name: "stream-gru", source: "LFADS GRU synthesis report, one design, fitted on it",
    stepOverhead: 10, denseOverhead: 7, fixedOverhead: 1, stepSpread: 1, fixedSpread: 0,
    bramFixed: 44.6, bramPerBit: 14.22, flipFlops: (1481, 1636, 0.841),
    lut: (35413, 1303, 3.78))

  /// hls4ml, a tiny LSTM (H = 4, T = 16, reuse 1): 95 cycles, five a step beside the reuse.
  public static let tinyLstm = ReuseFactorProfile(
    name: "tiny-lstm", source: "one LSTM(4) test-bench log, fitted on it",
    stepOverhead: 5, denseOverhead: 7, fixedOverhead: -1, stepSpread: 0, fixedSpread: 0,
    bramFixed: 53, bramPerBit: 13.54, flipFlops: (1460, 1805, 0.892), lut: (36857, 1485, 4.14))

  /// RNN_HLS of Que et al. 2021 (arXiv:2106.14089): a step takes R_h + R_tail + 7 cycles; here
  /// R_tail = 1.
  public static let rnnHls = ReuseFactorProfile(
    name: "rnn-hls", source: "Que et al. 2021, relation stated in the code, not a report",
    stepOverhead: 8, denseOverhead: 7, fixedOverhead: 0, stepSpread: 0, fixedSpread: 0,
    bramFixed: 53, bramPerBit: 13.54, flipFlops: (1460, 1805, 0.892), lut: (36857, 1485, 4.14))

  /// All profiles.
  public static let all = [vivado2019Lstm, vivado2019Gru, streamGru, tinyLstm, rnnHls]

  /// The profile for a cell when none is named.
  public static func standard(for cell: RecurrentCell) -> ReuseFactorProfile {
    cell == .lstm ? vivado2019Lstm : vivado2019Gru
  }

  /// Stages that the multiplier of this width adds to (or takes from) each dot product.
  ///
  /// Up to 10 bits products are made of look-up tables and need no register stages of a DSP block;
  /// from 30 bits on they are cascades of four. Found on both cells alike.
  static func multiplierStages(bits: Int) -> Int {
    if bits <= 10 { return -4 }
    return bits >= 30 ? 3 : 0
  }

  /// DSP blocks for one product of words of this width: the 27 × 18 multiplier of a DSP48E2.
  static func dspPerMultiplier(bits: Int) -> Double {
    switch bits {
    case ...10: 0
    case ...18: 1
    case ...27: 2
    default: 4
    }
  }
}
