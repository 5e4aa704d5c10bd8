// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// Horizontal autoscaling with the semantics of the Kubernetes HorizontalPodAutoscaler.
///
/// Each sync, `desired = ⌈n · u/target⌉` for n instances of mean utilisation u, unless u/target is
/// within the tolerance of 1. Instances are added at once and taken away only down to the highest
/// wish of the down-scale window. Source: Kubernetes documentation, "Horizontal Pod Autoscaling"
/// (algorithm details; `--horizontal-pod-autoscaler-sync-period` 15 s, `…-tolerance` 0.1,
/// `…-downscale-stabilization` 5 min).
public struct ThresholdAutoscaling: ManagementPolicy {
  /// The knobs.
  public struct Parameters: Sendable, Hashable {
    /// Utilisation that is aimed at.
    public var target: Double
    /// Least relative distance from the target that leads to a change.
    public var tolerance: Double
    /// Time between two syncs.
    public var syncPeriod: SimTime
    /// For how long a wish for more instances keeps instances.
    public var downscaleWindow: SimTime
    /// Most instances besides the primary.
    public var maximumShadows: Int

    /// Reads the parameters; the defaults are those of Kubernetes, target 80 %.
    public init(from source: inout some ParameterSource) {
      target = source.fraction(
        "target", default: 0.8, in: 0.01...1, about: "Mean utilisation that is aimed at.")
      tolerance = source.fraction(
        "tolerance", default: 0.1, about: "Distance from the target that changes nothing.")
      syncPeriod = source.time(
        "sync", default: .seconds(15), in: .seconds(1) ... .hours(1),
        about: "Time between two looks at the load.")
      downscaleWindow = source.time(
        "downscaleWindow", default: .minutes(5), in: .zero ... .days(1),
        about: "Instances are taken away only down to the most wanted within this time.")
      maximumShadows = source.integer(
        "maximumShadows", default: 4, in: 1...64, about: "Most instances besides the primary.")
    }
  }

  private let parameters: Parameters
  private let capacityCores: [Double]
  private var offeredCores: [Double]
  private var wanted: [Int]
  private var wishes: [[(at: SimTime, count: Int)]]
  private var nextSync: SimTime = .zero
  private var actuator: ShadowActuator

  /// A policy that has seen nothing yet.
  public init(parameters: Parameters, inventory: Inventory) {
    self.parameters = parameters
    capacityCores = inventory.vms.map(\.capacity.value)
    let count = inventory.vms.count
    offeredCores = [Double](repeating: .nan, count: count)
    wanted = [Int](repeating: 1, count: count)
    wishes = [[(at: SimTime, count: Int)]](repeating: [], count: count)
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

  /// Wants as many instances as the rule says, for every VM whose load is known.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    guard now >= nextSync else { return }
    nextSync = now + parameters.syncPeriod
    commands.wake(at: nextSync)
    for vm in wanted.indices where offeredCores[vm].isFinite && capacityCores[vm] > 0 {
      wanted[vm] = stabilised(vm, desired(vm), at: now)
      actuator.want(
        wanted[vm] > 1 ? .active(count: wanted[vm] - 1) : .none, for: VMID(vm), at: now,
        because: .init(forecastCores: offeredCores[vm]), commands: &commands)
    }
  }

  private func desired(_ vm: Int) -> Int {
    let count = Double(wanted[vm])
    let ratio = offeredCores[vm] / (count * capacityCores[vm]) / parameters.target
    guard abs(ratio - 1) > parameters.tolerance else { return wanted[vm] }
    // The slack keeps a whole number from being rounded up by its last bit.
    let desired = (count * ratio - 1e-9).rounded(.up)
    return max(1, min(Int(min(desired, 1e6)), parameters.maximumShadows + 1))
  }

  private mutating func stabilised(_ vm: Int, _ desired: Int, at now: SimTime) -> Int {
    wishes[vm].removeAll { now - $0.at > parameters.downscaleWindow || $0.count <= desired }
    wishes[vm].append((now, desired))
    return wishes[vm].map(\.count).max() ?? desired
  }
}

extension ThresholdAutoscaling {
  /// Exchanges what was measured and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&offeredCores)
    try archive.state(&wanted)
    for vm in wishes.indices {
      wishes[vm] = try archive.pairs(wishes[vm].map { ($0.at, $0.count) }).map { ($0, $1) }
    }
    try archive.state(&nextSync)
    try archive.state(&actuator)
  }
}
