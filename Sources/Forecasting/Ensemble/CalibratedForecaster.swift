// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Corrects any forecaster's quantiles so that they are exceeded as often as they say.
///
/// Each class of series has, per horizon and level, an offset in units of the forecast's own width
/// (half its 90 % interval plus 2 % of the series' standard deviation). A forecast that was put
/// aside is scored when its value comes, `s = (y − q)/width`, and the offset follows the level's
/// quantile of the scores: `b ← b + γ·mean(τ − 1[s ≤ b])`, γ being larger at first and in large
/// classes, whose mean says more. Over time the share of values below each
/// corrected quantile goes to its level whatever the values do, and drift is followed at speed γ.
/// Sources: conformalized quantile regression, Romano et al. 2019 (arXiv:1905.03222); adaptive
/// conformal inference, Gibbs & Candès 2021 (arXiv:2106.00170); quantile tracking, Angelopoulos et
/// al. 2023 (arXiv:2307.16895). Scores are compared with the present offset, not with the one that
/// was issued, so that the delay of a day-ahead value does not make it swing. Half a day ahead and
/// more, following comes too late: offsets are then read off a `ScoreWindow` of the past week.
public struct CalibratedForecaster: Forecaster {
  /// γ: how far an offset moves at one judgement, in widths; and what is added to it at first,
  /// halved after that many judgements.
  static let gain = 0.3
  /// γ where a window does most of the work: a day's forecasts are under way when one is judged,
  /// and an offset that moves fast over-reacts.
  static let windowedGain = 0.1
  static let firstGain = (value: 1.0, judgements: 20.0)
  /// A class of this many series moves its offsets half as fast as a very large one.
  static let halfClass = 30.0
  /// Share of the standard deviation in the width, so that it is never zero for a moving series.
  static let floorShare = 0.02

  /// The names of the forecaster below.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  private var base: any Forecaster
  private let settings: ForecastSettings
  private let classOf: [Int]
  /// Models whose forecasts are no distribution learned from data (`…wide`): not judged.
  private let isJudged: [Bool]
  /// Offsets that follow the scores, `[horizon][class, level]`, and those that are applied.
  private var offsets: [[Double]]
  private var applied: [[Double]]
  private var windows: [ScoreWindow?]
  /// Judgements so far, `[horizon][class]`.
  private var judgements: [[Double]]
  private var schedules: [JudgementSchedule]
  /// Waiting forecasts, per horizon `[slot, series, level]`; NaN where not to be judged.
  private var pending: [ContiguousArray<Float>]
  private var spread: SpreadTracker
  private var grid: ForecastBatch
  private var step = 0

  /// Corrects `base`, which has not seen anything yet, by living through `history` with it.
  public init(_ base: any Forecaster, settings: ForecastSettings, history: TrainingSeries) {
    precondition(base.seriesCount == history.seriesCount, "other series")
    self.base = base
    self.settings = settings
    modelNames = base.modelNames
    seriesCount = history.seriesCount
    isJudged = base.modelNames.map { !$0.hasSuffix("wide") }
    let (classOf, classCount) = history.classIndices
    self.classOf = classOf
    let levels = ExpertTable.levels.count
    offsets = settings.horizons.map { _ in [Double](repeating: 0, count: classCount * levels) }
    schedules = settings.horizons.map(JudgementSchedule.init(horizon:))
    applied = offsets
    windows = schedules.map {
      ScoreWindow(
        schedule: $0, stepsPerDay: history.calendar.stepsPerDay, classOf: classOf,
        classCount: classCount)
    }
    judgements = settings.horizons.map { _ in [Double](repeating: 0, count: classCount) }
    pending = schedules.map {
      ContiguousArray(repeating: .nan, count: $0.slotCount * history.seriesCount * levels)
    }
    spread = SpreadTracker(seriesCount: history.seriesCount)
    grid = ForecastBatch(
      seriesCount: history.seriesCount, horizons: settings.horizons, levels: ExpertTable.levels)
    history.replay { observe($0) }
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) {
    let checked = values.map(ForecastSettings.sane)
    for index in schedules.indices {
      guard let slot = schedules[index].due(at: step) else { continue }
      judge(index, slot, checked)
      fileScores(index, slot, checked)
      applyOffsets(index)
    }
    base.observe(values)
    checked.withUnsafeBufferPointer { spread.observe($0) }
    putAside()
    step += 1
  }

  private mutating func judge(_ index: Int, _ slot: Int, _ values: [Double]) {
    let levels = ExpertTable.levels.count
    let classCount = offsets[index].count / levels
    var sums = [Double](repeating: 0, count: offsets[index].count)
    var counts = [Double](repeating: 0, count: classCount)
    pending[index].withUnsafeBufferPointer { all in
      for series in 0..<seriesCount {
        let row = (slot * seriesCount + series) * levels
        let value = values[series]
        guard !value.isNaN, !all[row].isNaN else { continue }
        let unit = width(series, lower: Double(all[row + 1]), upper: Double(all[row + 6]))
        let group = classOf[series]
        counts[group] += 1
        for level in 0..<levels {
          let bound = settings.clipped(
            Double(all[row + level]) + unit * offsets[index][group * levels + level])
          // A value on the bound is inside the interval, on either side.
          let isBelow = level < Self.middle ? value < bound : value <= bound
          sums[group * levels + level] += ExpertTable.levels[level] - (isBelow ? 1 : 0)
        }
      }
    }
    for group in 0..<classCount where counts[group] > 0 {
      let first = Self.firstGain
      let gain =
        ((windows[index] == nil ? Self.gain : Self.windowedGain) + first.value
          / (1 + judgements[index][group] / first.judgements))
        * counts[group] / (counts[group] + Self.halfClass)
      judgements[index][group] += 1
      for level in 0..<levels {
        offsets[index][group * levels + level] +=
          gain * sums[group * levels + level] / counts[group]
      }
    }
  }

  private mutating func fileScores(_ index: Int, _ slot: Int, _ values: [Double]) {
    guard var window = windows[index] else { return }
    // Taken out for the time of filing, so that it is not copied.
    windows[index] = nil
    let levels = ExpertTable.levels.count
    let (pending, seriesCount) = (pending[index], seriesCount)
    window.file(step: step) { series, level in
      let row = (slot * seriesCount + series) * levels
      let unit = width(series, lower: Double(pending[row + 1]), upper: Double(pending[row + 6]))
      return (values[series] - Double(pending[row + level])) / unit
    }
    windows[index] = window
  }

  /// What the window says, as far as it is believed; the followed offsets otherwise.
  private mutating func applyOffsets(_ index: Int) {
    applied[index] = offsets[index]
    guard let window = windows[index] else { return }
    let levels = ExpertTable.levels.count
    for group in 0..<offsets[index].count / levels {
      let belief = window.belief(in: group)
      guard belief > 0 else { continue }
      let target = step + settings.horizons[index]
      for (level, offset) in zip(ScoreWindow.levels, window.offsets(group: group, target: target)) {
        applied[index][group * levels + level] +=
          belief * (offset - applied[index][group * levels + level])
      }
    }
  }

  /// The grid's index of the median.
  private static let middle = 3

  /// The unit of scores and offsets. Levels 1 and 6 of the grid are 0.05 and 0.95.
  @inline(__always)
  private func width(_ series: Int, lower: Double, upper: Double) -> Double {
    max((upper - lower) / 2 + Self.floorShare * spread.deviation(series), 1e-12)
  }

  private mutating func putAside() {
    var wanted: [(horizon: Int, slot: Int)] = []
    for index in schedules.indices {
      if let slot = schedules[index].putAside(after: step) { wanted.append((index, slot)) }
    }
    guard !wanted.isEmpty else { return }
    forecastGrid(wanted.map { settings.horizons[$0.horizon] })
    let levels = ExpertTable.levels.count
    for (position, (index, slot)) in wanted.enumerated() {
      for series in 0..<seriesCount {
        let row = (slot * seriesCount + series) * levels
        let isLearned = isJudged[grid.modelIndex[series]]
        for level in 0..<levels {
          let value = grid.quantiles[
            grid.quantileIndex(horizon: position, level: level, series: series)]
          pending[index][row + level] = isLearned ? Float(value) : .nan
        }
      }
    }
  }

  private mutating func forecastGrid(_ horizons: [Int]) {
    if grid.horizons != horizons {
      grid = ForecastBatch(
        seriesCount: seriesCount, horizons: horizons, levels: ExpertTable.levels)
    }
    base.forecast(into: &grid)
  }

  /// Fills `batch` with corrected quantiles.
  public mutating func forecast(into batch: inout ForecastBatch) {
    precondition(batch.seriesCount == seriesCount, "a batch of another number of series")
    forecastGrid(batch.horizons)
    let interpolation = LevelInterpolation(levels: batch.levels)
    let levels = ExpertTable.levels.count
    batch.mean = grid.mean
    batch.modelIndex = grid.modelIndex
    var row = [Double](repeating: 0, count: levels)
    for (horizon, steps) in batch.horizons.enumerated() {
      let fitted = settings.fittedIndex(for: steps)
      for series in 0..<seriesCount {
        for level in 0..<levels {
          row[level] =
            grid.quantiles[grid.quantileIndex(horizon: horizon, level: level, series: series)]
        }
        if isJudged[grid.modelIndex[series]] {
          let unit = width(series, lower: row[1], upper: row[6])
          let first = classOf[series] * levels
          for level in 0..<levels { row[level] += unit * applied[fitted][first + level] }
          for level in 1..<levels { row[level] = max(row[level], row[level - 1]) }
        }
        for level in batch.levels.indices {
          let index = batch.quantileIndex(horizon: horizon, level: level, series: series)
          let value = settings.clipped(interpolation.value(level) { row[$0] })
          // Rounding can turn two nearly equal quantiles around.
          batch.quantiles[index] =
            level > 0 ? max(value, batch.quantiles[index - seriesCount]) : value
        }
      }
    }
  }
}

extension CalibratedForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try base.archive(&archive)
    try archive.state(&offsets)
    try archive.state(&applied)
    for index in windows.indices { try windows[index]?.archive(&archive) }
    try archive.state(&judgements)
    try archive.state(&schedules)
    try archive.state(&pending)
    try archive.state(&spread)
    try archive.state(&step)
  }
}
