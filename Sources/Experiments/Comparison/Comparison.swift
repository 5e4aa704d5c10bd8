// SPDX-License-Identifier: Apache-2.0
import Numerics
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

/// The mean of differences taken pair by pair, with its 95 % confidence interval.
public struct PairedDifference: Sendable, Hashable {
  /// Mean difference.
  public var mean: Double
  /// Half the width of the interval: Student's t with n − 1 degrees of freedom; NaN for one pair.
  public var halfWidth: Double
  /// Mean of the second sample, for relative statements.
  public var baselineMean: Double

  /// Lower and upper end of the interval.
  public var lower: Double { mean - halfWidth }
  /// Upper end of the interval.
  public var upper: Double { mean + halfWidth }
  /// The difference as a share of the baseline; NaN when that is 0.
  public var relative: Double { baselineMean == 0 ? .nan : mean / baselineMean }
  /// Differences of samples that belong together pair by pair.
  public init(_ values: [Double], minus baseline: [Double]) {
    let differences = zip(values, baseline).map { $0 - $1 }
    let count = Double(differences.count)
    let average = differences.reduce(0, +) / count
    mean = average
    baselineMean = baseline.reduce(0, +) / count
    guard differences.count > 1 else {
      halfWidth = .nan
      return
    }
    let squares = differences.reduce(0) { $0 + ($1 - average) * ($1 - average) }
    let deviation = (squares / (count - 1)).squareRoot()
    halfWidth =
      studentTQuantile(0.975, degreesOfFreedom: count - 1) * deviation / count.squareRoot()
  }
}
