// SPDX-License-Identifier: Apache-2.0
import Forecasting
import PVMS
import SimulationKernel
import Testing

@Suite("Whether forecasts are worth acting on")
struct PredictabilityTests {
  private let vmCount = 200

  /// Follows 300 intervals in which each VM is overloaded with probability 5 %, whatever was before;
  /// the model says so beforehand in `skill` of the cases and raises as many false alarms.
  private func trust(skill: Double, startingTrusted: Bool, seed: Int) -> Predictability {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/predictability")
    var monitor = Predictability(vmCount: vmCount, stepsPerHour: 12, isTrusted: startingTrusted)
    for _ in 0..<300 {
      let truth = (0..<vmCount).map { _ in stream.bernoulli(0.05) }
      let said = truth.map { isOverloaded in
        isOverloaded && stream.bernoulli(skill) ? 0.5 : stream.bernoulli(0.03) ? 0.5 : 0
      }
      _ = monitor.observe(
        truth.map { $0 ? 2 : 0.5 }, capacities: [Double](repeating: 1, count: vmCount),
        probabilities: said, threshold: 0.2)
    }
    return monitor
  }

  @Test(
    "a model with skill is trusted, one without is not, whatever was believed first",
    arguments: 0..<10)
  func judges(seed: Int) {
    for start in [true, false] {
      #expect(trust(skill: 0.5, startingTrusted: start, seed: seed).isTrusted)
      #expect(!trust(skill: 0, startingTrusted: start, seed: seed).isTrusted)
    }
  }

  @Test("nothing is judged on no evidence", arguments: [true, false])
  func noEvidence(start: Bool) {
    var monitor = Predictability(vmCount: 2, stepsPerHour: 12, isTrusted: start)
    for _ in 0..<100 {
      _ = monitor.observe(
        [0.5, .nan], capacities: [1, 1], probabilities: [0.9, 0.9], threshold: 0.2)
    }
    #expect(monitor.isTrusted == start)
    #expect(monitor.onsets == 0)
  }

  @Test("the hold-off's probability is the rate at which overloads followed each other")
  func rates() {
    // Overloaded in pairs: after a first overloaded interval always a second, then three quiet.
    var monitor = Predictability(vmCount: 50, stepsPerHour: 12, isTrusted: false)
    let capacities = [Double](repeating: 1, count: 50)
    for step in 0..<2000 {
      let load = step % 5 < 2 ? 2.0 : 0.5
      _ = monitor.observe(
        [Double](repeating: load, count: 50), capacities: capacities, probabilities: [],
        threshold: 1)
    }
    // Last step 1999 is the third quiet one: an overload follows every time.
    #expect((monitor.holdOffProbabilities().first ?? 0) > 0.99)
    _ = monitor.observe(
      [Double](repeating: 2, count: 50), capacities: capacities, probabilities: [], threshold: 1)
    // Just overloaded: the next interval is as often overloaded as not.
    #expect(abs((monitor.holdOffProbabilities().first ?? 0) - 0.5) < 0.01)
  }
}

@Suite("How many shadows are worth it")
struct OverloadNeedsTests {
  @Test("the number that maximises what is saved less what is paid", arguments: 0..<50)
  func best(seed: Int) {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/needs")
    var needs = OverloadNeeds(vmCount: 1, limit: 6)
    for _ in 0..<20 { needs.observe([stream.uniform() * 8], capacities: [1]) }
    let risk = stream.uniform()
    let price = stream.uniform() * 0.3
    func gain(_ count: Int) -> Double {
      count == 0
        ? 0
        : risk * (1 - needs.probability(ofAtLeast: count + 1, vm: 0)) - price * Double(count)
    }
    let best = needs.bestCount(vm: 0, risk: risk, price: price)
    #expect((0...6).allSatisfy { gain($0) <= gain(best) + 1e-12 })
  }

  @Test(
    "further shadows are needed no oftener than earlier ones, and one always is", arguments: 0..<20)
  func falling(seed: Int) {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/needs")
    var needs = OverloadNeeds(vmCount: 1, limit: 8)
    for _ in 0..<30 { needs.observe([stream.uniform() * 10], capacities: [1]) }
    let shares = (1...9).map { needs.probability(ofAtLeast: $0, vm: 0) }
    #expect(shares[0] == 1)
    #expect(shares[8] == 0)
    #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test("an overload that has always taken three takes three")
  func constant() {
    var needs = OverloadNeeds(vmCount: 1, limit: 8)
    for _ in 0..<5 { needs.observe([3.5], capacities: [1]) }
    #expect(needs.probability(ofAtLeast: 3, vm: 0) == 1)
    #expect(needs.probability(ofAtLeast: 4, vm: 0) == 0)
    #expect(needs.bestCount(vm: 0, risk: 0.9, price: 0.2) == 3)
    // Three cost more than the risk is worth.
    #expect(needs.bestCount(vm: 0, risk: 0.5, price: 0.2) == 0)
    #expect(needs.count(vm: 0, risk: 0.5, threshold: 0.2) == 3)
  }
}

@Suite("Load that an overload brings")
struct ExpectedExcessTests {
  /// Levels 5, 50, 80, 90, 95, 99 % at 1 … 6 cores.
  private var ladder: ForecastBatch {
    var batch = ForecastBatch(seriesCount: 1, horizons: [1], levels: PVMS.levels)
    batch.quantiles = [1, 2, 3, 4, 5, 6]
    return batch
  }

  @Test("is the mean of the quantile function above the capacity", arguments: [1.5, 2, 3.7, 5.2])
  func closedForm(capacity: Double) {
    // The same integral by small steps of the level; flat above the highest quantile.
    let levels = PVMS.levels + [1]
    let quantiles = [1.0, 2, 3, 4, 5, 6, 6]
    var sum = 0.0
    var count = 0.0
    for step in 0..<400_000 {
      let level = 0.05 + 0.95 * (Double(step) + 0.5) / 400_000
      let upper = levels.firstIndex { $0 >= level } ?? levels.count - 1
      let part = (level - levels[upper - 1]) / (levels[upper] - levels[upper - 1])
      let value = quantiles[upper - 1] + part * (quantiles[upper] - quantiles[upper - 1])
      if value > capacity {
        sum += value - capacity
        count += 1
      }
    }
    let excess = expectedExcess(ladder, horizon: 0, series: 0, capacity: capacity)
    // Error of the midpoint rule with that many steps.
    #expect(abs(excess - sum / count) < 1e-4)
  }

  @Test("is nothing where no overload is thought possible")
  func none() {
    #expect(expectedExcess(ladder, horizon: 0, series: 0, capacity: 6) == 0)
  }
}
