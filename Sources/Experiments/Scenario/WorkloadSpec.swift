// SPDX-License-Identifier: Apache-2.0
public import DataCenter
public import Units
import Workloads

/// What the VMs have to do, how long it was observed before, and how they are sized for it.
public struct WorkloadSpec: Sendable {
  /// Where demand comes from.
  public enum Demand: Sendable {
    /// Generated from application profiles, anew for every seed.
    case synthetic(SyntheticSpec)
    /// Read from files, the same for every seed.
    case trace(TraceSpec)
  }

  /// Where demand comes from.
  public var demand: Demand
  /// Demand before time zero that is not simulated: for sizing and training.
  public var history: SimTime
  /// Which demand sizes the VMs.
  public var sizing: SizingSpec
  /// Memory of VMs whose trace does not say.
  public var memory: Bytes
  /// How load moves inside a sample.
  public var interpolation: DemandInterpolation

  /// Reads the section.
  public init<Source: ParameterSource>(from source: inout Source) {
    demand = source.exclusive(
      default: "synthetic",
      of: [
        Alternative("synthetic", about: "Demand from application profiles.") {
          .synthetic(SyntheticSpec(from: &$0))
        },
        Alternative("trace", about: "Demand from files.") { .trace(TraceSpec(from: &$0)) },
      ])
    let isTrace = if case .trace = demand { true } else { false }
    history = source.time(
      "history", default: isTrace ? .zero : .days(7),
      about: "Demand before the run, for sizing and training (default 7 d, for traces 0 s).")
    sizing = source.section("sizing", about: "Capacity of each VM.") { SizingSpec(from: &$0) }
    if history == .zero, sizing.basis == .history {
      if source.isGiven("history") || isTrace {
        source.problem("sizing", "basis history needs a history; give one, or size on the run")
      }
    }
    memory = Bytes(
      source.quantity(
        "memory", .data, default: Bytes.gibibytes(4).value, in: 1e6...1e15,
        about: "Memory of VMs whose trace does not say."))
    interpolation = source.alternative(
      "interpolation", default: "hold", of: Self.interpolations(),
      about: "How load moves inside a sample, which is a mean over its interval.")
  }

  private static func interpolations<Source: ParameterSource>()
    -> [Alternative<Source, DemandInterpolation>]
  {
    func step(_ source: inout Source) -> SimTime {
      source.time(
        "step", default: .seconds(15), in: .seconds(1) ... .hours(1), about: "Length of a step.")
    }
    return [
      Alternative("hold", about: "The mean holds through the interval.") { _ in .hold },
      Alternative("linear", about: "Straight lines between the middles of intervals.") {
        .linear(step: step(&$0))
      },
      Alternative("burst", about: "Two levels with the interval's mean.") { source in
        let ratio = source.number(
          "ratio", default: 1.5, in: 1...100, about: "High level over the mean.")
        let share = source.fraction(
          "share", default: 0.4, about: "Expected part of time at the high level.")
        if ratio * share > 1 {
          source.problem("ratio", "ratio × share is above 1: the low level would be negative")
        }
        return .burst(step: step(&source), ratio: ratio, share: share)
      },
    ]
  }
}
