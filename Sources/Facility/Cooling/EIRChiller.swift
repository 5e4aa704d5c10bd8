// SPDX-License-Identifier: Apache-2.0
public import Units

/// A chiller by energy-input-ratio curves (EnergyPlus Engineering Reference, "Electric Chiller
/// Model Based on Condenser Entering Temperature").
///
/// With `T_e` the chilled water leaving and `T_c` the condenser water entering, both in °C,
///
///     CAPFT, EIRFT = c₀ + c₁T_e + c₂T_e² + c₃T_c + c₄T_c² + c₅T_e·T_c
///     PLR = Q/(Q_ref·CAPFT)        EIRFPLR = d₀ + d₁·PLR + d₂·PLR²
///     P = Q_ref·CAPFT/CoP_ref · EIRFT · EIRFPLR(max(PLR, PLR_min)) · min(1, PLR/PLR_min)
///
/// `EIRFPLR` holds the load already; multiplying by `PLR` again was EnergyPlus defect #763. Outside
/// the range for which a record's curves were fitted, temperatures are held at its ends: a biquadratic
/// bends back there, and a chiller would seem to gain from heat.
public struct EIRChiller: Sendable, Hashable, Codable {
  /// `Q_ref`.
  public var referenceCapacity: Watts
  /// `CoP_ref`.
  public var referenceCoP: Double
  /// The six coefficients of `CAPFT`.
  public var capacityByTemperature: [Double]
  /// The six coefficients of `EIRFT`.
  public var inputRatioByTemperature: [Double]
  /// The three coefficients of `EIRFPLR`.
  public var inputRatioByLoad: [Double]
  /// `PLR_min`: below it the chiller cycles.
  public var minimumPartLoad: Double
  /// Range of `T_e` in °C for which the curves hold.
  public var evaporatorRange: ClosedRange<Double>
  /// Range of `T_c` in °C for which the curves hold.
  public var condenserRange: ClosedRange<Double>

  /// A chiller.
  ///
  /// - Precondition: six, six and three coefficients; positive capacity, CoP and `PLR_min`.
  public init(
    referenceCapacity: Watts, referenceCoP: Double, capacityByTemperature: [Double],
    inputRatioByTemperature: [Double], inputRatioByLoad: [Double], minimumPartLoad: Double,
    evaporatorRange: ClosedRange<Double>, condenserRange: ClosedRange<Double>
  ) {
    precondition(capacityByTemperature.count == 6 && inputRatioByTemperature.count == 6)
    precondition(inputRatioByLoad.count == 3)
    precondition(referenceCapacity.value > 0 && referenceCoP > 0 && minimumPartLoad > 0)
    self.referenceCapacity = referenceCapacity
    self.referenceCoP = referenceCoP
    self.capacityByTemperature = capacityByTemperature
    self.inputRatioByTemperature = inputRatioByTemperature
    self.inputRatioByLoad = inputRatioByLoad
    self.minimumPartLoad = minimumPartLoad
    self.evaporatorRange = evaporatorRange
    self.condenserRange = condenserRange
  }

  /// McQuay WSC, 471 kW, CoP 5.89, inlet vanes: the record of Modelica Buildings'
  /// `ElectricEIRChiller_McQuay_WSC_471kW_5_89COP_Vanes`, from EnergyPlus `Chillers.idf`.
  public static let mcQuayWSC471 = EIRChiller(
    referenceCapacity: Watts(471_200), referenceCoP: 5.89,
    capacityByTemperature: [
      0.252113, 0.01324053, -0.008637329, 0.08581056, -0.004261176, 0.008661899,
    ],
    inputRatioByTemperature: [
      0.4475238, -0.0258821, -0.001459053, 0.04342595, -0.001000651, 0.001920106,
    ],
    inputRatioByLoad: [0.2778889, 0.2338363, 0.4883748], minimumPartLoad: 0.1,
    evaporatorRange: 4...16, condenserRange: 12...30)

  /// York YT, 1048 kW, CoP 6.06, inlet vanes: the record of Modelica Buildings'
  /// `ElectricEIRChiller_York_YT_1048kW_6_06COP_Vanes`, from EnergyPlus `Chillers.idf`. Its power
  /// for a given load grows with condenser temperature over the whole range, so it is the default.
  public static let yorkYT1048 = EIRChiller(
    referenceCapacity: Watts(1_047_900), referenceCoP: 6.06,
    capacityByTemperature: [
      7.238221e-1, 1.747548e-2, -4.524718e-3, 2.138468e-2, -9.342801e-4, 2.515069e-3,
    ],
    inputRatioByTemperature: [
      7.255594e-1, -3.502968e-2, 2.213476e-3, 3.925410e-3, 5.538176e-4, -8.638012e-4,
    ],
    inputRatioByLoad: [1.543796e-1, 7.276121e-1, 1.162393e-1], minimumPartLoad: 0.1,
    evaporatorRange: 4.44...8.89, condenserRange: 15.56...35)

  /// The lowest condenser temperature in °C from which on the efficiency would rise with outdoor
  /// heat when water leaves at `evaporator`, or nil when there is none in the curves' range.
  public func risingEfficiency(evaporator: Celsius) -> Double? {
    var last = -Double.infinity
    for condenser in condenserSamples {
      let ratio = inputRatio(evaporator: evaporator, condenser: Celsius(condenser))
      if ratio < last { return condenser }
      last = ratio
    }
    return nil
  }

  /// The curves' condenser temperatures in °C, close to each other.
  var condenserSamples: [Double] {
    let span = condenserRange.upperBound - condenserRange.lowerBound
    return (0...100).map { condenserRange.lowerBound + span * Double($0) / 100 }
  }

  /// `EIRFT`.
  func inputRatio(evaporator: Celsius, condenser: Celsius) -> Double {
    biquadratic(inputRatioByTemperature, evaporator, condenser)
  }

  /// `Q_ref·CAPFT`.
  public func availableCapacity(evaporator: Celsius, condenser: Celsius) -> Watts {
    let factor = biquadratic(capacityByTemperature, evaporator, condenser)
    return referenceCapacity * max(factor, 0)
  }

  /// `P` for the heat `load`; a load above the available capacity counts as that.
  public func power(load: Watts, evaporator: Celsius, condenser: Celsius) -> Watts {
    let capacity = availableCapacity(evaporator: evaporator, condenser: condenser)
    guard load.value > 0, capacity.value > 0 else { return .zero }
    let partLoad = min(load / capacity, 1)
    let inputRatio = inputRatio(evaporator: evaporator, condenser: condenser)
    let d = inputRatioByLoad
    let x = max(partLoad, minimumPartLoad)
    let byLoad = d[0] + (d[1] + d[2] * x) * x
    let cycling = min(1, partLoad / minimumPartLoad)
    return capacity * (inputRatio * byLoad * cycling / referenceCoP)
  }

  private func biquadratic(_ c: [Double], _ evaporator: Celsius, _ condenser: Celsius) -> Double {
    let x = min(max(evaporator.value, evaporatorRange.lowerBound), evaporatorRange.upperBound)
    let y = min(max(condenser.value, condenserRange.lowerBound), condenserRange.upperBound)
    return c[0] + c[1] * x + c[2] * x * x + c[3] * y + c[4] * y * y + c[5] * x * y
  }
}
