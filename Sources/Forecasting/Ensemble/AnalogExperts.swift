// SPDX-License-Identifier: Apache-2.0
public import StateArchive
import Units

/// Experts that look into a library of the past week: what came after moments like this one?
///
/// Every few steps an entry is filed: the load, a fast and a slow exponential average, and later
/// the loads that followed at each horizon. From the library come
/// - `analog`: outcomes of the entries nearest in (load, fast, slow);
/// - `seasonal-analog` (few and more neighbours): nearest also in the fast average one day before
///   and in the time of day;
/// - `time-of-day`: loads around the target's time of day on the days before;
/// - `last-day`, `last-week`: all loads of that time.
///
/// Analog forecasting goes back to Lorenz 1969 (doi:10.1175/1520-0469(1969)26<636:APARBN>2.0.CO;2);
/// ensembles of analogs for calibrated quantiles to Delle Monache et al. 2013
/// (doi:10.1175/MWR-D-12-00281.1). Distances are in units of each series' standard deviation.
public struct AnalogExperts: QuantileExperts {
  /// Neighbours of the sharp analogs and of the broad one.
  static let fewNeighbours = 12
  static let manyNeighbours = 28
  /// Weight of the squared distance in the slow average, and in the fast one a day before.
  static let slowWeight: Float = 0.5
  static let dayBeforeWeight: Float = 0.5
  /// Weight of the squared difference in time of day, in units of an eighth of a day.
  static let timeOfDayWeight: Float = 0.3
  /// Speeds of the two averages per step.
  static let fastSpeed = 0.2
  static let slowSpeed = 0.02

  /// The six experts.
  public let expertNames = [
    "analog", "seasonal-analog", "seasonal-analog-wide", "time-of-day", "last-day", "last-week",
  ]
  /// Number of series followed.
  public let seriesCount: Int
  private var library: LoadLibrary
  private var spread: SpreadTracker
  private var lastDay: QuantilePool
  private var lastWeek: QuantilePool

  /// Experts that have seen nothing.
  public init(seriesCount: Int, horizons: [Int], calendar: StepCalendar) {
    self.seriesCount = seriesCount
    library = LoadLibrary(
      seriesCount: seriesCount, horizons: horizons, stepsPerDay: calendar.stepsPerDay)
    spread = SpreadTracker(seriesCount: seriesCount)
    lastDay = QuantilePool(cellCount: seriesCount, capacity: library.entriesPerDay)
    lastWeek = QuantilePool(cellCount: seriesCount, capacity: SmoothingExperts.capacity)
  }

  /// Files the values.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    let step = library.step
    let isEntry = step % library.stride == 0
    let isWeekly = step % (2 * library.stride) == 0
    library.observe(values)
    spread.observe(values)
    for series in 0..<seriesCount where !values[series].isNaN {
      let value = Float(values[series])
      if isEntry { lastDay.insert(value, cell: series) }
      // Dense until the pool is full, then thinned to a week.
      if isWeekly || lastWeek.count(series) < SmoothingExperts.capacity {
        lastWeek.insert(value, cell: series)
      }
    }
  }

  /// Searches the library for every series.
  public func write(into table: ExpertTable) {
    let scratchCount = AnalogSearch.scratchCount(capacity: library.capacity)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchCount) { memory in
      guard let start = memory.baseAddress else { return }
      let search = AnalogSearch(library: library, horizons: table.horizons, scratch: start)
      for series in table.series {
        writePools(series, table)
        search.write(series, spread: spread.deviation(series), table)
      }
    }
  }

  private func writePools(_ series: Int, _ table: ExpertTable) {
    for horizon in table.horizons.indices {
      lastDay.writeQuantiles(
        cell: series, offset: 0, into: table.quantiles(horizon: horizon, series: series, expert: 4))
      lastWeek.writeQuantiles(
        cell: series, offset: 0, into: table.quantiles(horizon: horizon, series: series, expert: 5))
    }
  }
}

extension AnalogExperts {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&library)
    try archive.state(&spread)
    try archive.state(&lastDay)
    try archive.state(&lastWeek)
  }
}
