// SPDX-License-Identifier: Apache-2.0

/// The Page–Hinkley test for a rise of a mean: here, of the forecasts' loss.
///
/// With x̄_t the mean of x₁ … x_t, the sum `m_t = Σ (x_i − x̄_i − δ)` falls while nothing changes;
/// the test answers when it has risen by more than λ above its least value so far. δ is the rise
/// that is tolerated, λ the evidence that is asked for. Source: Page 1954,
/// doi:10.1093/biomet/41.1-2.100; Hinkley 1971, doi:10.1093/biomet/58.3.509; form of Gama et al.
/// 2014, doi:10.1145/2523813.
public struct PageHinkley: Sendable, Equatable, Codable {
  /// Rise of the mean that is tolerated (δ), in units of x.
  public let tolerance: Double
  /// Sum of exceedances that is called a drift (λ), in units of x.
  public let threshold: Double
  /// Values before the first answer: the mean of fewer is not believed.
  public let minimumCount: Int
  private var count = 0
  private var mean = 0.0
  private var sum = 0.0
  private var least = 0.0

  /// A test that has seen nothing.
  public init(tolerance: Double, threshold: Double, minimumCount: Int = 30) {
    self.tolerance = tolerance
    self.threshold = threshold
    self.minimumCount = minimumCount
  }

  /// Takes the next value; whether the mean has risen. Values that are not finite are left out.
  public mutating func observe(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    count += 1
    mean += (value - mean) / Double(count)
    sum += value - mean - tolerance
    least = min(least, sum)
    return count >= minimumCount && sum - least > threshold
  }
}
