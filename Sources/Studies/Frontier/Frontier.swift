// SPDX-License-Identifier: Apache-2.0
public import Statistics

/// What policies give for what they cost, as curves: each policy under several settings of its own
/// knob, and what separates the curves at equal cost and at equal quality.
///
/// Between two settings stands their mixture, each used part of the time. Its figures are the
/// mixed figures of the same seeds, so that differences stay paired.
public struct Frontier: Sendable {
  /// A policy under one setting.
  public struct Setting: Sendable {
    /// The knob's value as written; empty without a knob.
    public var value: String
    /// Cost by seed.
    public var costs: [Double]
    /// What is lost, by seed: the quality metric, which is better when lower.
    public var losses: [Double]
    /// Mean cost.
    public var cost: Double { costs.reduce(0, +) / Double(costs.count) }
    /// Mean loss.
    public var loss: Double { losses.reduce(0, +) / Double(losses.count) }

    /// A setting with its figures, one a seed.
    public init(value: String, costs: [Double], losses: [Double]) {
      self.value = value
      self.costs = costs
      self.losses = losses
    }
  }

  /// A policy, or several together.
  public struct Curve: Sendable {
    /// Label of the policy.
    public var policy: String
    /// Key of the knob; empty without one.
    public var key: String
    /// Whether it acts only on what it sees and keeps nothing ready.
    public var isColdReactive: Bool
    /// The settings.
    public var settings: [Setting]
    /// The settings that no other one of the curve beats, in the means over seeds.
    public var front: ParetoFront

    /// A curve.
    public init(policy: String, key: String, isColdReactive: Bool, settings: [Setting]) {
      self.policy = policy
      self.key = key
      self.isColdReactive = isColdReactive
      self.settings = settings
      front = ParetoFront(settings.map { .init(cost: $0.cost, loss: $0.loss) })
    }
  }

  /// What separates two curves at a point of the first.
  public struct Gap: Sendable {
    /// What is equal.
    public enum Kind: String, Sendable {
      case equalCost, equalQuality
    }

    /// What is equal.
    public var kind: Kind
    /// Label of the policy.
    public var policy: String
    /// Position of its setting in its curve.
    public var setting: Int
    /// Name of the curve it is compared with.
    public var reference: String
    /// Policy minus reference, seed by seed: loss at equal cost, cost at equal quality.
    public var difference: PairedDifference
    /// 95 % bootstrap interval of the mean difference.
    public var bootstrap: Interval
    /// Whether the reference's curve ends before this cost or loss, so that its end stands here.
    public var isReferenceEnd: Bool
  }

  /// What part of the gain that certainty gives a policy reaches, at the cost of its setting.
  public struct Capture: Sendable {
    /// Label of the policy.
    public var policy: String
    /// Position of its setting in its curve.
    public var setting: Int
    /// Mean loss of the cold reactive policies at this cost.
    public var reactiveLoss: Double
    /// Mean loss of the oracle at this cost; that of its end where it needs less.
    public var oracleLoss: Double
    /// (reactive − policy) / (reactive − oracle), of the means over seeds.
    public var share: Double
  }

  /// The curves in the order of the policies.
  public let curves: [Curve]
  /// The settings of all cold reactive policies together that cost anything; nil when there are
  /// fewer than two policies.
  public let bestReactive: Curve?
  /// The first policy against each other one, and every policy that is not cold reactive against
  /// the best reactive curve. Points that a reference does not reach are left out.
  public let gaps: [Gap]
  /// For each policy that is neither cold reactive nor the oracle, at each setting of its front.
  /// Empty without an oracle or a cold reactive policy.
  public let captures: [Capture]

  /// Name of the curve of all cold reactive policies together.
  public static let bestReactiveName = "best reactive"
  /// Label of the curve of the policy that knows what will come.
  public static let oracleName = "oracle"

  /// Compares curves whose settings have figures for the same seeds in the same order.
  public init(_ curves: [Curve]) {
    self.curves = curves
    let cold = curves.filter(\.isColdReactive)
    let joint = Curve(
      policy: Self.bestReactiveName, key: "", isColdReactive: true,
      // What costs nothing in this currency pays in another (larger primaries), or buys nothing.
      settings: cold.flatMap(\.settings).filter { $0.cost > 0 })
    bestReactive = cold.count > 1 ? joint : nil
    var pairs: [(Curve, Curve)] = []
    if let first = curves.first { pairs = curves.dropFirst().map { (first, $0) } }
    if cold.count > 1 {
      pairs += curves.filter { !$0.isColdReactive }.map { ($0, joint) }
    }
    gaps = pairs.flatMap { policy, reference in
      policy.front.indices.flatMap { setting in
        [Gap.Kind.equalCost, .equalQuality].compactMap {
          Self.gap($0, policy, setting: setting, reference: reference)
        }
      }
    }
    captures = curves.filter { !$0.isColdReactive && $0.policy != Self.oracleName }.flatMap {
      Self.captures($0, reactive: joint, oracle: curves.first { $0.policy == Self.oracleName })
    }
  }

  private static func captures(_ policy: Curve, reactive: Curve, oracle: Curve?) -> [Capture] {
    guard let oracle else { return [] }
    return policy.front.indices.compactMap { index in
      let setting = policy.settings[index]
      guard let reached = reactive.front.loss(atCost: setting.cost),
        let best = oracle.front.loss(atCost: setting.cost), best < reached
      else { return nil }
      return Capture(
        policy: policy.policy, setting: index, reactiveLoss: reached, oracleLoss: best,
        share: (reached - setting.loss) / (reached - best))
    }
  }

  private static func gap(
    _ kind: Gap.Kind, _ policy: Curve, setting index: Int, reference: Curve
  ) -> Gap? {
    let setting = policy.settings[index]
    let isCostEqual = kind == .equalCost
    let found =
      isCostEqual
      ? reference.front.mixture(atCost: setting.cost)
      : reference.front.mixture(atLoss: setting.loss)
    guard let mixture = found else { return nil }
    let own = isCostEqual ? setting.losses : setting.costs
    let other = own.indices.map { seed in
      mixture.mean {
        let mixed = reference.settings[$0]
        return isCostEqual ? mixed.losses[seed] : mixed.costs[seed]
      }
    }
    return Gap(
      kind: kind, policy: policy.policy, setting: index, reference: reference.policy,
      difference: PairedDifference(own, minus: other),
      bootstrap: bootstrapInterval(of: zip(own, other).map { $0 - $1 }),
      isReferenceEnd: mixture.isEnd)
  }
}
