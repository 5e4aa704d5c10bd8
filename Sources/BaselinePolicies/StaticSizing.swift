// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// Every primary is provisioned once for a percentile of its demand (the peak by default) and never
/// touched again: what careful capacity planning without any control achieves.
public struct StaticSizing: ManagementPolicy {
  private let capacities: [Cores]

  /// Sizes each VM for the `percentile` of its own demand.
  ///
  /// - Parameters:
  ///   - demand: Demand to size for, e.g. the run's own (in-sample) or its history, in cores,
  ///     `[sample, vm]` row-major.
  ///   - percentile: 0…100, linear interpolation between order statistics; 100 is the peak.
  ///   - vmCount: Number of VMs, the columns of `demand`.
  public init(demand: [Double], percentile: Double, vmCount: Int) {
    capacities = (0..<vmCount).map { vm in
      let values = stride(from: vm, to: demand.count, by: max(1, vmCount))
        .map { demand[$0] }
        .filter(\.isFinite)
        .sorted()
      guard let last = values.last else { return Cores(0) }
      let position = percentile / 100 * Double(values.count - 1)
      let lower = Int(position)
      guard lower + 1 < values.count else { return Cores(last) }
      let weight = position - Double(lower)
      return Cores(values[lower] * (1 - weight) + values[lower + 1] * weight)
    }
  }

  /// The percentile's capacity, but never less than the scenario's own sizing.
  public func initialCapacities(sizing: [Cores]) -> [Cores] {
    zip(sizing, capacities).map { max($0, $1) }
  }
  /// Ignores the frame.
  public mutating func observe(_ frame: TelemetryFrame) {}
  /// Ignores the outcome.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {}
  /// Orders nothing.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {}
}

extension StaticSizing {
  /// Has no state: capacities follow from the demand.
  public mutating func archive(_ archive: inout StateArchive) throws {
  }
}
