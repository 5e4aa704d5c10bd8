// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import ExternalPolicy
import Forecasting
import PVMS
public import Units
import Workloads

/// The policies that scenarios can name: one line each.
public enum PolicyCatalog {
  /// Every policy, with what it reads from its section of the scenario.
  public static func alternatives<Source: ParameterSource>()
    -> [Alternative<Source, PolicySpec>]
  {
    [
      Alternative("pvms", about: "Predictive shadowing: acts on forecasts.") { pvms(&$0) },
      Alternative(
        "reactive-shadow",
        about: "The same shadows, made when load is too high, given up after a hold-off "
          + "(AutoScale's delay-off, TOCS 30(4) 2012)."
      ) { reactiveShadow(&$0) },
      Alternative(
        "standby-all",
        about: "Reactive, with a suspended standby for every VM all the time."
      ) { reactiveShadow(&$0, name: "standby-all", keepsStandby: true) },
      Alternative("none", about: "No control: every VM lives with its primary.") {
        PolicySpec(name: "none", label: label(&$0)) { _ in { _ in NoPolicy() } }
      },
      Alternative(
        "static-peak", about: "Every VM provisioned once for the peak of the run (in-sample)."
      ) { staticSizing(&$0, name: "static-peak", percentile: 100) },
      Alternative(
        "static-p95", about: "Every VM provisioned once for p95 of the run (in-sample)."
      ) { staticSizing(&$0, name: "static-p95", percentile: 95) },
      Alternative(
        "consolidation",
        about: "Relieves overloaded hosts, empties and switches off the others "
          + "(Beloglazov and Buyya, CCPE 24(13) 2012)."
      ) { consolidation(&$0) },
      Alternative(
        "rebalancing",
        about: "Evens host loads out by migration each 5 min (as VMware DRS; VMTJ 1(1) 2012)."
      ) { rebalancing(&$0) },
      Alternative(
        "threshold-autoscaling",
        about: "Instances by utilisation over target, as the Kubernetes HPA."
      ) { thresholdAutoscaling(&$0) },
      Alternative(
        "delay-off",
        about: "Instances as needed, given up after a waiting time (AutoScale, TOCS 30(4) 2012)."
      ) { delayOff(&$0) },
      Alternative(
        "moving-window",
        about: "Capacity by a percentile of the fading past (Autopilot, EuroSys 2020)."
      ) { movingWindow(&$0) },
      Alternative(
        "press",
        about: "Predictive: shadows by a repeating pattern or a Markov chain (PRESS, CNSM 2010)."
      ) { press(&$0) },
      Alternative(
        "agile",
        about: "Predictive: clones ahead of what wavelets forecast (AGILE, ICAC 2013)."
      ) { agile(&$0) },
      Alternative(
        "oracle",
        about: "PVMS with forecasts that come true: the upper bound of what prediction gives."
      ) { oracle(&$0) },
      Alternative(
        "external", about: "A program of yours, in any language, over its standard streams."
      ) { external(&$0) },
    ]
  }

  /// Names of all policies in the order of the catalogue.
  public static var names: [String] {
    let all: [Alternative<DefaultParameters, PolicySpec>] = alternatives()
    return all.map(\.name)
  }

  static func label(_ source: inout some ParameterSource) -> String? {
    let text = source.text(
      "label", default: "", about: "Name in results, when one policy is compared with itself.")
    return text.isEmpty ? nil : text
  }

  private static func reactiveShadow(
    _ source: inout some ParameterSource, name: String = "reactive-shadow",
    keepsStandby: Bool = false
  ) -> PolicySpec {
    var parameters = ReactiveShadowing.Parameters(from: &source)
    if keepsStandby { parameters.keepsStandby = true }
    let fixed = parameters
    return PolicySpec(name: name, label: label(&source)) { _ in
      { ReactiveShadowing(parameters: fixed, inventory: $0) }
    }
  }

  private static func consolidation(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = ConsolidationParameters(from: &source)
    return PolicySpec(name: "consolidation", label: label(&source)) { _ in
      { Consolidation(parameters: parameters, inventory: $0) }
    }
  }

  private static func rebalancing(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = Rebalancing.Parameters(from: &source)
    return PolicySpec(name: "rebalancing", label: label(&source)) { _ in
      { Rebalancing(parameters: parameters, inventory: $0) }
    }
  }

  private static func thresholdAutoscaling(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = ThresholdAutoscaling.Parameters(from: &source)
    return PolicySpec(name: "threshold-autoscaling", label: label(&source)) { _ in
      { ThresholdAutoscaling(parameters: parameters, inventory: $0) }
    }
  }

  private static func delayOff(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = DelayOff.Parameters(from: &source)
    return PolicySpec(name: "delay-off", label: label(&source)) { _ in
      { DelayOff(parameters: parameters, inventory: $0) }
    }
  }

  private static func movingWindow(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = MovingWindowScaling.Parameters(from: &source)
    return PolicySpec(name: "moving-window", label: label(&source)) { _ in
      { MovingWindowScaling(parameters: parameters, inventory: $0) }
    }
  }

  private static func staticSizing(
    _ source: inout some ParameterSource, name: String, percentile: Double
  ) -> PolicySpec {
    PolicySpec(name: name, label: label(&source)) { context in
      let sizing = StaticSizing(
        demand: context.run.cpuCores.values.map { Double($0) }, percentile: percentile,
        vmCount: context.run.vms.count)
      return { _ in sizing }
    }
  }

  private static func external(_ source: inout some ParameterSource) -> PolicySpec {
    let parameters = ExternalPolicy.Parameters(from: &source)
    return PolicySpec(name: "external", label: label(&source)) { _ in
      { try ExternalPolicy(parameters: parameters, inventory: $0) }
    }
  }

  private static func oracle(_ source: inout some ParameterSource) -> PolicySpec {
    var parameters = PVMSParameters(from: &source)
    // Certainty: anything between 0 and 1 separates the two answers.
    parameters.activeRisk = 0.5
    parameters.standbyRisk = 0.5
    parameters.fallsBack = false
    let fixed = parameters
    return PolicySpec(name: "oracle", label: label(&source)) { context in
      let foresight = PerfectForesight(
        truth: context.run.cpuCores.values.map { Double($0) },
        capacities: context.capacities.map(\.value), stepsPerHour: context.stepsPerHour)
      return {
        PVMS(parameters: fixed, inventory: $0, forecaster: foresight, risk: foresight)
      }
    }
  }
}
