// SPDX-License-Identifier: Apache-2.0
import Facility
import Foundation
import Testing
import Units

/// Decimal figures of papers and test files: only rounding separates them.
private let roundingTolerance = 1e-12
/// The issue's bound for the trajectory of Modelica Buildings (its file has 7 digits).
private let trajectoryTolerance = 1e-6

@Suite("Cooling against published values")
struct CoolingOracleTests {
  @Test(
    "CoP(T) is HP's table",
    arguments: [
      (10.0, 1.146), (15, 2.0), (18, 2.6756), (20, 3.194), (22, 3.7668), (25, 4.728), (27, 5.4368),
      (30, 6.602),
    ])
  func coefficient(supply: Double, expected: Double) {
    let curve = CoPCurve()
    let found = curve.coefficient(supply: Celsius(supply), outdoor: Celsius(40))
    #expect(abs(found - expected) <= roundingTolerance * expected)
  }

  /// 10 kW at 15, 20 and 25 °C; the oracle is rounded to 0.01 W.
  @Test(
    "10 kW of heat cost what HP's curve says",
    arguments: [(15.0, 5000.0), (20, 3130.87), (25, 2115.06)])
  func cracPower(supply: Double, watts: Double) {
    let machine = CoolingMachine.crac(CRACUnits(capacity: Watts(20_000)))
    let site = SiteConditions(dryBulb: Celsius(15), relativeHumidity: 0.5)
    let draw = machine.draw(load: 10_000, supply: Celsius(supply), site: site)
    #expect(abs(draw.watts - watts) <= 0.005)
  }

  private struct Trajectory: Decodable {
    struct Row: Decodable {
      var T_evap_leaving_C: Double
      var T_cond_entering_C: Double
      var PLR: Double
      var COP_reference: Double
      var P_W: Double
    }
    var rows: [Row]
  }

  @Test(
    "the EIR chiller follows Modelica Buildings' reference trajectory",
    // skipped: no shared data
    .enabled(if: SharedData.exists("oracles/chiller_eir_modelica.json")))
  func modelicaTrajectory() throws {
    let oracle = try SharedData.decode(Trajectory.self, "oracles/chiller_eir_modelica.json")
    #expect(oracle.rows.count == 14)
    for row in oracle.rows { check(row) }
  }

  /// Three rows of the trajectory, for checkouts without shared data.
  @Test("the EIR chiller meets three points of the trajectory")
  func modelicaPoints() {
    check(
      .init(
        T_evap_leaving_C: 9.999994, T_cond_entering_C: 19.999994, PLR: 0.624837219715,
        COP_reference: 6.6892786026, P_W: 55_673.83697))
    check(
      .init(
        T_evap_leaving_C: 10.331384277, T_cond_entering_C: 29.999994, PLR: 0.998536527157,
        COP_reference: 5.766078472137, P_W: 72_698.838111))
    check(
      .init(
        T_evap_leaving_C: 15.693353271, T_cond_entering_C: 29.999994, PLR: 0.338847726583,
        COP_reference: 4.887892723083, P_W: 37_564.3762106))
  }

  private func check(_ row: Trajectory.Row) {
    let chiller = EIRChiller.mcQuayWSC471
    let evaporator = Celsius(row.T_evap_leaving_C)
    let condenser = Celsius(row.T_cond_entering_C)
    let capacity = chiller.availableCapacity(evaporator: evaporator, condenser: condenser)
    let load = capacity * row.PLR
    let power = chiller.power(load: load, evaporator: evaporator, condenser: condenser)
    let cop = load / power
    #expect(abs(cop - row.COP_reference) <= trajectoryTolerance * row.COP_reference)
    #expect(abs(power.value - row.P_W) <= trajectoryTolerance * row.P_W)
  }

  /// Any record of `Chillers.idf` can be typed in; McQuay's.
  @Test("a chiller given by its coefficients is the one of that name")
  func givenCoefficients() {
    let record = EIRChiller.mcQuayWSC471
    let names = [
      "constant", "evaporator", "evaporatorSquare", "condenser", "condenserSquare", "product",
    ]
    var values = [
      "cooling.unit": "crah", "cooling.unit.chiller": "eir", "cooling.unit.chiller.cop": "5.89",
      "cooling.unit.chilledWater": "10 °C",
      "cooling.unit.chiller.minimumPartLoad": "0.1",
      "cooling.unit.chiller.minimumEvaporator": "4 °C",
      "cooling.unit.chiller.maximumEvaporator": "16 °C",
      "cooling.unit.chiller.minimumCondenser": "12 °C",
      "cooling.unit.chiller.maximumCondenser": "30 °C",
    ]
    for (index, name) in names.enumerated() {
      values["cooling.unit.chiller.capacityByTemperature.\(name)"] =
        "\(record.capacityByTemperature[index])"
      values["cooling.unit.chiller.inputRatioByTemperature.\(name)"] =
        "\(record.inputRatioByTemperature[index])"
    }
    for (index, name) in ["constant", "linear", "square"].enumerated() {
      values["cooling.unit.chiller.inputRatioByLoad.\(name)"] = "\(record.inputRatioByLoad[index])"
    }
    var source = TestSource(values)
    let machine = FacilitySpec(from: &source).cooling.machine
    #expect(source.problems.isEmpty, "\(source.problems)")
    guard case .chilledWater(let system) = machine, case .eir(let given) = system.chiller else {
      Issue.record("no EIR chiller")
      return
    }
    for condenser in [12.0, 20, 29] {
      let capacity = record.availableCapacity(
        evaporator: Celsius(10), condenser: Celsius(condenser))
      func power(_ chiller: EIRChiller) -> Watts {
        chiller.power(
          load: capacity * 0.6, evaporator: Celsius(10), condenser: Celsius(condenser))
      }
      var same = given
      same.referenceCapacity = record.referenceCapacity
      #expect(power(same) == power(record))
    }
  }

  /// EnergyPlus issue #763: the chain worked by hand there, power 1 786 W (363 W was the defect:
  /// the part load multiplied in twice). Its figures have 3–4 digits.
  @Test("the electric chiller is EnergyPlus' hand chain")
  func electricChain() {
    let nominal = 36_976 / 1.2083
    let chiller = ElectricChiller(
      nominalCapacity: Watts(nominal), nominalCoP: 3.2, designCondenser: Celsius(35),
      designEvaporator: Celsius(6.67), temperatureRise: 2.778)
    // ΔT = −5.66 of the coefficients' own evaluation, from the condenser alone.
    let condenser = Celsius(35 - 5.66 * 2.778)
    let ratio = chiller.capacityRatio(evaporator: Celsius(6.67), condenser: condenser)
    #expect(abs(ratio - 1.208084254984) < 1e-10)
    let full = chiller.fullLoadRatio(capacityRatio: ratio)
    #expect(abs(full - 0.84) < 0.001)
    let available = chiller.availableCapacity(evaporator: Celsius(6.67), condenser: condenser)
    #expect(abs(available.value - 36_976) < 10)
    let plr = 7518 / available.value
    #expect(abs(plr - 0.203) < 0.001)
    #expect(abs(chiller.partLoadRatio(at: plr) - 0.184) < 0.001)
    let power = chiller.power(load: Watts(7518), evaporator: Celsius(6.67), condenser: condenser)
    #expect(abs(power.value - 1786) < 3)
  }

  /// The oracle's own evaluation of the full-load curve from EnergyPlus' unit test.
  @Test("the full-load curve of EnergyPlus' unit test")
  func fullLoadUnitTest() {
    let chiller = ElectricChiller(
      nominalCapacity: Watts(1), nominalCoP: 1, fullLoadRatio: [1.907846, -1.204987, 0.2634623])
    let expected = 1.907846 - 1.204987 * 1.2 + 0.2634623 * 1.44
    #expect(abs(chiller.fullLoadRatio(capacityRatio: 1.2) - expected) < roundingTolerance)
  }

  /// A 1 MW machine of CoP 3 under 500 kW: the values that public code with a wrong sign turns
  /// round (2.03 … 3.20, rising).
  @Test(
    "the electric chiller's CoP falls with outdoor heat",
    arguments: [(5.0, 4.35), (15, 4.17), (25, 3.83), (35, 3.30), (40, 2.97)])
  func electricCoefficient(outdoor: Double, expected: Double) {
    let chiller = ElectricChiller(nominalCapacity: Watts(1e6), nominalCoP: 3)
    let power = chiller.power(
      load: Watts(500_000), evaporator: Celsius(6.67), condenser: Celsius(outdoor))
    #expect(abs(500_000 / power.value - expected) < 0.01)
  }

  /// dc-rl: 150 W at 9.438e−5, at 5.663e−5 m³/s.
  @Test("fans follow the cube law")
  func fan() {
    let fan = FanLaw(referencePower: Watts(150))
    let found = fan.power(at: 5.663e-5 / 9.438e-5).value
    #expect(abs(found - 32.40343305195208) < 1e-10)
  }

  @Test("CloudNet's lines", arguments: [(0.0036, 0.064, 20.0, 0.136), (0.0064, 0.075, 20, 0.203)])
  func partialPUE(slope: Double, intercept: Double, outdoor: Double, share: Double) {
    let line = PartialPUE(slope: slope, intercept: intercept)
    #expect(abs(line.share(outdoor: Celsius(outdoor)) - share) < roundingTolerance)
  }

  /// (0.044·20 + 0.3528·5 + 0.101) m³/h and 1 % drift, in litres a second.
  @Test("SustainDC's tower regression")
  func towerRegression() {
    let use = WaterUse.regression(range: 5, drift: 0.01)
    let found = use.litresPerSecond(rejected: Watts(1), wetBulb: Celsius(20))
    #expect(abs(found - 2.745 * 1.01 / 3.6) < roundingTolerance)
  }

  /// 1 kWh evaporates 3.6e6·0.85/2.442e6 litres; a third of it is blown down at four cycles.
  @Test("a tower's water by heat balance")
  func towerBalance() {
    let use = EvaporativeWaterUse()
    let found = use.litresPerSecond(rejected: Watts(1000)) * 3600
    let expected = 3.6e6 * 0.85 / 2.442e6 * (1 + 0.01 + 1.0 / 3)
    #expect(abs(found - expected) < 1e-9)
  }

  /// ASHRAE psychrometric chart, sea level: wet bulb and dew point to a tenth.
  @Test(
    "wet bulb and dew point are those of the psychrometric chart",
    arguments: [
      (25.0, 0.5, 17.9, 13.9), (35, 0.4, 24.0, 19.4), (10, 0.8, 8.2, 6.7), (30, 1, 30, 30),
    ])
  func psychrometrics(dry: Double, humidity: Double, wet: Double, dew: Double) {
    let air = SiteConditions(dryBulb: Celsius(dry), relativeHumidity: humidity)
    #expect(abs(air.wetBulb.value - wet) < 0.15)
    #expect(abs(air.dewPoint.value - dew) < 0.15)
  }
}
