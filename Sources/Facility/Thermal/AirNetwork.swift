// SPDX-License-Identifier: Apache-2.0

/// The air paths and thermal masses of a room: racks, the air between them, and the cooling supply.
///
/// Rack `i` draws air with the heat-capacity rate `K_i = ρ·cp·V_i` (W/K), heats it, and blows it
/// out at `T_i`. Of that, `F_ij` goes straight to the inlet of rack `j` (recirculation,
/// `F_ij = a_ij·K_i` in the notation of Tang, Gupta and Varsamopoulos, TPDS 19(11) 2008), the rest
/// `R_i = K_i − Σ_j F_ij` returns to the room node at `T_r`. What an inlet does not get from
/// outlets, `S_j = K_j − Σ_i F_ij`, it gets at `T_p` from the plenum (raised floor, ducts, cold
/// aisle). The cooling units take the stream `E = σ·Σ S` out of the room at `T_r` and deliver it
/// to the plenum at `T_s`; where they deliver less than is drawn (`σ < 1`) room air makes up for it:
///
///     C_i dT_i/dt = P_i + Σ_j F_ji·T_j + S_i·T_p − K_i·T_i − G·(T_i − T_r)
///     C_r dT_r/dt = H + Σ_i (R_i + G)·(T_i − T_r) + U·(T_out − T_r) + A·(T_p − T_r)
///     C_p dT_p/dt = E·(T_s − T_p) + (Σ S − E)·(T_r − T_p) + A·(T_r − T_p)
///
/// `C` heat capacities (J/K), `P` power of a rack, `H` heat given off in the room, `G` conduction
/// through a rack's case, `U` conduction through the walls, `A` conduction between room and plenum
/// (left out where cold air is mixed into the room, which has no plenum). Air is conserved by construction
/// (`Σ S = Σ R`), so the network creates no heat: `Σ C·T' = Σ P + H + U·(T_out − T_r) − E·(T_r − T_s)`.
/// With equal flows and at rest this is Tang's `T_in = T_s + [(K − AᵀK)⁻¹ − K⁻¹]·P`.
///
/// A rack whose fans turn at the share `s_i` of their design speed moves `s_i·K_i`, and the flow
/// between two racks is limited by the slower one: `F_ij·min(s_i, s_j)`. That keeps every `S` and
/// `R` at or above zero whatever the speeds.
package struct AirNetwork: Sendable, Codable {
  /// Number of racks. In a state the racks' outlets come first, then the room, then the plenum.
  package let rackCount: Int
  /// `C_i` in J/K, one a rack.
  package let rackHeatCapacity: [Double]
  /// `C_r` in J/K.
  package let roomHeatCapacity: Double
  /// `C_p` in J/K.
  package let supplyHeatCapacity: Double
  /// `K_i` in W/K at design speed, one a rack.
  package let designFlow: [Double]
  /// `F` at design speed.
  package let recirculation: RecirculationFlows
  /// `G_i` in W/K.
  package let caseConductance: Double
  /// `U` in W/K.
  package let envelopeConductance: Double
  /// `A` in W/K.
  package let plenumConductance: Double

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
    rackHeatCapacity: [Double], roomHeatCapacity: Double, supplyHeatCapacity: Double,
    designFlow: [Double], recirculation: RecirculationFlows, caseConductance: Double = 0,
    envelopeConductance: Double = 0, plenumConductance: Double = 0
  ) {
    precondition(rackHeatCapacity.count == designFlow.count)
    precondition(recirculation.rackCount == designFlow.count)
    precondition(roomHeatCapacity > 0 && supplyHeatCapacity > 0)
    rackCount = designFlow.count
    self.rackHeatCapacity = rackHeatCapacity
    self.roomHeatCapacity = roomHeatCapacity
    self.supplyHeatCapacity = supplyHeatCapacity
    self.designFlow = designFlow
    self.recirculation = recirculation
    self.caseConductance = caseConductance
    self.envelopeConductance = envelopeConductance
    self.plenumConductance = plenumConductance
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
