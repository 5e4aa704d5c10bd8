// SPDX-License-Identifier: Apache-2.0
public import Units

/// The cooling of the room: machines, air, set point, and when something fails.
public struct CoolingSpec: Sendable, Hashable {
  /// How cold air gets to the racks.
  public enum AirDistribution: Sendable, Hashable {
    /// Led to the inlets at the supply temperature (raised floor, aisles).
    case ducted
    /// Mixed into the room, which is kept at a temperature.
    case mixed(room: Celsius)
  }

  /// A time in which units don't work.
  public struct Failure: Sendable, Hashable {
    /// When they fail.
    public var start: SimTime
    /// When they work again.
    public var end: SimTime
    /// How many.
    public var units: Int
    /// Whether their fans run on (compressors or valves failed).
    public var keepsFans: Bool
    /// How many chillers fail beside them.
    public var chillers: Int

    /// A failure; `start < end`.
    public init(
      start: SimTime, end: SimTime, units: Int, keepsFans: Bool = false, chillers: Int = 0
    ) {
      self.start = start
      self.end = end
      self.units = units
      self.keepsFans = keepsFans
      self.chillers = chillers
    }
  }

  /// What takes the heat out of the air.
  public var machine: CoolingMachine
  /// Air handling units in the room.
  public var units: Int
  /// Units beyond what the racks' highest power needs, where sizes are not given.
  public var spareUnits: Int
  /// Air that one unit moves; zero: sized for the racks.
  public var unitAirflow: CubicMetresPerSecond
  /// Fan power of all units together at full flow, over the heat they are made for.
  public var fanPowerShare: Double
  /// Exponent of the fans' power over flow.
  public var fanExponent: Double
  /// Whether fans slow down to what the racks need.
  public var hasVariableFans: Bool
  /// Supply temperature asked for.
  public var supplyTemperature: Celsius
  /// Lowest and highest supply temperature that may be asked for, in °C.
  public var supplyRange: ClosedRange<Double>
  /// Who moves the set point.
  public var control: SupplyControl
  /// How cold air gets to the racks.
  public var distribution: AirDistribution
  /// Cooling with outdoor air.
  public var airEconomiser: AirEconomiser?
  /// When units don't work.
  public var failures: [Failure]

  /// Reads the section `cooling`.
  public init<Source: ParameterSource>(from source: inout Source) {
    machine = source.alternative(
      "unit", default: "crac", of: CoolingMachine.alternatives(),
      about: "what takes the heat out of the air")
    units = source.integer("units", default: 3, in: 1...10_000, about: "air handling units")
    spareUnits = source.integer(
      "spareUnits", default: 1, in: 0...9999,
      about: "units beyond the need, where their sizes are not given")
    unitAirflow = CubicMetresPerSecond(
      source.quantity(
        "unitAirflow", .airFlow, default: 0, in: 0...1000,
        about: "air that one unit moves; 0: sized for the racks"))
    (fanPowerShare, fanExponent, hasVariableFans) = source.section(
      "fans", about: "fans of the units", readFans)
    let setPoint = source.quantity(
      "supplyTemperature", .temperature, default: 20, in: 5...60, about: "supply air set point")
    let low = source.quantity(
      "minimumSupplyTemperature", .temperature, default: 15, in: 5...60,
      about: "lowest supply air set point")
    let high = source.quantity(
      "maximumSupplyTemperature", .temperature, default: 27, in: 5...60,
      about: "highest supply air set point")
    supplyTemperature = Celsius(setPoint)
    supplyRange = min(low, high)...max(low, high)
    control = source.alternative(
      "control", default: "fixed", of: SupplyControl.alternatives(),
      about: "who moves the set point")
    distribution = source.alternative(
      "airDistribution", default: "ducted", of: Self.distributions(),
      about: "how cold air gets to the racks")
    airEconomiser = source.section("airEconomiser", about: "cooling with outdoor air", readAirSide)
    failures = source.list("failures", about: "times in which units don't work") { item in
      readFailure(&item)
    }
    if low > high {
      source.problem(
        "minimumSupplyTemperature", "must not be above \"maximumSupplyTemperature\" (\(high) °C)")
    } else if !supplyRange.contains(setPoint) {
      source.problem("supplyTemperature", "must be between \(low) and \(high) °C")
    }
    if spareUnits >= units { source.problem("spareUnits", "must be fewer than \"units\"") }
    for failure in failures where failure.units > units {
      source.problem("failures", "\(failure.units) units fail, but there are \(units)")
    }
    if let defect = machine.defect(supplyRange: supplyRange) { source.problem("unit", defect) }
  }

  private static func distributions<Source: ParameterSource>() -> [Alternative<
    Source, AirDistribution
  >] {
    [
      Alternative("ducted", about: "led to the inlets: raised floor, cold aisles") { _ in .ducted },
      Alternative("mixed", about: "mixed into the room, which is kept at a temperature") {
        .mixed(
          room: Celsius(
            $0.quantity(
              "roomTemperature", .temperature, default: 24, in: 5...60, about: "room to be held")))
      },
    ]
  }
}

private func readFans(_ source: inout some ParameterSource) -> (
  share: Double, exponent: Double, variable: Bool
) {
  let share = source.fraction(
    "power", default: 0.03, in: 0...0.5,
    about: "power of the needed units' fans at full flow over the heat they are made for")
  let exponent = source.number(
    "exponent", default: 3, in: 1...3, about: "exponent of power over flow; 2.6–3 in practice")
  let variable = source.flag(
    "variable", default: true, about: "whether they slow down to what the racks need")
  return (share, exponent, variable)
}

private func readAirSide(_ source: inout some ParameterSource) -> AirEconomiser? {
  let standard = AirEconomiser()
  let enabled = source.flag("enabled", default: false, about: "whether there is one")
  let approach = source.quantity(
    "approach", .temperatureDifference, default: standard.approach, in: 0...20,
    about: "kelvins that outdoor air gains in fans and ducts")
  let low = source.quantity(
    "minimumDewPoint", .temperature, default: standard.dewPointRange.lowerBound, in: -90...30,
    about: "dew point below which the dampers stay shut")
  let high = source.quantity(
    "maximumDewPoint", .temperature, default: standard.dewPointRange.upperBound, in: -90...40,
    about: "dew point above which the dampers stay shut")
  if low > high { source.problem("minimumDewPoint", "must not be above \"maximumDewPoint\"") }
  guard enabled else { return nil }
  return AirEconomiser(approach: approach, dewPointRange: min(low, high)...max(low, high))
}

private func readFailure(_ item: inout some ParameterSource) -> CoolingSpec.Failure {
  let start = item.instant("from", default: nil, about: "when the units fail")
  let duration = item.time(
    "duration", default: .hours(1), in: .seconds(1) ... .days(3650),
    about: "until they work again")
  let units = item.integer("units", default: 1, in: 0...10_000, about: "how many units fail")
  let keepsFans = item.flag(
    "keepsFans", default: false, about: "whether their fans run on (compressors or valves failed)")
  let chillers = item.integer("chillers", default: 0, in: 0...1000, about: "how many chillers fail")
  return CoolingSpec.Failure(
    start: start, end: start + duration, units: units, keepsFans: keepsFans,
    chillers: chillers)
}

extension SupplyControl {
  /// The rules, one line each.
  static func alternatives<Source: ParameterSource>() -> [Alternative<Source, SupplyControl>] {
    [
      Alternative("fixed", about: "nobody but the policy") { _ in .fixed },
      Alternative("trim-and-respond", about: "ASHRAE Guideline 36, on the racks' inlets") {
        .trimAndRespond(TrimAndRespond(from: &$0))
      },
      Alternative("return-air", about: "integral control of the return temperature") {
        .returnAir(ReturnAirControl(from: &$0))
      },
    ]
  }
}

/// Range of control periods.
private let controlPeriods: ClosedRange<SimTime> = .seconds(10) ... .hours(24)

extension TrimAndRespond {
  init(from source: inout some ParameterSource) {
    self.init()
    period = source.time(
      "period", default: period, in: controlPeriods, about: "time between adjustments")
    target = Celsius(
      source.quantity(
        "target", .temperature, default: target.value, in: 5...60,
        about: "inlet temperature from which on racks complain"))
    trim = source.quantity(
      "trim", .temperatureDifference, default: trim, in: 0...5, about: "kelvins up each period")
    respond = source.quantity(
      "respond", .temperatureDifference, default: respond, in: 0...5,
      about: "kelvins down for each request")
    maximumResponse = source.quantity(
      "maximumResponse", .temperatureDifference, default: maximumResponse, in: 0...20,
      about: "most kelvins down in a period")
    ignored = source.integer(
      "ignored", default: ignored, in: 0...100_000, about: "requests that are not answered")
  }
}

extension ReturnAirControl {
  init(from source: inout some ParameterSource) {
    self.init()
    period = source.time(
      "period", default: period, in: controlPeriods, about: "time between adjustments")
    target = Celsius(
      source.quantity(
        "target", .temperature, default: target.value, in: 5...80, about: "return temperature"))
    gain = source.number(
      "gain", default: gain, in: 0.01...1, about: "kelvins of set point a kelvin of error")
  }
}
