// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The arithmetic of the project's own engine: 16-bit words, exact sums in 40 bits, one rounding
/// (halves up) and saturation where a value is stored, gates from tables of 1024 entries.
///
/// Weights are `[4·hidden][inputs + hidden + 1]`, gates in the order input, forget, cell, output, the
/// bias in the last column; the head's are `[outputs][hidden + 1]`.
public struct UnitParallelLSTM: Sendable {
  /// Values into the layer at each step.
  public let inputs: Int
  /// Units of the layer.
  public let hidden: Int
  /// Outputs of the head.
  public let outputs: Int
  /// Bits after the binary point.
  public let fractionBits: Int
  private let weights: [Int16]
  private let head: [Int16]
  private let sigmoid: [Int16]
  private let tanh: [Int16]

  /// A network.
  ///
  /// - Precondition: counts fit the sizes; 7 ≤ fractionBits ≤ 14.
  public init(
    inputs: Int, hidden: Int, outputs: Int, weights: [Int16], head: [Int16], fractionBits: Int = 12
  ) {
    precondition(weights.count == 4 * hidden * (inputs + hidden + 1), "\(weights.count) weights")
    precondition(head.count == outputs * (hidden + 1), "\(head.count) weights of the head")
    precondition((7...14).contains(fractionBits), "fraction bits")
    self.inputs = inputs
    self.hidden = hidden
    self.outputs = outputs
    self.weights = weights
    self.head = head
    self.fractionBits = fractionBits
    sigmoid = Self.table(fractionBits: fractionBits) { 1 / (1 + exp(-$0)) }
    tanh = Self.table(fractionBits: fractionBits) { Foundation.tanh($0) }
  }

  /// A function at the middle of each of 1024 intervals of the 16-bit range, lowest first.
  public static func table(fractionBits: Int, _ function: (Double) -> Double) -> [Int16] {
    let one = Double(1 << fractionBits)
    return (0..<1024).map { entry in
      let middle = (Double(entry - 512) + 0.5) * 64 / one
      return saturated(Int64((function(middle) * one + 0.5).rounded(.down)))
    }
  }

  /// A number as a word.
  public static func word(_ value: Double, fractionBits: Int = 12) -> Int16 {
    let scaled = (value * Double(1 << fractionBits) + 0.5).rounded(.down)
    return Int16(min(max(scaled, -32768), 32767))
  }

  /// Hidden values after each step of a sequence, from a zero state, and the head's outputs.
  ///
  /// - Parameter sequence: `[step · inputs]`, row by row.
  /// - Returns: `[step · hidden]` and `[outputs]`.
  public func run(_ sequence: [Int16]) -> (hiddens: [Int16], outputs: [Int16]) {
    let steps = sequence.count / inputs
    let one = Int16(1 << fractionBits)
    var h = [Int16](repeating: 0, count: hidden)
    var c = h
    var hiddens: [Int16] = []
    hiddens.reserveCapacity(steps * hidden)
    for step in 0..<steps {
      let column = Array(sequence[step * inputs..<(step + 1) * inputs]) + h + [one]
      for unit in 0..<hidden {
        let input = gate(0, unit, column, sigmoid)
        let forget = gate(1, unit, column, sigmoid)
        let candidate = gate(2, unit, column, tanh)
        let output = gate(3, unit, column, sigmoid)
        c[unit] = rounded(forget * Int64(c[unit]) + input * candidate)
        h[unit] = rounded(output * Int64(tanh[entry(c[unit])]))
      }
      hiddens += h
    }
    let column = h + [one]
    let answers = (0..<outputs).map { product(head, row: $0, column) }
    return (hiddens, answers)
  }

  private func gate(_ gate: Int, _ unit: Int, _ column: [Int16], _ table: [Int16]) -> Int64 {
    Int64(table[entry(product(weights, row: gate * hidden + unit, column))])
  }

  private func product(_ matrix: [Int16], row: Int, _ column: [Int16]) -> Int16 {
    var sum: Int64 = 0
    let start = row * column.count
    for index in column.indices { sum += Int64(matrix[start + index]) * Int64(column[index]) }
    return rounded(sum)
  }

  private func entry(_ value: Int16) -> Int { Int(value >> 6) + 512 }

  private func rounded(_ sum: Int64) -> Int16 {
    Self.saturated((sum + (1 << Int64(fractionBits - 1))) >> Int64(fractionBits))
  }

  private static func saturated(_ value: Int64) -> Int16 {
    Int16(min(max(value, -32768), 32767))
  }

  /// The weights as the engine's load port takes them: lines of 4·U words, group by group and
  /// column by column, then the head; zeros where there is no unit or output.
  ///
  /// - Parameter units: U.
  /// - Returns: `[line · 4·U]`.
  public func lines(units: Int) -> [Int16] {
    let width = inputs + hidden + 1
    var lines: [Int16] = []
    for group in 0..<(hidden + units - 1) / units {
      for column in 0..<width {
        for lane in 0..<4 * units {
          let unit = group * units + lane % units
          let row = lane / units * hidden + unit
          lines.append(unit < hidden ? weights[row * width + column] : 0)
        }
      }
    }
    for group in 0..<(outputs + 4 * units - 1) / (4 * units) {
      for column in 0...hidden {
        for lane in 0..<4 * units {
          let output = group * 4 * units + lane
          lines.append(output < outputs ? head[output * (hidden + 1) + column] : 0)
        }
      }
    }
    return lines
  }
}
