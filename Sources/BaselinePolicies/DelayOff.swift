// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// AutoScale's delay-off: an instance is added as soon as load needs it, load is packed onto as few
/// instances as hold it, and one that has not been needed for the waiting time goes.
///
/// So as many instances stay as were needed at some time within the last `wait`: what index-based
/// packing with a timer on each server comes to. Source: Gandhi, Harchol-Balter, Raghunathan and
/// Kozuch, "AutoScale: Dynamic, Robust Capacity Management for Multi-Tier Data Centers", TOCS 30(4)
/// 2012, doi:10.1145/2382553.2382556, §4 (waiting time 120 s).
public struct DelayOff: ManagementPolicy {
  /// The knobs.
  public struct Parameters: Sendable, Hashable {
    /// Part of an instance's capacity that is used before another one is needed.
    public var packing: Double
    /// For how long an instance that is not needed stays.
    public var wait: SimTime
    /// Most instances besides the primary.
    public var maximumShadows: Int

    /// Reads the parameters; defaults: full packing, 120 s.
    public init(from source: inout some ParameterSource) {
      packing = source.fraction(
        "packing", default: 1, in: 0.05...1,
        about: "Part of an instance's capacity that is used before another one is needed.")
      wait = source.time(
        "wait", default: .seconds(120), in: .zero ... .days(7),
        about: "How long an instance that is not needed stays.")
      maximumShadows = source.integer(
        "maximumShadows", default: 4, in: 1...64, about: "Most instances besides the primary.")
    }
  }

  private let parameters: Parameters
  private let capacityCores: [Double]
  private var offeredCores: [Double]
  /// Per VM and number of shadows − 1: when that many were last needed.
  private var lastNeeded: [[SimTime?]]
  private var actuator: ShadowActuator

  /// A policy that has seen nothing yet.
  public init(parameters: Parameters, inventory: Inventory) {
    self.parameters = parameters
    capacityCores = inventory.vms.map(\.capacity.value)
    let count = inventory.vms.count
    offeredCores = [Double](repeating: 0, count: count)
    lastNeeded = [[SimTime?]](
      repeating: [SimTime?](repeating: nil, count: parameters.maximumShadows), count: count)
    actuator = ShadowActuator(vmCount: count)
  }

  /// Remembers the newest load of every VM; a missing value leaves the last one.
  public mutating func observe(_ frame: TelemetryFrame) {
    for (vm, value) in frame.offeredCores.enumerated() where value.isFinite {
      offeredCores[vm] = value
    }
  }

  /// Lets the actuator go on.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    actuator.receive(outcome, commands: &commands)
  }

  /// Wants as many shadows as were needed within the waiting time.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    for vm in offeredCores.indices {
      let needed = shadowsNeeded(
        for: offeredCores[vm], capacity: capacityCores[vm], threshold: parameters.packing,
        atMost: parameters.maximumShadows)
      for index in 0..<needed { lastNeeded[vm][index] = now }
      let kept = lastNeeded[vm].count { last in
        last.map { now - $0 < parameters.wait || $0 == now } ?? false
      }
      actuator.want(
        kept > 0 ? .active(count: kept) : .none, for: VMID(vm), at: now,
        because: .init(forecastCores: offeredCores[vm]), commands: &commands)
    }
  }
}

extension DelayOff {
  /// Exchanges what was measured and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&offeredCores)
    try archive.state(&lastNeeded)
    try archive.state(&actuator)
  }
}
