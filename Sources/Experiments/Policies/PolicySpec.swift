// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
import Forecasting
public import Units
public import Workloads

/// What a policy may learn from before any run.
public struct TrainingContext: Sendable {
  /// Demand before time zero; nil when the scenario has none.
  public var history: DemandTrace?
  /// Demand of the run itself: only for policies that are stated to know it (in-sample sizing,
  /// the oracle).
  public var run: DemandTrace
  /// What one full instance of each VM can serve.
  public var capacities: [Cores]
  /// Seed of whatever is random in training.
  public var seed: UInt64
  /// The risk model of PVMS: by far the longest training, and the same whatever its parameters
  /// are, so all variants of a comparison share it.
  let learnedRisk = Once<(any OverloadRiskModel)?>()

  /// Samples in an hour, at least one.
  var stepsPerHour: Int { max(1, SimTime.hours(1) / run.interval) }

  /// The loads before time zero, as forecasters learn from them; without any, an empty past.
  var past: TrainingSeries {
    let calendar = StepCalendar(
      interval: run.interval,
      startEpochSeconds: history?.startEpochSeconds ?? run.startEpochSeconds ?? 0)
    guard let history else {
      return TrainingSeries(
        empty: run.vms.count, calendar: calendar, classes: run.vms.map(\.profile))
    }
    return TrainingSeries(
      (0..<history.vms.count).map { history.cpuCores.column($0).map { Double($0) } },
      calendar: calendar, classes: history.vms.map(\.profile))
  }
}

/// A policy as a scenario asks for it: a name, how to train it, and how to make one for a run.
public struct PolicySpec: Sendable {
  /// Makes a fresh policy for a run in the data center of the inventory.
  public typealias Maker = @Sendable (Inventory) throws -> any ManagementPolicy

  /// The name in scenario files.
  public var name: String
  /// The name in results: distinguishes a policy from another one of the same name.
  public var label: String
  /// Learns what there is to learn, once for all runs on the same demand.
  public var train: @Sendable (TrainingContext) throws -> Maker

  /// A policy that learns.
  public init(
    name: String, label: String? = nil,
    train: @escaping @Sendable (TrainingContext) throws -> Maker
  ) {
    self.name = name
    self.label = label ?? name
    self.train = train
  }

  /// The policy called `name` with its default parameters, or nil.
  public static func named(_ name: String) -> PolicySpec? {
    var source = DefaultParameters()
    let all: [Alternative<DefaultParameters, PolicySpec>] = PolicyCatalog.alternatives()
    return all.first { $0.name == name }?.read(&source)
  }
}
