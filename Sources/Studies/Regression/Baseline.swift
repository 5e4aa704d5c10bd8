// SPDX-License-Identifier: Apache-2.0
public import Experiments

/// The figures of a scenario as they once were, and all that is needed to make them again.
public struct Baseline: Sendable, Hashable {
  /// A metric that is watched.
  public struct Watch: Sendable, Hashable {
    /// Name of the metric.
    public var metric: String
    /// By how much it may worsen, as a share of the baseline's mean.
    public var tolerance: Double

    /// A metric and its tolerance.
    public init(metric: String, tolerance: Double) {
      self.metric = metric
      self.tolerance = tolerance
    }
  }

  /// The figures of one policy.
  public struct Figures: Sendable, Hashable {
    /// Label of the policy.
    public var policy: String
    /// Values `[watch][seed]`; NaN where a run had none.
    public var values: [[Double]]
  }

  /// Where the figures come from.
  public struct Provenance: Sendable, Hashable {
    /// The program and its version.
    public var program: String
    /// Digest of the scenario with all defaults.
    public var scenarioDigest: String
    /// The command that wrote the file.
    public var command: String
  }

  /// The scenario file, relative to the baseline's folder.
  public var scenario: String
  /// Values of `--set`, as written.
  public var settings: [String]
  /// First seed.
  public var firstSeed: UInt64
  /// Number of seeds; they are consecutive.
  public var seedCount: Int
  /// What is watched.
  public var watches: [Watch]
  /// Figures of each policy.
  public var figures: [Figures]
  /// Where the figures come from.
  public var provenance: Provenance

  /// Version of the file's form.
  public static let formatVersion = 1
  /// By how much a metric may worsen unless the file says otherwise: half of the 2 % that a check
  /// must find.
  public static let defaultTolerance = 0.01
  /// What is watched unless the user says otherwise: service, its price in shadows, and energy.
  public static let defaultMetrics = [
    "degradedVmSeconds", "unservedCoreSeconds", "responseTimeP99Milliseconds",
    "energyTotalJoules", "shadowActiveVmSeconds", "shadowStandbyVmSeconds",
  ]

  /// A baseline from a comparison.
  ///
  /// - Parameters:
  ///   - comparison: The figures.
  ///   - scenario: The scenario's path, relative to the folder the baseline will stand in.
  ///   - settings: Overrides the scenario was read with.
  ///   - watches: What is watched; names of `Metric.all`.
  ///   - command: What was typed.
  public init(
    _ comparison: Comparison, scenario: String, settings: [String], watches: [Watch],
    command: String
  ) {
    self.scenario = scenario
    self.settings = settings
    firstSeed = comparison.seeds.first ?? 0
    seedCount = comparison.seeds.count
    self.watches = watches
    figures = comparison.labels.indices.map { policy in
      Figures(
        policy: comparison.labels[policy],
        values: watches.map { watch in
          Metric.position(of: watch.metric).map {
            comparison.values(policy: policy, metric: $0)
          } ?? []
        })
    }
    provenance = Provenance(
      program: "foreshadow \(ForeshadowVersion.current)",
      scenarioDigest: comparison.scenario.digest, command: command)
  }

  init(
    scenario: String, settings: [String], firstSeed: UInt64, seedCount: Int, watches: [Watch],
    figures: [Figures], provenance: Provenance
  ) {
    self.scenario = scenario
    self.settings = settings
    self.firstSeed = firstSeed
    self.seedCount = seedCount
    self.watches = watches
    self.figures = figures
    self.provenance = provenance
  }

  /// The file.
  public var json: JSONValue {
    .object([
      ("version", .integer(Self.formatVersion)),
      ("scenario", .string(scenario)),
      ("set", .array(settings.map { .string($0) })),
      ("firstSeed", .integer(Int(firstSeed))),
      ("seedCount", .integer(seedCount)),
      (
        "metrics",
        .array(
          watches.map {
            .object([("name", .string($0.metric)), ("tolerance", .number($0.tolerance))])
          })
      ),
      ("policies", .array(figures.map(figuresJSON))),
      (
        "provenance",
        .object([
          ("program", .string(provenance.program)),
          ("scenarioDigest", .string(provenance.scenarioDigest)),
          ("command", .string(provenance.command)),
        ])
      ),
    ])
  }

  private func figuresJSON(_ figures: Figures) -> JSONValue {
    let values = zip(watches, figures.values).map { watch, values in
      (key: watch.metric, value: JSONValue.array(values.map { .number($0) }))
    }
    return .object([("policy", .string(figures.policy)), ("values", .object(values))])
  }
}
