// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing
import Units

/// Equations with coefficients of magnitude 1, a few hundred terms each.
private let equationTolerance = 1e-10

private func path(_ model: Autoregression, after past: [Double], steps: Int) -> [Double] {
  var future = [Double](repeating: 0, count: steps)
  future.withUnsafeMutableBufferPointer { model.predict(after: past[...], into: $0) }
  return future
}

@Suite("The autoregression of a scale")
struct AutoregressionTests {
  private func series(seed: Int, phi: Double, count: Int) -> [Double] {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/ar")
    var value = 0.0
    return (0..<count).map { _ in
      value = phi * value + stream.uniform() - 0.5
      return value + 3
    }
  }

  @Test("coefficients solve the Yule-Walker equations", arguments: 1...5, [1, 2, 5, 12])
  func yuleWalker(seed: Int, order: Int) {
    let values = series(seed: seed, phi: 0.8, count: 300)
    let model = Autoregression(fitting: values[...], order: order)
    #expect(model.coefficients.count == order)
    let mean = values.reduce(0, +) / 300
    let centred = values.map { $0 - mean }
    func gamma(_ lag: Int) -> Double {
      var sum = 0.0
      for start in 0..<300 - abs(lag) { sum += centred[start] * centred[start + abs(lag)] }
      return sum / 300
    }
    for lag in 1...order {
      var left = 0.0
      for (index, phi) in model.coefficients.enumerated() { left += phi * gamma(lag - 1 - index) }
      #expect(abs(left - gamma(lag)) < equationTolerance)
    }
  }

  @Test("an AR(1) is found and predicted in closed form: μ + φʰ·(x − μ)")
  func firstOrder() {
    let values = series(seed: 4, phi: 0.7, count: 20_000)
    let model = Autoregression(fitting: values[...], order: 1)
    // The standard error of φ is √((1 − φ²)/n) = 0.005.
    #expect(abs(model.coefficients[0] - 0.7) < 0.02)
    let future = path(model, after: values, steps: 30)
    for step in 1...30 {
      var power = 1.0
      for _ in 0..<step { power *= model.coefficients[0] }
      let expected = model.mean + power * (values[values.count - 1] - model.mean)
      #expect(abs(future[step - 1] - expected) < equationTolerance)
    }
  }

  @Test("predictions never run away, however odd the series", arguments: hostileSeries.indices)
  func isStationary(index: Int) {
    let values = hostileSeries[index].values.filter { abs($0) < 1e30 }
    let model = Autoregression(fitting: values[...], order: 4)
    let largest = values.map(abs).max() ?? 0
    for value in path(model, after: values, steps: 500) {
      #expect(value.isFinite && abs(value) <= 100 * largest)
    }
  }

  @Test("constants, and series too short for anything else, are predicted by their mean")
  func constant() {
    let model = Autoregression(fitting: [0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7], order: 4)
    #expect(model.coefficients.isEmpty)
    #expect(path(model, after: [0.7], steps: 2).allSatisfy { abs($0 - 0.7) < 1e-15 })
    #expect(path(Autoregression(fitting: [1, 3], order: 4), after: [1, 3], steps: 1) == [2])
    #expect(path(Autoregression(fitting: [], order: 4), after: [], steps: 1) == [0])
  }

  @Test("wavelets with autoregressions keep constants, and follow a slow wave")
  func waves() {
    var source = DefaultParameters()
    var parameters = WaveletMarkov.Parameters(from: &source)
    parameters.predictor = .autoregression
    parameters.scales = 2
    func prediction(_ load: (Int) -> Double) -> Double {
      var model = WaveletMarkov(parameters: parameters, seriesCount: 1)
      for step in 0..<600 { [load(step)].withUnsafeBufferPointer { model.observe($0) } }
      var value = [0.0]
      value.withUnsafeMutableBufferPointer { model.predict(horizon: 1, fitted: 0, into: $0) }
      return value[0]
    }
    #expect(abs(prediction { _ in 0.7 } - 0.7) < 1e-12)
    // 64 samples a period: one step changes the load by at most 0.098.
    let wave = { (step: Int) in 1 + Double(abs(step % 64 - 32)) / 32 }
    #expect(abs(prediction(wave) - wave(600)) < 0.1)
  }
}
