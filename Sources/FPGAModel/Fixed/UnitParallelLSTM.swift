// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The arithmetic of the project's own engine: words of 16 bits (or fewer), exact sums in 40 bits,
/// one rounding (halves up) and saturation where a value is stored, gates from tables of 1024
/// entries.
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
  /// The words; the RTL's have 16 bits.
  public let format: WordFormat
  private let weights: [Int16]
  private let head: [Int16]
  private let sigmoid: [Int16]
  private let tanh: [Int16]

  /// Formats that this arithmetic has: 8 … 16 bits, and of 16 at most nine before the point.
  public static func supports(_ format: WordFormat) -> Bool {
    (8...16).contains(format.bits) && (2...9).contains(format.integerBits)
      && format.fractionBits >= 2
  }

  /// A network.
  ///
  /// - Precondition: counts fit the sizes; the format is supported and the words are in range.
  public init(
    inputs: Int, hidden: Int, outputs: Int, weights: [Int16], head: [Int16],
    format: WordFormat = WordFormat(bits: 16, integerBits: 4)
  ) {
    precondition(weights.count == 4 * hidden * (inputs + hidden + 1), "\(weights.count) weights")
    precondition(head.count == outputs * (hidden + 1), "\(head.count) weights of the head")
    precondition(Self.supports(format), "\(format)")
    self.inputs = inputs
    self.hidden = hidden
    self.outputs = outputs
    self.format = format
    self.weights = weights
    self.head = head
    sigmoid = Self.table(format) { 1 / (1 + exp(-$0)) }
    tanh = Self.table(format) { Foundation.tanh($0) }
  }

  /// A function at the middle of each of 1024 intervals (of each word, when there are fewer) of the
  /// words' range, lowest first.
  public static func table(_ format: WordFormat, _ function: (Double) -> Double) -> [Int16] {
    let one = Double(1 << format.fractionBits)
    let dropped = max(0, format.bits - 10)
    let width = Double(1 << dropped)
    let entries = 1 << (format.bits - dropped)
    return (0..<entries).map { entry in
      let middle = (Double(entry - entries / 2) + (dropped > 0 ? 0.5 : 0)) * width / one
      return word(function(middle), format)
    }
  }

  /// A number as a word: rounded, halves up, and saturated.
  public static func word(
    _ value: Double, _ format: WordFormat = WordFormat(bits: 16, integerBits: 4)
  ) -> Int16 {
    let limit = Double(1 << (format.bits - 1))
    let scaled = (value * Double(1 << format.fractionBits) + 0.5).rounded(.down)
    return Int16(min(max(scaled, -limit), limit - 1))
  }

  /// Hidden values after each step of a sequence, from a zero state, and the head's outputs.
  ///
  /// - Parameter sequence: `[step · inputs]`, row by row.
  /// - Returns: `[step · hidden]` and `[outputs]`.
  public func run(_ sequence: [Int16]) -> (hiddens: [Int16], outputs: [Int16]) {
    let steps = sequence.count / inputs
    let one = Int16(1 << format.fractionBits)
    // [x, h, 1]
    var column = [Int16](repeating: 0, count: inputs + hidden) + [one]
    var c = [Int16](repeating: 0, count: hidden)
    var gates = [Int16](repeating: 0, count: 4 * hidden)
    var hiddens: [Int16] = []
    hiddens.reserveCapacity(steps * hidden)
    for step in 0..<steps {
      for input in 0..<inputs { column[input] = sequence[step * inputs + input] }
      multiply(weights, column, into: &gates)
      for unit in 0..<hidden {
        let input = Int64(sigmoid[entry(gates[unit])])
        let forget = Int64(sigmoid[entry(gates[hidden + unit])])
        let candidate = Int64(tanh[entry(gates[2 * hidden + unit])])
        let output = Int64(sigmoid[entry(gates[3 * hidden + unit])])
        c[unit] = rounded(forget * Int64(c[unit]) + input * candidate)
        column[inputs + unit] = rounded(output * Int64(tanh[entry(c[unit])]))
      }
      hiddens += column[inputs..<inputs + hidden]
    }
    var answers = [Int16](repeating: 0, count: outputs)
    multiply(head, Array(column[inputs...]), into: &answers)
    return (hiddens, answers)
  }

  /// One word a row of the matrix. Pointers, because this is nearly all of the work.
  private func multiply(_ matrix: [Int16], _ column: [Int16], into result: inout [Int16]) {
    let (rows, columns) = (result.count, column.count)
    result.withUnsafeMutableBufferPointer { result in
      matrix.withUnsafeBufferPointer { matrix in
        column.withUnsafeBufferPointer { column in
          guard let out = result.baseAddress, let weights = matrix.baseAddress,
            let values = column.baseAddress
          else { return }
          var row = 0
          while row < rows {
            let line = weights + row &* columns
            var sum: Int64 = 0
            var index = 0
            while index < columns {
              sum = sum &+ Int64(Int32(line[index]) &* Int32(values[index]))
              index = index &+ 1
            }
            out[row] = rounded(sum)
            row = row &+ 1
          }
        }
      }
    }
  }

  /// The table's entry for a word: its upper ten bits, counted from the lowest value.
  private func entry(_ value: Int16) -> Int {
    let dropped = max(0, format.bits - 10)
    return Int(value >> Int16(dropped)) + 1 << (format.bits - dropped - 1)
  }

  private func rounded(_ sum: Int64) -> Int16 {
    let fraction = Int64(format.fractionBits)
    let limit = Int64(1) << Int64(format.bits - 1)
    return Int16(min(max((sum + 1 << (fraction - 1)) >> fraction, -limit), limit - 1))
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
