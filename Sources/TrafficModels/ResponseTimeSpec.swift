// SPDX-License-Identifier: Apache-2.0
import Units

/// How instances answer: a model for all, and others for some application profiles.
///
/// ```yaml
/// responseTime:
///   service: 50 ms
///   profiles:
///     - { profile: batch-nightly, discipline: { workerPool: { coresPerWorker: 1 } }, service: 2 s }
/// ```
public struct ResponseTimeSpec: Sendable, Hashable {
  /// Of profiles that are not named.
  public var standard: ResponseTimeModel
  /// Models of profiles with one of their own, by name.
  public var profiles: [Profile]

  /// A profile and its model.
  public struct Profile: Sendable, Hashable {
    /// Name of the profile, as the workload gives it.
    public var name: String
    /// How instances of its VMs answer.
    public var model: ResponseTimeModel

    /// A profile and its model.
    public init(name: String, model: ResponseTimeModel) {
      self.name = name
      self.model = model
    }
  }

  /// Reads the section `responseTime` of a scenario.
  public init(from source: inout some ParameterSource) {
    standard = ResponseTimeModel(from: &source)
    profiles = source.list(
      "profiles", about: "Application profiles that answer in another way."
    ) { item in
      let name = item.text("profile", default: nil, about: "Name of the profile.")
      return Profile(name: name, model: ResponseTimeModel(from: &item))
    }
    for (index, profile) in profiles.enumerated()
    where profiles[..<index].contains(where: { $0.name == profile.name }) {
      source.problem("profiles", "the profile \"\(profile.name)\" is there twice")
    }
  }

  /// All models: first that of profiles that are not named, then the others in their order.
  public var models: [ResponseTimeModel] { [standard] + profiles.map(\.model) }

  /// Position of a profile's model in ``models``.
  public func modelIndex(ofProfile name: String) -> Int {
    (profiles.firstIndex { $0.name == name } ?? -1) + 1
  }
}
