// SPDX-License-Identifier: Apache-2.0
import Units

extension Command {
  /// The order in words, for logs: `resume shadow 12`.
  public var text: String {
    switch self {
    case .createShadow(_, let size, let thenSuspend, _):
      "create a shadow at \(percent(size.value)) of the primary's size"
        + (thenSuspend ? " and suspend it" : "")
    case .resizeShadow(let shadow, let size):
      "resize shadow \(shadow.number) to \(percent(size.value))"
    case .suspendShadow(let shadow): "suspend shadow \(shadow.number)"
    case .resumeShadow(let shadow): "resume shadow \(shadow.number)"
    case .terminateShadow(let shadow): "give up shadow \(shadow.number)"
    case .shiftTraffic(let shadow, let share):
      share.value > 0
        ? "send \(percent(share.value)) of the traffic to shadow \(shadow.number)"
        : "drain shadow \(shadow.number)"
    case .migrate(_, let destination, let reason):
      "migrate"
        + (destination.map { " to host \($0.index + 1) of the inventory" } ?? "")
        + " (\(reason.rawValue))"
    case .resizePrimary(_, let capacity): "resize the primary to \(capacity.value) cores"
    case .powerHost(_, let target): "turn the host \(target.rawValue)"
    case .powerRack(let rack, let target): "turn rack \(rack.index + 1) \(target.rawValue)"
    case .setSupplyTemperature(let celsius): "set the supply air to \(celsius.value) °C"
    case .raiseAlert(let alert): "alert: \(alert.reason)"
    }
  }

  /// The shadow that a command names, if it names one.
  public var shadow: ShadowID? {
    switch self {
    case .resizeShadow(let shadow, _), .suspendShadow(let shadow), .resumeShadow(let shadow),
      .terminateShadow(let shadow), .shiftTraffic(let shadow, _):
      shadow
    case .createShadow, .migrate, .resizePrimary, .powerHost, .powerRack, .setSupplyTemperature,
      .raiseAlert:
      nil
    }
  }
}

private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
