// SPDX-License-Identifier: Apache-2.0

/// An LSTM layer in the arithmetic of hls4ml's C++: every product and every sum goes back into the
/// model's type at once, input and recurrent parts are summed apart, and gates come from tables.
///
/// Bit-exact against hls4ml's C simulation. Weights are `[inputs][4·hidden]` and
/// `[hidden][4·hidden]`, gates in the order input, forget, cell, output (Keras).
public struct HLSFixedLSTM: Sendable {
  /// The model's type.
  public let type: ApFixed
  /// Values into the layer at each step.
  public let inputs: Int
  /// Units of the layer.
  public let hidden: Int
  private let kernel: [Int64]
  private let recurrent: [Int64]
  private let bias: [Int64]

  /// A layer, with parameters rounded into the type.
  ///
  /// - Parameters:
  ///   - type: of weights, states and sums.
  ///   - kernel: `[inputs][4·hidden]`.
  ///   - recurrent: `[hidden][4·hidden]`.
  ///   - bias: `[4·hidden]`.
  /// - Throws: ``ArithmeticError`` when sizes don't fit or a value is not a finite number in reach.
  public init(
    type: ApFixed, kernel: [[Double]], recurrent: [[Double]], bias: [Double]
  ) throws(ArithmeticError) {
    let (inputs, hidden) = (kernel.count, recurrent.count)
    guard inputs > 0, hidden > 0, bias.count == 4 * hidden,
      (kernel + recurrent).allSatisfy({ $0.count == 4 * hidden })
    else {
      throw ArithmeticError(
        description: "W is [inputs][4·hidden], U [hidden][4·hidden], b [4·hidden]; these are "
          + "\(inputs) × \(kernel.first?.count ?? 0), \(hidden) × \(recurrent.first?.count ?? 0), "
          + "\(bias.count)")
    }
    self.type = type
    self.inputs = inputs
    self.hidden = hidden
    self.kernel = try Self.raws(kernel.flatMap { $0 }, type, "W")
    self.recurrent = try Self.raws(recurrent.flatMap { $0 }, type, "U")
    self.bias = try Self.raws(bias, type, "b")
  }

  static func raws(
    _ values: [Double], _ type: ApFixed, _ name: String
  ) throws(ArithmeticError) -> [Int64] {
    var result: [Int64] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let raw = type.raw(of: value) else {
        throw ArithmeticError(description: "\(name) has \(value), which \(type) can't take")
      }
      result.append(raw)
    }
    return result
  }

  /// Runs a sequence from a zero state.
  ///
  /// - Parameter sequence: `[step][inputs]`.
  /// - Returns: raw hidden values, `[step][hidden]`.
  /// - Throws: ``ArithmeticError`` when a row has another length or a value can't be taken.
  public func run(_ sequence: [[Double]]) throws(ArithmeticError) -> [[Int64]] {
    var h = [Int64](repeating: 0, count: hidden)
    var c = h
    var result: [[Int64]] = []
    result.reserveCapacity(sequence.count)
    for row in sequence {
      guard row.count == inputs else {
        throw ArithmeticError(description: "X has a row of \(row.count) values, not \(inputs)")
      }
      step(try Self.raws(row, type, "X"), &h, &c)
      result.append(h)
    }
    return result
  }

  private func step(_ x: [Int64], _ h: inout [Int64], _ c: inout [Int64]) {
    let fraction = type.fractionBits
    var sums = bias
    accumulate(x, kernel, into: &sums)
    var recurrentSums = [Int64](repeating: 0, count: 4 * hidden)
    accumulate(h, recurrent, into: &recurrentSums)
    for gate in sums.indices {
      sums[gate] = type.convert(sums[gate] + recurrentSums[gate], fraction: fraction)
    }
    for unit in 0..<hidden {
      let input = activated(.sigmoid, sums[unit])
      let forget = activated(.sigmoid, sums[hidden + unit])
      let candidate = activated(.tanh, sums[2 * hidden + unit])
      let output = activated(.sigmoid, sums[3 * hidden + unit])
      // One conversion of the exact sum of both products.
      c[unit] = type.convert(input * candidate + forget * c[unit], fraction: 2 * fraction)
      h[unit] = type.convert(output * activated(.tanh, c[unit]), fraction: 2 * fraction)
    }
  }

  private func accumulate(_ values: [Int64], _ weights: [Int64], into sums: inout [Int64]) {
    let fraction = type.fractionBits
    let width = sums.count
    for (row, value) in values.enumerated() {
      for column in 0..<width {
        let product = type.convert(value * weights[row * width + column], fraction: 2 * fraction)
        sums[column] = type.convert(sums[column] + product, fraction: fraction)
      }
    }
  }

  private func activated(_ table: HLSTable, _ raw: Int64) -> Int64 {
    type.convert(
      table.value(raw, fraction: type.fractionBits), fraction: HLSTable.type.fractionBits)
  }
}

/// A dense layer in the same arithmetic: the sum starts at the bias and goes back into the type
/// after every product. Linear; the recorded C simulations have no such layer to compare with.
public struct HLSFixedDense: Sendable {
  /// The type of weights, values and sums.
  public let type: ApFixed
  private let weights: [Int64]
  private let bias: [Int64]
  private let inputs: Int

  /// A layer, with parameters rounded into the type.
  ///
  /// - Parameters:
  ///   - type: of weights and sums.
  ///   - weights: `[outputs][inputs]`.
  ///   - bias: `[outputs]`.
  /// - Throws: ``ArithmeticError`` when sizes don't fit or a value is not a finite number in reach.
  public init(
    type: ApFixed, weights: [[Double]], bias: [Double]
  ) throws(ArithmeticError) {
    inputs = weights.first?.count ?? 0
    guard inputs > 0, weights.count == bias.count,
      weights.allSatisfy({ $0.count == weights[0].count })
    else {
      throw ArithmeticError(description: "a dense layer has [outputs][inputs] and [outputs] values")
    }
    self.type = type
    self.weights = try HLSFixedLSTM.raws(weights.flatMap { $0 }, type, "weights")
    self.bias = try HLSFixedLSTM.raws(bias, type, "bias")
  }

  /// Raw outputs for raw inputs.
  ///
  /// - Precondition: there are as many values as inputs.
  public func outputs(_ values: [Int64]) -> [Int64] {
    precondition(values.count == inputs, "\(values.count) values")
    let fraction = type.fractionBits
    return bias.indices.map { output in
      var sum = bias[output]
      for (index, value) in values.enumerated() {
        let product = type.convert(
          value * weights[output * inputs + index], fraction: 2 * fraction)
        sum = type.convert(sum + product, fraction: fraction)
      }
      return sum
    }
  }
}
