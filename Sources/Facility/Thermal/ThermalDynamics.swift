// SPDX-License-Identifier: Apache-2.0

/// What the cooling does to the room between two events, as a linear law.
package enum SupplyLaw: Sendable, Hashable, Codable {
  /// Cold air is led to the inlets: the supply is at `offset + slope·T_r`, and the share of the
  /// needed air that the units deliver is `delivered`; the rest comes from the room.
  ///
  /// A held set point has slope 0; a unit at its limit, which takes a heat flow `a + b·T_r` out of
  /// the stream `E`, has `offset = −a/E`, `slope = 1 − b/E`; a unit that does not cool has slope 1.
  case ducted(offset: Double, slope: Double, delivered: Double)
  /// Cold air is mixed into the room: racks breathe room air, and `offset + slope·T_r` watts are
  /// taken out of it.
  case mixed(offset: Double, slope: Double)
  /// Cold air is mixed into the room, and the unit keeps the room's temperature where it is.
  case held
}

/// The equations of ``AirNetwork`` under a ``SupplyLaw`` and constant heat: `x' = L·x + c`.
///
/// `x` holds the outlet temperatures, then the room's and the plenum's. `L` has no negative entry
/// off its diagonal and no positive row sum, so `e^{Lt}` is non-negative and shrinks the maximum
/// norm; ``ThermalTrajectory`` and the threshold search rest on that. With `q ≥ max |L_ii|` the
/// matrix `B = I + L/q` is non-negative with row sums of at most 1.
package struct ThermalDynamics: Sendable, Codable {
  /// Number of racks; states have two elements more.
  let rackCount: Int
  /// `q` in 1/s.
  let rate: Double
  /// Diagonal of `B`, without a rack's flow to itself.
  private let diagonal: [Double]
  /// Factor that turns the recirculated heat flow to a rack into its part of `B·x`: `1/(C_j·q)`.
  private let inverse: [Double]
  /// Column of `B` for the room: rack rows, and last the plenum's.
  private let fromRoom: [Double]
  /// Column of `B` for the plenum, rack rows.
  private let fromPlenum: [Double]
  /// Row of `B` for the room, rack columns, and last the plenum's.
  private let toRoom: [Double]
  /// The flows `F`.
  private let recirculation: RecirculationFlows
  /// `c` in K/s.
  private let constant: [Double]

  /// The equations with the heat `rackHeat` (W) in the racks, `roomHeat` (W) in the room, and the
  /// outdoor temperature `outdoor` (°C) behind the walls.
  package init(
    network: AirNetwork, law: SupplyLaw, rackHeat: [Double], roomHeat: Double, outdoor: Double
  ) {
    let n = network.rackCount
    let g = network.caseConductance
    let breathesRoom = !law.isDucted
    // Loss rate of each node (−L_ii), and c.
    var loss = [Double](repeating: 0, count: n + 2)
    var c = [Double](repeating: 0, count: n + 2)
    var roomLoss = network.envelopeConductance
    for i in 0..<n {
      loss[i] = (network.flow[i] + g) / network.rackHeatCapacity[i]
      c[i] = rackHeat[i] / network.rackHeatCapacity[i]
      roomLoss += network.returnFlow[i] + g
    }
    var roomGain = roomHeat + network.envelopeConductance * outdoor
    var roomScale = 1 / network.roomHeatCapacity
    var plenumSlope = 0.0
    var aisle = 0.0
    switch law {
    case .ducted(let offset, let slope, let delivered):
      let need = network.neededFlow / network.supplyHeatCapacity
      aisle = network.plenumConductance
      let exchange = aisle / network.supplyHeatCapacity
      roomLoss += aisle
      loss[n + 1] = need + exchange
      c[n + 1] = need * delivered * offset
      plenumSlope = need * (delivered * slope + 1 - delivered) + exchange
    case .mixed(let offset, let slope):
      roomGain -= offset
      roomLoss += slope
    case .held: roomScale = 0
    }
    loss[n] = roomLoss * roomScale
    c[n] = roomGain * roomScale
    // A rack's flow to itself only lowers its loss rate, so this q is an upper bound.
    let q = max(loss.max() ?? 0, 1e-12)
    rackCount = n
    rate = q
    constant = c
    recirculation = network.presentRecirculation
    diagonal = loss.map { 1 - $0 / q }
    inverse = network.rackHeatCapacity.map { 1 / ($0 * q) }
    fromRoom =
      (0..<n).map {
        ((breathesRoom ? network.supplyFlow[$0] : 0) + g) / (network.rackHeatCapacity[$0] * q)
      } + [plenumSlope / q]
    fromPlenum = (0..<n).map {
      breathesRoom ? 0 : network.supplyFlow[$0] / (network.rackHeatCapacity[$0] * q)
    }
    toRoom = network.returnFlow.map { ($0 + g) * roomScale / q } + [aisle * roomScale / q]
  }

  /// `out = B·x`; both hold one element a rack, the room's and the plenum's.
  func step(_ x: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>) {
    let n = rackCount
    for i in 0..<n { out[i] = 0 }
    recirculation.accumulate(from: x, into: out)
    let room = x[n]
    let plenum = x[n + 1]
    var roomSum = diagonal[n] * room + toRoom[n] * plenum
    for i in 0..<n {
      out[i] =
        out[i] * inverse[i] + diagonal[i] * x[i] + fromRoom[i] * room + fromPlenum[i] * plenum
      roomSum += toRoom[i] * x[i]
    }
    out[n] = roomSum
    out[n + 1] = diagonal[n + 1] * plenum + fromRoom[n] * room
  }

  /// `x' = L·x + c` in K/s.
  func velocity(at x: [Double]) -> [Double] {
    var moved = [Double](repeating: 0, count: rackCount + 2)
    x.withUnsafeBufferPointer { from in
      moved.withUnsafeMutableBufferPointer { to in
        if let from = from.baseAddress, let to = to.baseAddress { step(from, into: to) }
      }
    }
    for i in moved.indices { moved[i] = rate * (moved[i] - x[i]) + constant[i] }
    return moved
  }
}

extension SupplyLaw {
  /// Whether racks breathe the plenum's air; otherwise the room's.
  var isDucted: Bool {
    if case .ducted = self { true } else { false }
  }
}
