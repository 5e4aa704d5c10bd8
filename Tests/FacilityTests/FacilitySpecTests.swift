// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

@Suite("What a scenario may say of the facility")
struct FacilitySpecTests {
  @Test("every default is within the range it states, and the defaults have no problem")
  func defaults() {
    var source = TestSource([:])
    let spec = FacilitySpec(from: &source)
    #expect(source.problems.isEmpty, "\(source.problems)")
    #expect(spec.cooling.supplyTemperature == Celsius(20))
    #expect(spec.site.carbonIntensity == .constant(350) && spec.site.price == .constant(0.2))
    #expect(spec.room.inletClass == .a2)
    #expect(spec == makeSpec())
  }

  static let alternatives: [[String: String]] = [
    ["cooling.unit": "crah"], ["cooling.unit": "partial-pue"],
    ["cooling.unit": "crah", "cooling.unit.chiller": "electric", "cooling.unit.condenser": "air"],
    [
      "cooling.unit": "crah", "cooling.unit.waterEconomiser.enabled": "true",
      "cooling.unit.condenser.water": "regression",
    ],
    ["cooling.unit": "crah", "cooling.unit.chiller": "eir"],
    ["site.weather": "typical-year", "site.start": "2024-07-01T00:00:00+00:00"],
    ["cooling.control": "trim-and-respond"], ["cooling.control": "return-air"],
    ["cooling.airDistribution": "mixed"], ["cooling.airEconomiser.enabled": "true"],
    ["distribution.redundancy": "2n"], ["site.price": "time-of-day"],
    ["room.recirculation.containment": "hot-aisle"], ["room.servers.fanSteps": "8"],
    ["room.recirculation": "layout", "room.recirculation.racksPerRow": "2"],
    ["cooling.unit": "crac", "cooling.control": "fixed", "cooling.airDistribution": "ducted"],
    [
      "cooling.unit": "crah", "cooling.unit.chiller": "york-yt-1048kw",
      "cooling.unit.condenser": "tower", "cooling.unit.condenser.water": "evaporation",
    ],
    ["site.weather": "constant", "site.carbonIntensity": "constant", "site.price": "constant"],
    ["server": "hp-proliant-ml110-g5"], ["server": "custom", "server.curve": "mse"],
    ["server": "custom", "server.curve": "table"],
    ["server": "custom", "server.curve": "constant"],
    ["server": "custom", "server.curve": "linear"], ["server": "custom", "server.curve": "square"],
    ["server": "custom", "server.curve": "square-root"],
    ["server": "custom", "server.curve": "cubic"],
    ["server": "custom", "server.curve": "asymptotic"],
    ["server": "custom", "server.curve": "core-based"],
  ]

  @Test("each alternative is read without problems and runs", arguments: alternatives.indices)
  func runs(index: Int) throws {
    var source = TestSource(Self.alternatives[index])
    let spec = FacilitySpec(from: &source)
    let server = ServerSpec(from: &source)
    #expect(source.problems.isEmpty, "\(source.problems)")
    #expect(server.model.curve.defect == nil)
    var facility = try makeFacility(spec)
    facility.setRackITPower([3000, 3000, 0, 4000], at: .zero)
    facility.advance(to: .hours(5))
    let books = facility.accounting
    #expect(books.energyCooling.value > 0)
    #expect(abs(books.electricityResidual) < 1e-9 && abs(books.heatResidual) < 1e-9)
  }

  @Test("files are named, and read when the series are needed")
  func files() throws {
    var source = TestSource([
      "site.weather": "epw", "site.weather.file": "w.epw", "site.carbonIntensity": "file",
      "site.carbonIntensity.path": "c.csv", "site.price": "file", "site.price.path": "p.csv",
      "server": "specpower", "server.file": "s.csv", "server.system": "Box",
    ])
    let site = FacilitySpec(from: &source).site
    #expect(site.weather == .epw(file: "w.epw"))
    #expect(site.carbonIntensity == .file("c.csv") && site.price == .file("p.csv"))
    let server = ServerSpec(from: &source)
    #expect(server.published == PublishedServer(file: "s.csv", system: "Box"))
    #expect(source.problems.isEmpty)
    var asked: [String] = []
    let error = #expect(throws: FacilityFileError.self) {
      try FacilityInputs(site: site) { name in
        asked.append(name)
        return ""
      }
    }
    #expect(asked == ["w.epw"] && error?.description == "w.epw: the file is empty")
  }

  @Test(
    "governors are chosen by name",
    arguments: ["performance", "powersave", "ondemand", "conservative", "schedutil"])
  func governors(name: String) {
    var source = TestSource(["governor": name])
    let governor = source.alternative(
      "governor", default: nil, of: DVFSGovernor.alternatives(), about: "")
    #expect(source.problems.isEmpty)
    #expect(
      governor.next(current: 0, load: 0.9, speeds: [1, 0.8, 0.6]) == (name == "powersave" ? 2 : 0))
  }

  static let refusals: [([String: String], String)] = [
    (
      ["room.rackAirflow": "-1 m3/s"], "room.rackAirflow: out of range: -1 m3/s"
    ),
    (
      ["cooling.unitAirflow": "-0.5 m3/s"], "cooling.unitAirflow: out of range: -0.5 m3/s"
    ),
    (
      ["cooling.unit.copConstant": "-10"],
      "cooling.unit: the CoP is not positive at a supply temperature of 15.0 °C"
    ),
    (
      ["cooling.unit": "crah", "cooling.unit.chilledWater": "18 °C"],
      "cooling.unit: chilled water (18.0 °C) must be colder than the lowest supply temperature "
        + "(15.0 °C)"
    ),
    (
      [
        "cooling.unit": "crah", "cooling.unit.chiller": "mcquay-wsc-471kw",
        "cooling.unit.chilledWater": "7 °C",
      ],
      "cooling.unit: the chiller's efficiency would rise with outdoor heat from 28.56 °C condenser "
        + "temperature on, with water at 7.0 °C"
    ),
    (
      [
        "cooling.unit": "crah", "cooling.unit.chiller": "eir",
        "cooling.unit.chiller.inputRatioByTemperature.constant": "-5",
      ],
      "cooling.unit: the chiller's CoP is not positive at 15.56 °C condenser temperature"
    ),
    (
      [
        "cooling.unit": "crah", "cooling.unit.chiller": "eir",
        "cooling.unit.chiller.capacityByTemperature.constant": "-5",
      ],
      "cooling.unit: the chiller has no capacity at 15.56 °C condenser temperature"
    ),
    (
      [
        "cooling.unit": "crah", "cooling.unit.chiller": "eir",
        "cooling.unit.chiller.inputRatioByLoad.linear": "-2",
        "cooling.unit.chiller.inputRatioByLoad.constant": "3",
      ],
      "cooling.unit: the chiller's power would fall with more load"
    ),
    (
      [
        "cooling.unit": "crah", "cooling.unit.chiller": "eir",
        "cooling.unit.chiller.minimumCondenser": "40 °C",
      ],
      "cooling.unit.chiller.minimumCondenser: must not be above \"maximumCondenser\""
    ),
    (
      ["cooling.supplyTemperature": "36 °C", "cooling.maximumSupplyTemperature": "38 °C"],
      "cooling.supplyTemperature: 36.0 °C is above the allowable inlet of class A2 (35.0 °C)"
    ),
    (
      ["cooling.supplyTemperature": "12 °C"],
      "cooling.supplyTemperature: must be between 15.0 and 27.0 °C"
    ),
    (
      ["cooling.units": "2", "cooling.spareUnits": "2"],
      "cooling.spareUnits: must be fewer than \"units\""
    ),
    (
      [
        "cooling.failures.count": "1", "cooling.failures.0.from": "1 h",
        "cooling.failures.0.units": "4",
      ], "cooling.failures: 4 units fail, but there are 3"
    ),
    (
      [
        "room.recirculation": "matrix", "room.recirculation.rows.count": "2",
        "room.recirculation.rows.0.shares": "0.7 0.6", "room.recirculation.rows.1.shares": "0 0",
      ],
      "room.recirculation.rows: row 1: shares add up to 1.2999999999999998: more than the rack "
        + "blows out, which would create heat"
    ),
    (
      [
        "room.recirculation": "matrix", "room.recirculation.rows.count": "2",
        "room.recirculation.rows.0.shares": "0.1 -0.1", "room.recirculation.rows.1.shares": "0",
      ], "room.recirculation.rows: row 1: share -0.1 is negative"
    ),
    (
      [
        "distribution.outages.count": "1", "distribution.outages.0.from": "1 h",
        "distribution.outages.0.duration": "0 s",
      ], "distribution.outages.0.duration: out of range: 0 s"
    ),
    (
      ["room.servers.critical": "30 °C"],
      "room.servers.critical: must be above \"throttle\" (38.0 °C)"
    ),
    (
      ["site.start": "2024-07-01"],
      "site.start: expected a date, time and zone, e.g. 2024-07-01T00:00:00+02:00"
    ),
    (
      ["site.price": "time-of-day", "site.price.untilHour": "7"],
      "site.price.untilHour: must be later than \"fromHour\""
    ),
  ]

  @Test("bad physics is refused with the reason", arguments: refusals.indices)
  func refused(index: Int) {
    let (values, message) = Self.refusals[index]
    var source = TestSource(values)
    _ = FacilitySpec(from: &source)
    #expect(source.problems.contains(message), "\(source.problems)")
  }

  static let serverRefusals: [([String: String], String)] = [
    (
      ["server": "custom", "server.curve.idle": "500 W"],
      "server.curve: power falls between 0 % and 1 % load"
    ),
    (
      ["server": "custom", "server.curve": "table", "server.curve.watts": "100 200"],
      "server.curve.watts: expected 11 values (0, 10, … 100 % load), found 2"
    ),
    (["server": "hp-proliant"], "server: no such choice: hp-proliant"),
  ]

  @Test("servers that can't be are refused with the reason", arguments: serverRefusals.indices)
  func refusedServer(index: Int) {
    let (values, message) = Self.serverRefusals[index]
    var source = TestSource(values)
    _ = ServerSpec(from: &source)
    #expect(source.problems.contains(message), "\(source.problems)")
  }

  @Test("a matrix that does not fit the racks or their air is refused where it is used")
  func misfit() {
    var spec = makeSpec { $0.room.recirculation = .matrix([[0.1, 0.2], [0, 0.1]]) }
    #expect(spec.problems(rackCount: 4).first?.message == "there are 2 rows for 4 racks")
    #expect(spec.problems(rackCount: 2).isEmpty)
    #expect(throws: FacilityError.self) { try makeFacility(spec, racks: 4) }
    // Rack 2 would be blown more air at than it draws.
    spec.room.recirculation = .matrix([[0, 0.8, 0], [0, 0, 0], [0, 0.8, 0]])
    let error = #expect(throws: FacilityError.self) { try makeFacility(spec, racks: 3) }
    #expect(
      error?.description
        == "room.recirculation.matrix.rows: column 2: the rack would receive 1.6 times the air "
        + "that it draws")
  }

  @Test("generated recirculation follows the floor and creates no heat")
  func layout() throws {
    func inlets(_ share: Double, perRow: Int) throws -> [Double] {
      let spec = makeSpec {
        $0.room.recirculation = .layout(FloorLayout(racksPerRow: perRow, recirculation: share))
        $0.room.aisleConductance = 0
      }
      var facility = try makeFacility(spec, racks: 12)
      facility.setRackITPower([Double](repeating: 4000, count: 12), at: .zero)
      #expect(abs(facility.accounting.heatResidual) < 1e-9)
      return facility.rackInletCelsius
    }
    let open = try inlets(Containment.none.usualRecirculation, perRow: 6)
    let closed = try inlets(Containment.hotAisle.usualRecirculation, perRow: 6)
    for (warm, cool) in zip(open, closed) { #expect(warm > cool && cool > 20) }
    // Two rows face each other over a cold aisle: what is symmetric on the floor is in the air.
    for column in 0..<6 { #expect(abs(open[column] - open[6 + column]) < 1e-9) }
    #expect(abs(open[0] - open[5]) < 1e-9)
    for still in try inlets(0, perRow: 6) { #expect(abs(still - 20) < 1e-9) }
  }
}
