// SPDX-License-Identifier: Apache-2.0

/// Hosts of one kind.
public struct HostKind: Sendable, Hashable {
  /// CPU capacity in the unit of demand (cores, MIPS).
  public var capacity: Double
  /// The most that a VM of one virtual CPU can get.
  public var coreCapacity: Double
  /// Memory capacity in the unit of the VMs' memory.
  public var memory: Double
  /// Power in watts at 0, 10, … 100 % CPU.
  public var powerWatts: [Double]

  /// A kind of host.
  ///
  /// - Precondition: `powerWatts` has eleven values.
  public init(capacity: Double, coreCapacity: Double, memory: Double, powerWatts: [Double]) {
    precondition(powerWatts.count == PowerCurves.points, "a power curve has 11 points")
    self.capacity = capacity
    self.coreCapacity = coreCapacity
    self.memory = memory
    self.powerWatts = powerWatts
  }
}

/// Electric power of several kinds of host at 0, 10, … 100 % CPU, and linearly in between.
///
/// The arithmetic is that of CloudSim's SPECpower models, operation by operation, because the best
/// host is often decided by the last bit: hosts on the same straight part of their curves need
/// exactly the same additional power for a VM. All curves lie in one array, so that reading one
/// touches no reference count.
public struct PowerCurves: Sendable, Hashable {
  /// Points of a curve.
  public static let points = 11
  /// Distance of two curves: what lies beyond 100 % continues the last line; it is only compared.
  static let stride = 24

  let watts: ContiguousArray<Double>
  /// A tenth of each step: the rise per percent of load.
  private let risePerPercent: ContiguousArray<Double>
  private let tenths: ContiguousArray<Double>

  /// The curves of some kinds.
  public init(_ kinds: [HostKind]) {
    var watts: ContiguousArray<Double> = []
    var rises: ContiguousArray<Double> = []
    for kind in kinds {
      let given = kind.powerWatts
      let last = Self.points - 1
      for index in 0..<Self.stride {
        let beyond = Double(max(0, index - last)) * (given[last] - given[last - 1])
        watts.append(given[min(index, last)] + beyond)
        rises.append(index < last ? (given[index + 1] - given[index]) / 10 : 0)
      }
    }
    self.watts = watts
    risePerPercent = rises
    tenths = ContiguousArray((0...10).map { Double($0) / 10 })
  }

  /// The power of a kind at utilisation `u`, 0…1; values outside are clamped.
  ///
  /// `P(u) = T[a] + (T[a+1] − T[a])/10 · (u − a/10) · 100`, `a = ⌊10u⌋`.
  @inline(__always)
  public func power(of kind: Int, at utilisation: Double) -> Double {
    let u = utilisation > 0 ? min(utilisation, 1) : 0
    let position = u * 10
    let a = Int(position)
    let point = kind * Self.stride + a
    // A point of the table, also where only rounding makes 10u whole.
    if Double(a) == position { return watts[point] }
    return watts[point] + risePerPercent[point] * (u - tenths[a]) * 100
  }
}
