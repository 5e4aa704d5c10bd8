// SPDX-License-Identifier: Apache-2.0
public import BaselinePolicies
public import PVMS
public import Units

/// A policy as a scenario names it. A new policy is one case and one line in ``alternatives()``.
public struct PolicySpec: Sendable {
  /// The policies and their parameters.
  public enum Kind: Sendable {
    /// Nothing is ever done.
    case none
    /// Predictive shadowing.
    case pvms(PVMSParameters)
    /// The same actuators, driven by the present load.
    case reactiveShadow(ReactiveShadowing.Parameters)
    /// Every VM is sized for that percentile of its demand.
    case staticPeak(percentile: Double)
    /// PVMS with perfect forecasts.
    case oracle(PVMSParameters)
  }
  /// The name in scenarios, on the command line and in reports.
  public var name: String
  /// The policy and its parameters.
  public var kind: Kind

  /// Every policy, in the order in which they are listed.
  public static func alternatives<Source: ParameterSource>() -> [Alternative<Source, PolicySpec>] {
    func policy(_ name: String, _ about: String, _ read: @escaping (inout Source) -> Kind)
      -> Alternative<Source, PolicySpec>
    {
      Alternative(name, about: about) { PolicySpec(name: name, kind: read(&$0)) }
    }
    return [
      policy("none", "Nothing is ever done.") { _ in .none },
      policy("pvms", "Forecasts every VM's load and prepares shadows before it is needed.") {
        .pvms(PVMSParameters(from: &$0))
      },
      policy("reactive-shadow", "Shadows driven by the present load, with a delay before release.")
      {
        .reactiveShadow(ReactiveShadowing.Parameters(from: &$0))
      },
      policy("static-peak", "Every VM is sized once for a percentile of its demand.") {
        .staticPeak(
          percentile: $0.number(
            "percentile", default: 100, in: 0...100, about: "Percentile; 100 is the peak."))
      },
      policy("oracle", "PVMS with perfect forecasts: the most that prediction can give.") {
        .oracle(PVMSParameters(from: &$0))
      },
    ]
  }
}
