// SPDX-License-Identifier: Apache-2.0
public import Units

/// The branch breaker of a rack: a thermal release with inverse time and a magnetic one.
///
/// The thermal release warms with the square of the current and cools by itself (IEC 60255-149;
/// voltage is constant, so power stands for current). With `r` = power over rating
///
///     τ·dθ/dt = r² − θ,   trips at θ = 1;   from cold at constant r > 1:  t = τ·ln(r²/(r² − 1))
///
/// A long overload therefore trips sooner than a short one of the same size, and a recent overload
/// counts. At `r ≥ magnetic` it trips at once. With τ = 400 s twice the rating holds for 115 s: UL 489
/// demands at most 120 s of a breaker up to 30 A.
public struct Breaker: Sendable, Hashable {
  /// Power that it carries for ever.
  public var rating: Watts
  /// `τ`.
  public var timeConstant: SimTime
  /// Multiple of the rating at which it trips at once.
  public var magnetic: Double

  /// A breaker.
  ///
  /// - Precondition: rating and time constant are positive, and `magnetic` is above 1.
  public init(rating: Watts, timeConstant: SimTime = .seconds(400), magnetic: Double = 8) {
    precondition(rating.value > 0 && timeConstant > .zero && magnetic > 1)
    self.rating = rating
    self.timeConstant = timeConstant
    self.magnetic = magnetic
  }

  /// `θ` after `seconds` at `load`, from `state`.
  public func warmed(_ state: Double, load: Watts, seconds: Double) -> Double {
    let end = square(load)
    return end + (state - end) * Elementary.exp(-seconds / timeConstant.seconds)
  }

  /// Seconds until it trips at constant `load`, from `state`; nil when it never does.
  public func secondsToTrip(from state: Double, load: Watts) -> Double? {
    let end = square(load)
    if load.value >= magnetic * rating.value { return 0 }
    guard end > 1 else { return nil }
    if state >= 1 { return 0 }
    return timeConstant.seconds * Elementary.log((end - state) / (end - 1))
  }

  private func square(_ load: Watts) -> Double {
    let r = load / rating
    return r * r
  }
}
