// SPDX-License-Identifier: Apache-2.0
import Units

/// Sizes of everything, from the specification and the racks.
///
/// Where the specification gives no size: the plant is made for all racks at their highest power,
/// with 10 % to spare on heat and air and 30 % on chillers, spread over the units that are not spares.
struct FacilitySizing: Sendable {
  /// Breaker of each rack.
  let breakers: [Breaker]
  /// PDU of each rack.
  let pdus: [LossStage]
  /// UPS.
  let ups: LossStage
  /// Transformer.
  let transformer: LossStage
  /// Battery of the UPS.
  let battery: Battery
  /// Cooling machine with its sizes.
  let machine: CoolingMachine
  /// Heat-capacity rate that one unit delivers in W/K.
  let unitFlow: Double
  /// Fan of one unit.
  let unitFan: FanLaw

  private static let heatReserve = 1.1
  private static let chillerReserve = 1.3
  private static let branchReserve = 1.25

  init(spec: FacilitySpec, racks: [FacilityRack], designFlow: [Double]) {
    let distribution = spec.distribution
    let peaks = racks.map { $0.peakPower + spec.switches.rackSwitch }
    breakers = peaks.map { peak in
      let given = distribution.branchRating
      let rating = given.value > 0 ? given : max(peak * Self.branchReserve, Watts(1))
      return Breaker(
        rating: rating, timeConstant: distribution.breakerTime,
        magnetic: distribution.breakerMagnetic)
    }
    let feeds = distribution.redundancy == .twoN ? 2 : 1
    pdus = peaks.map { distribution.pdu.stage(rating: $0, modules: feeds) }
    var heat = spec.switches.spinePower(rackCount: racks.count)
    for (peak, pdu) in zip(peaks, pdus) { heat += pdu.input(for: peak) }
    let needed = distribution.upsModules
    ups = distribution.ups.stage(
      rating: heat / Double(needed), modules: distribution.redundancy.modules(needed: needed))
    // The transformer also feeds the cooling: about half as much again.
    transformer = distribution.transformer.stage(rating: heat * 1.5, modules: feeds)
    let efficiency = distribution.batteryEfficiency
    let capacity = Joules(heat.value * distribution.batteryTime.seconds / efficiency)
    battery = Battery(
      capacity: capacity, chargeEfficiency: efficiency, dischargeEfficiency: efficiency,
      chargePower: Watts(capacity.value / (efficiency * distribution.rechargeTime.seconds)))
    let cooling = spec.cooling
    let working = Double(cooling.units - cooling.spareUnits)
    machine = cooling.machine.sized(
      unit: heat * (Self.heatReserve / working), plant: heat * Self.chillerReserve)
    let air = designFlow.reduce(0, +) * Self.heatReserve / working
    unitFlow =
      cooling.unitAirflow.value > 0
      ? cooling.unitAirflow.value * RoomSpec.volumetricHeatCapacity : air
    unitFan = FanLaw(
      referencePower: heat * (cooling.fanPowerShare / working), exponent: cooling.fanExponent)
  }
}

extension CoolingMachine {
  /// The machine with the sizes that were left open.
  fileprivate func sized(unit: Watts, plant: Watts) -> CoolingMachine {
    switch self {
    case .crac(var units):
      if units.capacity == .zero { units.capacity = unit }
      return .crac(units)
    case .chilledWater(var system):
      if system.chillerCapacity == .zero { system.chillerCapacity = plant / Double(system.count) }
      system.chiller = system.chiller.scaled(to: max(system.chillerCapacity, Watts(1)))
      return .chilledWater(system)
    case .partialPUE: return self
    }
  }
}

extension AirNetwork {
  /// The network of a room with these racks, each with a switch in it.
  ///
  /// - Throws: ``FacilityError`` when a given matrix does not fit the racks or their air flows.
  init(room: RoomSpec, racks: [FacilityRack], rackSwitch: Watts) throws(FacilityError) {
    let volumetric = RoomSpec.volumetricHeatCapacity
    let flows = racks.map { rack in
      let peak = max(rack.peakPower.value + rackSwitch.value, 1)
      return room.rackAirflow.value > 0
        ? room.rackAirflow.value * volumetric : peak / room.designRise
    }
    let recirculation: RecirculationFlows
    switch room.recirculation {
    case .layout(let layout):
      let share = layout.shares(rackCount: racks.count)
      recirculation = RecirculationFlows(rackCount: racks.count) { i, j in
        share(i, j) * min(flows[i], flows[j])
      }
    case .matrix(let rows):
      recirculation = try Self.given(rows, flows: flows)
    }
    self.init(
      rackHeatCapacity: racks.map {
        room.rackHeatCapacity + room.serverHeatCapacity * Double($0.servers)
      },
      roomHeatCapacity: room.roomHeatCapacity * Double(max(racks.count, 1)),
      supplyHeatCapacity: room.supplyHeatCapacity * Double(max(racks.count, 1)),
      designFlow: flows,
      recirculation: recirculation, caseConductance: room.caseConductance,
      envelopeConductance: room.wallConductance(rackCount: racks.count),
      plenumConductance: room.aisleConductance * Double(racks.count))
  }

  private static func given(_ rows: [[Double]], flows: [Double]) throws(FacilityError)
    -> RecirculationFlows
  {
    let key = "room.recirculation.matrix.rows"
    guard rows.count == flows.count else {
      throw FacilityError(key: key, message: "\(rows.count) rows for \(flows.count) racks")
    }
    for (index, row) in rows.enumerated() {
      if let defect = RoomSpec.rowDefect(row, of: rows.count) {
        throw FacilityError(key: key, message: "row \(index + 1): \(defect)")
      }
    }
    let result = RecirculationFlows(rackCount: rows.count) { i, j in rows[i][j] * flows[i] }
    for (rack, received) in result.received.enumerated()
    where received > flows[rack] * (1 + 1e-12) {
      throw FacilityError(
        key: key,
        message: "column \(rack + 1): the rack would receive \(received / flows[rack]) times the "
          + "air that it draws")
    }
    return result
  }
}
