// SPDX-License-Identifier: Apache-2.0

/// Inlet temperatures that equipment is made for: ASHRAE TC 9.9, Thermal Guidelines, 2021.
public enum InletClass: String, Sendable, Hashable, CaseIterable {
  case a1 = "A1"
  case a2 = "A2"
  case a3 = "A3"
  case a4 = "A4"
  case h1 = "H1"

  /// Recommended inlet temperatures in °C.
  public var recommended: ClosedRange<Double> { self == .h1 ? 18...22 : 18...27 }

  /// Allowable inlet temperatures in °C.
  public var allowable: ClosedRange<Double> {
    switch self {
    case .a1: 15...32
    case .a2: 10...35
    case .a3: 5...40
    case .a4: 5...45
    case .h1: 15...25
    }
  }
}
