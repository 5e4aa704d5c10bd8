// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Statistics
import Testing

/// Rounding of sums of a few terms.
private let exact = 1e-12

@Suite("Paired differences")
struct PairedDifferenceTests {
  /// scipy.stats.ttest_rel([5, 7, 9, 4], [4, 5, 5, 5]).confidence_interval(0.95)
  /// = (-1.8124, 4.8124): mean 1.5, standard error 1.0408, t(0.975, 3) = 3.18245.
  @Test("agree with SciPy's paired t test")
  func interval() {
    let difference = PairedDifference([5, 7, 9, 4], minus: [4, 5, 5, 5])
    #expect(difference.mean == 1.5)
    #expect(abs(difference.halfWidth - 3.1824463052837078 * 1.0408329997330663) < 1e-9)
    #expect(abs(difference.relative - 1.5 / 4.75) < 1e-12)
  }

  @Test("one pair has no interval")
  func onePair() {
    let difference = PairedDifference([2], minus: [1])
    #expect(difference.mean == 1)
    #expect(difference.halfWidth.isNaN)
  }

  /// scipy.stats.ttest_rel([5, 7, 9, 4], [4, 5, 5, 5], alternative="greater").pvalue
  @Test("the one-sided test is SciPy's")
  func oneSided() {
    let test = PairedDifference([5, 7, 9, 4], minus: [4, 5, 5, 5])
    #expect(abs(test.probabilityOfNoIncrease - 0.12259694089747389) < 1e-9)
    #expect(abs(test.effectSize - 1.5 / 4.333333333333333.squareRoot()) < exact)
  }

  @Test("differences that are all the same leave no doubt")
  func constant() {
    #expect(PairedDifference([2, 3], minus: [1, 2]).probabilityOfNoIncrease == 0)
    #expect(PairedDifference([2, 3], minus: [2, 3]).probabilityOfNoIncrease == 1)
    #expect(PairedDifference([2], minus: [1]).probabilityOfNoIncrease.isNaN)
  }
}

@Suite("Tests of several samples")
struct SampleTests {
  /// scipy.stats.ttest_ind([3, 5, 4, 8], [1, 2, 4], equal_var=False, alternative="greater")
  @Test("Welch's test is SciPy's")
  func welch() {
    let test = WelchTest([3, 5, 4, 8], against: [1, 2, 4])
    #expect(abs(test.difference - (5 - 7.0 / 3)) < exact)
    #expect(abs(test.probabilityOfNoIncrease - 0.05701984264160333) < 1e-9)
    #expect(WelchTest([1], against: [1, 2]).probabilityOfNoIncrease.isNaN)
    #expect(WelchTest([1, 1], against: [1, 1]).probabilityOfNoIncrease == 1)
  }

  /// R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") = 0.03 0.06 0.06 0.02
  @Test("Holm's correction is R's, and tests that do not exist do not count")
  func holm() {
    let adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
    for (value, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) {
      #expect(abs(value - expected) < exact)
    }
    let partial = holmAdjusted([.nan, 0.9, 0.6])
    #expect(partial[0].isNaN && partial[1] == 1 && partial[2] == 1)
    #expect(holmAdjusted([]).isEmpty)
  }

  @Test("bootstrap intervals cover the mean about as often as they say")
  func bootstrap() {
    var stream = RandomStream(seed: 4, purpose: "test")
    let trials = 300
    var covered = 0
    for trial in 0..<trials {
      let values = (0..<30).map { _ in stream.uniform() }
      let interval = bootstrapInterval(of: values, resamples: 400, seed: UInt64(trial))
      if interval.lower <= 0.5, interval.upper >= 0.5 { covered += 1 }
    }
    // 95 % less the known shortness for 30 values (about 1.5 points), ± 3.5 standard errors.
    #expect((265...297).contains(covered), "\(covered) of \(trials)")
    let one = bootstrapInterval(of: [1])
    #expect(one.lower.isNaN && one.upper.isNaN)
    #expect(bootstrapInterval(of: [1, 2, 4]) == bootstrapInterval(of: [1, 2, 4]))
  }
}

@Suite("MSER-5")
struct WarmUpTests {
  /// The statistic by its definition, for every truncation.
  private func slow(_ values: [Double]) -> Int? {
    let batches = (0..<values.count / 5).map { values[$0 * 5..<$0 * 5 + 5].reduce(0, +) / 5 }
    let errors = (0...batches.count / 2).map { dropped in
      let rest = batches[dropped...]
      let mean = rest.reduce(0, +) / Double(rest.count)
      return rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        / Double(rest.count * rest.count)
    }
    let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
    return best < batches.count / 2 ? best * 5 : nil
  }

  @Test("finds the truncation that the definition gives", arguments: 0..<20)
  func definition(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: "test")
    let transient = stream.integer(below: 120)
    let values = (0..<400).map { 1e3 + stream.uniform() + ($0 < transient ? 5.0 : 0) }
    let length = warmUpLength(of: values)
    #expect(length == slow(values))
    // All of the transient goes, up to the batch in which it ends.
    #expect(length ?? 0 >= transient / 5 * 5)
  }

  @Test("a run that never settles, or is too short, has no answer")
  func unsettled() {
    #expect(warmUpLength(of: (0..<100).map(Double.init)) == nil)
    #expect(warmUpLength(of: [1, 2, 3]) == nil)
    #expect(warmUpLength(of: Array(repeating: 1, count: 100)) == 0)
  }
}

@Suite("Pareto fronts")
struct ParetoTests {
  private typealias Point = ParetoFront.Point

  @Test("points of 1/x lie on it and are interpolated by chords")
  func hyperbola() throws {
    let points = [4.0, 1, 2].map { Point(cost: $0, loss: 1 / $0) } + [Point(cost: 3, loss: 0.6)]
    let front = ParetoFront(points)
    #expect(front.indices == [1, 2, 0])
    #expect(try abs(#require(front.loss(atCost: 1.5)) - 0.75) < exact)
    #expect(try abs(#require(front.loss(atCost: 3)) - 0.375) < exact)
    #expect(try abs(#require(front.cost(atLoss: 0.75)) - 1.5) < exact)
    #expect(front.loss(atCost: 0.5) == nil && front.loss(atCost: 9) == 0.25)
    #expect(front.cost(atLoss: 0.2) == nil && front.cost(atLoss: 2) == 1)
    for point in front.points {
      #expect(front.loss(atCost: point.cost) == point.loss)
      #expect(front.cost(atLoss: point.loss) == point.cost)
    }
  }

  @Test("no point of a front is beaten, every other one is", arguments: 0..<20)
  func dominance(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: "test")
    // A coarse grid, so that there are ties.
    let points = (0..<40).map { _ in
      Point(cost: Double(stream.integer(below: 9)), loss: Double(stream.integer(below: 9)))
    }
    let front = ParetoFront(points)
    for (index, point) in points.enumerated() {
      let isBeaten = points.contains {
        $0.cost <= point.cost && $0.loss <= point.loss && $0 != point
      }
      if front.indices.contains(index) { #expect(!isBeaten) }
      if !isBeaten { #expect(front.points.contains(point)) }
    }
  }

  @Test("what is no number is not on a front")
  func notNumbers() {
    let front = ParetoFront([Point(cost: .nan, loss: 0), Point(cost: 0, loss: .infinity)])
    #expect(front.points.isEmpty && front.loss(atCost: 1) == nil && front.cost(atLoss: 1) == nil)
  }
}
