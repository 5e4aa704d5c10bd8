// SPDX-License-Identifier: Apache-2.0

/// Parts of a device that an engine takes.
public struct DeviceResources: Sendable, Equatable {
  /// Multiplier blocks: DSP48E2 on UltraScale+, MULT18 on ECP5.
  public var dsp: Double
  /// Look-up tables (six-input on UltraScale+, four-input on ECP5).
  public var lut: Double
  /// Flip-flops.
  public var flipFlops: Double
  /// Memory blocks of 18 Kbit.
  public var bram18: Double

  /// Resources.
  public init(dsp: Double, lut: Double, flipFlops: Double, bram18: Double) {
    self.dsp = dsp
    self.lut = lut
    self.flipFlops = flipFlops
    self.bram18 = bram18
  }

  /// The same, `count` times.
  public func times(_ count: Double) -> DeviceResources {
    DeviceResources(
      dsp: dsp * count, lut: lut * count, flipFlops: flipFlops * count, bram18: bram18 * count)
  }
}

/// What an engine model says about one design.
public struct EngineEstimate: Sendable, Equatable {
  /// Cycles from start to the last result of the batch in flight: the shortest course.
  public var cycles: Int
  /// The longest course (hls4ml's reports give a range); equal to `cycles` for own engines.
  public var maximumCycles: Int
  /// Cycles between the starts of two batches.
  public var initiationInterval: Int
  /// Sequences in a batch.
  public var batch: Int
  /// Clock in Hz.
  public var clockHertz: Double
  /// Multiplications per cycle over multipliers, 0 … 1.
  public var utilisation: Double
  /// What it takes.
  public var resources: DeviceResources

  /// Shortest time from start to the last result, in seconds.
  public var latencySeconds: Double { Double(cycles) / clockHertz }
  /// Longest time from start to the last result, in seconds.
  public var maximumLatencySeconds: Double { Double(maximumCycles) / clockHertz }
  /// Sequences per second when batches follow each other without a gap.
  public var sequencesPerSecond: Double {
    clockHertz * Double(batch) / Double(max(initiationInterval, 1))
  }
}
