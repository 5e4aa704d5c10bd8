// SPDX-License-Identifier: Apache-2.0
import Numerics
public import StateArchive

/// The average of many simple models' quantiles, weighted by how well each has done lately.
///
/// Weights are per series, horizon and quantile level, with the series' class as prior
/// (`OnlineWeights`); averaging quantiles (Vincentisation) keeps the shape of the members'
/// distributions, where averaging probabilities would widen them. What is judged when, says
/// `JudgementSchedule`.
///
/// While a series is younger than two days the members that compare with earlier days are silent
/// and the answer is named `…-unseasonal`; before there is anything to average it is `…-wide`, a
/// normal distribution of deliberately wide spread, which also fades out of the first 200 forecasts.
public struct EnsembleForecaster: Forecaster {
  /// The model's name, then the names of its younger selves.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  /// Names of the members, in the order of their weights.
  public let memberNames: [String]
  private let settings: ForecastSettings
  private let seasonSteps: Int
  private var experts: [any QuantileExperts]
  private var weights: [OnlineWeights]
  private var schedules: [JudgementSchedule]
  /// Forecasts that wait to be judged, per horizon `[slot, series, expert, level]`.
  private var pending: [ContiguousArray<Float>]
  private var spread: SpreadTracker
  private var ages: ContiguousArray<Int32>
  private var step = 0
  private var checked: ContiguousArray<Double>

  /// Series that are forecast at a time, so that their table stays in the cache.
  private static let chunk = 64
  /// Forecasts over which the wide distribution fades out, and its weight in units of forecasts.
  private static let youth = (end: 200.0, weight: 20.0)

  /// An ensemble that has lived through `history`.
  ///
  /// - Parameters:
  ///   - name: What ``modelNames`` begins with.
  ///   - experts: The members, before the first value.
  ///   - settings: Horizons and bounds.
  ///   - history: The past; its classes group the series.
  /// - Precondition: every member follows as many series as the history has.
  public init(
    name: String, experts: [any QuantileExperts], settings: ForecastSettings,
    history: TrainingSeries
  ) {
    precondition(experts.allSatisfy { $0.seriesCount == history.seriesCount }, "other series")
    modelNames = [name, name + "-unseasonal", name + "-wide"]
    seriesCount = history.seriesCount
    memberNames = experts.flatMap(\.expertNames)
    self.settings = settings
    self.experts = experts
    seasonSteps = history.calendar.stepsPerDay
    let (classOf, classCount) = history.classIndices
    schedules = settings.horizons.map(JudgementSchedule.init(horizon:))
    weights = schedules.map { [count = memberNames.count] schedule in
      OnlineWeights(
        expertCount: count, classOf: classOf, classCount: classCount,
        discount: OnlineWeights.discount(schedule))
    }
    let cells = history.seriesCount * memberNames.count * ExpertTable.levels.count
    pending = schedules.map { ContiguousArray(repeating: .nan, count: $0.slotCount * cells) }
    spread = SpreadTracker(seriesCount: history.seriesCount)
    ages = ContiguousArray(repeating: 0, count: history.seriesCount)
    checked = ContiguousArray(repeating: 0, count: history.seriesCount)
    history.replay { observe($0) }
  }

  /// Weight of each member for a series, horizon (by index) and level of the expert table.
  public func memberWeights(series: Int, horizon: Int, level: Int) -> [Double] {
    let levels = ExpertTable.levels.count
    return memberNames.indices.map { member in
      Double(weights[horizon].weights[series * weights[horizon].width + member * levels + level])
    }
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) {
    precondition(values.count == seriesCount, "\(values.count) values, \(seriesCount) series")
    for series in 0..<seriesCount {
      checked[series] = ForecastSettings.sane(values[series])
      if !checked[series].isNaN || ages[series] > 0 { ages[series] &+= 1 }
    }
    judge()
    checked.withUnsafeBufferPointer { buffer in
      for index in experts.indices { experts[index].observe(buffer) }
      spread.observe(buffer)
    }
    putAside()
    step += 1
  }

  private mutating func judge() {
    for index in schedules.indices {
      guard let slot = schedules[index].due(at: step) else { continue }
      let size = seriesCount * weights[index].width
      pending[index].withUnsafeBufferPointer { all in
        checked.withUnsafeBufferPointer { values in
          weights[index].judge(
            UnsafeBufferPointer(rebasing: all[slot * size..<(slot + 1) * size]), values: values)
        }
      }
    }
  }

  private mutating func putAside() {
    var wanted: [(horizon: Int, slot: Int)] = []
    for index in schedules.indices {
      if let slot = schedules[index].putAside(after: step) { wanted.append((index, slot)) }
    }
    guard !wanted.isEmpty else { return }
    let indices = wanted.map(\.horizon)
    let width = memberNames.count * ExpertTable.levels.count
    let count = seriesCount
    var pending = self.pending
    self.pending = []
    forEachChunk(horizons: indices.map { settings.horizons[$0] }, fitted: indices) { table in
      for (position, (index, slot)) in wanted.enumerated() {
        let source = table.base + position * table.series.count * width
        let start = (slot * count + table.series.lowerBound) * width
        for cell in 0..<table.series.count * width { pending[index][start + cell] = source[cell] }
      }
    }
    self.pending = pending
  }

  /// Lets all members write their quantiles, a few series at a time.
  private mutating func forEachChunk(
    horizons: [Int], fitted: [Int], _ body: (ExpertTable) -> Void
  ) {
    for index in experts.indices { experts[index].prepare(horizons: horizons) }
    let width = memberNames.count * ExpertTable.levels.count
    let capacity = Self.chunk * horizons.count * width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { memory in
      guard let base = memory.baseAddress else { return }
      for start in stride(from: 0, to: seriesCount, by: Self.chunk) {
        let series = start..<min(start + Self.chunk, seriesCount)
        memory.update(repeating: .nan)
        var first = 0
        for expert in experts {
          expert.write(
            into: ExpertTable(
              horizons: horizons, fitted: fitted, series: series, expertCount: memberNames.count,
              firstExpert: first, base: base))
          first += expert.expertNames.count
        }
        body(
          ExpertTable(
            horizons: horizons, fitted: fitted, series: series, expertCount: memberNames.count,
            firstExpert: 0, base: base))
      }
    }
  }

  /// Fills `batch` from everything observed so far.
  public mutating func forecast(into batch: inout ForecastBatch) {
    precondition(batch.seriesCount == seriesCount, "a batch of another number of series")
    let interpolation = LevelInterpolation(levels: batch.levels)
    let normal = ExpertTable.levels.map { Float(StandardNormal.quantile($0)) }
    let fitted = batch.horizons.map(settings.fittedIndex)
    var isWide = [Bool](repeating: false, count: seriesCount)
    let averages = weights
    let (settings, spread, ages, count) = (settings, spread, ages, seriesCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: ExpertTable.levels.count) { memory in
      guard let grid = memory.baseAddress else { return }
      forEachChunk(horizons: batch.horizons, fitted: fitted) { table in
        for horizon in table.horizons.indices {
          for series in table.series {
            averages[fitted[horizon]].average(
              table.quantiles(horizon: horizon, series: series, expert: 0), series: series,
              into: grid)
            let seen = Double(Int(ages[series]) - table.horizons[horizon])
            let wide = Float(spread.wide(series, bounds: settings.bounds))
            let isEmpty = grid[0].isNaN
            if isEmpty { isWide[series] = true }
            Self.widen(
              grid, seen: isEmpty ? nil : seen, center: Float(spread.mean(series)), wide: wide,
              normal: normal)
            batch.mean[horizon * count + series] = settings.clipped(LevelInterpolation.mean(grid))
            for level in batch.levels.indices {
              let value = interpolation.value(level) { Double(grid[$0]) }
              batch.quantiles[batch.quantileIndex(horizon: horizon, level: level, series: series)] =
                settings.clipped(value)
            }
          }
        }
      }
    }
    for series in 0..<seriesCount {
      batch.modelIndex[series] = isWide[series] ? 2 : ages[series] < 2 * seasonSteps ? 1 : 0
    }
  }

  /// Blends a normal distribution of wide spread into the quantiles of a young series (all of it
  /// when `seen` is nil), and makes them non-decreasing.
  @inline(__always)
  private static func widen(
    _ grid: UnsafeMutablePointer<Float>, seen: Double?, center: Float, wide: Float,
    normal: [Float]
  ) {
    let levels = ExpertTable.levels.count
    if let seen {
      for level in 1..<levels { grid[level] = max(grid[level], grid[level - 1]) }
      guard seen < youth.end else { return }
      let share = Float(
        youth.weight / (youth.weight + max(0, seen)) - youth.weight / (youth.weight + youth.end))
      let middle = grid[3]
      for level in 0..<levels {
        grid[level] += share * (middle + normal[level] * wide - grid[level])
      }
    } else {
      for level in 0..<levels { grid[level] = center + normal[level] * wide }
    }
  }
}

extension EnsembleForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    for index in experts.indices { try experts[index].archive(&archive) }
    try archive.parts(&weights)
    try archive.state(&schedules)
    try archive.state(&pending)
    try archive.state(&spread)
    try archive.state(&ages)
    try archive.state(&step)
  }
}
