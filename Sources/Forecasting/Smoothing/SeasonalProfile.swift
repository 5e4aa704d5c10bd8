// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// The mean of the last few seasons at the target's phase: a day profile (season of a day) or a week
/// profile (season of a week).
///
/// `ŷ(t+h) = mean of y(t + h − j·m)` over the last ≤ k seasons j that are known and before t, for
/// season length m. While no earlier season is known the mean of all values stands in, reported as
/// `mean`. Missing values leave their season out of the mean.
public struct SeasonalProfile: PointForecaster {
  /// `profile` and its stand-in.
  public let modelNames = ["profile", "mean"]
  /// Number of series followed.
  public let seriesCount: Int
  /// Season length in steps.
  public let season: Int
  /// Seasons averaged, at most.
  public let seasons: Int
  /// The value of step k is in slot `k mod (season·seasons)`, `[slot, series]`.
  private var ring: ContiguousArray<Float>
  private var sums: ContiguousArray<Double>
  private var counts: ContiguousArray<Double>
  /// Steps since the first value of each series.
  private var ages: ContiguousArray<Int32>
  private var step = 0

  /// A profile that has seen nothing.
  ///
  /// - Precondition: `season` and `seasons` are at least 1.
  public init(seriesCount: Int, season: Int, seasons: Int = 7) {
    precondition(season >= 1 && seasons >= 1, "\(seasons) seasons of \(season) steps")
    self.seriesCount = seriesCount
    self.season = season
    self.seasons = seasons
    ring = ContiguousArray(repeating: .nan, count: season * seasons * seriesCount)
    sums = ContiguousArray(repeating: 0, count: seriesCount)
    counts = sums
    ages = ContiguousArray(repeating: 0, count: seriesCount)
  }

  /// Keeps the values.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    let row = step % (season * seasons) * seriesCount
    for series in 0..<seriesCount {
      let value = values[series]
      ring[row + series] = Float(value)
      if !value.isNaN {
        counts[series] += 1
        sums[series] += value
      }
      if counts[series] > 0, ages[series] < .max { ages[series] += 1 }
    }
    step += 1
  }

  /// The means at the target's phase.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    let target = step + horizon - 1
    // The newest value of the target's phase is this many seasons before it.
    let nearest = (horizon + season - 1) / season
    for series in 0..<seriesCount {
      var sum = 0.0
      var count = 0.0
      for back in nearest..<nearest + seasons {
        let time = target - back * season
        guard time >= 0, step - time <= season * seasons else { break }
        let value = Double(ring[time % (season * seasons) * seriesCount + series])
        guard !value.isNaN else { continue }
        sum += value
        count += 1
      }
      let overall = counts[series] > 0 ? sums[series] / counts[series] : 0
      predictions[series] = count > 0 ? sum / count : overall
    }
  }

  /// 0 once a season is seen, 1 before.
  public func modelIndex(series: Int) -> Int { Int(ages[series]) >= season ? 0 : 1 }
}

extension SeasonalProfile {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&ring)
    try archive.state(&sums)
    try archive.state(&counts)
    try archive.state(&ages)
    try archive.state(&step)
  }
}
