// SPDX-License-Identifier: Apache-2.0

/// The air paths and thermal masses of a room: racks, the air between them, and the cooling supply.
///
/// Rack `i` draws air with the heat-capacity rate `K_i = ρ·cp·V_i` (W/K), heats it, and blows it
/// out at `T_i`. Of that, `F_ij` goes straight to the inlet of rack `j` (recirculation,
/// `F_ij = a_ij·K_i` in the notation of Tang, Gupta and Varsamopoulos, TPDS 19(11) 2008), the rest
/// `R_i = K_i − Σ_j F_ij` returns to the room node at `T_r`. What an inlet does not get from
/// outlets, `S_j = K_j − Σ_i F_ij`, it gets from the supply at the effective temperature `T_e`:
///
///     C_i dT_i/dt = P_i + Σ_j F_ji·T_j + S_i·T_e − K_i·T_i − G_i·(T_i − T_r)
///     C_r dT_r/dt = H + Σ_i R_i·(T_i − T_r) + Σ_i G_i·(T_i − T_r) + U·(T_out − T_r)
///
/// `C` heat capacities (J/K), `P` power of a rack, `H` heat given off in the room, `G` conduction
/// through the rack's case, `U` conduction through the walls. Air is conserved by construction
/// (`Σ S = Σ R`), so the network creates no heat. With equal flows and at rest this is Tang's
/// `T_in = T_s + [(K − AᵀK)⁻¹ − K⁻¹]·P`.
///
/// A rack whose fans turn at the share `s_i` of their design speed moves `s_i·K_i`, and the flow
/// between two racks is limited by the slower one: `F_ij·min(s_i, s_j)`. That keeps every `S` and
/// `R` at or above zero whatever the speeds.
package struct AirNetwork: Sendable {
  /// Number of racks; the room node has this index in a state.
  package let rackCount: Int
  /// `C_i` in J/K, one a rack.
  package let rackHeatCapacity: [Double]
  /// `C_r` in J/K.
  package let roomHeatCapacity: Double
  /// `K_i` in W/K at design speed, one a rack.
  package let designFlow: [Double]
  /// `F` at design speed.
  package let recirculation: RecirculationFlows
  /// `G_i` in W/K.
  package let caseConductance: Double
  /// `U` in W/K.
  package let envelopeConductance: Double

  /// `s_i`, one a rack.
  package private(set) var fanSpeed: [Double]
  /// `K_i` at the present speeds.
  package private(set) var flow: [Double]
  /// `S_i` at the present speeds.
  package private(set) var supplyFlow: [Double]
  /// `R_i` at the present speeds.
  package private(set) var returnFlow: [Double]
  /// `F` at the present speeds.
  package private(set) var presentRecirculation: RecirculationFlows
  /// `Σ S = Σ R`: what the cooling units have to deliver.
  package private(set) var neededFlow = 0.0

  /// A network at design speed.
  ///
  /// - Precondition: all arrays have one element a rack, capacities and flows are positive, and
  ///   the recirculation leaves every rack's supply and return flow at or above zero.
  package init(
    rackHeatCapacity: [Double], roomHeatCapacity: Double, designFlow: [Double],
    recirculation: RecirculationFlows, caseConductance: Double = 0, envelopeConductance: Double = 0
  ) {
    precondition(rackHeatCapacity.count == designFlow.count)
    precondition(recirculation.rackCount == designFlow.count && roomHeatCapacity > 0)
    rackCount = designFlow.count
    self.rackHeatCapacity = rackHeatCapacity
    self.roomHeatCapacity = roomHeatCapacity
    self.designFlow = designFlow
    self.recirculation = recirculation
    self.caseConductance = caseConductance
    self.envelopeConductance = envelopeConductance
    fanSpeed = [Double](repeating: 1, count: rackCount)
    flow = designFlow
    supplyFlow = designFlow
    returnFlow = designFlow
    presentRecirculation = recirculation
    updateFlows()
  }

  /// Sets the fan speed of each rack, 0 (switched off) or more; 1 is the design speed.
  ///
  /// - Returns: whether anything changed.
  package mutating func setFanSpeeds(_ speeds: [Double]) -> Bool {
    if speeds == fanSpeed { return false }
    fanSpeed = speeds
    updateFlows()
    return true
  }

  /// Recomputes what follows from the fan speeds.
  private mutating func updateFlows() {
    presentRecirculation = recirculation.scaled(by: fanSpeed)
    for i in 0..<rackCount { flow[i] = designFlow[i] * fanSpeed[i] }
    let received = presentRecirculation.received
    let sent = presentRecirculation.sent
    neededFlow = 0
    for i in 0..<rackCount {
      // Rounding may leave −1e−13 where everything is recirculated.
      supplyFlow[i] = max(0, flow[i] - received[i])
      returnFlow[i] = max(0, flow[i] - sent[i])
      neededFlow += supplyFlow[i]
    }
  }
}
