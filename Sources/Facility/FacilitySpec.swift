// SPDX-License-Identifier: Apache-2.0
public import Units

/// Everything a scenario says about power and cooling; all of it has defaults.
///
/// The default facility: CRAC units with HP's CoP curve, one to spare, 20 °C supply, no containment;
/// PDU, UPS and transformer losses after Pelley et al.; a 120 W switch in each rack;
/// 350 g/kWh and 0.20 a kWh.
public struct FacilitySpec: Sendable, Hashable {
  /// Air, masses, recirculation.
  public var room: RoomSpec
  /// Cooling plant.
  public var cooling: CoolingSpec
  /// Power chain.
  public var distribution: DistributionSpec
  /// Network switches.
  public var switches: SwitchSpec
  /// Weather, carbon, prices.
  public var site: SiteSpec

  /// Reads the sections `room`, `cooling`, `distribution`, `switches` and `site`.
  public init<Source: ParameterSource>(from source: inout Source) {
    room = source.section("room", about: "air, heat and what servers bear") {
      RoomSpec(from: &$0)
    }
    cooling = source.section("cooling", about: "cooling plant") { CoolingSpec(from: &$0) }
    distribution = source.section("distribution", about: "power from the meter to the racks") {
      DistributionSpec(from: &$0)
    }
    switches = source.section("switches", about: "power of the network's switches") {
      SwitchSpec(from: &$0)
    }
    site = source.section("site", about: "weather, carbon and prices") { SiteSpec(from: &$0) }
    let limit = room.inletClass.allowable.upperBound
    if cooling.supplyTemperature.value > limit {
      source.problem(
        "cooling.supplyTemperature",
        "\(cooling.supplyTemperature.value) °C is above the allowable inlet of class "
          + "\(room.inletClass.rawValue) (\(limit) °C)")
    }
    if cooling.supplyRange.upperBound > limit {
      source.problem(
        "cooling.maximumSupplyTemperature",
        "\(cooling.supplyRange.upperBound) °C is above the allowable inlet of class "
          + "\(room.inletClass.rawValue) (\(limit) °C)")
    }
  }

  /// What about this facility does not fit `rackCount` racks, as key and reason.
  public func problems(rackCount: Int) -> [(key: String, message: String)] {
    guard case .matrix(let rows) = room.recirculation, rows.count != rackCount else { return [] }
    return [
      (
        "room.recirculation.matrix.rows",
        "there are \(rows.count) rows for \(rackCount) racks"
      )
    ]
  }
}

/// Power of the network's switches.
public struct SwitchSpec: Sendable, Hashable {
  /// A rack's own switch; off when the rack is.
  public var rackSwitch: Watts
  /// Switches that join the racks, always on; nil: one for each eight racks.
  public var spineCount: Int?
  /// One of those.
  public var spineSwitch: Watts

  /// Reads the section `switches`.
  public init(from source: inout some ParameterSource) {
    rackSwitch = Watts(
      source.quantity(
        "rackSwitch", .power, default: 120, in: 0...100_000, about: "power of a rack's own switch"))
    let spines = source.integer(
      "spines", default: 1, in: 0...100_000,
      about: "switches that join the racks; left out: one for each eight racks")
    spineCount = source.isGiven("spines") ? spines : nil
    spineSwitch = Watts(
      source.quantity(
        "spineSwitch", .power, default: 150, in: 0...100_000, about: "power of one of those"))
  }
}

extension SwitchSpec {
  /// Power of the switches that join so many racks.
  public func spinePower(rackCount: Int) -> Watts {
    spineSwitch * Double(spineCount ?? (rackCount + 7) / 8)
  }
}

/// What the facility needs to know of a rack's contents.
public struct FacilityRack: Sendable, Hashable {
  /// Highest power that its servers can draw together.
  public var peakPower: Watts
  /// Number of servers.
  public var servers: Int

  /// A rack.
  public init(peakPower: Watts, servers: Int) {
    self.peakPower = peakPower
    self.servers = servers
  }
}
