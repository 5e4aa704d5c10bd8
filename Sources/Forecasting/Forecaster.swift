// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Forecasts of many series at once, for some horizons and quantile levels.
///
/// All arrays are horizon-major so that one horizon of all series is contiguous:
/// `mean[h * seriesCount + s]`, `quantiles[(h * levels.count + l) * seriesCount + s]`.
public struct ForecastBatch: Sendable, Equatable, Codable {
  /// Number of series.
  public let seriesCount: Int
  /// Steps ahead, ascending, ≥ 1; step 1 is the value after the last observed one.
  public let horizons: [Int]
  /// Quantile levels, ascending, in (0, 1).
  public let levels: [Double]
  /// Expected value, `[horizon, series]`.
  public var mean: [Double]
  /// Quantiles, `[horizon, level, series]`, non-decreasing over the levels.
  public var quantiles: [Double]
  /// Which model answered for each series: an index into the forecaster's `modelNames`. A model
  /// that could not work (too little history, …) is replaced by a simpler one, and named here.
  public var modelIndex: [Int]

  /// A batch filled with zeros.
  public init(seriesCount: Int, horizons: [Int], levels: [Double]) {
    self.seriesCount = seriesCount
    self.horizons = horizons
    self.levels = levels
    mean = [Double](repeating: 0, count: horizons.count * seriesCount)
    quantiles = [Double](repeating: 0, count: horizons.count * levels.count * seriesCount)
    modelIndex = [Int](repeating: 0, count: seriesCount)
  }

  /// The position in `quantiles` of one horizon (by its index), level (by its index) and series.
  @inlinable
  public func quantileIndex(horizon: Int, level: Int, series: Int) -> Int {
    (horizon * levels.count + level) * seriesCount + series
  }
}

/// A model that follows many series and forecasts each of them.
///
/// Values in, one per series and step (`observe`); distributions out (`forecast`). A value of NaN
/// means "missing". Implementations never return NaN and never trap, whatever they have seen; they
/// are plain values, so a copy is a checkpoint.
public protocol Forecaster: Sendable, Archivable {
  /// Names of the models that may answer, the model's own name first, fallbacks after it.
  var modelNames: [String] { get }
  /// Why a simpler model stands in for the wanted one; nil where the wanted one was trained.
  var standInReason: String? { get }
  /// Number of series followed.
  var seriesCount: Int { get }
  /// Takes the next value of every series.
  ///
  /// - Precondition: `values.count == seriesCount`.
  mutating func observe(_ values: [Double])
  /// Fills `batch` for its horizons and levels from everything observed so far.
  mutating func forecast(into batch: inout ForecastBatch)
}

extension Forecaster {
  /// Refuses by name: what models inherit that say nothing of their state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
  /// Nil: most models need no training that could fail.
  public var standInReason: String? { nil }
}
