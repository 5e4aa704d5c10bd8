// SPDX-License-Identifier: Apache-2.0
public import Statistics
public import Units
import Workloads

/// Every policy of a scenario under the same seeds, so that each pair of policies faces the same
/// world (common random numbers) and differences can be taken run by run.
public struct Comparison: Sendable {
  /// The scenario.
  public var scenario: ScenarioFile
  /// Labels of the policies, in the scenario's order.
  public var labels: [String]
  /// Seeds, ascending.
  public var seeds: [UInt64]
  /// Results `[policy][seed]`.
  public var results: [[RunResult]]
  /// Number of VMs.
  public var vmCount: Int
  /// Length of a demand sample.
  public var sampleInterval: SimTime

  /// A metric of all seeds of one policy.
  public func values(policy: Int, metric: Int) -> [Double] {
    results[policy].map { $0.metrics[metric] }
  }

  /// The difference policy − baseline in a metric.
  public func difference(policy: Int, baseline: Int, metric: Int) -> PairedDifference {
    PairedDifference(
      values(policy: policy, metric: metric), minus: values(policy: baseline, metric: metric))
  }
}
