// SPDX-License-Identifier: Apache-2.0

extension LSTMNetwork {
  /// Derivatives of a loss.
  public struct Gradients: Sendable {
    /// With respect to the parameters, in the order of ``LSTMShape/parameters``.
    public var parameters: [Scalar]
    /// With respect to the inputs, `[step, batch, inputs]`.
    public var inputs: [Scalar]
    /// With respect to the state before the first step.
    public var start: State
  }

  /// The derivatives of a loss by backpropagation through time.
  ///
  /// - Parameters:
  ///   - outputGradient: dL/d(outputs), `[step, batch, outputs]`.
  ///   - pass: the forward pass of this network.
  /// - Returns: the derivatives.
  public func gradients(outputGradient: [Scalar], pass: Pass) -> Gradients {
    let rows = pass.steps * pass.batch
    precondition(outputGradient.count == rows * shape.outputs, "one derivative an output")
    var result = Gradients(
      parameters: [Scalar](repeating: 0, count: shape.parameterCount), inputs: [],
      start: initialState(batch: pass.batch))
    var hiddenGradient = headBackward(
      outputGradient, values: pass.hiddens[shape.layers - 1], width: shape.hidden,
      firstColumn: 0, result: &result)
    var directGradient: [Scalar] = []
    if shape.headSeesInputs {
      directGradient = headBackward(
        outputGradient, values: pass.layerInputs[0], width: shape.inputs,
        firstColumn: shape.hidden, result: &result)
    }
    let biases = shape.headOffset + shape.outputs * shape.headInputs
    for row in 0..<rows {
      for output in 0..<shape.outputs {
        result.parameters[biases + output] += outputGradient[row * shape.outputs + output]
      }
    }
    for layer in (0..<shape.layers).reversed() {
      hiddenGradient = backward(
        layer: layer, hiddenGradient: hiddenGradient, pass: pass, result: &result)
    }
    result.inputs = hiddenGradient
    for index in directGradient.indices { result.inputs[index] += directGradient[index] }
    return result
  }

  /// The head backwards over `values`, `[row, width]`, that meet its weights from a column on:
  /// writes the derivatives of these weights and returns dL/d(values).
  private func headBackward(
    _ outputGradient: [Scalar], values: [Scalar], width: Int, firstColumn: Int,
    result: inout Gradients
  ) -> [Scalar] {
    let rows = outputGradient.count / shape.outputs
    let first = shape.headOffset + firstColumn
    var gradient = [Scalar](repeating: 0, count: rows * width)
    parameters.withUnsafeBufferPointer { p in
      guard let base = p.baseAddress else { return }
      Scalar.multiply(
        rows: rows, columns: width, inner: shape.outputs,
        a: outputGradient, aStride: shape.outputs, transposeA: false,
        b: base + first, bStride: shape.headInputs, transposeB: false,
        into: &gradient, cStride: width, beta: 0)
    }
    result.parameters.withUnsafeMutableBufferPointer { g in
      guard let base = g.baseAddress else { return }
      Scalar.multiply(
        rows: shape.outputs, columns: width, inner: rows,
        a: outputGradient, aStride: shape.outputs, transposeA: true,
        b: values, bStride: width, transposeB: false,
        into: base + first, cStride: shape.headInputs, beta: 0)
    }
    return gradient
  }

  /// One layer backwards; returns dL/d(its inputs).
  private func backward(
    layer: Int, hiddenGradient: [Scalar], pass: Pass, result: inout Gradients
  ) -> [Scalar] {
    let hidden = shape.hidden
    let block = pass.batch * hidden
    var gateGradient = [Scalar](repeating: 0, count: pass.steps * 4 * block)
    // dL/dh and dL/dc that arrive from the following step.
    var fromNext = [Scalar](repeating: 0, count: block)
    var cellGradient = fromNext
    let recurrentWeights =
      shape.offset(ofLayer: layer) + 4 * hidden * shape.inputs(ofLayer: layer)
    parameters.withUnsafeBufferPointer { p in
      gateGradient.withUnsafeMutableBufferPointer { g in
        guard let base = p.baseAddress, let out = g.baseAddress else { return }
        for step in (0..<pass.steps).reversed() {
          for position in 0..<block {
            fromNext[position] += hiddenGradient[step * block + position]
          }
          stepGradients(
            layer: layer, step: step, pass: pass, hiddenGradient: fromNext,
            cellGradient: &cellGradient, into: out + step * 4 * block)
          Scalar.multiply(
            rows: pass.batch, columns: hidden, inner: 4 * hidden,
            a: out + step * 4 * block, aStride: 4 * hidden, transposeA: false,
            b: base + recurrentWeights, bStride: hidden, transposeB: false,
            into: &fromNext, cStride: hidden, beta: 0)
        }
      }
    }
    let state = layer * block..<(layer + 1) * block
    result.start.hidden.replaceSubrange(state, with: fromNext)
    result.start.cell.replaceSubrange(state, with: cellGradient)
    return collect(layer: layer, gateGradient: gateGradient, pass: pass, result: &result)
  }

  /// dL/d(gates before activation) of one step, and dL/d(cell) of the step before.
  private func stepGradients(
    layer: Int, step: Int, pass: Pass, hiddenGradient: [Scalar], cellGradient: inout [Scalar],
    into out: UnsafeMutablePointer<Scalar>
  ) {
    let hidden = shape.hidden
    let block = pass.batch * hidden
    let gates = pass.gates[layer]
    let cells = pass.cells[layer]
    for row in 0..<pass.batch {
      let first = step * 4 * block + row * 4 * hidden
      for unit in 0..<hidden {
        let position = row * hidden + unit
        let input = gates[first + unit]
        let forget = gates[first + hidden + unit]
        let candidate = gates[first + 2 * hidden + unit]
        let output = gates[first + 3 * hidden + unit]
        let previousCell =
          step > 0
          ? cells[(step - 1) * block + position] : pass.start.cell[layer * block + position]
        let tanhCell = cells[step * block + position].hyperbolicTangent
        let dHidden = hiddenGradient[position]
        let dCell = cellGradient[position] + dHidden * output * (1 - tanhCell * tanhCell)
        let gate = out + row * 4 * hidden
        gate[unit] = dCell * candidate * input * (1 - input)
        gate[hidden + unit] = dCell * previousCell * forget * (1 - forget)
        gate[2 * hidden + unit] = dCell * input * (1 - candidate * candidate)
        gate[3 * hidden + unit] = dHidden * tanhCell * output * (1 - output)
        cellGradient[position] = dCell * forget
      }
    }
  }

  /// Turns gate derivatives of all steps into those of weights, biases and inputs.
  private func collect(
    layer: Int, gateGradient: [Scalar], pass: Pass, result: inout Gradients
  ) -> [Scalar] {
    let hidden = shape.hidden
    let width = shape.inputs(ofLayer: layer)
    let rows = pass.steps * pass.batch
    let block = pass.batch * hidden
    let state = layer * block..<(layer + 1) * block
    let previousHiddens =
      Array(pass.start.hidden[state]) + pass.hiddens[layer].dropLast(block)
    let first = shape.offset(ofLayer: layer)
    result.parameters.withUnsafeMutableBufferPointer { g in
      guard let base = g.baseAddress else { return }
      Scalar.multiply(
        rows: 4 * hidden, columns: width, inner: rows,
        a: gateGradient, aStride: 4 * hidden, transposeA: true,
        b: pass.layerInputs[layer], bStride: width, transposeB: false,
        into: base + first, cStride: width, beta: 0)
      Scalar.multiply(
        rows: 4 * hidden, columns: hidden, inner: rows,
        a: gateGradient, aStride: 4 * hidden, transposeA: true,
        b: previousHiddens, bStride: hidden, transposeB: false,
        into: base + first + 4 * hidden * width, cStride: hidden, beta: 0)
      let biases = base + first + 4 * hidden * (width + hidden)
      for row in 0..<rows {
        for gate in 0..<4 * hidden { biases[gate] += gateGradient[row * 4 * hidden + gate] }
      }
      for gate in 0..<4 * hidden { biases[4 * hidden + gate] = biases[gate] }
    }
    var inputGradient = [Scalar](repeating: 0, count: rows * width)
    parameters.withUnsafeBufferPointer { p in
      guard let base = p.baseAddress else { return }
      Scalar.multiply(
        rows: rows, columns: width, inner: 4 * hidden,
        a: gateGradient, aStride: 4 * hidden, transposeA: false,
        b: base + first, bStride: width, transposeB: false,
        into: &inputGradient, cStride: width, beta: 0)
    }
    return inputGradient
  }
}
