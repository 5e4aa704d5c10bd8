// SPDX-License-Identifier: Apache-2.0

/// The features of all series at the present step: the one place where they are computed, in
/// training and in prediction alike.
///
/// Two groups: *common* ones that only look back, and *target* ones that look at the same time of
/// earlier days and depend on the ``TargetWindow`` asked about. A matrix holds the common columns
/// first, so that several windows share them. Loads are relative to the capacity.
extension LoadState {
  /// Newest values taken as they are.
  private static let lagCount = 12
  /// Earlier days whose load at the target's time is a feature of its own.
  private static let daysBack = [1, 2, 3, 7]

  /// Names of the common columns.
  static let commonNames: [String] =
    (1...lagCount).map { "lag\($0)" }
    + ["lagTwelfthOfDay", "lagEighthOfDay", "lagSixthOfDay", "lagQuarterOfDay"]
    + (0..<6).flatMap { ["mean\($0)", "deviation\($0)", "maximum\($0)", "overShare\($0)"] }
    + ["longRunMean", "longRunDeviation", "stepOfHour"]
    + ["sinceOverload", "overloadRun", "sinceOnset", "onsetInterval"]

  /// Names of the columns of one target window.
  static let targetNames: [String] =
    ["timeOfDay", "dayOfWeek"] + daysBack.map { "maximumDay\($0)" }
    + daysBack.map { "wideMaximumDay\($0)" } + ["daysOverShare"]

  /// Names of all columns of a matrix.
  package static var names: [String] { commonNames + targetNames }

  /// Number of columns of a matrix.
  package static var columnCount: Int { commonNames.count + targetNames.count }

  /// Writes the common columns of all series into the rows from `firstRow` on.
  package func writeCommon(into matrix: inout FeatureMatrix, firstRow: Int = 0, firstStep: Int) {
    var column = 0
    /// Writes one column, a value a series.
    func write(_ value: (Int) -> Float) {
      let base = column * matrix.rowCount + firstRow
      matrix.values.withUnsafeMutableBufferPointer { out in
        for series in 0..<seriesCount { out[base + series] = value(series) }
      }
      column += 1
    }
    let lags =
      Array(1...Self.lagCount) + [12, 8, 6, 4].map { max(1, stepsPerDay / $0) }
    for lag in lags {
      let row = rowOfLag(lag)
      write { seen[$0] >= Int32(lag) ? Self.relative(ring[row + $0]) : .nan }
    }
    for window in windows.indices {
      let row = window * seriesCount
      let maxima = windowMaxima(window)
      write { Self.mean(sums[row + $0], count: windowFill(window, $0)) }
      write {
        Self.deviation(sums[row + $0], squares[row + $0], count: windowFill(window, $0))
      }
      write { seen[$0] > 0 ? Self.relative(maxima[$0]) : .nan }
      write { Float(overCounts[row + $0]) / Float(windowFill(window, $0)) }
    }
    write { Self.mean(longRun.sum[$0], count: longRun.count[$0]) }
    write { Self.deviation(longRun.sum[$0], longRun.squares[$0], count: longRun.count[$0]) }
    let stepOfHour = Float((firstStep + step) % blockLength)
    write { _ in stepOfHour }
    write { Float(sinceOverload[$0]) }
    write { Float(overloadRun[$0]) }
    write { Float(sinceOnset[$0]) }
    write { Float(onsetInterval[$0]) }
  }

  /// Writes the columns of one target window, behind the common ones.
  package func writeTarget(
    _ target: TargetWindow, into matrix: inout FeatureMatrix, firstRow: Int = 0, firstStep: Int
  ) {
    var column = Self.commonNames.count
    func write(_ value: (Int) -> Float) {
      let base = column * matrix.rowCount + firstRow
      matrix.values.withUnsafeMutableBufferPointer { out in
        for series in 0..<seriesCount { out[base + series] = value(series) }
      }
      column += 1
    }
    let targetStep = firstStep + step + target.last - 1
    let timeOfDay = Float(targetStep % stepsPerDay)
    let dayOfWeek = Float(targetStep / stepsPerDay % 7)
    write { _ in timeOfDay }
    write { _ in dayOfWeek }
    for day in Self.daysBack {
      let maxima = dayMaxima(day: day, from: target.first, through: target.last)
      write { maxima[$0] < 0 ? .nan : Self.relative(maxima[$0]) }
    }
    var known = [Float](repeating: 0, count: seriesCount)
    var over = known
    for day in 1...7 {
      let maxima = dayMaxima(day: day, from: target.first - 1, through: target.last + 1)
      for series in 0..<seriesCount {
        known[series] += maxima[series] >= 0 ? 1 : 0
        over[series] += maxima[series] > Self.one ? 1 : 0
      }
      if Self.daysBack.contains(day) {
        write { maxima[$0] < 0 ? .nan : Self.relative(maxima[$0]) }
      }
    }
    // 0 / 0 is NaN: no earlier day is known.
    write { over[$0] / known[$0] }
  }

  /// Start of the ring row of the value `lag` steps back; 1 is the newest.
  private func rowOfLag(_ lag: Int) -> Int {
    // Before the first week is over, the row is one that `seen` masks out.
    (step + ringLength * 2 - lag) % ringLength * seriesCount
  }

  /// Number of values in a window.
  private func windowFill(_ window: Int, _ series: Int) -> Int32 {
    min(seen[series], Int32(windows[window]))
  }

  /// Maximum over each window: exact up to an hour, in whole hours (at least as long) beyond.
  private func windowMaxima(_ window: Int) -> [Int32] {
    var maxima = [Int32](repeating: 0, count: seriesCount)
    let length = windows[window]
    if length <= blockLength {
      for lag in 1...length {
        let row = rowOfLag(lag)
        for series in 0..<seriesCount {
          let value = seen[series] >= Int32(lag) ? ring[row + series] : 0
          maxima[series] = max(maxima[series], value)
        }
      }
      return maxima
    }
    guard step > 0 else { return maxima }
    let newest = (step - 1) / blockLength
    for block in max(0, newest - length / blockLength)...newest {
      let row = block % blockCount * seriesCount
      for series in 0..<seriesCount {
        maxima[series] = max(maxima[series], blockMaxima[row + series])
      }
    }
    return maxima
  }

  /// Maximum of the known values `day` days before the steps `first…last` ahead; -1 when none is.
  private func dayMaxima(day: Int, from first: Int, through last: Int) -> [Int32] {
    var maxima = [Int32](repeating: -1, count: seriesCount)
    let shortest = max(1, day * stepsPerDay + 1 - last)
    let longest = day * stepsPerDay + 1 - first
    guard longest >= shortest else { return maxima }
    for lag in shortest...longest {
      let row = rowOfLag(lag)
      for series in 0..<seriesCount {
        let value = seen[series] >= Int32(lag) ? ring[row + series] : -1
        maxima[series] = max(maxima[series], value)
      }
    }
    return maxima
  }

  /// A fixed-point load as a number.
  private static func relative(_ value: Int32) -> Float { Float(value) / Float(one) }

  /// Mean of `count` fixed-point loads; NaN when there are none.
  private static func mean(_ sum: Int64, count: Int32) -> Float {
    Float(Double(sum) / Double(count) / Double(one))
  }

  /// Standard deviation of `count` fixed-point loads; NaN when there are none.
  private static func deviation(_ sum: Int64, _ squares: Int64, count: Int32) -> Float {
    let mean = Double(sum) / Double(count)
    let variance = Double(squares) / Double(count) - mean * mean
    // NaN stays NaN; rounding may leave a constant window slightly below zero.
    return Float((variance < 0 ? 0 : variance).squareRoot() / Double(one))
  }
}
