// SPDX-License-Identifier: Apache-2.0

/// How hls4ml turns matrices into hardware.
public enum HLSStrategy: String, Sendable, CaseIterable, Codable {
  /// Multipliers shared `reuse` times, weights in memory blocks.
  case resource
  /// One multiplier a weight, the weights folded into the logic.
  case latency
}

/// The hls4ml family of engines: one multiplier serves `reuse` weights.
///
/// Latency = T · (max(rf of the kernel, rf of the recurrent kernel) + overhead) + Σ dense (rf +
/// overhead), with the factors rounded to valid ones. Multipliers = Σ weights / rf, and three
/// products a unit for the state update. Sources and errors: the module's DocC page.
public struct ReuseFactorEngine: Sendable, Equatable {
  /// The network.
  public var network: NetworkShape
  /// The reuse factor asked for, ≥ 1.
  public var reuse: Int
  /// Number format.
  public var format: WordFormat
  /// Clock in Hz.
  public var clockHertz: Double
  /// Resource (the default above reuse 1) or latency.
  public var strategy: HLSStrategy
  /// Constants of tool and style.
  public var profile: ReuseFactorProfile

  /// An engine.
  ///
  /// - Parameters:
  ///   - network: sizes.
  ///   - reuse: factor asked for, ≥ 1.
  ///   - format: W and I.
  ///   - clockHertz: clock.
  ///   - strategy: nil means latency at reuse 1, as in the data, and resource above.
  ///   - profile: nil means the standard one of the cell.
  public init(
    network: NetworkShape, reuse: Int, format: WordFormat, clockHertz: Double,
    strategy: HLSStrategy? = nil, profile: ReuseFactorProfile? = nil
  ) {
    self.network = network
    self.reuse = reuse
    self.format = format
    self.clockHertz = clockHertz
    self.strategy = strategy ?? (reuse == 1 ? .latency : .resource)
    self.profile = profile ?? .standard(for: network.cell)
  }

  /// The closed form.
  public func estimate() -> EngineEstimate {
    strategy == .resource ? resourceEstimate() : latencyEstimate()
  }

  private func resourceEstimate() -> EngineEstimate {
    let stages = ReuseFactorProfile.multiplierStages(bits: format.bits)
    let gatesWidth = network.cell.gates * network.hidden
    var perStep = 0
    var weightMultipliers = 0
    for layer in 0..<network.layers {
      let inputs = network.inputs(ofLayer: layer)
      let kernel = ReuseFactor.closest(to: reuse, inputs: inputs, outputs: gatesWidth)
      let recurrent = ReuseFactor.closest(to: reuse, inputs: network.hidden, outputs: gatesWidth)
      perStep += max(kernel, recurrent) + profile.stepOverhead + stages
      weightMultipliers += inputs * gatesWidth / kernel + network.hidden * gatesWidth / recurrent
    }
    var cycles = network.steps * perStep + profile.fixedOverhead
    var width = network.hidden
    for outputs in network.dense {
      let factor = ReuseFactor.closest(to: reuse, inputs: width, outputs: outputs)
      cycles += factor + profile.denseOverhead + stages.signum()
      weightMultipliers += width * outputs / factor
      width = outputs
    }
    let spread =
      network.layers * (network.steps * profile.stepSpread + profile.fixedSpread)
    let multipliers = weightMultipliers + 3 * network.hidden * network.layers
    return estimate(
      cycles: cycles, spread: spread, multipliers: multipliers,
      resources: resources(weightMultipliers: weightMultipliers, multipliers: multipliers))
  }

  private func resources(weightMultipliers: Int, multipliers: Int) -> DeviceResources {
    let bits = Double(format.bits)
    let weightBits = Double(weightMultipliers) * bits
    return DeviceResources(
      dsp: format.bits <= 10
        ? narrowBlocks
        : Double(multipliers) * ReuseFactorProfile.dspPerMultiplier(bits: format.bits),
      lut: profile.lut.fixed + profile.lut.perBit * bits
        + profile.lut.perMultiplierBit * weightBits,
      flipFlops: profile.flipFlops.fixed + profile.flipFlops.perBit * bits
        + profile.flipFlops.perMultiplierBit * weightBits,
      // A weight bank is read through ports of 36 bits.
      bram18: profile.bramFixed + profile.bramPerBit * bits + weightBits / 36)
  }

  /// Blocks of words up to 10 bits, whose products are made of look-up tables: what is left are
  /// products with a table's entry of 18 bits, one a unit, two in GRUs of more than 8 bits (reports).
  private var narrowBlocks: Double {
    let perUnit = network.cell == .gru && format.bits > 8 ? 2 : 1
    return Double(perUnit * network.hidden * network.layers)
  }

  private func estimate(
    cycles: Int, spread: Int, multipliers: Int, resources: DeviceResources
  ) -> EngineEstimate {
    let offered = Double(max(multipliers, 1)) * Double(max(cycles, 1))
    return EngineEstimate(
      cycles: cycles, maximumCycles: cycles + spread, initiationInterval: cycles + spread,
      batch: 1, clockHertz: clockHertz,
      utilisation: min(1, Double(network.multiplies) / offered), resources: resources)
  }

  // MARK: - Latency strategy

  /// Reuse 1, weights as constants: a regime of its own, calibrated on 44 reports and much less
  /// exact (latency 5 % off on average, 20 % at most), because what is left of a product depends on the weight.
  private func latencyEstimate() -> EngineEstimate {
    let bits = format.bits
    let perStep: Int
    switch bits {
    case ...8: perStep = 10
    case ...10: perStep = network.cell == .lstm ? 10 : 13
    case ...26: perStep = 16
    case ...28: perStep = 18
    default: perStep = 20
    }
    let cycles = network.layers * network.steps * perStep
    let products = network.recurrentMultipliesPerStep + network.denseMultiplies
    let state = 3 * network.hidden * network.layers
    let stateDsp = bits <= 10 ? 1.0 / 3 : ReuseFactorProfile.dspPerMultiplier(bits: bits)
    let weightDsp = bits <= 10 ? 0 : Self.dspPerFoldedWeight(fractionBits: format.fractionBits)
    let lutPerWeight = bits <= 10 ? 34.0 : 27 + max(0, Double(bits) - 18) * 5.5
    let resources = DeviceResources(
      dsp: Double(state) * stateDsp + Double(products) * weightDsp,
      lut: Double(products) * lutPerWeight, flipFlops: Double(products) * Double(bits) * 1.27,
      bram18: network.cell == .lstm ? 51 : 41)
    return estimate(
      cycles: cycles, spread: 0, multipliers: products + state, resources: resources)
  }

  /// DSP blocks for a weight that is a constant, mean over a trained network: weights that round to
  /// zero or a power of two need none, and those beyond 18 significant bits need two.
  private static func dspPerFoldedWeight(fractionBits: Int) -> Double {
    let table: [(bits: Int, share: Double)] = [
      (2, 0), (4, 0.05), (6, 0.28), (8, 0.6), (10, 0.8), (12, 0.9), (18, 1), (20, 1.37),
      (22, 1.8), (24, 2),
    ]
    guard let upper = table.firstIndex(where: { $0.bits >= fractionBits }) else { return 2 }
    guard upper > 0 else { return 0 }
    let (low, high) = (table[upper - 1], table[upper])
    let part = Double(fractionBits - low.bits) / Double(high.bits - low.bits)
    return low.share + part * (high.share - low.share)
  }
}
