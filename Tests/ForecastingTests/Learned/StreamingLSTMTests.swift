// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

/// The fused single-precision step against the plain forward pass in double precision.
@Suite("Streaming LSTM")
struct StreamingLSTMTests {
  /// Single precision and approximated exponentials, over a dozen steps.
  static let tolerance: Float = 1e-5

  static func network(_ shape: LSTMShape, deviation: Double = 0.4) -> LSTMNetwork<Double> {
    var random = RandomStream(seed: 3, purpose: "network")
    return LSTMNetwork(
      shape: shape,
      parameters: (0..<shape.parameterCount).map { _ in
        random.normal(mean: 0, standardDeviation: deviation)
      })
  }

  @Test(
    "It equals the forward pass",
    arguments: [
      (series: 1, inputs: 3, shared: 0, hidden: 8, layers: 1),
      (series: 2, inputs: 5, shared: 5, hidden: 16, layers: 1),
      (series: 7, inputs: 4, shared: 2, hidden: 32, layers: 1),
      (series: 5, inputs: 1, shared: 0, hidden: 24, layers: 3),
    ])
  func equalsForward(
    test: (series: Int, inputs: Int, shared: Int, hidden: Int, layers: Int)
  ) {
    let shape = LSTMShape(
      inputs: test.inputs, hidden: test.hidden, layers: test.layers, outputs: 3,
      headSeesInputs: test.shared > 0)
    let network = Self.network(shape)
    var random = RandomStream(seed: 4, purpose: "inputs")
    var stream = StreamingLSTM(
      LSTMNetwork<Float>(network), seriesCount: test.series, sharedInputs: test.shared)
    var state = network.initialState(batch: test.series)
    for _ in 0..<12 {
      let shared = (0..<test.shared).map { _ in Float(random.normal()) }
      let own = (0..<test.series * (test.inputs - test.shared)).map { _ in
        Float(random.normal(mean: 0, standardDeviation: 3))
      }
      let width = test.inputs - test.shared
      let all = (0..<test.series).flatMap { own[$0 * width..<($0 + 1) * width] + shared }
      stream.step(inputs: own, shared: shared)
      let pass = network.forward(
        all.map(Double.init), steps: 1, batch: test.series, from: state)
      state = pass.end
      for (found, expected) in zip(stream.outputs(), pass.outputs) {
        #expect(abs(found - Float(expected)) < Self.tolerance)
      }
    }
  }

  @Test("Extreme inputs saturate and never give NaN")
  func extremes() {
    let shape = LSTMShape(inputs: 2, hidden: 8, outputs: 1)
    var stream = StreamingLSTM(
      LSTMNetwork<Float>(Self.network(shape, deviation: 2)), seriesCount: 3)
    for value: Float in [1e30, -1e30, .greatestFiniteMagnitude, 0, 1e5] {
      stream.step(inputs: [Float](repeating: value, count: 6))
      let outputs = stream.outputs()
      #expect(outputs.allSatisfy { $0.isFinite })
    }
  }

  @Test("A reset series starts from zero, the others go on")
  func reset() {
    let shape = LSTMShape(inputs: 1, hidden: 8, outputs: 1)
    let network = LSTMNetwork<Float>(Self.network(shape))
    var stream = StreamingLSTM(network, seriesCount: 2)
    stream.step(inputs: [1, 2])
    let before = stream.outputs()
    stream.reset(series: 0)
    var fresh = StreamingLSTM(network, seriesCount: 2)
    #expect(stream.outputs()[0] == fresh.outputs()[0])
    #expect(stream.outputs()[1] == before[1])
    stream.step(inputs: [3, 3])
    fresh.step(inputs: [3, 3])
    #expect(stream.outputs()[0] == fresh.outputs()[0])
  }
}
