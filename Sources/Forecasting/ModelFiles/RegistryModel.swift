// SPDX-License-Identifier: Apache-2.0
import Units

extension ModelRegistry {
  /// Headers and contents of the models of one kind and metric, by name.
  public func models(
    of model: TrainableModel, metric: String
  ) throws(LearnedModelError) -> [(name: String, header: ModelHeader, file: SafetensorsFile)] {
    var found: [(name: String, header: ModelHeader, file: SafetensorsFile)] = []
    for name in try names() {
      let file = try read(name)
      guard let header = try? ModelHeader(of: file, kinds: [model.kind]),
        header.metric ?? metric == metric
      else { continue }
      found.append((name, header, file))
    }
    return found
  }

  /// A model that uses what is stored here instead of training: for each series the model of its
  /// class, or the one for all series where there is none.
  ///
  /// - Parameters:
  ///   - name: of the catalogue; `default` takes whatever is here.
  ///   - metric: what the loads are.
  /// - Returns: the model.
  /// - Throws: ``LearnedModelError`` when nothing suitable is here or a file is damaged.
  public func forecastModel(
    named name: String, metric: String
  ) throws(LearnedModelError) -> ForecastModel {
    let wanted =
      name == "default" ? TrainableModel.allCases : TrainableModel(rawValue: name).map { [$0] }
    guard let wanted else {
      let known = TrainableModel.allCases.map(\.rawValue)
      throw LearnedModelError(
        .content, at: folder,
        "\"\(name)\" is not kept in files; models that are: \(known.joined(separator: ", "))")
    }
    for model in wanted {
      let found = try models(of: model, metric: metric)
      guard !found.isEmpty else { continue }
      for entry in found { try check(entry.file, model, name: entry.name) }
      return Self.forecastModel(model, found.map { ($0.header, $0.file) })
    }
    let there = try names()
    let list = there.isEmpty ? "it is empty" : "it has \(there.joined(separator: ", "))"
    throw LearnedModelError(
      .content, at: folder,
      "no \(wanted.map(\.rawValue).joined(separator: " or ")) model for \(metric) here; \(list)")
  }

  /// Whether a file's parameters can be used, found out before a long run.
  private func check(
    _ file: SafetensorsFile, _ model: TrainableModel, name: String
  ) throws(LearnedModelError) {
    let probe = TrainingSeries([[1]], calendar: StepCalendar(interval: .minutes(5)))
    do {
      _ = try model.load(file, probe, ForecastSettings(horizons: [1]))
    } catch {
      throw LearnedModelError(error.code, at: "\(folder)/\(name): \(error.location)", error.message)
    }
  }

  /// The model of one file that all series share.
  ///
  /// - Parameters:
  ///   - model: its kind.
  ///   - file: its content.
  /// - Returns: the model.
  /// - Throws: ``LearnedModelError`` when the file holds no such model.
  public static func forecastModel(
    _ model: TrainableModel, in file: SafetensorsFile
  ) throws(LearnedModelError) -> ForecastModel {
    var header = try ModelHeader(of: file, kinds: [model.kind])
    // Whatever class it was trained for, it is asked about all series.
    header.className = nil
    header.classes = nil
    return forecastModel(model, [(header, file)])
  }

  private static func forecastModel(
    _ model: TrainableModel, _ stored: [(header: ModelHeader, file: SafetensorsFile)]
  ) -> ForecastModel {
    let general = stored.first { $0.header.className == nil }
    let classes = stored.compactMap(\.header.classes).first
    return ForecastModel(name: model.rawValue) { history, settings in
      let names = classes.map { classes in
        classes.indices(of: history).map { $0.map { classes.names[$0] } }
      }
      let own: [Int?] = (0..<history.seriesCount).map { series in
        guard let name = names?[series] else { return nil }
        return stored.firstIndex { $0.header.className == name }
      }
      let groups = ([nil] + stored.indices.map { $0 }).compactMap {
        (index: Int?) -> GroupedForecaster.Group? in
        let members = own.indices.filter { own[$0] == index }
        guard !members.isEmpty else { return nil }
        let entry = index.map { stored[$0] } ?? general
        return GroupedForecaster.Group(
          name: entry?.header.className ?? "all", series: members,
          forecaster: forecaster(model, entry, history.selecting(members), settings))
      }
      return groups.count == 1 && classes == nil
        ? groups[0].forecaster : GroupedForecaster(groups, seriesCount: history.seriesCount)
    }
  }

  /// The stored model on these series, or smoothing with the reason why not.
  private static func forecaster(
    _ model: TrainableModel, _ entry: (header: ModelHeader, file: SafetensorsFile)?,
    _ history: TrainingSeries, _ settings: ForecastSettings
  ) -> any Forecaster {
    func standIn(_ reason: String) -> any Forecaster {
      ForecastModel.standIn(for: model.rawValue, because: reason, history, settings)
    }
    guard let entry else { return standIn("the registry has no model for all series") }
    let perDay = history.calendar.stepsPerDay
    guard entry.header.stepsPerDay == perDay else {
      return standIn("it was trained on \(entry.header.stepsPerDay) samples a day, not \(perDay)")
    }
    guard history.values.contains(where: \.isFinite) else {
      return standIn("without a value there is no scale for its loads")
    }
    do {
      return try model.load(entry.file, history, settings)
    } catch {
      return standIn("\(error)")
    }
  }
}
