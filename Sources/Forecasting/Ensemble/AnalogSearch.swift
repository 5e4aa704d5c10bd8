// SPDX-License-Identifier: Apache-2.0
import CForecastKernels

/// The nearest-neighbour search of ``AnalogExperts``, for one series after the other.
///
/// Everything is indexed by ring slot, so that the loops run over contiguous memory; what depends
/// on an entry's age alone (is it searched, its time of day) is worked out once for all series.
struct AnalogSearch {
  /// Entries on each side of the target's time of day that `time-of-day` looks at.
  static let timeOfDayReach = 2
  /// Days that it looks back.
  static let days = 7
  /// Added per entry of age, so that of equally near entries the newer one wins.
  static let agePenalty: Float = 1e-6
  /// Floats of scratch memory for a library of `capacity` entries.
  static func scratchCount(capacity: Int) -> Int { 4 * capacity + 2 * most }
  /// Neighbours for which there is room.
  private static let most = FORESHADOW_ANALOG_MOST

  private let library: LoadLibrary
  private let capacity: Int
  /// Indices of the table's horizons, the longest first.
  private let farthestFirst: [Int]
  /// Ring slot of the newest entry.
  private let newest: Int
  /// Whether two days have been filed, so that entries can be compared with the day before.
  private let isSeasonal: Bool
  /// By slot: penalty of age; penalty of time of day. NaN where an entry is not searched.
  private let agePenalties: UnsafeMutablePointer<Float>
  private let phasePenalties: UnsafeMutablePointer<Float>
  /// By slot: distances by (load, fast, slow) and by all features.
  private let plain: UnsafeMutablePointer<Float>
  private let seasonal: UnsafeMutablePointer<Float>
  private let outcomes: UnsafeMutablePointer<Float>
  private let few: UnsafeMutablePointer<Float>

  /// Searches `library` for a table of these horizons, with that much scratch memory (``scratchCount(capacity:)``).
  init(library: LoadLibrary, horizons: [Int], scratch: UnsafeMutablePointer<Float>) {
    self.library = library
    farthestFirst = horizons.indices.sorted { (horizons[$1], $0) < (horizons[$0], $1) }
    capacity = library.capacity
    agePenalties = scratch
    phasePenalties = agePenalties + capacity
    plain = phasePenalties + capacity
    seasonal = plain + capacity
    outcomes = seasonal + capacity
    few = outcomes + Self.most
    let perDay = library.entriesPerDay
    let filed = library.entryCount
    newest = max(0, filed - 1) % capacity
    isSeasonal = perDay >= 8 && filed > 2 * perDay
    for age in 0..<capacity {
      let slot = newest - age < 0 ? newest - age + capacity : newest - age
      let isSearched = age < min(LoadLibrary.searched, filed)
      agePenalties[slot] = isSearched ? Float(age) * Self.agePenalty : .nan
      let eighths = Float(min(age % perDay, perDay - age % perDay)) * 8 / Float(perDay)
      let hasDayBefore = isSeasonal && age + perDay - 1 < min(capacity, filed)
      phasePenalties[slot] =
        hasDayBefore ? AnalogExperts.timeOfDayWeight * eighths * eighths : .nan
    }
  }

  /// Slot of the entry filed `age` entries before the newest.
  private func slot(age: Int) -> Int {
    newest - age < 0 ? newest - age + capacity : newest - age
  }

  /// Writes the searching experts of one series for all horizons of the table.
  func write(_ series: Int, spread: Double, _ table: ExpertTable) {
    let load = library.last[series]
    guard !load.isNaN, library.entryCount > 0 else { return }
    measure(series, scale: Float(1 / max(spread * spread, 1e-12)))
    let row = series * capacity
    var bound = Float.infinity
    var seasonalBound = Float.infinity
    // The longest first: what has an outcome there mostly has one at the shorter horizons too, so
    // that their neighbours are hardly farther.
    for horizon in farthestFirst {
      let fitted = table.fitted[horizon]
      let available = library.entryCount - library.horizons[fitted] / library.stride
      guard available > minimumSample else { continue }
      // While the library is young, no more than a third of it counts as near.
      let sharp = min(AnalogExperts.fewNeighbours, available / 3)
      let found = select(plain, sharp, row, fitted, &bound)
      writeSorted(outcomes, found, table.quantiles(horizon: horizon, series: series, expert: 0))
      guard isSeasonal else { continue }
      let broad = select(
        seasonal, min(AnalogExperts.manyNeighbours, available / 3), row, fitted, &seasonalBound)
      // The sharp set is the beginning of the broad one: nearest come first.
      let kept = min(broad, sharp)
      few.update(from: outcomes, count: kept)
      writeSorted(few, kept, table.quantiles(horizon: horizon, series: series, expert: 1))
      writeSorted(outcomes, broad, table.quantiles(horizon: horizon, series: series, expert: 2))
      writeTimeOfDay(
        row, target: library.step + table.horizons[horizon] - 1,
        table.quantiles(horizon: horizon, series: series, expert: 3))
    }
  }

  /// Distances from the series' present state to all entries.
  private func measure(_ series: Int, scale: Float) {
    let row = series * capacity
    let now = foreshadow_moment(
      load: library.last[series], fast: Float(library.fast[series]),
      slow: Float(library.slow[series]))
    library.loads.withUnsafeBufferPointer { loads in
      library.fasts.withUnsafeBufferPointer { fasts in
        library.slows.withUnsafeBufferPointer { slows in
          guard let loads = loads.baseAddress, let fasts = fasts.baseAddress,
            let slows = slows.baseAddress
          else { return }
          foreshadow_analog_distances(
            capacity, loads + row, fasts + row, slows + row, now, AnalogExperts.slowWeight, scale,
            agePenalties, plain)
          if isSeasonal { addDayBefore(fasts + row, scale) }
        }
      }
    }
  }

  /// Adds the distance of the day before each entry, one entry ahead of the same time (the slope
  /// counts), from the day before now.
  private func addDayBefore(_ fasts: UnsafePointer<Float>, _ scale: Float) {
    let lag = library.entriesPerDay - 1
    let before = fasts[slot(age: lag - 1)]
    func add(_ slots: Range<Int>, from: Int) {
      foreshadow_analog_add(
        slots.count, plain + slots.lowerBound, phasePenalties + slots.lowerBound, fasts + from,
        before, AnalogExperts.dayBeforeWeight, scale, seasonal + slots.lowerBound)
    }
    add(0..<lag, from: capacity - lag)
    add(lag..<capacity, from: 0)
  }

  /// Puts the outcomes of the nearest entries, nearest first, into `outcomes`; returns how many
  /// there are, at most `wanted`. Missing distances or outcomes (NaN) are passed over.
  ///
  /// `bound` is a distance within which they should be found (infinity: none is known), and becomes
  /// that of the last one.
  private func select(
    _ distances: UnsafePointer<Float>, _ wanted: Int, _ row: Int, _ fitted: Int,
    _ bound: inout Float
  ) -> Int {
    library.outcomes[fitted].withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return 0 }
      let found = foreshadow_analog_nearest(
        capacity, distances, values + row, wanted, &bound, outcomes)
      guard found < wanted, bound < .infinity else { return found }
      // Missing values: some of the longer horizon's outcomes are not there at this one.
      bound = .infinity
      return foreshadow_analog_nearest(
        capacity, distances, values + row, wanted, &bound, outcomes)
    }
  }

  /// Loads around the target's time of day on the days before.
  private func writeTimeOfDay(_ row: Int, target: Int, _ quantiles: UnsafeMutablePointer<Float>) {
    let perDay = library.entriesPerDay
    let last = library.entryCount - 1
    let oldest = max(0, last - capacity + 1)
    var found = 0
    for day in 1...Self.days {
      let middle = target / library.stride - day * perDay
      let low = max(oldest, middle - Self.timeOfDayReach)
      let high = min(last, middle + Self.timeOfDayReach)
      for entry in stride(from: low, through: high, by: 1) {
        let value = library.loads[row + slot(age: last - entry)]
        guard !value.isNaN else { continue }
        outcomes[found] = value
        found += 1
      }
    }
    writeSorted(outcomes, found, quantiles)
  }

  /// Sorts and writes quantiles; fewer than three values say nothing.
  private func writeSorted(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    guard count >= 3 else { return }
    sortFew(values, count: count)
    writeQuantiles(of: values, count: count, into: target)
  }
}
