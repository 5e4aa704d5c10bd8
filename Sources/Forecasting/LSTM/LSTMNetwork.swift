// SPDX-License-Identifier: Apache-2.0

/// An LSTM with a linear head, its forward pass over sequences and its gradients.
///
/// With σ the logistic function, per layer and step:
/// i, f, o = σ(W x_t + U h_{t-1} + b), g = tanh(W x_t + U h_{t-1} + b), c_t = f·c_{t-1} + i·g,
/// h_t = o·tanh(c_t); out_t = V h_t + v of the last layer (V [h_t, x_t] + v if the
/// head sees the inputs). Source: Hochreiter & Schmidhuber, Neural
/// Computation 9(8) 1997, with the forget gate of Gers et al., 2000; conventions of PyTorch.
///
/// Sequences are stored `[step, batch, value]`, so that a step is one matrix.
public struct LSTMNetwork<Scalar: MatrixScalar>: Sendable {
  /// The sizes.
  public let shape: LSTMShape
  /// All parameters in the order of ``LSTMShape/parameters``.
  public var parameters: [Scalar]

  /// A network with given parameters.
  ///
  /// - Precondition: `parameters.count == shape.parameterCount`.
  public init(shape: LSTMShape, parameters: [Scalar]) {
    precondition(parameters.count == shape.parameterCount, "\(parameters.count) parameters")
    self.shape = shape
    self.parameters = parameters
  }

  /// The same network in another number type.
  public init<Other>(_ other: LSTMNetwork<Other>) {
    shape = other.shape
    parameters = other.parameters.map { Scalar($0) }
  }

  /// Hidden and cell values of all layers, `[layer, batch, hidden]`.
  public struct State: Sendable, Equatable {
    /// Hidden values h.
    public var hidden: [Scalar]
    /// Cell values c.
    public var cell: [Scalar]

    /// A state.
    public init(hidden: [Scalar], cell: [Scalar]) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  /// The state of `batch` sequences before their first step: zeros.
  public func initialState(batch: Int) -> State {
    let zeros = [Scalar](repeating: 0, count: shape.layers * batch * shape.hidden)
    return State(hidden: zeros, cell: zeros)
  }

  /// What a forward pass leaves behind for the gradients.
  public struct Pass: Sendable {
    /// Number of steps and of sequences.
    let steps: Int, batch: Int
    /// The state before the first step.
    let start: State
    /// Inputs of each layer, `[step, batch, inputs]`.
    var layerInputs: [[Scalar]]
    /// Gates after their activation, `[step, batch, 4·hidden]`, one array a layer.
    var gates: [[Scalar]]
    /// Cell values after each step, `[step, batch, hidden]`, one array a layer.
    var cells: [[Scalar]]
    /// Hidden values after each step, `[step, batch, hidden]`, one array a layer.
    public internal(set) var hiddens: [[Scalar]]
    /// The head's output, `[step, batch, outputs]`.
    public internal(set) var outputs: [Scalar]
    /// The state after the last step.
    public internal(set) var end: State
  }

  /// Runs `steps` steps of `batch` sequences.
  ///
  /// - Parameters:
  ///   - inputs: `[step, batch, inputs]`.
  ///   - steps: number of steps.
  ///   - batch: number of sequences.
  ///   - start: the state before the first step.
  /// - Returns: the outputs, the state after the last step, and what the gradients need.
  /// - Precondition: the counts fit the shape.
  public func forward(_ inputs: [Scalar], steps: Int, batch: Int, from start: State) -> Pass {
    precondition(inputs.count == steps * batch * shape.inputs, "\(inputs.count) inputs")
    precondition(start.hidden.count == shape.layers * batch * shape.hidden, "state size")
    var pass = Pass(
      steps: steps, batch: batch, start: start, layerInputs: [], gates: [], cells: [],
      hiddens: [], outputs: [], end: start)
    var layerInputs = inputs
    for layer in 0..<shape.layers {
      runLayer(layer, inputs: layerInputs, pass: &pass)
      layerInputs = pass.hiddens[layer]
    }
    pass.outputs = head(hiddens: layerInputs, inputs: inputs, rows: steps * batch)
    return pass
  }

  /// out = V h + v, or V [h, x] + v, for `rows` rows.
  private func head(hiddens: [Scalar], inputs: [Scalar], rows: Int) -> [Scalar] {
    let biases = shape.headOffset + shape.outputs * shape.headInputs
    var outputs = [Scalar](repeating: 0, count: rows * shape.outputs)
    for row in 0..<rows {
      for output in 0..<shape.outputs {
        outputs[row * shape.outputs + output] = parameters[biases + output]
      }
    }
    addHead(hiddens, width: shape.hidden, firstColumn: 0, rows: rows, to: &outputs)
    if shape.headSeesInputs {
      addHead(inputs, width: shape.inputs, firstColumn: shape.hidden, rows: rows, to: &outputs)
    }
    return outputs
  }

  /// Adds the products of `values`, `[row, width]`, with the head's weights from a column on.
  func addHead(
    _ values: [Scalar], width: Int, firstColumn: Int, rows: Int, to outputs: inout [Scalar]
  ) {
    parameters.withUnsafeBufferPointer { p in
      guard let base = p.baseAddress else { return }
      Scalar.multiply(
        rows: rows, columns: shape.outputs, inner: width,
        a: values, aStride: width, transposeA: false,
        b: base + shape.headOffset + firstColumn, bStride: shape.headInputs, transposeB: true,
        into: &outputs, cStride: shape.outputs, beta: 1)
    }
  }

  /// One layer over all steps; appends its gates, cells and hidden values to the pass.
  private func runLayer(_ layer: Int, inputs: [Scalar], pass: inout Pass) {
    let hidden = shape.hidden
    let width = shape.inputs(ofLayer: layer)
    let (steps, batch) = (pass.steps, pass.batch)
    let block = batch * hidden
    var gates = biases(ofLayer: layer, rows: steps * batch)
    var cells = [Scalar](repeating: 0, count: steps * block)
    var hiddens = cells
    let state = layer * block..<(layer + 1) * block
    var previousHidden = Array(pass.start.hidden[state])
    var previousCell = Array(pass.start.cell[state])
    parameters.withUnsafeBufferPointer { p in
      gates.withUnsafeMutableBufferPointer { g in
        guard let base = p.baseAddress, let out = g.baseAddress else { return }
        let inputWeights = base + shape.offset(ofLayer: layer)
        let recurrentWeights = inputWeights + 4 * hidden * width
        // The inputs of all steps are known: one large product.
        Scalar.multiply(
          rows: steps * batch, columns: 4 * hidden, inner: width,
          a: inputs, aStride: width, transposeA: false,
          b: inputWeights, bStride: width, transposeB: true,
          into: out, cStride: 4 * hidden, beta: 1)
        for step in 0..<steps {
          let stepGates = out + step * batch * 4 * hidden
          Scalar.multiply(
            rows: batch, columns: 4 * hidden, inner: hidden,
            a: previousHidden, aStride: hidden, transposeA: false,
            b: recurrentWeights, bStride: hidden, transposeB: true,
            into: stepGates, cStride: 4 * hidden, beta: 1)
          activate(stepGates, batch: batch, cell: &previousCell, hidden: &previousHidden)
          cells.replaceSubrange(step * block..<(step + 1) * block, with: previousCell)
          hiddens.replaceSubrange(step * block..<(step + 1) * block, with: previousHidden)
        }
      }
    }
    pass.layerInputs.append(inputs)
    pass.gates.append(gates)
    pass.cells.append(cells)
    pass.hiddens.append(hiddens)
    pass.end.hidden.replaceSubrange(state, with: previousHidden)
    pass.end.cell.replaceSubrange(state, with: previousCell)
  }

  /// The sum of a layer's two biases in each of `rows` rows.
  private func biases(ofLayer layer: Int, rows: Int) -> [Scalar] {
    let width = 4 * shape.hidden
    let first = shape.offset(ofLayer: layer) + width * (shape.inputs(ofLayer: layer) + shape.hidden)
    let sums = (0..<width).map { parameters[first + $0] + parameters[first + width + $0] }
    var result: [Scalar] = []
    result.reserveCapacity(rows * width)
    for _ in 0..<rows { result.append(contentsOf: sums) }
    return result
  }

  /// Activates the gates of one step in place and moves the cell and hidden values on.
  private func activate(
    _ gates: UnsafeMutablePointer<Scalar>, batch: Int, cell: inout [Scalar],
    hidden: inout [Scalar]
  ) {
    let width = shape.hidden
    for row in 0..<batch {
      let gate = gates + row * 4 * width
      for unit in 0..<width {
        let input = Self.logistic(gate[unit])
        let forget = Self.logistic(gate[width + unit])
        let candidate = gate[2 * width + unit].hyperbolicTangent
        let output = Self.logistic(gate[3 * width + unit])
        gate[unit] = input
        gate[width + unit] = forget
        gate[2 * width + unit] = candidate
        gate[3 * width + unit] = output
        let position = row * width + unit
        cell[position] = forget * cell[position] + input * candidate
        hidden[position] = output * cell[position].hyperbolicTangent
      }
    }
  }

  /// 1 / (1 + e^-x), without overflow on either side.
  private static func logistic(_ x: Scalar) -> Scalar {
    if x >= 0 { return 1 / (1 + (-x).exponential) }
    let e = x.exponential
    return e / (1 + e)
  }
}
