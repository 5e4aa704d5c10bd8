// SPDX-License-Identifier: Apache-2.0
public import Units

/// How much one instance of each VM can serve: a quantile of its own demand.
public struct SizingSpec: Sendable, Equatable {
  /// The demand that is looked at.
  public enum Basis: String, Sendable, CaseIterable {
    /// Demand before the run: what an operator knows.
    case history
    /// Demand of the run itself: in-sample, fair only as long as all policies share it.
    case run
    /// Both.
    case whole
  }
  /// The demand that is looked at.
  public var basis: Basis
  /// Quantile of the demand, 0…1.
  public var quantile: Double
  /// Least capacity, as a share of the VM's virtual CPUs.
  public var minimumShare: Double

  /// Reads the section.
  public init(from source: inout some ParameterSource) {
    let percentile = source.number(
      "percentile", default: 95, in: 0...100, about: "Percentile of a VM's demand in cores.")
    quantile = percentile / 100
    let basis = source.choice(
      "basis", default: Basis.history.rawValue, of: Basis.allCases.map(\.rawValue),
      about: "Demand that the percentile is taken of; run and whole size in-sample, which "
        + "reports state.")
    self.basis = Basis(rawValue: basis) ?? .history
    minimumShare = source.fraction(
      "minimum", default: 0.02, about: "Least capacity, as a share of the VM's virtual CPUs.")
  }

  /// Whether the run's own demand decides the sizes; stated in every report.
  public var isInSample: Bool { basis != .history }
}

/// What a run file keeps of the run.
public struct RecordingSpec: Sendable, Equatable {
  /// Time between two recorded states.
  public var interval: SimTime
  /// How many VMs get series of their own; nil for all.
  public var vmCount: Int?
  /// Whether forecasts and what came of them are kept.
  public var keepsForecasts: Bool

  /// Reads the section.
  public init<Source: ParameterSource>(from source: inout Source) {
    interval = source.time(
      "interval", default: .seconds(300), in: .seconds(1) ... .days(1),
      about: "Time between two recorded states; results do not depend on it.")
    let all: Alternative<Source, Int?> = Alternative("all", about: "Every VM.") { _ in nil }
    let none: Alternative<Source, Int?> = Alternative("none", about: "No VM.") { _ in 0 }
    let some: Alternative<Source, Int?> = Alternative("sample", about: "The first VMs by name.") {
      $0.integer("count", default: 100, in: 0...10_000_000, about: "How many VMs.")
    }
    vmCount = source.alternative(
      "vms", default: "all", of: [all, none, some], about: "VMs with series of their own.")
    keepsForecasts = source.flag(
      "forecasts", default: true, about: "Keep forecasts together with what came of them.")
  }
}
