// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Forecasting
import StateArchive

/// LSTM forecasts as an accelerator works them out: in its number format, and from a zero state over
/// the latest samples only, since a card keeps no state of a VM between rounds.
///
/// The network's layer and its head run on the card; the part of the outputs that comes straight
/// from the inputs (a head that sees them) is added by the host in single precision.
package struct FixedPointArithmetic: LSTMArithmetic, Equatable {
  /// How numbers are represented.
  package enum Format: Sendable, Equatable {
    /// Single precision: shows what the window alone costs.
    case single
    /// The project's own engine, bit by bit what its RTL computes.
    case unitParallel(WordFormat)
    /// hls4ml's engines, bit by bit what its C simulation computes.
    case reuseFactor(ApFixed)
  }

  /// Number format.
  package var format: Format
  /// Latest samples that a forecast sees, ≥ 1.
  package var steps: Int

  /// An arithmetic.
  ///
  /// - Precondition: `steps` ≥ 1.
  package init(_ format: Format, steps: Int) {
    precondition(steps >= 1, "\(steps) steps")
    self.format = format
    self.steps = steps
  }

  /// Why a network can't be worked out in this arithmetic; nil when it can.
  package func problem(with network: LSTMNetwork<Float>) -> String? {
    guard case .reuseFactor(let type) = format else { return nil }
    do {
      _ = try ReuseFactorSequence(network, type)
      return nil
    } catch { return error.description }
  }

  /// An engine that has seen nothing.
  ///
  /// - Precondition: the network has one layer and no ``problem(with:)``.
  package func engine(
    for network: LSTMNetwork<Float>, seriesCount: Int, sharedInputs: Int
  ) -> any LSTMEngine {
    WindowEngine(
      network: network, seriesCount: seriesCount, sharedInputs: sharedInputs, steps: steps,
      sequences: sequenceNetwork(network))
  }

  private func sequenceNetwork(_ network: LSTMNetwork<Float>) -> any SequenceNetwork {
    precondition(network.shape.layers == 1, "the engines have one layer")
    switch format {
    case .single: return SingleSequence(network: network)
    case .unitParallel(let format): return UnitParallelSequence(network, format)
    case .reuseFactor(let type):
      guard let fixed = try? ReuseFactorSequence(network, type) else {
        preconditionFailure(problem(with: network) ?? "no such network")
      }
      return fixed
    }
  }
}

/// What works out one sequence: the head's outputs, without its part of the inputs.
private protocol SequenceNetwork: Sendable {
  func outputs(_ sequence: [Float]) -> [Float]
}

/// Keeps the latest inputs of all series and works their outputs out when asked.
private struct WindowEngine: LSTMEngine {
  let network: LSTMNetwork<Float>
  let seriesCount: Int
  let sharedInputs: Int
  let steps: Int
  let sequences: any SequenceNetwork
  /// Inputs of the latest steps, oldest first: `[series, own]`, and the shared ones.
  private var window: [(own: [Float], shared: [Float])] = []
  /// Steps since each series began.
  private var ages: [Int]

  init(
    network: LSTMNetwork<Float>, seriesCount: Int, sharedInputs: Int, steps: Int,
    sequences: any SequenceNetwork
  ) {
    self.network = network
    self.seriesCount = seriesCount
    self.sharedInputs = sharedInputs
    self.steps = steps
    self.sequences = sequences
    ages = Array(repeating: 0, count: seriesCount)
  }

  mutating func step(inputs: [Float], shared: [Float]) {
    if window.count == steps { window.removeFirst() }
    window.append((inputs, shared))
    for series in ages.indices { ages[series] += 1 }
  }

  func outputs() -> [Float] {
    let width = network.shape.inputs - sharedInputs
    var result: [Float] = []
    result.reserveCapacity(seriesCount * network.shape.outputs)
    for series in 0..<seriesCount {
      var sequence: [Float] = []
      for row in window.suffix(ages[series]) {
        sequence += row.own[series * width..<(series + 1) * width]
        sequence += row.shared
      }
      let last = Array(sequence.suffix(network.shape.inputs))
      let direct = network.headPart(ofInputs: last)
      result += zip(sequences.outputs(sequence), direct).map { $0 + $1 }
    }
    return result
  }

  mutating func reset(series: Int) { ages[series] = 0 }
}

private struct SingleSequence: SequenceNetwork {
  let network: LSTMNetwork<Float>

  func outputs(_ sequence: [Float]) -> [Float] {
    let shape = network.shape
    let steps = sequence.count / shape.inputs
    let pass = network.forward(
      sequence, steps: steps, batch: 1, from: network.initialState(batch: 1))
    guard steps > 0 else { return Array(repeating: 0, count: shape.outputs) }
    let all = pass.outputs.suffix(shape.outputs)
    let direct = network.headPart(ofInputs: Array(sequence.suffix(shape.inputs)))
    return zip(all, direct).map { $0 - $1 }
  }
}

private struct UnitParallelSequence: SequenceNetwork {
  let lstm: UnitParallelLSTM

  init(_ network: LSTMNetwork<Float>, _ format: WordFormat) {
    let parts = NetworkParts(network)
    func words(_ rows: [[Double]]) -> [Int16] {
      rows.flatMap { row in row.map { UnitParallelLSTM.word($0, format) } }
    }
    let shape = network.shape
    let weights = (0..<4 * shape.hidden).map { gate in
      parts.kernel.map { $0[gate] } + parts.recurrent.map { $0[gate] } + [parts.bias[gate]]
    }
    let head = zip(parts.head, parts.headBias).map { $0 + [$1] }
    lstm = UnitParallelLSTM(
      inputs: shape.inputs, hidden: shape.hidden, outputs: shape.outputs, weights: words(weights),
      head: words(head), format: format)
  }

  func outputs(_ sequence: [Float]) -> [Float] {
    let words = sequence.map { UnitParallelLSTM.word(Double($0), lstm.format) }
    let one = Float(1 << lstm.format.fractionBits)
    return lstm.run(words).outputs.map { Float($0) / one }
  }
}

private struct ReuseFactorSequence: SequenceNetwork {
  let lstm: HLSFixedLSTM
  let head: HLSFixedDense

  init(_ network: LSTMNetwork<Float>, _ type: ApFixed) throws(ArithmeticError) {
    let parts = NetworkParts(network)
    lstm = try HLSFixedLSTM(
      type: type, kernel: parts.kernel, recurrent: parts.recurrent, bias: parts.bias)
    head = try HLSFixedDense(type: type, weights: parts.head, bias: parts.headBias)
  }

  func outputs(_ sequence: [Float]) -> [Float] {
    let rows = stride(from: 0, to: sequence.count, by: lstm.inputs).map { start in
      sequence[start..<start + lstm.inputs].map { Double($0) }
    }
    // Inputs of the forecaster are finite and limited.
    let hidden = (try? lstm.run(rows))?.last ?? Array(repeating: 0, count: lstm.hidden)
    return head.outputs(hidden).map { Float(head.type.value($0)) }
  }
}

/// The parameters of a one-layer network as matrices: kernel `[inputs][4·hidden]`, recurrent
/// `[hidden][4·hidden]`, the head's part of the hidden values `[outputs][hidden]`.
private struct NetworkParts {
  var kernel: [[Double]]
  var recurrent: [[Double]]
  var bias: [Double]
  var head: [[Double]]
  var headBias: [Double]

  init(_ network: LSTMNetwork<Float>) {
    let shape = network.shape
    let ranges = shape.parameters.map(\.range)
    func rows(_ range: Range<Int>, _ width: Int) -> [[Double]] {
      stride(from: range.lowerBound, to: range.upperBound, by: width).map { start in
        network.parameters[start..<start + width].map { Double($0) }
      }
    }
    func columns(_ rows: [[Double]]) -> [[Double]] {
      (0..<rows[0].count).map { column in rows.map { $0[column] } }
    }
    kernel = columns(rows(ranges[0], shape.inputs))
    recurrent = columns(rows(ranges[1], shape.hidden))
    let biases = (rows(ranges[2], 1), rows(ranges[3], 1))
    bias = zip(biases.0, biases.1).map { $0[0] + $1[0] }
    let headWidth = ranges[4].count / shape.outputs
    head = rows(ranges[4], headWidth).map { Array($0[..<shape.hidden]) }
    headBias = rows(ranges[5], 1).map { $0[0] }
  }
}

extension WindowEngine {
  mutating func archive(_ archive: inout StateArchive) throws {
    window = try archive.pairs(window.map { ($0.own, $0.shared) }).map { ($0, $1) }
    try archive.state(&ages)
  }
}
