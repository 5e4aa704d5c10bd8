// SPDX-License-Identifier: Apache-2.0
public import Units

/// Which forecaster a policy uses: models of the catalogue, how many of each, and how long they
/// last.
///
/// ```yaml
/// forecaster: { model: { arima: { p: 1 } }, classes: metadata, retrain: 7 d, retrainOnDrift: true }
/// forecaster: { model: ses, profiles: [{ profile: batch-nightly, model: holt-winters }] }
/// ```
public struct ForecasterChoice: Sendable {
  /// The model.
  public var model: ForecastModel
  /// Models of VMs of some application profiles, instead of that one.
  public var profiles: [(profile: String, model: ForecastModel)]
  /// Which series share one.
  public var classes: ClassRule
  /// When it is trained again.
  public var schedule: RetrainingSchedule
  /// Folder of trained models that are used instead of training; nil to train.
  public var registry: String?

  /// Reads the section `forecaster` of a policy.
  public init(from source: inout some ParameterSource) {
    model = source.alternative(
      "model", default: "ses", of: ForecastModel.alternatives(),
      about: "The forecast model.")
    profiles = source.list(
      "profiles", about: "Other models for VMs of some application profiles."
    ) { source in
      let profile = source.text(
        "profile", default: nil, about: "The profile, as the workload names it.")
      let model: ForecastModel = source.alternative(
        "model", default: "ses", of: ForecastModel.alternatives(), about: "Its forecast model.")
      return (profile, model)
    }
    let rule = source.choice(
      "classes", default: "one", of: ["one", "metadata", "clusters"],
      about: "One model for all VMs, one for each application profile, or one for each cluster.")
    let count = source.integer(
      "clusters", default: 4, in: 1...64, about: "Clusters, at most, for classes: clusters.")
    classes = rule == "clusters" ? .clusters(count) : rule == "metadata" ? .metadata : .one
    schedule = RetrainingSchedule(
      every: source.time(
        "retrain", default: .zero, about: "Time between trainings during the run; 0 s for never."),
      onDrift: source.flag(
        "retrainOnDrift", default: false,
        about: "Train again when the loss rises (Page-Hinkley test), at most once a day."),
      window: source.time(
        "retrainWindow", default: .days(14), in: .hours(1) ... .days(366),
        about: "How much of the latest past a later training learns from."))
    let folder = source.path(
      "registry", default: "",
      about: "Folder of `foreshadow train`: its models are used instead of training.")
    registry = folder.isEmpty ? nil : folder
    if registry != nil, !profiles.isEmpty {
      source.problem("profiles", "the registry says which models there are")
    }
    if registry != nil, classes != .one {
      source.problem("classes", "the registry says which classes there are")
    }
  }

  /// The forecaster, trained on a history and having observed it.
  ///
  /// - Throws: ``LearnedModelError`` when the registry has no such model or can't be read.
  public func make(
    _ history: TrainingSeries, _ settings: ForecastSettings
  ) throws(LearnedModelError) -> any Forecaster {
    let trained = model.perClass(classes).except(
      profiles.map { ($0.profile, $0.model.perClass(classes)) })
    let stored = try registry.map { folder throws(LearnedModelError) in
      try ModelRegistry(folder: folder).forecastModel(named: model.name, metric: "cpu")
    }
    guard schedule.isActive else { return (stored ?? trained).make(history, settings) }
    return RetrainingForecaster(
      trained, first: stored, settings: settings, history: history, schedule: schedule)
  }
}
