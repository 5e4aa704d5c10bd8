// SPDX-License-Identifier: Apache-2.0

/// An FPGA or card, and what it offers.
public struct FPGADevice: Sendable, Equatable {
  /// Name on the command line.
  public var name: String
  /// What is there.
  public var available: DeviceResources
  /// Power that the card draws without work, W. An estimate: no measured split was found.
  public var staticWatts: Double
  /// Greatest power of the card, W; from memory of the data sheets, unverified.
  public var limitWatts: Double
  /// Bytes per second of the memory beside the chip: HBM, else DDR, else 0.
  public var memoryBandwidth: Double
  /// Energy of a multiplication relative to 16 nm UltraScale+ (process and cell).
  public var energyScale: Double

  /// Alveo U50: resources from a synthesis report for the xcu50; HBM 460 GB/s peak × 0.8.
  public static let u50 = FPGADevice(
    name: "u50",
    available: DeviceResources(dsp: 5952, lut: 871_680, flipFlops: 1_743_360, bram18: 2688),
    staticWatts: 12, limitWatts: 75, memoryBandwidth: 368e9, energyScale: 1)
  /// Alveo U250: data-sheet figures from memory, unverified; four DDR4 channels, 77 GB/s × 0.8.
  public static let u250 = FPGADevice(
    name: "u250",
    available: DeviceResources(dsp: 12288, lut: 1_728_000, flipFlops: 3_456_000, bram18: 5376),
    staticWatts: 30, limitWatts: 225, memoryBandwidth: 61.6e9, energyScale: 1)
  /// Alveo U280: DSP, LUT and memory blocks from public code, flip-flops twice the LUT.
  public static let u280 = FPGADevice(
    name: "u280",
    available: DeviceResources(dsp: 9024, lut: 1_303_680, flipFlops: 2_607_360, bram18: 4032),
    staticWatts: 30, limitWatts: 225, memoryBandwidth: 368e9, energyScale: 1)
  /// Kria K26 (XCK26): data-sheet figures from memory, unverified; one DDR4 channel.
  public static let kria = FPGADevice(
    name: "kria",
    available: DeviceResources(dsp: 1248, lut: 117_120, flipFlops: 234_240, bram18: 288),
    staticWatts: 3, limitWatts: 15, memoryBandwidth: 15.4e9, energyScale: 1)
  /// Lattice ECP5-85k: 156 MULT18, 83,640 LUT4, 208 EBR of 18 Kbit; 40 nm.
  public static let ecp5 = FPGADevice(
    name: "ecp5-85k",
    available: DeviceResources(dsp: 156, lut: 83_640, flipFlops: 83_640, bram18: 208),
    staticWatts: 0.3, limitWatts: 3, memoryBandwidth: 0, energyScale: 4)

  /// All devices.
  public static let all = [u50, u250, u280, kria, ecp5]

  /// Whether a design fits: everything of it, below a filling that routes.
  ///
  /// - Parameters:
  ///   - design: what it takes.
  ///   - filling: share of the device that may be used; 0.8 leaves room for shell and routing.
  /// - Returns: whether the scarcest resource suffices.
  public func fits(_ design: DeviceResources, filling: Double = 0.8) -> Bool {
    filledShare(design) <= filling
  }

  /// The scarcest resource's share, 0 … .
  public func filledShare(_ design: DeviceResources) -> Double {
    max(
      design.dsp / available.dsp, design.lut / available.lut,
      design.flipFlops / available.flipFlops, design.bram18 / available.bram18)
  }

  /// How many engines fit.
  public func enginesThatFit(_ design: DeviceResources, filling: Double = 0.8) -> Int {
    Int((filling / filledShare(design)).rounded(.down))
  }
}

/// Where an engine finds its weights at the start of a batch.
public enum WeightResidency: String, Sendable, CaseIterable {
  /// In memory blocks on the chip; one model for all.
  case bram
  /// In high-bandwidth memory on the card, one model a VM: loaded while the one before computes.
  case hbm
  /// The same in DDR memory of the card.
  case ddr
  /// Sent by the host each time.
  case host

  /// Bytes per second that reach one engine.
  ///
  /// HBM: one pseudo-channel of 14.375 GB/s (AMD UG1393) at 80 % efficiency; DDR: one channel of
  /// 19.25 GB/s at 80 %; host: 7.81 GB/s, measured on a U200. Infinite on the chip.
  public var bytesPerSecond: Double {
    switch self {
    case .bram: .infinity
    case .hbm: 0.8 * 14.375e9
    case .ddr: 0.8 * 19.25e9
    case .host: 7.81e9
    }
  }

  /// Time between two batches with double buffering: the longer of computing and loading.
  public func interval(computeSeconds: Double, weightBytes: Int) -> Double {
    max(computeSeconds, Double(weightBytes) / bytesPerSecond)
  }
}

/// Power and energy of an engine: literature values per operation, not measured, ± 30 % at best.
public struct EngineEnergy: Sendable, Equatable {
  /// Joules of one batch, static share included.
  public var joules: Double
  /// Mean power while working, W.
  public var watts: Double
  /// Relative uncertainty of both.
  public static let uncertainty = 0.3

  /// Per operation at 16 nm and 16 bits, in J, logic and wires around it included: a DSP
  /// multiplication, a function table, a word from a memory block. Order of magnitude from
  /// Horowitz, ISSCC 2014 (arithmetic), times ten for programmable logic.
  static let multiply = 8e-12
  static let activation = 6e-12
  static let word = 5e-12

  /// Energy of a batch on a device.
  ///
  /// - Parameters:
  ///   - estimate: of the engine.
  ///   - network: what it computes.
  ///   - bits: of a word; energy grows with its square in multipliers, linearly in memories.
  ///   - device: where; its static power counts in full for one engine.
  public init(
    _ estimate: EngineEstimate, network: NetworkShape, bits: Int, device: FPGADevice
  ) {
    let width = Double(bits) / 16
    let batch = Double(estimate.batch)
    let multiplies = Double(network.multiplies) * batch
    let dynamic =
      device.energyScale
      * (multiplies * (Self.multiply * width * width + Self.word * width)
        + Double(network.activations) * batch * Self.activation)
    joules = dynamic + device.staticWatts * estimate.latencySeconds
    watts = joules / max(estimate.latencySeconds, 1e-12)
  }
}
