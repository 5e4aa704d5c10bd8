// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Weights and inputs of an LSTM layer as a JSON document, and outputs of other programs for them.
///
/// Keys: `W` [inputs][4·hidden], `U` [hidden][4·hidden], `b` [4·hidden] (gates i, f, c, o), `X`
/// [sequence][step][inputs]; optional `runs`, each with `precision` and `out_raw`
/// [sequence][step][hidden].
public struct FixedOracle: Sendable, Decodable {
  /// What another program answered in one arithmetic.
  public struct Run: Sendable, Decodable {
    /// The type, as in `ap_fixed<16,6>`.
    public var precision: String
    /// Raw hidden values.
    public var outRaw: [[[Int64]]]

    enum CodingKeys: String, CodingKey {
      case precision
      case outRaw = "out_raw"
    }
  }

  /// Kernel.
  public var kernel: [[Double]]
  /// Recurrent kernel.
  public var recurrent: [[Double]]
  /// Biases.
  public var bias: [Double]
  /// Sequences.
  public var sequences: [[[Double]]]
  /// Known answers.
  public var runs: [Run]?

  enum CodingKeys: String, CodingKey {
    case kernel = "W"
    case recurrent = "U"
    case bias = "b"
    case sequences = "X"
    case runs
  }

  /// Outputs of every sequence in an arithmetic, `[sequence][step][hidden]`, raw.
  ///
  /// - Throws: ``ArithmeticError`` when sizes don't fit or a value can't be taken.
  public func outputs(in type: ApFixed) throws(ArithmeticError) -> [[[Int64]]] {
    let layer = try HLSFixedLSTM(type: type, kernel: kernel, recurrent: recurrent, bias: bias)
    var result: [[[Int64]]] = []
    for sequence in sequences { result.append(try layer.run(sequence)) }
    return result
  }

  /// Values that differ from a known answer in the same arithmetic, and how many were compared; nil
  /// when there is no such answer.
  public func mismatches(
    of outputs: [[[Int64]]], in type: ApFixed
  ) -> (different: Int, compared: Int)? {
    let run = runs?.first { (try? ApFixed(parsing: $0.precision)) == type }
    guard let run else { return nil }
    let (own, other) = (outputs.joined().joined(), run.outRaw.joined().joined())
    let different = zip(own, other).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    return (different + abs(own.count - other.count), max(own.count, other.count))
  }
}
