// SPDX-License-Identifier: Apache-2.0

/// Sizes of an LSTM network and where its parameters lie in one flat vector.
///
/// Parameters have PyTorch's names and layouts (`torch.nn.LSTM` followed by a `torch.nn.Linear`):
/// for each layer `weight_ih_l0` [4·hidden, inputs], `weight_hh_l0` [4·hidden, hidden],
/// `bias_ih_l0` and `bias_hh_l0` [4·hidden], gates stacked in the order input, forget, cell, output;
/// at the end `out.weight` [outputs, hidden] and `out.bias` [outputs]. Row-major. When the head sees
/// the inputs too, its weights are [outputs, hidden + inputs].
public struct LSTMShape: Sendable, Hashable, Codable {
  /// Values per step and series.
  public let inputs: Int
  /// Width of each layer.
  public let hidden: Int
  /// Number of layers.
  public let layers: Int
  /// Values out of the linear head.
  public let outputs: Int
  /// Whether the head sees the inputs of the step beside the last layer's hidden values: what
  /// matters at once need not pass through the bounded state.
  public let headSeesInputs: Bool

  /// A shape.
  ///
  /// - Precondition: all sizes are ≥ 1.
  public init(
    inputs: Int, hidden: Int, layers: Int = 1, outputs: Int, headSeesInputs: Bool = false
  ) {
    precondition(inputs >= 1 && hidden >= 1 && layers >= 1 && outputs >= 1, "an empty layer")
    self.inputs = inputs
    self.hidden = hidden
    self.layers = layers
    self.outputs = outputs
    self.headSeesInputs = headSeesInputs
  }

  /// Where one parameter lies.
  public struct Parameter: Sendable, Equatable {
    /// PyTorch's name.
    public let name: String
    /// Row-major shape.
    public let shape: [Int]
    /// Position in the flat vector.
    public let range: Range<Int>
  }

  /// All parameters, in the order of the flat vector.
  public var parameters: [Parameter] {
    var result: [Parameter] = []
    var position = 0
    func add(_ name: String, _ shape: Int...) {
      let count = shape.reduce(1, *)
      result.append(Parameter(name: name, shape: shape, range: position..<position + count))
      position += count
    }
    for layer in 0..<layers {
      add("weight_ih_l\(layer)", 4 * hidden, layer == 0 ? inputs : hidden)
      add("weight_hh_l\(layer)", 4 * hidden, hidden)
      add("bias_ih_l\(layer)", 4 * hidden)
      add("bias_hh_l\(layer)", 4 * hidden)
    }
    add("out.weight", outputs, headInputs)
    add("out.bias", outputs)
    return result
  }

  /// Length of the flat vector.
  public var parameterCount: Int { parameters.last?.range.upperBound ?? 0 }

  /// Inputs of the head.
  var headInputs: Int { hidden + (headSeesInputs ? inputs : 0) }

  /// Inputs of one layer.
  func inputs(ofLayer layer: Int) -> Int { layer == 0 ? inputs : hidden }

  /// Start of the parameters of one layer: input weights, recurrent weights, two biases.
  func offset(ofLayer layer: Int) -> Int {
    let first = 4 * hidden * (inputs + hidden + 2)
    return layer == 0 ? 0 : first + (layer - 1) * 4 * hidden * (2 * hidden + 2)
  }

  /// Start of the head's weights.
  var headOffset: Int { offset(ofLayer: layers) }
}
