// SPDX-License-Identifier: Apache-2.0
public import Units

/// One forecast that a policy made, kept so that it can be scored against what came.
public struct ForecastRecord: Sendable, Codable {
  /// When it was made.
  public var issuedAt: SimTime
  /// When it could be used: later by the time that it took to compute.
  public var answeredAt: SimTime
  /// Start of the interval it speaks of.
  public var targetStart: SimTime
  /// Steps ahead (in units of the sample interval).
  public var horizon: Int
  /// Expected load per VM in cores.
  public var meanCores: [Double]
  /// Lower end of the central 90 % interval per VM in cores.
  public var lowerCores: [Double]
  /// Upper end of the central 90 % interval per VM in cores.
  public var upperCores: [Double]
  /// Probability per VM that load exceeds capacity in the interval; empty if none was worked out.
  public var overloadProbability: [Double]
  /// The probability from which on the policy acts.
  public var alarmThreshold: Double

  /// A record; arrays have one element a VM.
  public init(
    issuedAt: SimTime, targetStart: SimTime, horizon: Int, meanCores: [Double],
    lowerCores: [Double], upperCores: [Double], overloadProbability: [Double] = [],
    alarmThreshold: Double = .nan, answeredAt: SimTime? = nil
  ) {
    self.issuedAt = issuedAt
    self.answeredAt = answeredAt ?? issuedAt
    self.targetStart = targetStart
    self.horizon = horizon
    self.meanCores = meanCores
    self.lowerCores = lowerCores
    self.upperCores = upperCores
    self.overloadProbability = overloadProbability
    self.alarmThreshold = alarmThreshold
  }
}
