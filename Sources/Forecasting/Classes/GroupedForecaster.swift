// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Several forecasters that follow a part of the series each.
public struct GroupedForecaster: Forecaster {
  /// A forecaster and the series that it follows.
  public struct Group: Sendable {
    /// Name of the class.
    public var name: String
    /// Its series, in the order in which its forecaster knows them.
    public var series: [Int]
    /// Follows them.
    public var forecaster: any Forecaster

    /// A group.
    public init(name: String, series: [Int], forecaster: any Forecaster) {
      self.name = name
      self.series = series
      self.forecaster = forecaster
    }
  }

  /// The models of every group with its name in brackets, group after group.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  private var groups: [Group]
  private let firstNames: [Int]

  /// Forecasters for all series.
  ///
  /// - Precondition: every series from 0 up to `seriesCount` is in exactly one group.
  public init(_ groups: [Group], seriesCount: Int) {
    let members = groups.flatMap(\.series).sorted()
    precondition(members == Array(0..<seriesCount), "each series belongs to one group")
    self.groups = groups
    self.seriesCount = seriesCount
    var names: [String] = []
    var firsts: [Int] = []
    for group in groups {
      firsts.append(names.count)
      names += group.forecaster.modelNames.map { "\($0)[\(group.name)]" }
    }
    modelNames = names
    firstNames = firsts
  }

  /// Why simpler models stand in, group by group.
  public var standInReason: String? {
    let reasons = groups.compactMap { group in
      group.forecaster.standInReason.map { "\(group.name): \($0)" }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) {
    precondition(values.count == seriesCount, "\(values.count) values, \(seriesCount) series")
    for index in groups.indices {
      groups[index].forecaster.observe(groups[index].series.map { values[$0] })
    }
  }

  /// Fills `batch` from everything observed so far.
  public mutating func forecast(into batch: inout ForecastBatch) {
    precondition(batch.seriesCount == seriesCount, "a batch of another number of series")
    for index in groups.indices {
      let members = groups[index].series
      var part = ForecastBatch(
        seriesCount: members.count, horizons: batch.horizons, levels: batch.levels)
      groups[index].forecaster.forecast(into: &part)
      for (position, series) in members.enumerated() {
        batch.modelIndex[series] = firstNames[index] + part.modelIndex[position]
      }
      for horizon in batch.horizons.indices {
        for (position, series) in members.enumerated() {
          batch.mean[horizon * seriesCount + series] =
            part.mean[horizon * members.count + position]
        }
        for level in batch.levels.indices {
          let target = batch.quantileIndex(horizon: horizon, level: level, series: 0)
          let source = part.quantileIndex(horizon: horizon, level: level, series: 0)
          for (position, series) in members.enumerated() {
            batch.quantiles[target + series] = part.quantiles[source + position]
          }
        }
      }
    }
  }
}

extension GroupedForecaster {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    for index in groups.indices { try groups[index].forecaster.archive(&archive) }
  }
}
