// SPDX-License-Identifier: Apache-2.0

/// Which operand stays in a systolic array.
public enum SystolicDataflow: String, Sendable, CaseIterable {
  /// Outputs stay.
  case outputStationary = "os"
  /// Weights stay.
  case weightStationary = "ws"
  /// Inputs stay.
  case inputStationary = "is"
}

/// A systolic array for matrix products, counted as SCALE-Sim v3.0.0 does: the peer to compare with.
///
/// Only compute cycles; no memory stalls, no functions, no recurrence between the products.
public struct SystolicArray: Sendable, Equatable {
  /// Rows R.
  public var rows: Int
  /// Columns C.
  public var columns: Int
  /// What stays.
  public var dataflow: SystolicDataflow

  /// An array.
  ///
  /// - Precondition: sizes ≥ 1.
  public init(rows: Int, columns: Int, dataflow: SystolicDataflow) {
    precondition(rows >= 1 && columns >= 1, "an empty array")
    self.rows = rows
    self.columns = columns
    self.dataflow = dataflow
  }

  /// Cycles of an M × K by K × N product: the fill, drain and stream of each fold of the two
  /// dimensions that are laid out over the array.
  public func cycles(m: Int, n: Int, k: Int) -> Int {
    let (height, width, streamed, fill) =
      switch dataflow {
      case .outputStationary: (m, n, k, rows + columns)
      case .weightStationary: (k, n, m, 2 * rows + columns)
      case .inputStationary: (k, m, n, 2 * rows + columns)
      }
    let folds = ((height + rows - 1) / rows) * ((width + columns - 1) / columns)
    return (fill + streamed - 2) * folds - 1
  }

  /// A recurrent network as one product a step and layer, then the dense layers.
  public func estimate(network: NetworkShape, batch: Int, clockHertz: Double) -> EngineEstimate {
    let width = network.cell.gates * network.hidden
    var step = 0
    for layer in 0..<network.layers {
      step += cycles(m: batch, n: width, k: network.inputs(ofLayer: layer) + network.hidden)
    }
    var total = network.steps * step
    var inputs = network.hidden
    for outputs in network.dense {
      total += cycles(m: batch, n: outputs, k: inputs)
      inputs = outputs
    }
    let cells = Double(rows * columns)
    return EngineEstimate(
      cycles: total, maximumCycles: total, initiationInterval: total, batch: batch,
      clockHertz: clockHertz,
      utilisation: Double(network.multiplies) * Double(batch) / (cells * Double(total)),
      // A DSP block a cell; logic around it a coarse allowance, three memories of 256 KB.
      resources: DeviceResources(dsp: cells, lut: 60 * cells, flipFlops: 80 * cells, bram18: 342))
  }
}
