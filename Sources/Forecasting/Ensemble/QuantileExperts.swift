// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Several simple models at once, each giving the same quantiles of every series: what an
/// ``EnsembleForecaster`` averages.
///
/// One value may hold many experts because they share state (one library of past loads serves five
/// of them). Values reach it checked: finite, or NaN for "missing".
public protocol QuantileExperts: Sendable, Archivable {
  /// One name an expert.
  var expertNames: [String] { get }
  /// Number of series followed.
  var seriesCount: Int { get }
  /// Takes the next value of every series.
  mutating func observe(_ values: UnsafeBufferPointer<Double>)
  /// Called once before forecasts for these horizons are written, for work on all series at once.
  mutating func prepare(horizons: [Int])
  /// Writes the quantiles of every expert for the table's series and horizons; what an expert can't
  /// say yet stays NaN.
  func write(into table: ExpertTable)
}

extension QuantileExperts {
  /// Refuses by name: what models inherit that say nothing of their state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
  /// Nothing to prepare.
  public mutating func prepare(horizons: [Int]) {}
}

/// Where experts write their quantiles: a view of `[horizon, series, expert, level]`, level fastest.
public struct ExpertTable {
  /// Quantile levels of the table, ascending. Dense where capacity decisions are made.
  public static let levels = [0.025, 0.05, 0.25, 0.5, 0.8, 0.9, 0.95, 0.975, 0.99]
  /// Steps ahead.
  public let horizons: [Int]
  /// For each horizon the index of the fitted horizon that stands for it.
  public let fitted: [Int]
  /// The series that the table covers, a part of all.
  public let series: Range<Int>
  /// Experts in the whole table.
  let expertCount: Int
  /// First expert of the one who writes now.
  let firstExpert: Int
  let base: UnsafeMutablePointer<Float>

  /// The quantiles of one horizon (by index), series (by its number) and expert (of the writer).
  @inline(__always)
  public func quantiles(horizon: Int, series: Int, expert: Int) -> UnsafeMutablePointer<Float> {
    let row = (horizon * self.series.count + series - self.series.lowerBound) * expertCount
    return base + (row + firstExpert + expert) * Self.levels.count
  }
}

/// Any forecaster as an expert; it answers for all series when the ensemble prepares.
public struct ForecasterExpert: QuantileExperts {
  private var forecaster: any Forecaster
  private var batch = ForecastBatch(seriesCount: 0, horizons: [1], levels: ExpertTable.levels)
  private var values: [Double]

  /// The forecaster as an expert. A series that it answers by a stand-in is left to other experts.
  public init(_ forecaster: any Forecaster) {
    self.forecaster = forecaster
    values = [Double](repeating: .nan, count: forecaster.seriesCount)
  }

  /// The forecaster's name.
  public var expertNames: [String] { [forecaster.modelNames[0]] }
  /// Number of series followed.
  public var seriesCount: Int { forecaster.seriesCount }

  /// Takes the next value of every series.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    for index in values.indices { self.values[index] = values[index] }
    forecaster.observe(self.values)
  }

  /// Forecasts all series.
  public mutating func prepare(horizons: [Int]) {
    if batch.seriesCount != seriesCount || batch.horizons != horizons {
      batch = ForecastBatch(
        seriesCount: seriesCount, horizons: horizons, levels: ExpertTable.levels)
    }
    forecaster.forecast(into: &batch)
  }

  /// Copies what was prepared.
  public func write(into table: ExpertTable) {
    for horizon in table.horizons.indices {
      for series in table.series where batch.modelIndex[series] == 0 {
        let target = table.quantiles(horizon: horizon, series: series, expert: 0)
        for level in ExpertTable.levels.indices {
          let index = batch.quantileIndex(horizon: horizon, level: level, series: series)
          target[level] = Float(batch.quantiles[index])
        }
      }
    }
  }
}

/// Sorts a few numbers in place (insertion sort: the fastest for up to about fifty).
@inline(__always)
func sortFew(_ values: UnsafeMutablePointer<Float>, count: Int) {
  for index in stride(from: 1, to: count, by: 1) {
    let value = values[index]
    var slot = index
    while slot > 0, values[slot - 1] > value {
      values[slot] = values[slot - 1]
      slot -= 1
    }
    values[slot] = value
  }
}

/// Writes the table's quantiles of ascending values (linear between order statistics).
@inline(__always)
func writeQuantiles(
  of sorted: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>
) {
  for level in ExpertTable.levels.indices {
    let position = Float(ExpertTable.levels[level]) * Float(count - 1)
    let below = Int(position)
    let low = sorted[below]
    let high = sorted[min(below + 1, count - 1)]
    target[level] = low + (position - Float(below)) * (high - low)
  }
}

extension ForecasterExpert {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try forecaster.archive(&archive)
  }
}
