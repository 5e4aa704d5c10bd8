// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Units

/// All VMs (application instances behind a load balancer), struct-of-arrays.
///
/// Rates are those that hold since `settledAt`; `settle` books them exactly.
struct VirtualMachines: Sendable, Codable {
  let count: Int
  /// Load offered by the trace, in cores.
  var offeredCores: ContiguousArray<Double>
  /// What one full instance can serve at the reference core speed, in cores.
  var capacityCores: ContiguousArray<Double>
  /// Memory of one full instance.
  let memoryBytes: ContiguousArray<Double>
  /// Position of the model of its response times in the scenario.
  var responseModel: ContiguousArray<Int32>
  /// Remaining finite work in reference core-seconds; 0 when the VM carries none.
  var workCoreSeconds: ContiguousArray<Double>
  /// Cores that the work can use at once.
  var workParallelism: ContiguousArray<Double>
  /// The event at which the work is done.
  var workEvent: ContiguousArray<EventHandle?>
  /// Migration under way or waiting, an index into the plant's migrations; -1 when there is none.
  var migration: ContiguousArray<Int32>
  /// Whether a migration is under way.
  var isMigrating: ContiguousArray<Bool>
  /// Whether the primary does not run now (downtime, crash, boot, not placed).
  var isDown: ContiguousArray<Bool>
  /// When the primary was lost with its host; `distantFuture` while it has not been.
  var crashedAt: ContiguousArray<SimTime>
  /// The host that it was lost with; -1 before any loss.
  var lostHost: ContiguousArray<Int32>
  /// The next try to come back, or the end of the boot.
  var restartEvent: ContiguousArray<EventHandle?>

  // Rates that hold now.
  /// Share of the load that the balancer loses: on targets that have failed, or for want of any.
  var lostShare: ContiguousArray<Double>
  /// Whether no instance serves.
  var isOut: ContiguousArray<Bool>
  var isDegraded: ContiguousArray<Bool>
  var servedRate: ContiguousArray<Double>
  var unservedRate: ContiguousArray<Double>
  var workRate: ContiguousArray<Double>
  /// Load that gets no answer, in cores: sent to targets that have failed.
  var lostRate: ContiguousArray<Double>

  // Books.
  var settledAt: ContiguousArray<SimTime>
  var degradedSeconds: ContiguousArray<Double>
  var overloadSeconds: ContiguousArray<Double>
  var degradedOverloadSeconds: ContiguousArray<Double>
  var downtimeSeconds: ContiguousArray<Double>
  var offeredCoreSeconds: ContiguousArray<Double>
  var servedCoreSeconds: ContiguousArray<Double>
  var unservedCoreSeconds: ContiguousArray<Double>
  /// Work lost because of migrations (for PDM): part of `unservedCoreSeconds`.
  var migrationLossCoreSeconds: ContiguousArray<Double>

  init(capacityCores: [Double], memoryBytes: [Double]) {
    count = capacityCores.count
    self.capacityCores = ContiguousArray(capacityCores)
    self.memoryBytes = ContiguousArray(memoryBytes)
    func filled<Value>(_ value: Value) -> ContiguousArray<Value> {
      ContiguousArray(repeating: value, count: capacityCores.count)
    }
    offeredCores = filled(0)
    workCoreSeconds = filled(0)
    workParallelism = filled(0)
    workEvent = filled(nil)
    migration = filled(-1)
    isMigrating = filled(false)
    isDown = filled(false)
    crashedAt = filled(.distantFuture)
    lostHost = filled(-1)
    restartEvent = filled(nil)
    lostShare = filled(0)
    isOut = filled(false)
    isDegraded = filled(false)
    servedRate = filled(0)
    unservedRate = filled(0)
    workRate = filled(0)
    lostRate = filled(0)
    responseModel = filled(0)
    settledAt = filled(.zero)
    degradedSeconds = filled(0)
    overloadSeconds = filled(0)
    degradedOverloadSeconds = filled(0)
    downtimeSeconds = filled(0)
    offeredCoreSeconds = filled(0)
    servedCoreSeconds = filled(0)
    unservedCoreSeconds = filled(0)
    migrationLossCoreSeconds = filled(0)
  }

  /// Books the time since the last settlement with the values that held; returns its length.
  @discardableResult
  mutating func settle(_ vm: Int, at now: SimTime) -> Double {
    let seconds = (now - settledAt[vm]).seconds
    guard seconds > 0 else { return 0 }
    settledAt[vm] = now
    let offered = offeredCores[vm]
    offeredCoreSeconds[vm] += offered * seconds
    servedCoreSeconds[vm] += servedRate[vm] * seconds
    if workCoreSeconds[vm] > 0 {
      workCoreSeconds[vm] = max(0, workCoreSeconds[vm] - workRate[vm] * seconds)
    }
    let isOverloaded = offered > capacityCores[vm] * (1 + VirtualMachines.tolerance)
    if isOverloaded { overloadSeconds[vm] += seconds }
    if isDegraded[vm] {
      degradedSeconds[vm] += seconds
      unservedCoreSeconds[vm] += unservedRate[vm] * seconds
      if isOverloaded { degradedOverloadSeconds[vm] += seconds }
      if isMigrating[vm] { migrationLossCoreSeconds[vm] += unservedRate[vm] * seconds }
    }
    if isOut[vm], offered > 0 || workCoreSeconds[vm] > 0 { downtimeSeconds[vm] += seconds }
    return seconds
  }

  /// Relative difference below which load and supply count as equal (rounding of shares).
  static let tolerance = 1e-9
}
