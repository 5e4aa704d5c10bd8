// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Forecasts that come true: the upper bound of what prediction can give a policy.
///
/// Knows the whole future of every series. Not a model anybody can have; it exists to measure how
/// much of the possible gain a real model captures.
public struct PerfectForesight: Forecaster, OverloadRiskModel {
  private let truth: [Double]
  private let capacities: [Double]
  private let stepsPerHour: Int
  private var position = 0

  /// The future in `truth`, beginning with the first value that will be observed.
  ///
  /// - Parameters:
  ///   - truth: `[sample, series]`, row-major. Past its end the last sample repeats.
  ///   - capacities: One a series, in the unit of the values.
  ///   - stepsPerHour: Steps in an hour, ≥ 1.
  /// - Precondition: `truth.count` is a multiple of `capacities.count` and not 0.
  public init(truth: [Double], capacities: [Double], stepsPerHour: Int) {
    precondition(!truth.isEmpty && truth.count % capacities.count == 0, "whole samples")
    self.truth = truth
    self.capacities = capacities
    self.stepsPerHour = stepsPerHour
  }

  /// The one name.
  public var modelNames: [String] { ["perfect-foresight"] }
  /// Number of series followed.
  public var seriesCount: Int { capacities.count }

  /// Moves on by one step; what is observed is known already.
  public mutating func observe(_ values: [Double]) { position += 1 }

  /// What comes, at every level.
  public mutating func forecast(into batch: inout ForecastBatch) {
    for (index, horizon) in batch.horizons.enumerated() {
      for series in 0..<seriesCount {
        let value = value(series, ahead: horizon)
        batch.mean[index * seriesCount + series] = value
        for level in batch.levels.indices {
          batch.quantiles[batch.quantileIndex(horizon: index, level: level, series: series)] = value
        }
      }
    }
  }

  /// 0 or 1.
  public mutating func probabilities() -> (next: [Double], withinHour: [Double]) {
    func isOver(_ series: Int, _ ahead: Int) -> Bool {
      value(series, ahead: ahead) > capacities[series]
    }
    let next = (0..<seriesCount).map { isOver($0, 1) ? 1.0 : 0 }
    let within = (0..<seriesCount).map { series in
      (1...stepsPerHour).contains { isOver(series, $0) } ? 1.0 : 0
    }
    return (next, within)
  }

  private func value(_ series: Int, ahead: Int) -> Double {
    let last = truth.count / seriesCount - 1
    let value = truth[min(position + ahead - 1, last) * seriesCount + series]
    return value.isFinite ? value : 0
  }
}

extension PerfectForesight {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&position)
  }
}
