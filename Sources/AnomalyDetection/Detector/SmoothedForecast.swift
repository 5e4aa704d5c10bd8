// SPDX-License-Identifier: Apache-2.0

/// One-step forecast by exponential smoothing, with a 99 % interval that follows its own errors.
///
/// The bounds are quantile trackers: after an error beyond a bound it moves out by 99 steps, after
/// one within it in by one step, so that in the long run 1 % of the errors lie beyond each side
/// (adaptive conformal inference; Gibbs and Candès, NeurIPS 2021). A step is proportional to the
/// mean absolute error. Three numbers, whatever the history.
struct SmoothedForecast: Sendable, Equatable, Codable {
  /// Weight of the newest value.
  let smoothing: Double
  /// Share of the errors beyond each bound.
  private static let beyond = 0.01
  /// How fast the bounds follow, in mean absolute errors.
  private static let rate = 0.5

  /// The forecast; nil before the first value.
  private(set) var mean: Double?
  /// Error that is exceeded by 1 %.
  private(set) var upper = 0.0
  /// Error that 1 % is below.
  private(set) var lower = 0.0
  private var meanAbsoluteError = 0.0
  /// Values in a row that lay beyond a bound.
  private(set) var runLength = 0

  init(smoothing: Double) {
    self.smoothing = smoothing
  }

  /// Takes the next value; returns its error, or nil for the first one.
  mutating func observe(_ value: Double) -> Double? {
    guard let mean else {
      mean = value
      return nil
    }
    let error = value - mean
    runLength = error > upper || error < lower ? runLength + 1 : 0
    meanAbsoluteError += smoothing * (abs(error) - meanAbsoluteError)
    let step = Self.rate * meanAbsoluteError
    upper += step * ((error > upper ? 1 : 0) - Self.beyond)
    lower -= step * ((error < lower ? 1 : 0) - Self.beyond)
    self.mean = mean + smoothing * error
    return error
  }
}
