// SPDX-License-Identifier: Apache-2.0
public import Units

/// Something that happened in the facility by itself and that the plant may have to answer.
public struct FacilityTransition: Sendable, Hashable, Codable {
  /// What happened.
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// A rack's inlet is above the recommended temperature of its class.
    case inletAboveRecommended
    /// A rack's inlet is above the allowable temperature of its class.
    case inletAboveAllowable
    /// A rack's servers cut their clocks: ``FacilityModel/rackSpeed(_:)`` is below 1.
    case throttling
    /// A rack's inlet is at the temperature at which its servers switch off. The plant switches
    /// them off; the facility goes on with the power it is told.
    case criticalTemperature
    /// A power limit has changed; see ``FacilityModel/rackPowerCap`` and
    /// ``FacilityModel/serverPowerCap``. It begins when any limit holds, and ends with the last.
    case powerCap
    /// A rack draws more than the alarm share of its branch rating.
    case branchAlarm
    /// A rack's breaker is open; its power is 0 until ``FacilityModel/closeBreaker(_:at:)``.
    case breakerOpen
    /// The UPS runs on its battery.
    case onBattery
    /// The generator carries the load.
    case onGenerator
    /// Nothing carries the load: every rack's power is 0 until it is set again after the end.
    case powerLost
    /// The cooling can't hold its set point.
    case coolingLimited
    /// Some cooling unit or chiller doesn't work.
    case coolingFailure

    /// Whether it follows from loads and temperatures alone, so that what was announced of a room
    /// on its way to rest does not count once it rests.
    var isStateOfRoom: Bool {
      switch self {
      case .inletAboveRecommended, .inletAboveAllowable, .throttling, .criticalTemperature,
        .branchAlarm, .coolingLimited:
        true
      case .powerCap, .breakerOpen, .onBattery, .onGenerator, .powerLost, .coolingFailure: false
      }
    }
  }

  /// When.
  public var at: SimTime
  /// What.
  public var kind: Kind
  /// The rack, where it is about one.
  public var rack: Int?
  /// Whether it begins or ends.
  public var begins: Bool

  /// A transition.
  public init(at: SimTime, kind: Kind, rack: Int? = nil, begins: Bool) {
    self.at = at
    self.kind = kind
    self.rack = rack
    self.begins = begins
  }
}

/// Why a facility can't be built for the given racks.
public struct FacilityError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Key in the scenario, below the facility's section.
  public var key: String
  /// The reason.
  public var message: String

  /// An error.
  public init(key: String, message: String) {
    self.key = key
    self.message = message
  }

  /// `key: message`.
  public var description: String { "\(key): \(message)" }
}
