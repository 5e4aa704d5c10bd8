// SPDX-License-Identifier: Apache-2.0
public import Units

/// Power of a fan against the air it moves: `P = P_ref·(V/V_ref)^e` with `e = 3` by the affinity
/// laws (flow ~ speed, pressure ~ speed², power ~ speed³); 2.6–3 in practice.
public struct FanLaw: Sendable, Hashable, Codable {
  /// `P_ref`: power at the reference flow.
  public var referencePower: Watts
  /// `e`.
  public var exponent: Double

  /// A fan.
  public init(referencePower: Watts, exponent: Double = 3) {
    self.referencePower = referencePower
    self.exponent = exponent
  }

  /// The power at `share` of the reference flow.
  public func power(at share: Double) -> Watts {
    if exponent == 3 { return referencePower * (share * share * share) }
    return share > 0 ? referencePower * Elementary.pow(share, exponent) : .zero
  }
}
