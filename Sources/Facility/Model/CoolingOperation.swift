// SPDX-License-Identifier: Apache-2.0
import Units

/// The cooling plant between two events: what runs, and what it draws for the heat it takes.
struct CoolingOperation: Sendable, Codable {
  /// Where the cold comes from.
  enum ColdSource: Sendable, Hashable, Codable {
    case machine, storage, none
  }

  /// The machine as far as it works.
  var machine: CoolingMachine
  /// Outdoor air.
  var site: SiteConditions
  /// Where the cold comes from.
  var source: ColdSource
  /// Power of the units' fans in W, which warms the air that they move.
  var fanPower: Double
  /// Outdoor air that is led in, in °C.
  var outdoorAir: Double?
  /// Heat in W that the machine takes out of the store of cold beside the room's.
  var recharge: Double

  /// Heat that coils take out of the air while the room loses `removed` watts.
  func coilLoad(removed: Double, room: Double, supply: Double) -> Double {
    let load = max(0, removed + fanPower)
    guard let outdoorAir else { return load }
    return load
      * AirEconomiser.mechanicalShare(outdoor: outdoorAir, supply: supply, room: room)
  }

  /// What the plant draws while coils take `load` watts out of air that leaves at `supply`.
  func draw(coilLoad load: Double, supply: Double) -> PlantDraw {
    var draw: PlantDraw
    switch source {
    case .machine:
      draw = machine.draw(load: load + recharge, supply: Celsius(supply), site: site)
    case .storage: draw = machine.drawFromStorage(load: load)
    case .none: draw = PlantDraw(watts: 0, litresPerSecond: 0)
    }
    draw.watts += fanPower
    return draw
  }
}
