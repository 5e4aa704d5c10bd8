// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Statistics
import Studies
import Testing

/// Rounding of sums of a few terms.
private let exact = 1e-9

@Suite("Frontiers")
struct FrontierTests {
  /// Loss scale / cost at the costs given; seeds shift the loss by −1, 0, 1 times `noise`.
  private func hyperbola(
    _ name: String, scale: Double, costs: [Double], noise: Double = 0, isCold: Bool = false
  ) -> Frontier.Curve {
    Frontier.Curve(
      policy: name, key: "knob", isColdReactive: isCold,
      settings: costs.map { cost in
        Frontier.Setting(
          value: "\(cost)", costs: [cost, cost, cost],
          losses: [-1.0, 0, 1].map { scale / cost + $0 * noise })
      })
  }

  @Test("half the loss at each cost is −50 % everywhere, and half the cost at each loss")
  func hyperbolas() throws {
    let costs = [1.0, 2, 4, 8, 16]
    let frontier = Frontier([
      hyperbola("a", scale: 8, costs: costs, noise: 0.1),
      hyperbola("b", scale: 16, costs: costs, noise: 0.1),
    ])
    let equalCost = frontier.gaps.filter { $0.kind == .equalCost }
    #expect(equalCost.count == costs.count)
    for gap in equalCost {
      // The same noise on both sides goes out of the paired difference.
      #expect(abs(gap.difference.relative + 0.5) < exact)
      #expect(gap.difference.halfWidth < exact)
      #expect(abs(gap.bootstrap.lower - gap.difference.mean) < exact)
      #expect(!gap.isReferenceEnd)
    }
    // a at cost c loses 8/c, which b has at cost 2c: at 16 b would need 32 and has no such setting.
    let equalQuality = frontier.gaps.filter { $0.kind == .equalQuality }
    #expect(equalQuality.count == costs.count - 1)
    for gap in equalQuality { #expect(abs(gap.difference.relative + 0.5) < exact) }
  }

  @Test("between settings stands their mixture, in each seed")
  func mixture() throws {
    func curve(_ name: String, _ points: [(costs: [Double], losses: [Double])]) -> Frontier.Curve {
      Frontier.Curve(
        policy: name, key: "", isColdReactive: false,
        settings: points.map { .init(value: "", costs: $0.costs, losses: $0.losses) })
    }
    let frontier = Frontier([
      curve("a", [([2, 3], [3, 2])]),
      curve("b", [([1, 1], [12, 8]), ([5, 5], [2, 4])]),
    ])
    // Mean cost 2.5: 5/8 of the first setting and 3/8 of the second.
    let gap = try #require(frontier.gaps.first { $0.kind == .equalCost })
    let mixed = [12 * 0.625 + 2 * 0.375, 8 * 0.625 + 4 * 0.375]
    let expected = PairedDifference([3, 2], minus: mixed)
    #expect(abs(gap.difference.mean - expected.mean) < exact)
    #expect(abs(gap.difference.halfWidth - expected.halfWidth) < exact)
    #expect(abs(gap.difference.baselineMean - 7.375) < exact)
  }

  @Test("what a reference does not reach is left out; beyond its end stands its end")
  func ends() {
    let frontier = Frontier([
      hyperbola("a", scale: 10, costs: [1, 100]), hyperbola("b", scale: 10, costs: [5, 10]),
    ])
    let gaps = frontier.gaps.filter { $0.kind == .equalCost }
    #expect(gaps.map(\.setting) == [1])
    #expect(gaps.map(\.isReferenceEnd) == [true])
    #expect(gaps.map(\.difference.baselineMean) == [1])
  }

  @Test("the best reactive curve is that of all cold reactive policies together")
  func bestReactive() throws {
    let frontier = Frontier([
      hyperbola("predictive", scale: 1, costs: [3, 6]),
      hyperbola("r1", scale: 6, costs: [1, 3], isCold: true),
      hyperbola("r2", scale: 12, costs: [2, 6], isCold: true),
    ])
    let joint = try #require(frontier.bestReactive)
    #expect(joint.front.points.map(\.cost) == [1, 3])
    let gaps = frontier.gaps.filter { $0.reference == Frontier.bestReactiveName }
    #expect(gaps.count { $0.kind == .equalCost } == 2)
    #expect(gaps.allSatisfy { $0.policy == "predictive" })
    #expect(Frontier([hyperbola("r", scale: 1, costs: [1], isCold: true)]).bestReactive == nil)
  }

  @Test("who pays in another currency is no part of the best reactive curve")
  func freeSettings() throws {
    let frontier = Frontier([
      hyperbola("predictive", scale: 1, costs: [2, 4]),
      hyperbola("reactive", scale: 8, costs: [2, 4], isCold: true),
      Frontier.Curve(
        policy: "larger primaries", key: "", isColdReactive: true,
        settings: [.init(value: "", costs: [0, 0, 0], losses: [0.1, 0.1, 0.1])]),
    ])
    let joint = try #require(frontier.bestReactive)
    #expect(joint.front.points.map(\.cost) == [2, 4])
    let gaps = frontier.gaps.filter {
      $0.reference == Frontier.bestReactiveName && $0.kind == .equalCost
    }
    #expect(gaps.map(\.difference.baselineMean) == [4, 2])
  }

  @Test("half way from the reactive loss to the oracle's is half of its gain")
  func captures() throws {
    // Where the oracle needs less than the policy, what it has at its end counts.
    let frontier = Frontier([
      hyperbola("predictive", scale: 6, costs: [1, 2, 4]),
      hyperbola("reactive", scale: 10, costs: [1, 2, 4], isCold: true),
      hyperbola("oracle", scale: 2, costs: [2]),
    ])
    // At 2: reactive 5, policy 3, oracle 1. At 4: 2.5, 1.5, 1. At 1 the oracle has nothing.
    #expect(frontier.captures.map(\.setting) == [1, 2])
    let shares = frontier.captures.map(\.share)
    #expect(abs(shares[0] - 0.5) < exact && abs(shares[1] - 1 / 1.5) < exact)
    #expect(frontier.captures.map(\.oracleLoss) == [1, 1])
    let without = Frontier(frontier.curves.filter { $0.policy != Frontier.oracleName })
    #expect(without.captures.isEmpty)
  }
}

@Suite("Plans of frontiers")
struct FrontierPlanTests {
  private let folder = ScenarioFolder(sharedFolder: nil)

  private func plan(
    _ names: [String], knobs: [String] = [], set: [String] = []
  ) throws -> FrontierPlan {
    try FrontierPlan(
      scenario: try SmallScenario.file(set: set), names: names,
      knobs: try knobs.map { try #require(PolicyKnob($0)) }, folder: folder)
  }

  @Test("every knob of the catalogue is one that its policy takes", arguments: PolicyCatalog.knobs)
  func catalogue(knob: PolicyKnob) throws {
    let entry = try #require(try plan([knob.policy]).entries.first)
    #expect(entry.key == knob.key && entry.settings.map(\.value) == knob.values)
    let labels = entry.settings.map(\.policy.label)
    #expect(Set(labels).count == labels.count)
    #expect(entry.settings.allSatisfy { $0.policy.name == knob.policy })
  }

  @Test("the knob has an effect, whether the policy stands in the scenario or not")
  func effect() throws {
    func degraded(_ plan: FrontierPlan) throws -> [Double] {
      let runner = ComparisonRunner(
        scenario: try SmallScenario.file(), policies: plan.policies, seedCount: 1, jobs: 2)
      let metric = try #require(Metric.position(of: "degradedVmSeconds"))
      return try runner.run().results.map { $0[0].metrics[metric] }
    }
    let listed = try degraded(
      try plan(["reactive-shadow"], knobs: ["reactive-shadow:holdOff=0 s,30 min"]))
    #expect(listed[0] > listed[1])
    let named = try degraded(
      try plan(["delay-off", "none"], knobs: ["delay-off:wait=0 s,60 min"]))
    #expect(named[0] > named[1] && named[2] >= named[0])
    // The policy of the scenario, as it stands there.
    let metric = try #require(Metric.position(of: "degradedVmSeconds"))
    #expect(listed[1] == (try SmallScenario.compare(seeds: 1...1)).results[0][0].metrics[metric])
  }

  @Test("other parameters of a listed policy are kept")
  func kept() throws {
    let set = "policies=[{ reactive-shadow: { maximumShadows: 999, label: mine } }]"
    #expect(throws: ScenarioError.self) { try plan(["mine"], set: [set]) }
    let fine = "policies=[{ reactive-shadow: { maximumShadows: 9, label: mine } }]"
    let entry = try #require(try plan(["mine"], set: [fine]).entries.first)
    #expect(entry.label == "mine" && entry.settings.count == 10)
    #expect(entry.settings[0].policy.label == "mine holdOff=5 min")
  }

  @Test(
    "nonsense is refused",
    arguments: [
      (["pvm"], []), ([], []), (["none", "none"], []), (["none"], ["pvms:riskLevel=0.1"]),
    ] as [([String], [String])])
  func refused(names: [String], knobs: [String]) {
    #expect(throws: StudyError.self) { try plan(names, knobs: knobs) }
  }

  @Test("a key or value that the policy does not take is a problem of the scenario")
  func badKnob() {
    #expect(throws: ScenarioError.self) { try plan(["delay-off"], knobs: ["delay-off:wai=5 min"]) }
    #expect(throws: ScenarioError.self) { try plan(["delay-off"], knobs: ["delay-off:wait=5 kg"]) }
    #expect(throws: StudyError.self) { try FrontierStudy.axis("servedCoreSeconds") }
    #expect(throws: StudyError.self) { try FrontierStudy.axis("degradedVmSecond") }
  }

  @Test(
    "knobs are read", arguments: ["p", "p=1", ":k=1", "p:=1", "p:k=", "p:k=1,,2", "p:k= "])
  func knobText(text: String) {
    #expect(PolicyKnob(text) == nil || text == "p:k=1,,2")
    #expect(PolicyKnob("p:k=1, 5 min ")?.values == ["1", "5 min"])
  }
}
