// SPDX-License-Identifier: Apache-2.0
public import Units

/// Who moves the supply-air set point.
///
/// Building management works in periods; so do these rules, at whole multiples of their period.
public enum SupplyControl: Sendable, Hashable {
  /// Nobody but the policy.
  case fixed
  /// ASHRAE Guideline 36: trim while nobody complains, respond to those who do.
  case trimAndRespond(TrimAndRespond)
  /// Hold the return air's temperature.
  case returnAir(ReturnAirControl)

  /// Time between two adjustments; nil when there are none.
  public var period: SimTime? {
    switch self {
    case .fixed: nil
    case .trimAndRespond(let rule): rule.period
    case .returnAir(let rule): rule.period
    }
  }

  /// The next set point in °C, before it is held within the units' range.
  public func adjusted(_ setPoint: Double, inlets: [Double], returnAir: Double) -> Double {
    switch self {
    case .fixed: setPoint
    case .trimAndRespond(let rule): rule.adjusted(setPoint, inlets: inlets)
    case .returnAir(let rule): rule.adjusted(setPoint, returnAir: returnAir)
    }
  }
}

/// Trim and respond (ASHRAE Guideline 36-2021, §5.1.14) of the supply temperature.
///
/// Each period the set point rises by `trim`, unless more than `ignored` requests are made: then it
/// falls by `respond` for each one above, at most by `maximumResponse`. A rack makes one request
/// when its inlet is above `target`, two above `target + 1 K`, three above `target + 2 K`.
public struct TrimAndRespond: Sendable, Hashable {
  /// Time between adjustments.
  public var period: SimTime
  /// Inlet temperature from which on racks complain.
  public var target: Celsius
  /// Kelvins up each period.
  public var trim: Double
  /// Kelvins down a request.
  public var respond: Double
  /// Most kelvins down a period.
  public var maximumResponse: Double
  /// Requests that are not answered.
  public var ignored: Int

  /// A rule.
  public init(
    period: SimTime = .minutes(2), target: Celsius = Celsius(26), trim: Double = 0.1,
    respond: Double = 0.2, maximumResponse: Double = 0.6, ignored: Int = 0
  ) {
    self.period = period
    self.target = target
    self.trim = trim
    self.respond = respond
    self.maximumResponse = maximumResponse
    self.ignored = ignored
  }

  /// The next set point.
  public func adjusted(_ setPoint: Double, inlets: [Double]) -> Double {
    var requests = 0
    for inlet in inlets {
      let excess = inlet - target.value
      requests += excess > 2 ? 3 : excess > 1 ? 2 : excess > 0 ? 1 : 0
    }
    if requests <= ignored { return setPoint + trim }
    return setPoint - min(respond * Double(requests - ignored), maximumResponse)
  }
}

/// Integral control of the return air: the set point moves by `gain·(target − T_return)` a period.
public struct ReturnAirControl: Sendable, Hashable {
  /// Time between adjustments.
  public var period: SimTime
  /// Return temperature to hold.
  public var target: Celsius
  /// Kelvins of set point a kelvin of error; below 1 it does not overshoot.
  public var gain: Double

  /// A rule.
  public init(period: SimTime = .minutes(5), target: Celsius = Celsius(32), gain: Double = 0.3) {
    self.period = period
    self.target = target
    self.gain = gain
  }

  /// The next set point.
  public func adjusted(_ setPoint: Double, returnAir: Double) -> Double {
    setPoint + gain * (target.value - returnAir)
  }
}
