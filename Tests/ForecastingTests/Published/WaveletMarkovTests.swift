// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing
import Units

/// Two transforms of 256 values of magnitude 1.
private let transformTolerance = 1e-12

private func model(
  scales: Int, bins: Int = 40, fedWith values: [Double]
) -> WaveletMarkov {
  var source = DefaultParameters()
  var parameters = WaveletMarkov.Parameters(from: &source)
  parameters.scales = scales
  parameters.bins = bins
  parameters.predictor = .markov
  var model = WaveletMarkov(parameters: parameters, seriesCount: 1)
  for value in values { [value].withUnsafeBufferPointer { model.observe($0) } }
  return model
}

private func prediction(_ model: WaveletMarkov, _ horizon: Int) -> Double {
  var value = [0.0]
  value.withUnsafeMutableBufferPointer { model.predict(horizon: horizon, fitted: 0, into: $0) }
  return value[0]
}

private func noise(_ count: Int, seed: Int) -> [Double] {
  var stream = RandomStream(seed: UInt64(seed), purpose: "test/wavelet")
  return (0..<count).map { _ in stream.uniform() }
}

@Suite("AGILE's prediction")
struct WaveletMarkovTests {
  /// In closed form: the coefficients of such a load repeat, and where no two of a scale share a
  /// bin (squares grow by more than a 200th of their range) each is followed by one and the same,
  /// so that every chain is certain of what comes.
  @Test(
    "a load that repeats every 2^k samples is predicted exactly, wherever the window ends",
    arguments: [1, 2, 3, 4], [1, 2, 4, 8, 16])
  func periodic(scales: Int, period: Int) {
    let pattern = (0..<period).map { Double($0 * $0) / 256 }
    for count in 512..<(512 + period) {
      let model = model(
        scales: scales, bins: 200, fedWith: (0..<count).map { pattern[$0 % period] })
      #expect(model.modelIndex(series: 0) == 0)
      for horizon in 1...model.lookAhead {
        let expected = pattern[(count + horizon - 1) % period]
        #expect(abs(prediction(model, horizon) - expected) < transformTolerance)
      }
    }
  }

  /// Each scale by its own chain, coefficients worked out from their definition.
  @Test(
    "the block ahead is what the chains say of block means and of differences", arguments: 1...4)
  func scaleByScale(seed: Int) {
    let values = noise(256, seed: seed)
    func chain(_ coefficients: [Double]) -> BinnedMarkovChain {
      var chain = BinnedMarkovChain(binCount: 40)
      chain.fit(coefficients[...])
      return chain
    }
    func sum(_ start: Int, _ count: Int) -> Double { values[start..<start + count].reduce(0, +) }
    let blocks = chain(stride(from: 0, to: 256, by: 4).map { sum($0, 4) / 2 })
    let slow = chain(stride(from: 0, to: 256, by: 4).map { (sum($0, 2) - sum($0 + 2, 2)) / 2 })
    let root = 2.0.squareRoot()
    let fast = chain(stride(from: 0, to: 256, by: 2).map { (values[$0] - values[$0 + 1]) / root })
    let level = blocks.prediction(after: 1) / 2
    let half = slow.prediction(after: 1) / 2
    let steps = [1, 2].map { fast.prediction(after: $0) / root }
    let expected = [
      level + half + steps[0], level + half - steps[0],
      level - half + steps[1], level - half - steps[1],
    ]
    let model = model(scales: 2, fedWith: values)
    for horizon in 1...4 {
      // A coefficient on the border of a bin may be rounded to its other side.
      #expect(abs(prediction(model, horizon) - expected[horizon - 1]) < transformTolerance)
    }
    #expect(abs(prediction(model, 9) - level) < transformTolerance)
  }

  @Test("constant loads and zeros are predicted exactly", arguments: [0.0, 0.7])
  func constant(value: Double) {
    let model = model(scales: 3, fedWith: [Double](repeating: value, count: 300))
    for horizon in [1, 8, 12, 288] {
      #expect(abs(prediction(model, horizon) - value) < transformTolerance)
    }
  }

  @Test("the last value stands in until there are two look-ahead windows")
  func standIn() {
    let young = model(scales: 2, fedWith: [1, 2, 3, 4, 5, 6, 7])
    #expect(young.modelNames[young.modelIndex(series: 0)] == "naive")
    #expect(prediction(young, 3) == 7)
    let old = model(scales: 2, fedWith: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(old.modelIndex(series: 0) == 0)
    #expect(prediction(model(scales: 2, fedWith: []), 1) == 0)
  }

  @Test("missing values repeat the last one")
  func gaps() {
    let values = noise(300, seed: 7)
    let missing = values.indices.map { $0 % 9 == 4 ? Double.nan : values[$0] }
    let filled = values.indices.map { $0 % 9 == 4 ? values[$0 - 1] : values[$0] }
    for horizon in 1...4 {
      #expect(
        prediction(model(scales: 2, fedWith: missing), horizon)
          == prediction(model(scales: 2, fedWith: filled), horizon))
    }
  }
}
