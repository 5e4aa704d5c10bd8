// SPDX-License-Identifier: Apache-2.0

/// A design of an exploration and what it costs.
public struct DesignPoint: Sendable, Equatable {
  /// `unit-parallel U=8 B=16`, `reuse-factor R=64`.
  public var name: String
  /// Cycles, area, throughput.
  public var estimate: EngineEstimate
  /// Joules a sequence, ± 30 %.
  public var joulesPerSequence: Double
  /// Share of the device's scarcest resource.
  public var area: Double
  /// Whether no other design that fits is at least as good in latency, energy and area.
  public var isPareto = false
}

/// All sensible designs of a network on a device.
public enum DesignSpace {
  /// Sweeps units, batches and reuse factors in powers of two and marks the Pareto front over
  /// latency, energy per sequence and area among the designs that fit.
  ///
  /// - Parameters:
  ///   - network: an LSTM with one dense layer for the own engine; anything for reuse factors.
  ///   - format: of words.
  ///   - clockHertz: clock of all designs.
  ///   - device: where they must fit.
  /// - Returns: the designs that fit, by latency.
  public static func explore(
    _ network: NetworkShape, format: WordFormat, clockHertz: Double, device: FPGADevice
  ) -> [DesignPoint] {
    var points: [DesignPoint] = []
    func add(_ name: String, _ estimate: EngineEstimate) {
      guard device.fits(estimate.resources) else { return }
      let energy = EngineEnergy(estimate, network: network, bits: format.bits, device: device)
      points.append(
        DesignPoint(
          name: name, estimate: estimate,
          joulesPerSequence: energy.joules / Double(estimate.batch),
          area: device.filledShare(estimate.resources)))
    }
    let powers = (0...7).map { 1 << $0 }
    if network.cell == .lstm, network.dense.count == 1 {
      for units in powers where units < 2 * network.hidden {
        for batch in powers where batch <= 16 {
          let engine = UnitParallelEngine(
            network: network, units: units, batch: batch, format: format, clockHertz: clockHertz)
          add("unit-parallel U=\(units) B=\(batch)", engine.estimate())
        }
      }
    }
    for reuse in powers + [256, 512, 1024, 2048] {
      let engine = ReuseFactorEngine(
        network: network, reuse: reuse, format: format, clockHertz: clockHertz,
        strategy: .resource)
      add("reuse-factor R=\(reuse)", engine.estimate())
    }
    for index in points.indices {
      points[index].isPareto = !points.contains { $0.dominates(points[index]) }
    }
    return points.sorted {
      ($0.estimate.latencySeconds, $0.name) < ($1.estimate.latencySeconds, $1.name)
    }
  }
}

extension DesignPoint {
  /// At least as good in everything and better in something.
  func dominates(_ other: DesignPoint) -> Bool {
    let own = [estimate.maximumLatencySeconds, joulesPerSequence, area]
    let others = [other.estimate.maximumLatencySeconds, other.joulesPerSequence, other.area]
    return zip(own, others).allSatisfy { $0.0 <= $0.1 } && own != others
  }
}
