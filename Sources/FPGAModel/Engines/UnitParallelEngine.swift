// SPDX-License-Identifier: Apache-2.0

/// A pipeline of the unit-parallel engine: its depth goes with the clock it reaches.
public struct PipelineProfile: Sendable, Equatable {
  /// Name on the command line.
  public var name: String
  /// Cycles from the last column of a pass until the engine may begin the next step of the same
  /// sequence: memory read, operands, product, sum, rounding, saturation, function table (2), cell
  /// product, sum, rounding, function table (2), product, rounding, write.
  public var drain: Int
  /// Cycles in which no column is issued between two passes.
  public var bubble: Int
  /// Cycles from the last column of the head to the fall of `busy`.
  public var headDrain: Int

  /// A profile.
  public init(name: String, drain: Int, bubble: Int, headDrain: Int) {
    self.name = name
    self.drain = drain
    self.bubble = bubble
    self.headDrain = headDrain
  }

  /// The registers of the RTL reference.
  public static let reference = PipelineProfile(
    name: "reference", drain: 16, bubble: 1, headDrain: 8)
}

/// The project's own engine: U hidden units in parallel, so 4·U multipliers for the gates and 3·U
/// for the state; columns of [x, h, 1] one a cycle; B sequences interleaved.
///
/// `RTL/` holds the same engine in SystemVerilog. The cycle formula follows from the architecture;
/// the module's DocC page derives it. LSTM only, since the datapath has four gates.
public struct UnitParallelEngine: Sendable, Equatable {
  /// The network; an LSTM with at most one dense layer.
  public var network: NetworkShape
  /// Hidden units in parallel, U ≥ 1.
  public var units: Int
  /// Sequences interleaved, B ≥ 1.
  public var batch: Int
  /// Bits of a word.
  public var format: WordFormat
  /// Clock in Hz.
  public var clockHertz: Double
  /// Depth of the pipeline.
  public var pipeline: PipelineProfile

  /// An engine.
  ///
  /// - Precondition: sizes ≥ 1 and an LSTM.
  public init(
    network: NetworkShape, units: Int, batch: Int = 1,
    format: WordFormat = WordFormat(bits: 16, integerBits: 4), clockHertz: Double,
    pipeline: PipelineProfile = .reference
  ) {
    precondition(network.cell == .lstm && units >= 1 && batch >= 1, "not a unit-parallel engine")
    self.network = network
    self.units = units
    self.batch = batch
    self.format = format
    self.clockHertz = clockHertz
    self.pipeline = pipeline
  }

  /// Groups of U hidden units.
  var groups: Int { (network.hidden + units - 1) / units }

  /// Columns that one pass (one step of one sequence) issues in a layer: its inputs, the hidden
  /// values and the bias, for each group.
  public func passColumns(layer: Int = 0) -> Int {
    groups * (network.inputs(ofLayer: layer) + network.hidden + 1)
  }

  /// Columns of the head's pass: 4·U outputs at a time.
  public var headColumns: Int {
    var width = network.hidden
    var columns = 0
    for outputs in network.dense {
      columns += (outputs + 4 * units - 1) / (4 * units) * (width + 1)
      width = outputs
    }
    return columns
  }

  /// Lines of 4·U words that hold all weights; the load port takes one a cycle.
  public var weightLines: Int {
    (0..<network.layers).reduce(headColumns) { $0 + passColumns(layer: $1) }
  }

  /// Bytes of all weights as the engine stores them.
  public var weightBytes: Int { weightLines * 4 * units * ((format.bits + 7) / 8) }

  /// The closed form, for B sequences of equal length without stalls.
  public func estimate() -> EngineEstimate {
    let (drain, bubble) = (pipeline.drain, pipeline.bubble)
    var start = 2
    var period = 0
    var columns = 0
    for layer in 0..<network.layers {
      // A layer begins when the one below is through, one drain after its last column.
      if layer > 0 { start += period + (batch - 1) * (columns + bubble) + columns + drain }
      columns = passColumns(layer: layer)
      period = max(batch * (columns + bubble), columns - 1 + drain + bubble)
      start += (network.steps - 1) * period
    }
    let head = headColumns
    let lastHead =
      max(
        period + (batch - 1) * (head + bubble),
        (batch - 1) * (columns + bubble) + columns - 1 + drain + bubble)
    let cycles = start + lastHead + head - 1 + pipeline.headDrain
    let work = Double(network.multiplies) * Double(batch)
    return EngineEstimate(
      cycles: cycles, maximumCycles: cycles, initiationInterval: cycles, batch: batch,
      clockHertz: clockHertz, utilisation: work / (Double(4 * units) * Double(cycles)),
      resources: resources)
  }

  private var resources: DeviceResources {
    resources(lines: weightLines, inputWords: batch * network.steps * network.inputs)
  }

  /// What an engine takes whose memories have room for a model of `lines` weight lines (twice) and
  /// `inputWords` input values.
  ///
  /// Logic is linear in U: least squares over the recorded synthesis and packing of the RTL at
  /// U = 1, 2 and 4 on an ECP5, within 2 % there; ± 30 % on other devices and widths. Multipliers:
  /// seven a unit, one to find the head's weights. Memories of a unit: four of weights, five function
  /// tables, h twice, c.
  public func resources(lines: Int, inputWords: Int) -> DeviceResources {
    let width = Double(format.bits) / 16
    // A block of 18 Kbit holds 1024 words of up to 18 bits.
    func blocks(_ words: Int) -> Int { (words + 1023) / 1024 }
    let states = batch * groups
    let perUnit = 4 * blocks(2 * lines) + 5 + blocks(2 * states) + blocks(states)
    let wordBlocks = Double(units * perUnit + blocks(inputWords)) * (width > 1.125 ? 2 : 1)
    let multiplier = max(1, ReuseFactorProfile.dspPerMultiplier(bits: format.bits))
    return DeviceResources(
      dsp: Double(7 * units) * multiplier + 1, lut: (1893 + 906 * Double(units)) * width,
      flipFlops: (657 + 897 * Double(units)) * width, bram18: wordBlocks)
  }
}
