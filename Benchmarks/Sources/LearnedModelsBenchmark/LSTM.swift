// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import SimulationKernel

/// One step and read-out of an LSTM with 32 units for 10 000 series; writes the network, the inputs
/// and the results for `peers/lstm_onnx.py` to `file`, so that both sides compute the same.
func benchmarkLSTM(file: String) throws {
  let count = 10_000
  let shape = LSTMShape(inputs: 18, hidden: 32, outputs: 33, headSeesInputs: true)
  let sharedInputs = 4
  var random = RandomStream(seed: 1, purpose: "benchmark")
  func normals(_ count: Int, _ deviation: Double) -> [Float] {
    (0..<count).map { _ in Float(random.normal(mean: 0, standardDeviation: deviation)) }
  }
  let network = LSTMNetwork(
    shape: shape, parameters: normals(shape.parameterCount, 0.3))
  let own = normals(count * (shape.inputs - sharedInputs), 1)
  let shared = normals(sharedInputs, 1)
  var stream = StreamingLSTM(network, seriesCount: count, sharedInputs: sharedInputs)
  let width = shape.inputs - sharedInputs
  let inputs = (0..<count).flatMap { own[$0 * width..<($0 + 1) * width] + shared }
  let zeros = [Float](repeating: 0, count: count * shape.hidden)
  stream.step(inputs: own, shared: shared)
  var tensors: [String: SafetensorsFile.Tensor] = [
    "x": .init(shape: [count, shape.inputs], values: .float(inputs)),
    "h": .init(shape: [count, shape.hidden], values: .float(zeros)),
    "c": .init(shape: [count, shape.hidden], values: .float(zeros)),
    "expected_out": .init(shape: [count, shape.outputs], values: .float(stream.outputs())),
    "expected_h": .init(shape: [count, shape.hidden], values: .float(stream.lastHidden)),
  ]
  for parameter in shape.parameters {
    tensors[parameter.name] = .init(
      shape: parameter.shape, values: .float(Array(network.parameters[parameter.range])))
  }
  try Data(SafetensorsFile(tensors: tensors).bytes()).write(to: URL(fileURLWithPath: file))
  var sum: Float = 0
  let seconds = median(of: 101) {
    stream.step(inputs: own, shared: shared)
    sum += stream.outputs()[0]
  }
  precondition(sum.isFinite, "the result is used")
  print("{\"series\": \(count), \"medianSeconds\": \(seconds)}")
}
