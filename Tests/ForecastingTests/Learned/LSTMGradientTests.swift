// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

/// Gradients against central differences, where there is no outside oracle.
@Suite("LSTM gradients")
struct LSTMGradientTests {
  /// Central differences with a step of 1e-5 err by about 1e-10 and lose ten digits to rounding.
  static let tolerance = 1e-7
  static let delta = 1e-5

  @Test("A head that sees the inputs", arguments: [1, 2])
  func headSeesInputs(layers: Int) {
    let shape = LSTMShape(
      inputs: 2, hidden: 3, layers: layers, outputs: 2, headSeesInputs: true)
    var random = RandomStream(seed: 5, purpose: "gradients")
    func normals(_ count: Int) -> [Double] { (0..<count).map { _ in random.normal() } }
    var network = LSTMNetwork(shape: shape, parameters: normals(shape.parameterCount))
    var inputs = normals(4 * 2 * 2)
    let targets = normals(4 * 2 * 2)
    func forward() -> LSTMNetwork<Double>.Pass {
      network.forward(inputs, steps: 4, batch: 2, from: network.initialState(batch: 2))
    }
    func loss() -> Double {
      LSTMLoss.meanSquaredError.evaluate(forward().outputs, targets: targets).loss
    }
    let pass = forward()
    let gradients = network.gradients(
      outputGradient: LSTMLoss.meanSquaredError.evaluate(pass.outputs, targets: targets).gradient,
      pass: pass)
    for index in network.parameters.indices {
      let value = network.parameters[index]
      network.parameters[index] = value + Self.delta
      let above = loss()
      network.parameters[index] = value - Self.delta
      let slope = (above - loss()) / (2 * Self.delta)
      network.parameters[index] = value
      #expect(abs(slope - gradients.parameters[index]) < Self.tolerance, "parameter \(index)")
    }
    for index in inputs.indices {
      let value = inputs[index]
      inputs[index] = value + Self.delta
      let above = loss()
      inputs[index] = value - Self.delta
      let slope = (above - loss()) / (2 * Self.delta)
      inputs[index] = value
      #expect(abs(slope - gradients.inputs[index]) < Self.tolerance, "input \(index)")
    }
  }

  @Test("A missing target moves nothing")
  func missingTargets() {
    let (loss, gradient) = LSTMLoss.pinball([0.1, 0.9]).evaluate(
      [1.0, 2.0, 5.0, 5.0], targets: [2.0, 1.0, .nan, .nan])
    // 0.1 · 1 for the first, 0.1 · 1 for the second; two of four are known.
    #expect(abs(loss - 0.1) < 1e-15)
    #expect(abs(gradient[0] + 0.05) < 1e-15 && abs(gradient[1] - 0.05) < 1e-15)
    #expect(gradient[2] == 0 && gradient[3] == 0)
    #expect(LSTMLoss.meanSquaredError.evaluate([1.0], targets: [.nan]).loss == 0)
  }
}
