// SPDX-License-Identifier: Apache-2.0
import CForecastKernels
public import StateArchive

/// An LSTM that follows many series step by step, in single precision.
///
/// The layers run in a fused kernel that never leaves the cache, and so does the head, when outputs
/// are asked for. Inputs that are the same for all series (the calendar) are
/// *shared*: they come last among the inputs and are folded into the bias once a step.
public struct StreamingLSTM: Sendable {
  /// The sizes.
  public let shape: LSTMShape
  /// Number of series.
  public let seriesCount: Int
  /// How many of the inputs are shared.
  public let sharedInputs: Int
  private let layers: [PackedLayer]
  private let head: PackedHead
  /// Hidden and cell values of each layer, `[series, hidden]`.
  private var hidden: [[Float]]
  private var cell: [[Float]]
  /// The last inputs, for a head that sees them.
  private var lastInputs: [Float]
  private var lastShared: [Float]

  /// A network that has seen nothing of `seriesCount` series yet.
  ///
  /// - Precondition: the hidden width is a multiple of 8, at most 512; `sharedInputs` is at most
  ///   the number of inputs.
  public init(_ network: LSTMNetwork<Float>, seriesCount: Int, sharedInputs: Int = 0) {
    let shape = network.shape
    precondition(Self.supports(shape), "hidden width \(shape.hidden)")
    precondition(0...shape.inputs ~= sharedInputs, "\(sharedInputs) shared inputs")
    self.shape = shape
    self.seriesCount = seriesCount
    self.sharedInputs = sharedInputs
    head = PackedHead(network, sharedInputs: sharedInputs)
    layers = (0..<shape.layers).map {
      PackedLayer(network, layer: $0, sharedInputs: $0 == 0 ? sharedInputs : 0)
    }
    let zeros = [Float](repeating: 0, count: seriesCount * shape.hidden)
    hidden = [[Float]](repeating: zeros, count: shape.layers)
    cell = hidden
    lastInputs = [Float](
      repeating: 0,
      count: shape.headSeesInputs ? seriesCount * (shape.inputs - sharedInputs) : 0)
    lastShared = [Float](repeating: 0, count: sharedInputs)
  }

  /// Whether the kernel can run a network of this shape.
  public static func supports(_ shape: LSTMShape) -> Bool {
    shape.hidden % FORESHADOW_LSTM_LANES == 0
      && shape.hidden <= FORESHADOW_LSTM_WIDEST
  }

  /// Advances all series by one step.
  ///
  /// - Parameters:
  ///   - inputs: `[series, inputs - sharedInputs]`, row-major.
  ///   - shared: the shared inputs.
  /// - Precondition: the counts fit.
  public mutating func step(inputs: [Float], shared: [Float] = []) {
    precondition(inputs.count == seriesCount * (shape.inputs - sharedInputs), "inputs")
    precondition(shared.count == sharedInputs, "shared inputs")
    for layer in layers.indices {
      let packed = layers[layer]
      let bias = packed.bias(shared: layer == 0 ? shared : [])
      let width = layer == 0 ? shape.inputs - sharedInputs : shape.hidden
      let layerInputs = layer == 0 ? inputs : hidden[layer - 1]
      foreshadow_lstm_step(
        seriesCount, width, shape.hidden, layerInputs, packed.weights, bias, &hidden[layer],
        &cell[layer])
    }
    if shape.headSeesInputs {
      lastInputs = inputs
      lastShared = shared
    }
  }

  /// The head's outputs for the present state, `[series, outputs]`.
  public func outputs() -> [Float] {
    let bias = head.bias(shared: lastShared)
    let own = shape.headSeesInputs ? shape.inputs - sharedInputs : 0
    return [Float](unsafeUninitializedCapacity: seriesCount * shape.outputs) { outputs, count in
      count = seriesCount * shape.outputs
      guard let start = outputs.baseAddress else { return }
      foreshadow_dense(
        seriesCount, shape.hidden, own, shape.outputs, hidden[shape.layers - 1], lastInputs,
        head.weights, bias, start)
    }
  }

  /// Hidden values of the last layer, `[series, hidden]`.
  public var lastHidden: [Float] { hidden[shape.layers - 1] }

  /// Starts one series anew.
  public mutating func reset(series: Int) {
    for layer in hidden.indices {
      for unit in series * shape.hidden..<(series + 1) * shape.hidden {
        hidden[layer][unit] = 0
        cell[layer][unit] = 0
      }
    }
    let own = shape.headSeesInputs ? shape.inputs - sharedInputs : 0
    for input in series * own..<(series + 1) * own { lastInputs[input] = 0 }
  }
}

/// The weights of one layer in the order in which the kernel reads them.
private struct PackedLayer: Sendable {
  /// `[hidden / 8, inputs + hidden, gate, 8]`, without the shared inputs.
  let weights: [Float]
  /// `[hidden / 8, gate, 8]`.
  private let constant: [Float]
  /// The weights of the shared inputs, each in the order of `constant`.
  private let shared: [[Float]]

  init(_ network: LSTMNetwork<Float>, layer: Int, sharedInputs: Int) {
    let hidden = network.shape.hidden
    let inputs = network.shape.inputs(ofLayer: layer)
    let first = network.shape.offset(ofLayer: layer)
    let recurrent = first + 4 * hidden * inputs
    let biases = recurrent + 4 * hidden * hidden
    let parameters = network.parameters
    /// One value a gate and unit in the kernel's order, from one a row of the weight matrices.
    func packed(block: Int, _ value: (Int) -> Float) -> [Float] {
      (0..<4).flatMap { gate in (0..<8).map { value(gate * hidden + block * 8 + $0) } }
    }
    var weights: [Float] = []
    for block in 0..<hidden / 8 {
      for input in 0..<inputs - sharedInputs {
        weights += packed(block: block) { parameters[first + $0 * inputs + input] }
      }
      for unit in 0..<hidden {
        weights += packed(block: block) { parameters[recurrent + $0 * hidden + unit] }
      }
    }
    self.weights = weights
    constant = (0..<hidden / 8).flatMap {
      packed(block: $0) { parameters[biases + $0] + parameters[biases + 4 * hidden + $0] }
    }
    shared = (inputs - sharedInputs..<inputs).map { input in
      (0..<hidden / 8).flatMap {
        packed(block: $0) { parameters[first + $0 * inputs + input] }
      }
    }
  }

  /// The bias of a step with the given shared inputs.
  func bias(shared values: [Float]) -> [Float] {
    var bias = constant
    for (value, weights) in zip(values, shared) {
      for index in bias.indices { bias[index] += value * weights[index] }
    }
    return bias
  }
}

/// The head's weights in the order in which the kernel reads them.
private struct PackedHead: Sendable {
  /// `[hidden + own inputs, outputs rounded up]`.
  let weights: [Float]
  /// `[outputs rounded up]`.
  private let constant: [Float]
  /// The weights of the shared inputs, each in the order of `constant`.
  private let shared: [[Float]]

  init(_ network: LSTMNetwork<Float>, sharedInputs: Int) {
    let shape = network.shape
    let biases = shape.headOffset + shape.outputs * shape.headInputs
    let parameters = network.parameters
    let padding = -shape.outputs & (FORESHADOW_LSTM_LANES - 1)
    func padded(_ value: (Int) -> Float) -> [Float] {
      (0..<shape.outputs).map(value) + [Float](repeating: 0, count: padding)
    }
    let columns = (0..<shape.headInputs).map { column in
      padded { parameters[shape.headOffset + $0 * shape.headInputs + column] }
    }
    let ownCount = shape.headInputs - (shape.headSeesInputs ? sharedInputs : 0)
    weights = Array(columns[..<ownCount].joined())
    shared = Array(columns[ownCount...])
    constant = padded { parameters[biases + $0] }
  }

  /// The bias with the given shared inputs.
  func bias(shared values: [Float]) -> [Float] {
    var bias = constant
    for (value, weights) in zip(values, shared) {
      for index in bias.indices { bias[index] += value * weights[index] }
    }
    return bias
  }
}

extension StreamingLSTM {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&hidden)
    try archive.state(&cell)
    try archive.state(&lastInputs)
    try archive.state(&lastShared)
  }
}
