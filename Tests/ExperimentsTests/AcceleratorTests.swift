// SPDX-License-Identifier: Apache-2.0
import Experiments
import FPGAModel
import Forecasting
import SimulationKernel
import Testing

/// LSTM forecasts in the arithmetic of an accelerator.
@Suite("Forecasts on an accelerator")
struct AcceleratorTests {
  private static let inputs = 5
  private static let shared = 2
  private static let hidden = 8
  private static let outputs = 3
  private static let series = 4

  private static func network(_ stream: inout RandomStream) -> LSTMNetwork<Float> {
    let shape = LSTMShape(
      inputs: inputs, hidden: hidden, outputs: outputs, headSeesInputs: true)
    return LSTMNetwork(
      shape: shape,
      parameters: (0..<shape.parameterCount).map { _ in
        Float(stream.normal(standardDeviation: 0.4))
      })
  }

  /// Steps of all series, own inputs and shared ones.
  private static func steps(_ count: Int, _ stream: inout RandomStream) -> [([Float], [Float])] {
    func values(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(stream.normal(standardDeviation: 0.7)) }
    }
    return (0..<count).map { _ in (values(series * (inputs - shared)), values(shared)) }
  }

  private static func outputs(
    _ format: FixedPointArithmetic.Format, window: Int, _ network: LSTMNetwork<Float>,
    _ steps: [([Float], [Float])], resetAfter: Int? = nil
  ) -> [Float] {
    var engine = FixedPointArithmetic(format, steps: window).engine(
      for: network, seriesCount: series, sharedInputs: shared)
    for (index, step) in steps.enumerated() {
      engine.step(inputs: step.0, shared: step.1)
      if index + 1 == resetAfter { engine.reset(series: 1) }
    }
    return engine.outputs()
  }

  private static func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  /// Rounding of single precision in sums of this size, in another order.
  private static let singleTolerance: Float = 1e-4

  @Test("a window as long as the past is the processor's forecast")
  func window() {
    var stream = RandomStream(seed: 31, purpose: "accelerator")
    let network = Self.network(&stream)
    let steps = Self.steps(9, &stream)
    var whole = StreamingLSTM(network, seriesCount: Self.series, sharedInputs: Self.shared)
    for (index, step) in steps.enumerated() {
      whole.step(inputs: step.0, shared: step.1)
      if index + 1 == 4 { whole.reset(series: 1) }
    }
    let own = Self.outputs(.single, window: 20, network, steps, resetAfter: 4)
    #expect(own.count == Self.series * Self.outputs)
    #expect(Self.largestDifference(own, whole.outputs()) < Self.singleTolerance)
    let short = Self.outputs(.single, window: 2, network, steps, resetAfter: 4)
    #expect(Self.largestDifference(short, own) > 10 * Self.singleTolerance)
  }

  @Test("weights that a format cannot hold are named, not replaced")
  func unrepresentable() throws {
    var stream = RandomStream(seed: 34, purpose: "accelerator")
    var network = Self.network(&stream)
    let arithmetic = FixedPointArithmetic(
      .reuseFactor(try ApFixed(parsing: "ap_fixed<16,6>")), steps: 3)
    #expect(arithmetic.problem(with: network) == nil)
    network.parameters[0] = 1e30
    #expect(arithmetic.problem(with: network)?.contains("can't take") == true)
  }

  @Test("what the own engine gives is, word for word, what its RTL computes of the window")
  func bits() {
    var stream = RandomStream(seed: 32, purpose: "accelerator")
    let network = Self.network(&stream)
    let steps = Self.steps(7, &stream)
    let format = WordFormat(bits: 16, integerBits: 4)
    let own = Self.outputs(.unitParallel(format), window: 3, network, steps)
    let shape = network.shape
    func word(_ value: Float) -> Int16 { UnitParallelLSTM.word(Double(value), format) }
    // Rows [x, h, 1], gates i, f, g, o; the parameters in PyTorch's order.
    let (rows, width) = (4 * Self.hidden, Self.inputs)
    let p = network.parameters
    let recurrent = rows * width
    let biases = recurrent + rows * Self.hidden
    let weights: [Int16] = (0..<rows).flatMap { row -> [Int16] in
      let x = p[row * width..<(row + 1) * width].map(word)
      let h = p[recurrent + row * Self.hidden..<recurrent + (row + 1) * Self.hidden].map(word)
      let bias = Double(p[biases + row]) + Double(p[biases + rows + row])
      return x + h + [UnitParallelLSTM.word(bias, format)]
    }
    let headStart = biases + 2 * rows
    let headWidth = Self.hidden + Self.inputs
    let head: [Int16] = (0..<Self.outputs).flatMap { output -> [Int16] in
      let start = headStart + output * headWidth
      return p[start..<start + Self.hidden].map(word)
        + [word(p[headStart + Self.outputs * headWidth + output])]
    }
    #expect(shape.parameterCount == headStart + Self.outputs * (headWidth + 1))
    let lstm = UnitParallelLSTM(
      inputs: Self.inputs, hidden: Self.hidden, outputs: Self.outputs, weights: weights,
      head: head, format: format)
    for series in 0..<Self.series {
      let ownInputs = Self.inputs - Self.shared
      let sequence = steps.suffix(3).flatMap {
        Array($0.0[series * ownInputs..<(series + 1) * ownInputs]) + $0.1
      }
      let direct = network.headPart(ofInputs: Array(sequence.suffix(Self.inputs)))
      let expected = zip(lstm.run(sequence.map(word)).outputs, direct).map {
        Float($0) / 4096 + $1
      }
      #expect(Array(own[series * Self.outputs..<(series + 1) * Self.outputs]) == expected)
    }
  }

  /// Both arithmetics come nearer to single precision with every two bits, until their tables
  /// (1024 entries) limit them.
  @Test("longer words are nearer to single precision", arguments: [true, false])
  func wordLength(isUnitParallel: Bool) throws {
    var stream = RandomStream(seed: 33, purpose: "accelerator")
    let network = Self.network(&stream)
    let steps = Self.steps(12, &stream)
    let exact = Self.outputs(.single, window: 12, network, steps)
    let errors = [8, 10, 12, 16].map { bits in
      let format: FixedPointArithmetic.Format =
        isUnitParallel
        ? .unitParallel(WordFormat(bits: bits, integerBits: 4)) : .reuseFactor(ApFixed(bits, 6))
      let own = Self.outputs(format, window: 12, network, steps)
      return zip(own, exact).map { Double(($0 - $1) * ($0 - $1)) }.reduce(0, +).squareRoot()
    }
    #expect(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] > errors[3])
    #expect(errors[0] > 4 * errors[3])
    #expect(errors[3] < 0.1)
  }

  // MARK: In a scenario

  private func forecastErrors(_ computes: [String], model: String) throws -> [Double] {
    let policies = computes.enumerated().map { index, compute in
      """
      { pvms: { label: p\(index), risk: forecast, forecaster: { model: \(model) }, \
      compute: \(compute) } }
      """
    }
    let text = """
      version: 1
      name: accelerator
      duration: 3 h
      workload: { synthetic: { vms: 4 }, history: 2 d }
      dataCenter: { racks: { count: 1, hosts: 3, server: dell-r640-2021 } }
      policies: [\(policies.joined(separator: ", "))]
      """
    let scenario = try ScenarioFile(
      text: Array(text.utf8), name: "test.yaml", overrides: [],
      folder: ScenarioFolder(sharedFolder: nil))
    let comparison = try ComparisonRunner(
      scenario: scenario, policies: scenario.spec.policies, seedCount: 1, jobs: 2,
      outputFolder: nil
    ).run()
    let column = try #require(Metric.position(of: "forecastPinball95NextCores"))
    return try comparison.labels.indices.map {
      try #require(comparison.values(policy: $0, metric: column).first)
    }
  }

  /// The same training for all; only the arithmetic differs.
  @Test("PVMS sees the forecasts that the card computes, and only those of the lstm change")
  func scenario() throws {
    let cards = ["instant", "{ fpga: { steps: 24 } }", "{ fpga: { steps: 24, bits: 8 } }"]
    let network = try forecastErrors(cards, model: "{ lstm: { batches: 2 } }")
    #expect(Set(network).count == 3)
    // 16 bits are near to single precision, 8 bits are not.
    #expect(abs(network[1] / network[0] - 1) < 0.2 * abs(network[2] / network[0] - 1))
    let smoothing = try forecastErrors(cards, model: "ses")
    #expect(Set(smoothing).count == 1)
  }
}
