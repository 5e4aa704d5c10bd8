// SPDX-License-Identifier: Apache-2.0
public import Units

/// When racks are switched off and on, and what hosts may be filled to.
public struct RackPowerParameters: Sendable, Hashable {
  /// What decides.
  public enum Mode: String, Sendable, CaseIterable {
    /// Racks stay on.
    case none
    /// Load as it is.
    case reactive
    /// Load as it is forecast, so that a rack is up before it is needed.
    case predictive
  }

  /// What decides.
  public var mode: Mode
  /// How long a rack's capacity must not have been needed before it is drained.
  public var idleTime: SimTime
  /// Hosts that may fail without anything being overloaded.
  public var spareHosts: Int
  /// Forecast errors that capacity is kept for, in standard deviations of the total load.
  public var errorMargin: Double
  /// Inlet temperature above which nothing is moved into a rack.
  public var maximumInletCelsius: Double
  /// Power that a rack may be filled to; 0 for no limit.
  public var rackPowerLimitWatts: Double
  /// Most migrations under way at a time.
  public var maximumMoves: Int

  /// Reads the section `power`.
  public init(from source: inout some ParameterSource) {
    let name = source.choice(
      "mode", default: Mode.none.rawValue, of: Mode.allCases.map(\.rawValue),
      about: "What racks are switched off and on by: forecast load, present load, or not at all.")
    mode = Mode(rawValue: name) ?? .none
    idleTime = source.time(
      "idleTime", default: .minutes(15),
      about: "How long a rack's capacity must not have been needed before it is drained.")
    spareHosts = source.integer(
      "spareHosts", default: 1, in: 0...10_000,
      about: "Hosts that may fail without anything being overloaded.")
    errorMargin = source.number(
      "errorMargin", default: 2, in: 0...10,
      about: "Forecast error kept capacity for, in standard deviations of the total load.")
    maximumInletCelsius = source.number(
      "maximumInletCelsius", default: 27, in: 10...60,
      about: "Inlet temperature above which nothing is moved into a rack (ASHRAE recommended).")
    rackPowerLimitWatts = source.quantity(
      "rackPowerLimit", .power, default: 0, in: 0...1e7,
      about: "Power that a rack may be filled to; 0 W for no limit.")
    maximumMoves = source.integer(
      "maximumMoves", default: 8, in: 1...10_000, about: "Most migrations under way at a time.")
  }
}
