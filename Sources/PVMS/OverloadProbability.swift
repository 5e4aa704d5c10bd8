// SPDX-License-Identifier: Apache-2.0
import Forecasting

/// The probability that load exceeds a capacity, read off a forecast's quantiles.
///
/// Between two quantiles the distribution function is taken as straight. Below the lowest level
/// the answer is certainty; above the highest, the tail shrinks as fast as it did between the two
/// highest quantiles (exponentially), because a bare "less than 1 %" would rank all safe VMs alike.
///
/// - Parameters:
///   - batch: Forecasts with at least two levels.
///   - horizon: Index of the horizon in `batch.horizons`.
///   - series: The VM.
///   - capacity: In the unit of the forecast.
/// - Returns: 0…1.
package func overloadProbability(
  _ batch: ForecastBatch, horizon: Int, series: Int, capacity: Double
) -> Double {
  let last = batch.levels.count - 1
  var below = batch.quantiles[batch.quantileIndex(horizon: horizon, level: 0, series: series)]
  if capacity < below { return 1 - batch.levels[0] / 2 }
  for level in 1...last {
    let above = batch.quantiles[
      batch.quantileIndex(horizon: horizon, level: level, series: series)]
    if capacity < above {
      let part = (capacity - below) / (above - below)
      let share = batch.levels[level - 1] + part * (batch.levels[level] - batch.levels[level - 1])
      return 1 - share
    }
    below = above
  }
  let tail = 1 - batch.levels[last]
  let previous = batch.quantiles[
    batch.quantileIndex(horizon: horizon, level: last - 1, series: series)]
  let scale = below - previous
  // Everything up to the highest quantile is one value: no spread to extrapolate.
  guard scale > 0 else { return capacity > below ? 0 : tail }
  return tail / (1 + (capacity - below) / scale)
}

/// The load that is exceeded with probability `risk`, from the quantiles (linear between them).
package func loadExceeded(
  withProbability risk: Double, _ batch: ForecastBatch, horizon: Int, series: Int
)
  -> Double
{
  let level = 1 - risk
  let last = batch.levels.count - 1
  func quantile(_ index: Int) -> Double {
    batch.quantiles[batch.quantileIndex(horizon: horizon, level: index, series: series)]
  }
  if level <= batch.levels[0] { return quantile(0) }
  for index in 1...last where level <= batch.levels[index] {
    let part = (level - batch.levels[index - 1]) / (batch.levels[index] - batch.levels[index - 1])
    return quantile(index - 1) + part * (quantile(index) - quantile(index - 1))
  }
  return quantile(last)
}

/// Load above capacity that an overload is expected to bring, in the unit of the forecast:
/// E[L − C | L > C].
///
/// The quantile function is taken as straight between the levels and flat beyond the highest.
/// Where the forecast rules an overload out, 0.
package func expectedExcess(
  _ batch: ForecastBatch, horizon: Int, series: Int, capacity: Double
) -> Double {
  let levels = batch.levels
  func excess(_ level: Int) -> Double {
    batch.quantiles[batch.quantileIndex(horizon: horizon, level: level, series: series)]
      - capacity
  }
  let last = levels.count - 1
  var integral = max(0, excess(last)) * (1 - levels[last])
  var share = excess(last) > 0 ? 1 - levels[last] : 0
  for level in stride(from: last, to: 0, by: -1) {
    let (below, above) = (excess(level - 1), excess(level))
    guard above > 0 else { break }
    let width = levels[level] - levels[level - 1]
    let part = below >= 0 ? width : width * above / (above - below)
    integral += part * (above + max(0, below)) / 2
    share += part
  }
  return share > 0 ? integral / share : 0
}
