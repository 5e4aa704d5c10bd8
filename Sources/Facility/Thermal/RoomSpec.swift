// SPDX-License-Identifier: Apache-2.0
public import Units

/// The room: air, masses, recirculation, and what its servers bear.
public struct RoomSpec: Sendable, Hashable {
  /// Who blows hot air at whom.
  public enum Recirculation: Sendable, Hashable {
    /// Generated from where the racks stand.
    case layout(FloorLayout)
    /// Given: row `i` holds the shares `a_ij` of rack `i`'s exhaust that reach the inlets `j`.
    case matrix([[Double]])
  }

  /// Density of air in kg/m³ times its specific heat in J/(kg·K), at 20 °C and sea level.
  public static let volumetricHeatCapacity = 1.2 * 1005

  /// What the equipment is made for.
  public var inletClass: InletClass
  /// Air flow of a rack in m³/s; zero: such that its air warms by ``designRise`` at its highest
  /// power, switch included.
  public var rackAirflow: CubicMetresPerSecond
  /// Kelvins by which a rack's air warms at its highest power, where no flow is given.
  public var designRise: Double
  /// Fan speed of an idle rack over the design speed; speed rises linearly with power to 1.
  public var idleFanSpeed: Double
  /// Heat capacity of a server in J/K.
  public var serverHeatCapacity: Double
  /// Heat capacity of an empty rack in J/K.
  public var rackHeatCapacity: Double
  /// Heat capacity of hot aisle, ceiling and walls for each rack in J/K.
  public var roomHeatCapacity: Double
  /// Heat capacity of plenum and cold aisle for each rack in J/K.
  public var supplyHeatCapacity: Double
  /// Conduction through a rack's case in W/K.
  public var caseConductance: Double
  /// Conduction through the room's outer walls in W/K.
  public var envelopeConductance: Double
  /// Conduction to the rest of the building for each rack in W/K.
  public var buildingConductance: Double
  /// Temperature of the building around the room.
  public var buildingTemperature: Celsius
  /// Conduction between the cold and the hot side for each rack in W/K, beside what air carries.
  public var aisleConductance: Double
  /// Temperature of everything at the start; nil: at rest with the racks' power at the start.
  public var startTemperature: Celsius?
  /// Recirculation.
  public var recirculation: Recirculation
  /// What servers do in warm air.
  public var response: InletResponse

  /// Reads the section `room`.
  public init<Source: ParameterSource>(from source: inout Source) {
    let className = source.choice(
      "class", default: InletClass.a2.rawValue, of: InletClass.allCases.map(\.rawValue),
      about: "ASHRAE class of the equipment (2021): recommended and allowable inlet temperatures")
    inletClass = InletClass(rawValue: className) ?? .a2
    rackAirflow = CubicMetresPerSecond(
      source.quantity(
        "rackAirflow", .airFlow, default: 0, in: 0...100,
        about: "air through a rack at design speed; 0: from \"designRise\""))
    designRise = source.quantity(
      "designRise", .temperatureDifference, default: 12, in: 1...60,
      about: "kelvins by which a rack's air warms at its highest power")
    idleFanSpeed = source.fraction(
      "idleFanSpeed", default: 1, in: 0.05...1,
      about: "fan speed of an idle rack over the design speed; 1: constant flow")
    func perKelvin(_ key: String, _ fallback: Double, _ about: String, _ source: inout Source)
      -> Double
    {
      source.quantity(key, .energy, default: fallback, in: 1...1e9, about: about)
    }
    serverHeatCapacity = perKelvin(
      "serverHeatCapacity", 10_000, "heat of a server per kelvin (15–20 kg of metal)", &source)
    rackHeatCapacity = perKelvin(
      "rackHeatCapacity", 50_000, "heat of an empty rack per kelvin (100 kg of steel)", &source)
    roomHeatCapacity = perKelvin(
      "roomHeatCapacity", 60_000, "heat of hot aisle, ceiling and walls per rack and kelvin",
      &source)
    supplyHeatCapacity = perKelvin(
      "supplyHeatCapacity", 40_000, "heat of plenum and cold aisle per rack and kelvin", &source)
    caseConductance = source.quantity(
      "caseConductance", .power, default: 20, in: 0...1e5,
      about: "heat through a rack's case per kelvin to the room (6 m² of sheet metal)")
    envelopeConductance = source.quantity(
      "wallConductance", .power, default: 0, in: 0...1e6,
      about: "heat through the outer walls per kelvin to outdoors")
    (buildingConductance, buildingTemperature, aisleConductance) = Self.readSurroundings(&source)
    let start = source.quantity(
      "startTemperature", .temperature, default: 20, in: -20...60,
      about: "temperature of everything at the start; left out: at rest with the first load")
    startTemperature = source.isGiven("startTemperature") ? Celsius(start) : nil
    recirculation = source.alternative(
      "recirculation", default: "layout", of: Self.recirculations(),
      about: "hot air that goes from outlets straight to inlets")
    response = source.section("servers", about: "what servers do in warm air") {
      InletResponse(from: &$0)
    }
  }

  /// What moves heat where no fan turns: without it, still air would heat without limit.
  ///
  /// Partition: two boards of gypsum (19 mm, 0.16 W/(m·K)), an air space (R = 0.15 m²K/W) and a film
  /// of still air on each side (0.12), in all R = 0.63 and 1.6 W/(m²·K); a rack has some 6 m² of floor,
  /// ceiling and walls, so 10 W/K. Raised floor: 38 mm of wood (0.15 W/(m·K)) and two films of heat
  /// flowing down (0.16), R = 0.57 and 1.7 W/(m²·K), on 2.4 m² a rack: 4 W/K. Materials: "Light
  /// Partitions" and G01a, F04, G06 of ASHRAE Handbook, Fundamentals, 2005, ch. 30, tables 19 and 22
  /// (also in EnergyPlus' ASHRAE_2005_HOF_Materials.idf); films: the same, ch. 25, 0.68 and 0.92
  /// h·ft²·°F/Btu. The areas are assumptions. See <doc:Validation> for what they change.
  private static func readSurroundings(_ source: inout some ParameterSource) -> (
    building: Double, temperature: Celsius, aisle: Double
  ) {
    let building = source.quantity(
      "buildingConductance", .power, default: 10, in: 0...1e5,
      about: "heat through floor, ceiling and partitions to the building, per rack and kelvin")
    let temperature = source.quantity(
      "buildingTemperature", .temperature, default: 22, in: -20...60,
      about: "temperature of the building around the room")
    let aisle = source.quantity(
      "aisleConductance", .power, default: 4, in: 0...1e5,
      about: "heat through the floor's panels to the cold side, per rack and kelvin")
    return (building, Celsius(temperature), aisle)
  }

  /// Conduction through all that surrounds a room of so many racks in W/K.
  func wallConductance(rackCount: Int) -> Double {
    envelopeConductance + buildingConductance * Double(rackCount)
  }

  /// The temperature behind ``wallConductance(rackCount:)``: the mean, weighted by conductance.
  func temperatureBehindWalls(outdoor: Double, rackCount: Int) -> Double {
    let building = buildingConductance * Double(rackCount)
    let total = envelopeConductance + building
    guard total > 0 else { return outdoor }
    return (envelopeConductance * outdoor + building * buildingTemperature.value) / total
  }

  private static func recirculations<Source: ParameterSource>() -> [Alternative<
    Source, Recirculation
  >] {
    [
      Alternative("layout", about: "from where the racks stand and how aisles are closed") {
        .layout(readLayout(&$0))
      },
      Alternative("matrix", about: "given: rows of shares of each rack's exhaust") { source in
        let rows = source.list("rows", about: "one row a rack, in the racks' order") { row in
          row.quantities(
            "shares", .fraction, default: [], in: -1e6...1e6,
            about: "share of this rack's exhaust that reaches each rack's inlet")
        }
        for (index, row) in rows.enumerated() {
          if let defect = rowDefect(row, of: rows.count) {
            source.problem("rows", "row \(index + 1): \(defect)")
          }
        }
        return .matrix(rows)
      },
    ]
  }

  /// Why a row of shares can't be, or nil.
  static func rowDefect(_ row: [Double], of count: Int) -> String? {
    if row.count != count { return "expected \(count) shares, found \(row.count)" }
    if let bad = row.first(where: { $0 < 0 || !$0.isFinite }) { return "share \(bad) is negative" }
    let sum = row.reduce(0, +)
    // Decimal shares may add up to 1 + 1e−16.
    if sum > 1 + 1e-12 {
      return "shares add up to \(sum): more than the rack blows out, which would create heat"
    }
    return nil
  }
}

private func readLayout(_ source: inout some ParameterSource) -> FloorLayout {
  let perRow = source.integer("racksPerRow", default: 10, in: 1...10_000, about: "racks in a row")
  let name = source.choice(
    "containment", default: Containment.none.rawValue, of: Containment.allCases.map(\.rawValue),
    about: "which aisle is closed")
  let containment = Containment(rawValue: name) ?? .none
  let share = source.fraction(
    "share", default: containment.usualRecirculation, in: 0...0.45,
    about: "share of a rack's exhaust that reaches inlets; left out: usual for the containment")
  let ends = source.number(
    "endFactor", default: 1.5, in: 1...2, about: "how much more racks at a row's ends leak")
  return FloorLayout(racksPerRow: perRow, recirculation: share, endFactor: ends)
}
