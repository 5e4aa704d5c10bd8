// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// What works out a trained LSTM for many series, step by step.
public protocol LSTMEngine: Sendable, Archivable {
  /// Advances all series by one step.
  ///
  /// - Parameters:
  ///   - inputs: each series' own inputs, `[series, inputs - shared.count]`, row-major.
  ///   - shared: the last inputs, which all series share.
  mutating func step(inputs: [Float], shared: [Float])
  /// The head's outputs for the present state, `[series, outputs]`.
  func outputs() -> [Float]
  /// Starts one series anew.
  mutating func reset(series: Int)
}

/// The arithmetic in which forecasts are worked out: single precision on the processor, or another
/// one, such as an accelerator's fixed point. Networks are trained in single precision always.
public protocol LSTMArithmetic: Sendable {
  /// An engine that has seen nothing of `seriesCount` series yet.
  ///
  /// - Parameters:
  ///   - network: a trained network of one layer.
  ///   - seriesCount: number of series.
  ///   - sharedInputs: how many of the inputs, the last ones, all series share.
  /// - Returns: the engine.
  func engine(
    for network: LSTMNetwork<Float>, seriesCount: Int, sharedInputs: Int
  ) -> any LSTMEngine
}

extension StreamingLSTM: LSTMEngine {}

extension LSTMNetwork {
  /// The part of the outputs that comes straight from the inputs, V_x x, of a head that sees them.
  ///
  /// - Parameter inputs: `[shape.inputs]`.
  /// - Returns: `[shape.outputs]`; zeros for a head that sees none.
  public func headPart(ofInputs inputs: [Scalar]) -> [Scalar] {
    guard shape.headSeesInputs else { return Array(repeating: 0, count: shape.outputs) }
    return (0..<shape.outputs).map { output in
      let row = shape.headOffset + output * shape.headInputs + shape.hidden
      return inputs.indices.reduce(Scalar(0)) { $0 + parameters[row + $1] * inputs[$1] }
    }
  }
}
