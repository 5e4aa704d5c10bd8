// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Answers, for many series at once, how likely load is to exceed capacity soon.
///
/// A direct answer to that question beats reading it off a forecast of the load: see
/// ``OverloadClassifier``. Values in, one per series and step; probabilities out.
public protocol OverloadRiskModel: Sendable, Archivable {
  /// Number of series followed.
  var seriesCount: Int { get }
  /// Takes the next value of every series; NaN is missing.
  ///
  /// - Precondition: `values.count == seriesCount`.
  mutating func observe(_ values: [Double])
  /// Probability of overload in the next step, and of any within the hour, one a series, 0…1.
  mutating func probabilities() -> (next: [Double], withinHour: [Double])
}

extension OverloadRiskModel {
  /// Refuses by name: what models inherit that say nothing of their state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
}

/// The risk as boosted trees learned it from history.
public struct LearnedOverloadRisk: OverloadRiskModel {
  private var classifier: OverloadClassifier
  private let hour: TargetWindow
  private var last: (next: [Double], withinHour: [Double])

  /// Trains on `history` for the next step and for `stepsPerHour` steps.
  ///
  /// - Parameters:
  ///   - history: Loads `[sample, series]`, row-major, oldest first; NaN is missing.
  ///   - capacities: One a series, positive, in the unit of the loads.
  ///   - stepsPerHour: Steps in an hour, ≥ 1.
  ///   - training: How to train.
  /// - Throws: ``LearnedModelError`` when the history is too short to learn from.
  public init(
    history: [Double], capacities: [Double], stepsPerHour: Int, training: OverloadTraining
  ) throws(LearnedModelError) {
    hour = stepsPerHour > 1 ? .within(stepsPerHour) : .at(1)
    classifier = try OverloadClassifier.train(
      history: history, capacities: capacities,
      targets: stepsPerHour > 1 ? [.at(1), hour] : [.at(1)], training: training)
    let none = [Double](repeating: 0, count: capacities.count)
    last = (none, none)
  }

  /// Number of series followed.
  public var seriesCount: Int { classifier.seriesCount }

  /// Takes the next value of every series.
  public mutating func observe(_ values: [Double]) { classifier.observe(values) }

  /// The probabilities; should the library fail, the last ones that it gave.
  public mutating func probabilities() -> (next: [Double], withinHour: [Double]) {
    do {
      let next = try classifier.probabilities(of: .at(1))
      last = (next, try classifier.probabilities(of: hour))
    } catch {
      return last
    }
    return last
  }
}

extension LearnedOverloadRisk {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try classifier.archive(&archive)
    try archive.state(&last.next)
    try archive.state(&last.withinHour)
  }
}
