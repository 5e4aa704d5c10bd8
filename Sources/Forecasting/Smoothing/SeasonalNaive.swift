// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// The value at the same phase of the last season that has been seen; with a season of one step,
/// the last value (the naive forecast).
///
/// `ŷ(t+h) = y(t + h − m·⌈h/m⌉)` for season length m. Until `seasonsNeeded` seasons are seen
/// the last value stands in, reported as `naive`. Missing values leave the older value of that phase in place.
public struct SeasonalNaive: PointForecaster {
  /// The model's name and, for a real season, `naive` as stand-in.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  /// Season length in steps.
  public let season: Int
  /// The last value of every phase, `[phase, series]`.
  private var phases: ContiguousArray<Float>
  private var last: ContiguousArray<Double>
  /// Steps since the first value of each series.
  private var ages: ContiguousArray<Int32>
  private let seasonsNeeded: Int
  private var step = 0

  /// A model that has seen nothing.
  ///
  /// - Precondition: `season` and `seasonsNeeded` are at least 1.
  public init(seriesCount: Int, season: Int = 1, seasonsNeeded: Int = 2) {
    precondition(season >= 1 && seasonsNeeded >= 1, "\(seasonsNeeded) seasons of \(season) steps")
    self.seasonsNeeded = seasonsNeeded
    self.seriesCount = seriesCount
    self.season = season
    modelNames = season == 1 ? ["naive"] : ["snaive\(season)", "naive"]
    phases = ContiguousArray(repeating: .nan, count: season == 1 ? 0 : season * seriesCount)
    last = ContiguousArray(repeating: .nan, count: seriesCount)
    ages = ContiguousArray(repeating: 0, count: seriesCount)
  }

  /// Keeps the values.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    let row = season == 1 ? 0 : step % season * seriesCount
    for series in 0..<seriesCount {
      let value = values[series]
      if !value.isNaN {
        last[series] = value
        if season > 1 { phases[row + series] = Float(value) }
      }
      if !last[series].isNaN, ages[series] < .max { ages[series] += 1 }
    }
    step += 1
  }

  /// The value of the target's phase, or the last value.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    let row = season == 1 ? 0 : (step + horizon - 1) % season * seriesCount
    for series in 0..<seriesCount {
      var value = last[series]
      if modelIndex(series: series) == 0, season > 1 {
        let phase = Double(phases[row + series])
        if !phase.isNaN { value = phase }
      }
      predictions[series] = value.isNaN ? 0 : value
    }
  }

  /// 0 once enough seasons are seen, 1 (the last value) before.
  @inline(__always)
  public func modelIndex(series: Int) -> Int {
    season == 1 || Int(ages[series]) >= seasonsNeeded * season ? 0 : 1
  }
}

extension SeasonalNaive {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&phases)
    try archive.state(&last)
    try archive.state(&ages)
    try archive.state(&step)
  }
}
