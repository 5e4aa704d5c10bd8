// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing
import Units

/// A mean of up to 16 equal values.
private let meanTolerance = 1e-12

/// The defaults, but searches are rarer: they are slow in debug builds.
private func parameters() -> SignatureMarkov.Parameters {
  var source = DefaultParameters()
  var parameters = SignatureMarkov.Parameters(from: &source)
  parameters.searchInterval = .hours(8)
  return parameters
}

/// A day of load: quiet nights, a broad day and one sharp peak.
private func day(_ step: Int, period: Int) -> Double {
  let phase = Double(step % period) / Double(period)
  return 1 + (phase > 0.4 && phase < 0.8 ? 0.5 : 0) + (phase > 0.6 && phase < 0.65 ? 1.5 : 0)
}

private func noise(_ count: Int, seed: Int) -> [Double] {
  var stream = RandomStream(seed: UInt64(seed), purpose: "test/signature")
  return (0..<count).map { _ in stream.uniform() }
}

private func model(fedWith series: [[Double]]) -> SignatureMarkov {
  var model = SignatureMarkov(
    parameters: parameters(), seriesCount: series.count, interval: .minutes(5))
  for step in series[0].indices {
    series.map { $0[step] }.withUnsafeBufferPointer { model.observe($0) }
  }
  return model
}

private func prediction(_ model: SignatureMarkov, _ horizon: Int) -> [Double] {
  var values = [Double](repeating: 0, count: model.seriesCount)
  values.withUnsafeMutableBufferPointer { model.predict(horizon: horizon, fitted: 0, into: $0) }
  return values
}

@Suite("PRESS's prediction")
struct SignatureMarkovTests {
  /// In closed form: what repeats exactly is its own average. Periods that divide the window of
  /// 2016 samples, and such that do not; after the last search, too.
  @Test("an exactly periodic load is predicted exactly", arguments: [7, 96, 100, 288, 311, 500])
  func periodic(period: Int) {
    for extra in [0, 50] {
      let count = 2016 + extra
      let model = model(fedWith: [(0..<count).map { day($0, period: period) }])
      #expect(model.modelIndex(series: 0) == 0)
      for horizon in 1...(2 * period) {
        let expected = day(count + horizon - 1, period: period)
        #expect(abs(prediction(model, horizon)[0] - expected) < meanTolerance)
      }
    }
  }

  @Test("a pattern is found from its second period on")
  func second() {
    let detector = SignatureDetector(similarity: 0.85, meanTolerance: 0.05)
    let values = (0..<208).map { day($0, period: 96) }
    #expect(detector.signature(of: values[..<144]) == nil)
    #expect(detector.signature(of: values[..<208])?.count == 96)
  }

  /// 496 samples are 15.5 periods: the spectrum's fundamental is split, its harmonics are not.
  @Test("sharp peaks whose harmonics are stronger than their fundamental are found")
  func harmonics() {
    let values = (0..<496).map { $0 % 32 == 20 || $0 % 32 == 21 ? 1.7 : 0.4 }
    let detector = SignatureDetector(similarity: 0.85, meanTolerance: 0.05)
    #expect(detector.signature(of: values[...])?.count == 32)
  }

  @Test("white noise has no signature: the chain answers", arguments: 1...20)
  func whiteNoise(seed: Int) {
    let values = noise(2016, seed: seed)
    let detector = SignatureDetector(similarity: 0.85, meanTolerance: 0.05)
    #expect(detector.signature(of: values[...]) == nil)
    let model = model(fedWith: [values])
    #expect(model.modelIndex(series: 0) == 1)
    // Where nothing depends on the past, what is far ahead is the mean, to some standard errors.
    let mean = values.reduce(0, +) / Double(values.count)
    #expect(abs(prediction(model, 50)[0] - mean) < 0.05)
  }

  @Test("windows of other means or other shapes are no signature")
  func unlike() {
    let detector = SignatureDetector(similarity: 0.85, meanTolerance: 0.05)
    let days = (0..<960).map { day($0, period: 96) }
    #expect(detector.signature(of: days[...]) != nil)
    // The last day is a tenth higher than the others.
    let higher = days.indices.map { $0 >= 864 ? 1.1 * days[$0] : days[$0] }
    #expect(detector.signature(of: higher[...]) == nil)
    var tolerant = detector
    tolerant.meanTolerance = 0.1
    #expect(tolerant.signature(of: higher[...]) != nil)
    // A day upside down has the right mean, but correlates at −1.
    let mean = days[..<96].reduce(0, +) / 96
    let turned = days.indices.map {
      (384..<480).contains($0) ? 2 * mean - days[$0] : days[$0]
    }
    #expect(detector.signature(of: turned[...]) == nil)
  }

  @Test("the signature is the average of the windows")
  func average() throws {
    let period = 96
    let values = (0..<10 * period).map {
      day($0, period: period) * (($0 / period) % 2 == 0 ? 0.98 : 1.02)
    }
    let detector = SignatureDetector(similarity: 0.85, meanTolerance: 0.05)
    let signature = try #require(detector.signature(of: values[...]))
    for step in 0..<period {
      #expect(abs(signature[step] - day(step, period: period)) < meanTolerance)
    }
  }

  @Test("Pearson's correlation in closed form")
  func correlation() {
    // numpy.corrcoef([1, 2, 4], [3, 3, 9])[0, 1] = 0.9449111825230679 = 5/√28.
    #expect(abs(pearson([1, 2, 4], [3, 3, 9]) - 5 / 28.0.squareRoot()) < meanTolerance)
    #expect(pearson([1, 1], [1, 1]) == 1)
    #expect(pearson([1, 1], [1, 2]) == 0)
  }

  @Test("constant loads and zeros are predicted exactly", arguments: [0.0, 0.7])
  func constant(value: Double) {
    let model = model(fedWith: [[Double](repeating: value, count: 700)])
    for horizon in [1, 12, 288] { #expect(abs(prediction(model, horizon)[0] - value) < 1e-12) }
  }

  @Test("series do not touch each other, and a copy is a checkpoint")
  func independent() {
    let series = [
      (0..<900).map { day($0, period: 96) }, noise(900, seed: 1),
      (0..<900).map { $0 % 50 < 7 ? Double.nan : Double($0 % 31) },
    ]
    let together = model(fedWith: series)
    for (index, values) in series.enumerated() {
      // Its turn to be searched comes at another step when a series is alone.
      var alone = model(fedWith: [[Double]](repeating: values, count: index + 1))
      let copy = alone
      [Double](repeating: 2, count: index + 1).withUnsafeBufferPointer { alone.observe($0) }
      for horizon in [1, 7, 100] {
        #expect(prediction(copy, horizon)[index] == prediction(together, horizon)[index])
      }
    }
  }
}
