// SPDX-License-Identifier: Apache-2.0

/// What every model of this module is told besides its own parameters.
public struct ForecastSettings: Sendable {
  /// Steps ahead for which parameters are fitted and residuals kept; ascending, ≥ 1.
  ///
  /// Other horizons can be asked for: they use the residuals of the next longer fitted one (of the
  /// longest beyond that), so an interval is rather too wide than too narrow.
  public var horizons: [Int]
  /// Values that can occur: forecasts are clipped to it. Default: 0 upwards.
  public var bounds: ClosedRange<Double>
  /// What recurrent networks are worked out in; nil for single precision.
  public var arithmetic: (any LSTMArithmetic)?

  /// Settings.
  ///
  /// - Precondition: `horizons` is not empty, ascending and ≥ 1; the lower bound is finite.
  public init(
    horizons: [Int], bounds: ClosedRange<Double> = 0...Double.infinity,
    arithmetic: (any LSTMArithmetic)? = nil
  ) {
    precondition(
      horizons.first.map { $0 >= 1 } ?? false && zip(horizons, horizons.dropFirst()).allSatisfy(<),
      "horizons \(horizons) are not ascending from 1")
    precondition(bounds.lowerBound.isFinite, "the lower bound is not finite")
    self.horizons = horizons
    self.bounds = bounds
    self.arithmetic = arithmetic
  }

  /// The fitted horizon that stands in for `horizon`, as an index into ``horizons``.
  func fittedIndex(for horizon: Int) -> Int {
    horizons.firstIndex { $0 >= horizon } ?? horizons.count - 1
  }

  /// A forecast limited to ``bounds``.
  @inline(__always)
  func clipped(_ value: Double) -> Double {
    min(max(value, bounds.lowerBound), bounds.upperBound)
  }

  /// The largest magnitude that is taken at face value; what exceeds it is limited to it, so that
  /// squares and differences stay finite.
  static let largestMagnitude = 1e30

  /// An observed value made safe: infinite values and absurd magnitudes are limited, NaN stays.
  @inline(__always)
  static func sane(_ value: Double) -> Double {
    value.isNaN ? value : min(max(value, -largestMagnitude), largestMagnitude)
  }
}
