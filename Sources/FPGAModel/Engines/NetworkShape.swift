// SPDX-License-Identifier: Apache-2.0

/// The recurrent cell of a network.
public enum RecurrentCell: String, Sendable, CaseIterable, Codable {
  /// Long short-term memory, four gates.
  case lstm
  /// Gated recurrent unit, three gates.
  case gru

  /// Gates, each a matrix of its own.
  public var gates: Int { self == .lstm ? 4 : 3 }
}

/// Sizes of a recurrent network with a dense head, as an engine sees it.
public struct NetworkShape: Sendable, Equatable {
  /// Kind of the recurrent layers.
  public var cell: RecurrentCell
  /// Values into the first layer at each step, ≥ 1.
  public var inputs: Int
  /// Units of each recurrent layer, ≥ 1.
  public var hidden: Int
  /// Recurrent layers, ≥ 1.
  public var layers: Int
  /// Time steps of a sequence, ≥ 1.
  public var steps: Int
  /// Outputs of each dense layer after the last step, in order; may be empty.
  public var dense: [Int]

  /// A network.
  public init(
    cell: RecurrentCell = .lstm, inputs: Int, hidden: Int, layers: Int = 1, steps: Int,
    dense: [Int] = []
  ) {
    self.cell = cell
    self.inputs = inputs
    self.hidden = hidden
    self.layers = layers
    self.steps = steps
    self.dense = dense
  }

  /// Inputs of one recurrent layer.
  package func inputs(ofLayer layer: Int) -> Int { layer == 0 ? inputs : hidden }

  /// Multiplications of all recurrent layers in one step.
  public var recurrentMultipliesPerStep: Int {
    let first = inputs + hidden
    return cell.gates * hidden * (first + (layers - 1) * 2 * hidden)
  }

  /// Multiplications of the dense layers.
  public var denseMultiplies: Int {
    var sum = 0
    var width = hidden
    for outputs in dense {
      sum += width * outputs
      width = outputs
    }
    return sum
  }

  /// Multiplications with weights in one inference of one sequence.
  public var multiplies: Int { steps * recurrentMultipliesPerStep + denseMultiplies }

  /// Look-ups of a non-linear function in one inference.
  public var activations: Int {
    steps * layers * hidden * (cell == .lstm ? 5 : 3) + dense.reduce(0, +)
  }

  /// Weights and biases.
  public var parameters: Int {
    recurrentMultipliesPerStep + layers * cell.gates * hidden + denseMultiplies
      + dense.reduce(0, +)
  }
}

/// A number format of W bits of which I stand before the binary point, sign included.
public struct WordFormat: Sendable, Equatable {
  /// All bits, 2 … 32.
  public var bits: Int
  /// Bits before the binary point, sign included.
  public var integerBits: Int

  /// A format.
  public init(bits: Int, integerBits: Int) {
    self.bits = bits
    self.integerBits = integerBits
  }

  /// Bits after the binary point.
  public var fractionBits: Int { bits - integerBits }
}
