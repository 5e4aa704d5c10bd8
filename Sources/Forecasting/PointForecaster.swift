// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// A model that follows many series and predicts one number per series and horizon.
///
/// ``EmpiricalForecaster`` turns it into a ``Forecaster`` by adding quantiles of its past errors.
/// Values reach it checked: finite, or NaN for "missing" (after which the state stays as it is).
public protocol PointForecaster: Sendable, Archivable {
  /// The model's name, followed by the names of what stands in for it while history is short.
  var modelNames: [String] { get }
  /// Number of series followed.
  var seriesCount: Int { get }
  /// Takes the next value of every series.
  mutating func observe(_ values: UnsafeBufferPointer<Double>)
  /// Writes the prediction of every series for `horizon` steps ahead; 0 where nothing was seen.
  /// `fitted` is the index of the fitted horizon that stands for `horizon`.
  func predict(horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>)
  /// Which of ``modelNames`` answers for a series now.
  func modelIndex(series: Int) -> Int
}

extension PointForecaster {
  /// Refuses by name: what models inherit that say nothing of their state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
}
