// SPDX-License-Identifier: Apache-2.0
public import Experiments
import Statistics

/// What became of a baseline's figures.
///
/// Under the baseline's own seeds every run meets the world that it met then, so an unchanged
/// program gives unchanged figures and each difference belongs to the change: it counts as worse
/// when its mean is beyond the tolerance and a paired test does not put it down to chance. Under
/// other seeds figures differ anyway: Welch's test has to be surer there.
public struct RegressionCheck: Sendable {
  /// What a row says.
  public enum Verdict: String, Sendable {
    /// Equal to the last bit.
    case same
    /// Different, but not beyond the tolerance, or not beyond chance.
    case within
    /// Better by more than the tolerance and chance.
    case better
    /// Worse by more than the tolerance and chance.
    case worse
    /// There is a figure on one side only.
    case missing
  }

  /// One metric of one policy.
  public struct Row: Sendable {
    /// Label of the policy.
    public var policy: String
    /// Name of the metric.
    public var metric: String
    /// By how much it may worsen, as a share.
    public var tolerance: Double
    /// Mean then.
    public var baseline: Double
    /// Mean now.
    public var current: Double
    /// Mean of what is worse by seed; negative when better. NaN when there is nothing to compare.
    public var worsening: Double
    /// Half of the paired 95 % interval of ``worsening``; NaN under other seeds.
    public var halfWidth: Double
    /// Probability of a worsening like this one by chance, corrected for the number of rows.
    public var probability: Double
    /// The judgement.
    public var verdict: Verdict

    /// The worsening as a share of the baseline; infinite when that is 0.
    public var relative: Double {
      worsening == 0 ? 0 : worsening / abs(baseline)
    }
    /// Whether the row lets the check fail.
    public var isFailure: Bool { verdict == .worse || verdict == .missing }
  }

  /// All rows, policy by policy.
  public let rows: [Row]
  /// Whether the seeds are the baseline's.
  public let isPaired: Bool
  /// Whether the scenario means what it meant then.
  public let isScenarioSame: Bool

  /// Whether nothing is worse.
  public var isPassed: Bool { !rows.contains(where: \.isFailure) }

  /// Level of the paired test. An unchanged program cannot fail it, whatever the level is.
  public static let pairedLevel = 0.05
  /// Level of Welch's test: the rate of false alarms under other seeds that is wanted at most.
  public static let otherSeedsLevel = 0.01

  /// Compares `comparison`, made as the baseline says, with it.
  ///
  /// - Precondition: The comparison has the baseline's policies in the same order.
  public init(_ baseline: Baseline, against comparison: Comparison) {
    precondition(baseline.figures.count == comparison.labels.count)
    let isPaired = comparison.seeds.first == baseline.firstSeed
    self.isPaired = isPaired
    isScenarioSame = comparison.scenario.digest == baseline.provenance.scenarioDigest
    var measured: [Measurement] = []
    for (policy, figures) in baseline.figures.enumerated() {
      for (watch, old) in zip(baseline.watches, figures.values) {
        guard let metric = Metric.position(of: watch.metric) else { continue }
        measured.append(
          Measurement(
            policy: figures.policy, watch: watch, old: old,
            new: comparison.values(policy: policy, metric: metric),
            isHigherBetter: Metric.all[metric].better == .higher, isPaired: isPaired))
      }
    }
    let worse = holmAdjusted(measured.map(\.worseProbability))
    let better = holmAdjusted(measured.map(\.betterProbability))
    rows = measured.indices.map { index in
      measured[index].row(
        worse: worse[index], better: better[index],
        level: isPaired ? Self.pairedLevel : Self.otherSeedsLevel)
    }
  }
}

/// A metric of a policy then and now, before the judgement.
private struct Measurement {
  let policy: String
  let watch: Baseline.Watch
  var oldMean = Double.nan
  var newMean = Double.nan
  var worsening = Double.nan
  var halfWidth = Double.nan
  var isSame = false
  var isMissing = false
  /// NaN when there is no test.
  var worseProbability = Double.nan
  var betterProbability = Double.nan

  init(
    policy: String, watch: Baseline.Watch, old: [Double], new: [Double], isHigherBetter: Bool,
    isPaired: Bool
  ) {
    self.policy = policy
    self.watch = watch
    var old = old
    var new = new
    if isPaired {
      isSame = zip(old, new).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
      isMissing = zip(old, new).contains { $0.isNaN != $1.isNaN }
      let there = old.indices.filter { !old[$0].isNaN && !new[$0].isNaN }
      (old, new) = (there.map { old[$0] }, there.map { new[$0] })
    } else {
      (old, new) = (old.filter { !$0.isNaN }, new.filter { !$0.isNaN })
    }
    guard !old.isEmpty, !new.isEmpty else { return }
    oldMean = old.reduce(0, +) / Double(old.count)
    newMean = new.reduce(0, +) / Double(new.count)
    let sign = isHigherBetter ? -1.0 : 1
    let (before, after) = (old.map { sign * $0 }, new.map { sign * $0 })
    if isPaired {
      let difference = PairedDifference(after, minus: before)
      worsening = difference.mean
      halfWidth = difference.halfWidth
      guard !isSame else { return }
      worseProbability = difference.probabilityOfNoIncrease
      betterProbability = PairedDifference(before, minus: after).probabilityOfNoIncrease
    } else {
      let test = WelchTest(after, against: before)
      worsening = test.difference
      worseProbability = test.probabilityOfNoIncrease
      betterProbability = WelchTest(before, against: after).probabilityOfNoIncrease
    }
  }

  /// The row. Without a test (one seed) the tolerance alone decides.
  func row(worse: Double, better: Double, level: Double) -> RegressionCheck.Row {
    let limit = watch.tolerance * abs(oldMean)
    let verdict: RegressionCheck.Verdict =
      if isMissing {
        .missing
      } else if isSame {
        .same
      } else if worsening > limit, worse.isNaN || worse < level {
        .worse
      } else if -worsening > limit, better.isNaN || better < level {
        .better
      } else {
        .within
      }
    return RegressionCheck.Row(
      policy: policy, metric: watch.metric, tolerance: watch.tolerance, baseline: oldMean,
      current: newMean, worsening: worsening, halfWidth: halfWidth, probability: worse,
      verdict: verdict)
  }
}
