// SPDX-License-Identifier: Apache-2.0

/// How series are divided into classes that have a model each.
public enum ClassRule: Sendable, Hashable {
  /// One model for all.
  case one
  /// By the class that their metadata names (application profile, VM type).
  case metadata
  /// By clustering how they behave, into at most so many classes.
  case clusters(Int)
}

/// Which class a series belongs to, by a rule that history has settled. Can be kept with a model
/// and applied to series that come later.
public struct SeriesClasses: Sendable, Equatable, Codable {
  /// Names of the classes.
  public private(set) var names: [String]
  /// Groups of load profiles in the order of the names; nil when metadata decides.
  private var clusters: KMeans?

  /// Classes by metadata.
  public init(names: [String]) {
    self.names = names
  }

  /// The classes of a history; clusters are called `cluster-1` … . A history without values has
  /// nothing to cluster by: all its series are of one class.
  public init(_ rule: ClassRule, of history: TrainingSeries) {
    switch rule {
    case .clusters(let count) where history.values.contains { $0.isFinite }:
      let groups = KMeans(Self.profiles(history), count: max(1, count))
      names = groups.centers.indices.map { "cluster-\($0 + 1)" }
      clusters = groups
    case .metadata:
      names = Set(history.classes).sorted()
    case .one, .clusters:
      names = ["all"]
    }
  }

  /// The class of every series as an index into ``names``; nil where none of them fits.
  public func indices(of history: TrainingSeries) -> [Int?] {
    if let clusters { return Self.profiles(history).map { clusters.group(of: $0) } }
    if names == ["all"] { return history.classes.map { _ in 0 } }
    return history.classes.map { names.firstIndex(of: $0) }
  }

  private static func profiles(_ history: TrainingSeries) -> [[Double]] {
    (0..<history.seriesCount).map {
      LoadProfile(history.series($0), stepsPerDay: history.calendar.stepsPerDay).features
    }
  }
}

extension TrainingSeries {
  /// Some of the series, in the order given.
  func selecting(_ chosen: [Int]) -> TrainingSeries {
    TrainingSeries(
      chosen.map { Array(series($0)) }, calendar: calendar, classes: chosen.map { classes[$0] })
  }
}

extension ForecastModel {
  /// The same model, trained for each class of series by itself.
  public func perClass(_ rule: ClassRule) -> ForecastModel {
    guard rule != .one else { return self }
    let model = self
    return ForecastModel(name: name, learnsAcrossSeries: true) { history, settings in
      let classes = SeriesClasses(rule, of: history)
      let indices = classes.indices(of: history)
      let groups = classes.names.indices.compactMap { index -> GroupedForecaster.Group? in
        let members = indices.indices.filter { indices[$0] == index }
        guard !members.isEmpty else { return nil }
        return GroupedForecaster.Group(
          name: classes.names[index], series: members,
          forecaster: model.make(history.selecting(members), settings))
      }
      return GroupedForecaster(groups, seriesCount: history.seriesCount)
    }
  }
}

extension ForecastModel {
  /// This model for most series, and others for the series of some classes; each is trained on what
  /// it follows.
  ///
  /// - Parameter others: Names of classes with their models. Of two for one class the first counts;
  ///   one for a class that no series has is not used.
  /// - Returns: The models together.
  public func except(_ others: [(profile: String, model: ForecastModel)]) -> ForecastModel {
    guard !others.isEmpty else { return self }
    let usual = self
    return ForecastModel(name: name, learnsAcrossSeries: true) { history, settings in
      let choices = history.classes.map { name in others.firstIndex { $0.profile == name } }
      let numbers: [Int?] = [nil] + others.indices.map { $0 }
      let groups = numbers.compactMap { number -> GroupedForecaster.Group? in
        let members = choices.indices.filter { choices[$0] == number }
        guard !members.isEmpty else { return nil }
        let model = number.map { others[$0].model } ?? usual
        return GroupedForecaster.Group(
          name: number.map { others[$0].profile } ?? "others", series: members,
          forecaster: model.make(history.selecting(members), settings))
      }
      return GroupedForecaster(groups, seriesCount: history.seriesCount)
    }
  }
}
