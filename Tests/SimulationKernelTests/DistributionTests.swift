// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing

/// A distribution with its closed forms.
struct DistributionCase: Sendable, CustomTestStringConvertible {
  var name: String
  var mean: Double
  var variance: Double
  var draw: @Sendable (inout RandomStream) -> Double
  var distribution: @Sendable (Double) -> Double

  var testDescription: String { name }

  static let all = [
    DistributionCase(name: "uniform on [0, 1)", mean: 0.5, variance: 1.0 / 12) {
      $0.uniform()
    } distribution: {
      $0
    },
    DistributionCase(name: "uniform on [-2, 4)", mean: 1, variance: 3) {
      $0.uniform(in: -2..<4)
    } distribution: {
      ($0 + 2) / 6
    },
    DistributionCase(name: "exponential, mean 3", mean: 3, variance: 9) {
      $0.exponential(mean: 3)
    } distribution: {
      1 - exp(-$0 / 3)
    },
    DistributionCase(name: "normal, mean 5, sd 2", mean: 5, variance: 4) {
      $0.normal(mean: 5, standardDeviation: 2)
    } distribution: {
      erfc(-($0 - 5) / 8.0.squareRoot()) / 2
    },
    DistributionCase(
      name: "log-normal, median 2, sigma 0.5", mean: 2 * exp(0.125),
      variance: 4 * exp(0.25) * (exp(0.25) - 1)
    ) {
      $0.logNormal(median: 2, sigma: 0.5)
    } distribution: {
      erfc(-log($0 / 2) / 0.5 / 2.0.squareRoot()) / 2
    },
    DistributionCase(name: "Pareto, minimum 2, shape 5", mean: 2.5, variance: 5.0 / 12) {
      $0.pareto(minimum: 2, shape: 5)
    } distribution: {
      1 - pow(2 / $0, 5)
    },
    DistributionCase(
      name: "Weibull, scale 2, shape 1.5", mean: 2 * tgamma(5.0 / 3),
      variance: 4 * (tgamma(7.0 / 3) - pow(tgamma(5.0 / 3), 2))
    ) {
      $0.weibull(scale: 2, shape: 1.5)
    } distribution: {
      1 - exp(-pow($0 / 2, 1.5))
    },
    DistributionCase(name: "gamma, shape 3, scale 2", mean: 6, variance: 12) {
      $0.gamma(shape: 3, scale: 2)
    } distribution: {
      1 - exp(-$0 / 2) * (1 + $0 / 2 + $0 * $0 / 8)
    },
    DistributionCase(name: "gamma, shape 1/2, scale 1", mean: 0.5, variance: 0.5) {
      $0.gamma(shape: 0.5, scale: 1)
    } distribution: {
      erf($0.squareRoot())
    },
  ]
}

@Suite("Distributions")
struct DistributionTests {
  static let sampleSize = 40_000

  @Test("samples follow the distribution function", arguments: DistributionCase.all)
  func distribution(model: DistributionCase) {
    var stream = RandomStream(seed: 1, purpose: model.name)
    let sample = (0..<Self.sampleSize).map { _ in model.draw(&stream) }
    #expect(kolmogorovSmirnov(sample, model.distribution) < greatestKolmogorovSmirnov)
  }

  @Test("samples have the mean and the variance", arguments: DistributionCase.all)
  func moments(model: DistributionCase) {
    var stream = RandomStream(seed: 2, purpose: model.name)
    var moments = RunningMoments()
    var squares = RunningMoments()
    for _ in 0..<Self.sampleSize {
      let value = model.draw(&stream)
      moments.add(value)
      squares.add((value - model.mean) * (value - model.mean))
    }
    #expect(abs(moments.mean - model.mean) < deviations * moments.standardError)
    #expect(abs(squares.mean - model.variance) < deviations * squares.standardError)
  }

  @Test("Poisson counts follow the probabilities", arguments: [0.3, 3, 9.99, 10, 40, 2500])
  func poisson(mean: Double) {
    var stream = RandomStream(seed: 1, purpose: "poisson", entity: UInt64(mean * 100))
    let draws = (0..<Self.sampleSize).map { _ in stream.poisson(mean: mean) }
    // Cells of single counts, or of several where those are rare; the tails are a cell each.
    let step = max(1, Int(mean.squareRoot() / 4))
    let first = max(0, Int(mean - 3 * mean.squareRoot()))
    var edges = [first]
    while Double(edges.last ?? 0) < mean + 3 * mean.squareRoot() {
      edges.append((edges.last ?? 0) + step)
    }
    var counts = [Int](repeating: 0, count: edges.count + 1)
    for draw in draws { counts[edges.firstIndex { draw < $0 } ?? edges.count] += 1 }
    func probability(_ count: Int) -> Double {
      exp(Double(count) * log(mean) - mean - lgamma(Double(count) + 1))
    }
    var expected = [Double](repeating: 0, count: edges.count + 1)
    for count in 0..<edges[edges.count - 1] {
      expected[edges.firstIndex { count < $0 } ?? 0] += Double(draws.count) * probability(count)
    }
    expected[edges.count] = Double(draws.count) - expected.reduce(0, +)
    let used = expected.indices.filter { expected[$0] >= 5 }
    #expect(used.count >= 2)
    #expect(
      chiSquareDeviation(used.map { counts[$0] }, expected: used.map { expected[$0] }) < deviations)
  }

  @Test("large Poisson means keep mean and variance")
  func largePoisson() {
    var stream = RandomStream(seed: 1, purpose: "large poisson")
    var moments = RunningMoments()
    for _ in 0..<Self.sampleSize { moments.add(Double(stream.poisson(mean: 1e8))) }
    #expect(abs(moments.mean - 1e8) < deviations * moments.standardError)
    // The variance of a normal sample's variance is 2σ⁴/n.
    let error = 1e8 * (2 / Double(Self.sampleSize)).squareRoot()
    #expect(abs(moments.variance - 1e8) < deviations * error)
  }

  @Test("parameters at the edge give the constant")
  func degenerate() {
    var stream = RandomStream(seed: 1, purpose: "edge")
    #expect(stream.exponential(mean: 0) == 0)
    #expect(stream.normal(mean: 7, standardDeviation: 0) == 7)
    #expect(stream.logNormal(median: 0, sigma: 3) == 0)
    #expect(stream.poisson(mean: 0) == 0)
    let certain = [0.0, 1, -1, 2].map { stream.bernoulli($0) }
    #expect(certain == [false, true, false, true])
  }

  @Test(
    "the normal quantile agrees with scipy.special.ndtri",
    arguments: [
      (0.975, 1.959963984540054), (0.5, 0), (0.1, -1.2815515655446004),
      (1e-10, -6.361340902404056), (1e-300, -37.0470962993612), (0.9999, 3.719016485455709),
    ])
  func quantile(probability: Double, expected: Double) {
    // AS 241 states 1e-16; scipy's own error and the rounding of 1 − p are of the same size.
    let tolerance = 1e-14
    #expect(abs(normalQuantile(probability) - expected) <= tolerance * max(1, abs(expected)))
  }
}
