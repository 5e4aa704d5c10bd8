// SPDX-License-Identifier: Apache-2.0
public import Units

/// Electric power of a running server as a function of its CPU utilisation.
///
/// One concrete enumeration rather than a protocol: the plant evaluates it for every host whose
/// load changed, so there is no existential and no heap storage on that path. `u` is the share of
/// all cores in use, 0…1; values outside are clamped. `idle` and `max` are the power at `u = 0` and
/// `u = 1`. Fractions of a core count as fractions.
///
/// The parametric forms are those of the simulator OpenDC (`PowerModels.java`) and of Fan, Weber
/// and Barroso, "Power provisioning for a warehouse-sized computer", ISCA 2007, the core-based form
/// is that of SimGrid's host-energy plugin.
public enum ServerPowerCurve: Sendable, Hashable {
  /// Piecewise linear between eleven measured points.
  case table(PowerTable)
  /// The same power at any load.
  case constant(Watts)
  /// `idle + (max − idle)·u`.
  case linear(idle: Watts, max: Watts)
  /// `idle + (max − idle)·√u`.
  case squareRoot(idle: Watts, max: Watts)
  /// `idle + (max − idle)·u²`.
  case square(idle: Watts, max: Watts)
  /// `idle + (max − idle)·u³`.
  case cubic(idle: Watts, max: Watts)
  /// `idle + (max − idle)·(2u − u^r)`, the fit of least mean square error of Fan et al.
  case meanSquareError(idle: Watts, max: Watts, exponent: Double)
  /// `idle + (max − idle)/2·(1 + u − e^(−u/a))`; with `dvfs`, `u³` stands for `u`.
  case asymptotic(idle: Watts, max: Watts, knee: Double, dvfs: Bool)
  /// `idle` when nothing runs, else `epsilon + (allCores − epsilon)·u`.
  case coreBased(idle: Watts, epsilon: Watts, allCores: Watts)

  /// The power at utilisation `u`.
  @inlinable
  public func power(at utilisation: Double) -> Watts {
    let u = utilisation > 0 ? min(utilisation, 1) : 0
    switch self {
    case .table(let table): return table.power(at: u)
    case .constant(let power): return power
    case .linear(let idle, let max): return idle + (max - idle) * u
    case .squareRoot(let idle, let max): return idle + (max - idle) * u.squareRoot()
    case .square(let idle, let max): return idle + (max - idle) * (u * u)
    case .cubic(let idle, let max): return idle + (max - idle) * (u * u * u)
    case .meanSquareError(let idle, let max, let r):
      return idle + (max - idle) * (2 * u - Elementary.pow(u, r))
    case .asymptotic(let idle, let max, let knee, let dvfs):
      let x = dvfs ? u * u * u : u
      return idle + (max - idle) * (0.5 * (1 + x - Elementary.exp(-x / knee)))
    case .coreBased(let idle, let epsilon, let allCores):
      return u == 0 ? idle : epsilon + (allCores - epsilon) * u
    }
  }

  /// The power of a server that is on and does nothing.
  public var idlePower: Watts { power(at: 0) }

  /// The power at full load.
  public var peakPower: Watts { power(at: 1) }

  /// The highest utilisation at which the power does not exceed `limit`; 0 when even idling does.
  ///
  /// The curve does not fall with utilisation, so bisection on `u` is exact to 2⁻⁵² of the range.
  public func utilisation(within limit: Watts) -> Double {
    if peakPower <= limit { return 1 }
    var low = 0.0
    var high = 1.0
    for _ in 0..<52 {
      let middle = 0.5 * (low + high)
      if power(at: middle) <= limit { low = middle } else { high = middle }
    }
    return low
  }

  /// Why the curve is not one of a real server, or nil when it is.
  ///
  /// Power must be positive at idle and must not fall with utilisation.
  public var defect: String? {
    if idlePower.value < 0 { return "idle power is negative" }
    var last = idlePower
    for step in 1...100 {
      let next = power(at: Double(step) / 100)
      if next < last { return "power falls between \(step - 1) % and \(step) % load" }
      last = next
    }
    return nil
  }
}

/// Power at 0, 10, … 100 % load, as SPECpower_ssj2008 publishes it ("active idle" first).
///
/// Between the points power is linear: `P(u) = P_k + (P_{k+1} − P_k)(10u − k)`, `k = ⌊10u⌋`.
@frozen
public struct PowerTable: Sendable, Hashable {
  /// The eleven values in watts in the lanes 0…10; lane 11 repeats the last one. Held inline so
  /// that reading a table touches no reference count.
  @usableFromInline let lanes: SIMD16<Double>

  /// A table of the power at 0, 10, … 100 % load.
  ///
  /// - Precondition: there are eleven values.
  public init(watts: [Double]) {
    precondition(watts.count == 11, "a power table has 11 values")
    var lanes = SIMD16<Double>(repeating: watts[10])
    for (index, value) in watts.enumerated() { lanes[index] = value }
    self.lanes = lanes
  }

  /// The eleven values in watts.
  public var watts: [Double] { (0...10).map { lanes[$0] } }

  /// The power at utilisation `u`, 0…1.
  @inlinable
  public func power(at u: Double) -> Watts {
    let position = 10 * u
    let k = min(Int(position), 10)
    return Watts(lanes[k] + (lanes[k + 1] - lanes[k]) * (position - Double(k)))
  }
}
