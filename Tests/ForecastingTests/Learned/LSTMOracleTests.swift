// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing

/// PyTorch 1.13 in float64: outputs, gradients of two losses, and a path of Adam.
@Suite("LSTM against PyTorch", .enabled(if: LoadData.isPresent, "skipped: no shared data"))
struct LSTMOracleTests {
  /// Sums are taken in another order than PyTorch's; the bound is the issue's.
  static let tolerance = 1e-10

  struct Oracle: Decodable {
    struct Case: Decodable {
      let layers: Int, hidden: Int, input: Int, steps: Int, batch: Int, outputs: Int
      let weights: Nested
      let x: Nested, y: Nested, h0: Nested, c0: Nested, h_seq: Nested, h_n: Nested, c_n: Nested
      let out: Nested
      let loss_mse: Double, loss_pinball: Double
      let grad_mse: Nested, grad_pinball: Nested
      let pinball_q: [Double]
    }
    struct Adam: Decodable {
      let lr: Double, clip_global_norm: Double
      let initial: Nested, x: Nested, y: Nested, loss_norm: Nested, final: Nested
      enum CodingKeys: String, CodingKey {
        case lr, clip_global_norm, x, y, loss_norm, final
        case initial = "init"
      }
    }
    let cases: [Case]
    let adam: Adam
  }

  static func oracle() throws -> Oracle {
    let path = "\(LoadData.folder)/oracles/forecast/lstm_torch.json"
    return try JSONDecoder().decode(
      Oracle.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The oracle's `[batch, step, value]` as `[step, batch, value]`.
  static func stepMajor(_ values: [Double], batch: Int, steps: Int) -> [Double] {
    let width = values.count / (batch * steps)
    var result: [Double] = []
    for step in 0..<steps {
      for row in 0..<batch {
        let first = (row * steps + step) * width
        result += values[first..<first + width]
      }
    }
    return result
  }

  static func network(_ test: Oracle.Case) throws -> LSTMNetwork<Double> {
    let shape = LSTMShape(
      inputs: test.input, hidden: test.hidden, layers: test.layers, outputs: test.outputs)
    let parameters = try shape.parameters.flatMap { try #require(test.weights[$0.name]).flat }
    return LSTMNetwork(shape: shape, parameters: parameters)
  }

  func difference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }

  @Test("Outputs and states", arguments: 0..<3)
  func outputs(index: Int) throws {
    let test = try Self.oracle().cases[index]
    let pass = try Self.network(test).forward(
      Self.stepMajor(test.x.flat, batch: test.batch, steps: test.steps), steps: test.steps,
      batch: test.batch, from: .init(hidden: test.h0.flat, cell: test.c0.flat))
    let expected = Self.stepMajor(test.out.flat, batch: test.batch, steps: test.steps)
    #expect(difference(pass.outputs, expected) < Self.tolerance)
    let hiddens = Self.stepMajor(test.h_seq.flat, batch: test.batch, steps: test.steps)
    #expect(difference(pass.hiddens[test.layers - 1], hiddens) < Self.tolerance)
    #expect(difference(pass.end.hidden, test.h_n.flat) < Self.tolerance)
    #expect(difference(pass.end.cell, test.c_n.flat) < Self.tolerance)
  }

  @Test("Losses and all gradients", arguments: 0..<3, ["mse", "pinball"])
  func gradients(index: Int, loss name: String) throws {
    let test = try Self.oracle().cases[index]
    let network = try Self.network(test)
    let pass = network.forward(
      Self.stepMajor(test.x.flat, batch: test.batch, steps: test.steps), steps: test.steps,
      batch: test.batch, from: .init(hidden: test.h0.flat, cell: test.c0.flat))
    let loss: LSTMLoss = name == "mse" ? .meanSquaredError : .pinball(test.pinball_q)
    let targets = Self.stepMajor(test.y.flat, batch: test.batch, steps: test.steps)
    let (value, outputGradient) = loss.evaluate(pass.outputs, targets: targets)
    #expect(abs(value - (name == "mse" ? test.loss_mse : test.loss_pinball)) < Self.tolerance)
    let gradients = network.gradients(outputGradient: outputGradient, pass: pass)
    let oracle = name == "mse" ? test.grad_mse : test.grad_pinball
    for parameter in network.shape.parameters {
      let expected = try #require(oracle[parameter.name]).flat
      let found = Array(gradients.parameters[parameter.range])
      #expect(difference(found, expected) < Self.tolerance, "\(parameter.name)")
    }
    let x = Self.stepMajor(
      try #require(oracle["x"]).flat, batch: test.batch, steps: test.steps)
    #expect(difference(gradients.inputs, x) < Self.tolerance)
    #expect(difference(gradients.start.hidden, try #require(oracle["h0"]).flat) < Self.tolerance)
    #expect(difference(gradients.start.cell, try #require(oracle["c0"]).flat) < Self.tolerance)
  }

  @Test("Twenty steps of Adam with clipping")
  func adam() throws {
    let test = try Self.oracle().adam
    let shape = LSTMShape(inputs: 3, hidden: 8, outputs: 1)
    var network = LSTMNetwork(
      shape: shape,
      parameters: try shape.parameters.flatMap { try #require(test.initial[$0.name]).flat })
    var optimizer = AdamOptimizer<Double>(
      count: shape.parameterCount, learningRate: test.lr, largestNorm: test.clip_global_norm)
    let inputs = Self.stepMajor(test.x.flat, batch: 4, steps: 10)
    let targets = Self.stepMajor(test.y.flat, batch: 4, steps: 10)
    let path = test.loss_norm.flat
    for step in 0..<20 {
      let pass = network.forward(
        inputs, steps: 10, batch: 4, from: network.initialState(batch: 4))
      let (loss, outputGradient) = LSTMLoss.meanSquaredError.evaluate(
        pass.outputs, targets: targets)
      let gradients = network.gradients(outputGradient: outputGradient, pass: pass)
      let norm = optimizer.step(&network.parameters, gradient: gradients.parameters)
      #expect(abs(loss - path[2 * step]) < Self.tolerance)
      #expect(abs(norm - path[2 * step + 1]) < Self.tolerance)
    }
    let final = try shape.parameters.flatMap { try #require(test.final[$0.name]).flat }
    #expect(difference(network.parameters, final) < Self.tolerance)
  }
}

/// A number, nested arrays of numbers, or an object of such.
indirect enum Nested: Decodable {
  case number(Double)
  case array([Nested])
  case object([String: Nested])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let array = try? container.decode([Nested].self) {
      self = .array(array)
    } else {
      self = .object(try container.decode([String: Nested].self))
    }
  }

  /// All numbers in reading order.
  var flat: [Double] {
    switch self {
    case .number(let number): [number]
    case .array(let array): array.flatMap(\.flat)
    case .object: []
    }
  }

  subscript(key: String) -> Nested? {
    if case .object(let object) = self { object[key] } else { nil }
  }
}
