// SPDX-License-Identifier: Apache-2.0
public import DataCenter
public import Units

/// What the VMs have to do, how long it was observed before, and how they are sized for it.
public struct WorkloadSpec: Sendable {
  /// Where demand comes from.
  public var demand: TraceWorkloadSpec?
  /// How load moves inside a sample.
  public var interpolation: DemandInterpolation
  /// Which demand sizes the VMs.
  public var sizing: SizingSpec

  /// Reads the section.
  public init<Source: ParameterSource>(from source: inout Source) {
    let isTrace = source.isGiven("trace")
    let trace = source.section("trace", about: "Demand from files.") {
      TraceWorkloadSpec(from: &$0)
    }
    demand = isTrace ? trace : nil
    interpolation = Self.readInterpolation(from: &source)
    sizing = source.section("sizing", about: "Capacity of each VM.") { SizingSpec(from: &$0) }
  }

  private static func readInterpolation<Source: ParameterSource>(from source: inout Source)
    -> DemandInterpolation
  {
    func step(_ source: inout Source) -> SimTime {
      source.time(
        "step", default: .seconds(60), in: .seconds(1) ... .days(1),
        about: "Length of the steps in which load moves.")
    }
    return source.alternative(
      "interpolation", default: "hold",
      of: [
        Alternative("hold", about: "The sample's mean holds through its interval.") { _ in .hold },
        Alternative("linear", about: "Straight lines between the middles of intervals.") {
          .linear(step: step(&$0))
        },
        Alternative("burst", about: "Two levels inside an interval; its mean is kept.") { source in
          let step = step(&source)
          let ratio = source.number(
            "ratio", default: 2, in: 1...1000, about: "High level over the mean.")
          let share = source.fraction(
            "share", default: 0.25, about: "Part of the time at the high level.")
          if ratio * share > 1 { source.problem("share", "ratio · share must not exceed 1") }
          return .burst(step: step, ratio: ratio, share: share)
        },
      ], about: "How load moves inside a sample, which is a mean over its interval.")
  }
}

/// How much one instance of each VM can serve: a percentile of its own demand.
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
  /// Percentile of the demand, 0…100.
  public var percentile: Double
  /// Least capacity, as a share of the VM's virtual CPUs.
  public var minimumShare: Double

  /// Reads the section.
  public init(from source: inout some ParameterSource) {
    percentile = source.number(
      "percentile", default: 95, in: 0...100, about: "Percentile of a VM's demand in cores.")
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
