// SPDX-License-Identifier: Apache-2.0

/// The reuse factors that hls4ml's resource strategy can build: how often one multiplier serves a
/// matrix of `inputs` × `outputs` weights.
///
/// Source: the rule of hls4ml's FPGA backend (`get_closest_reuse_factor`), as stated in the data of
/// Khoda et al. 2022, arXiv:2207.00559.
public enum ReuseFactor {
  /// Whether a matrix can be built with this factor.
  public static func isValid(_ factor: Int, inputs: Int, outputs: Int) -> Bool {
    guard factor >= 1, (inputs * outputs) % factor == 0 else { return false }
    if factor >= inputs { return factor % inputs == 0 }
    let multipliers = (inputs * outputs + factor - 1) / factor
    return multipliers % outputs == 0
  }

  /// The valid factor next to the one asked for; of two equally near ones the smaller.
  ///
  /// - Parameters:
  ///   - wanted: the factor asked for, ≥ 1.
  ///   - inputs: columns of the matrix, ≥ 1.
  ///   - outputs: rows of the matrix, ≥ 1.
  /// - Returns: a valid factor, 1 … inputs·outputs.
  public static func closest(to wanted: Int, inputs: Int, outputs: Int) -> Int {
    precondition(wanted >= 1 && inputs >= 1 && outputs >= 1, "an empty matrix")
    let largest = inputs * outputs
    guard wanted < largest else { return largest }
    for distance in 0..<largest {
      if isValid(wanted - distance, inputs: inputs, outputs: outputs) { return wanted - distance }
      if isValid(wanted + distance, inputs: inputs, outputs: outputs) { return wanted + distance }
    }
    return 1
  }
}
