// SPDX-License-Identifier: Apache-2.0
public import Units

// What can be read off the facility at the present moment.
extension FacilityModel {
  /// Temperatures of all outlets, of the room and of the plenum, in °C.
  var presentState: [Double] {
    let seconds = (now - base).seconds
    if seconds == 0 || course.trajectory.isAtRest { return course.trajectory.start }
    var trajectory = course.trajectory
    trajectory.extend(to: seconds)
    return trajectory.state(trajectory.weights(at: seconds))
  }

  /// The plant at the present moment.
  private var presentMoment: PlantMoment {
    var copy = self
    let seconds = (now - base).seconds
    copy.course.trajectory.extend(to: seconds)
    return copy.moment(seconds)
  }

  /// Air temperature at each rack's inlet in °C.
  public var rackInletCelsius: [Double] { course.inletTemperatures(presentState) }

  /// Air temperature at each rack's outlet in °C.
  public var rackOutletCelsius: [Double] { Array(presentState.prefix(racks.count)) }

  /// Temperature of the air that returns to the cooling units.
  public var returnTemperature: Celsius { Celsius(presentState[racks.count]) }

  /// Temperature of the air that the units deliver; above the set point when they can't hold it.
  public var supplyTemperature: Celsius {
    if case .mixed = spec.cooling.distribution { return supplySetPoint }
    return Celsius(course.supplyTemperature(room: presentState[racks.count]))
  }

  /// Power of each rack, servers and switch.
  public var rackPowerWatts: [Double] { flows.rackTotal }

  /// Power of all servers.
  public var itPowerTotal: Watts { Watts(flows.it) }

  /// Power of all switches.
  public var networkPower: Watts { Watts(flows.network) }

  /// Power of the cooling plant.
  public var coolingPower: Watts { Watts(presentMoment.cooling) }

  /// Losses in PDUs, UPS, transformer and battery.
  public var distributionLoss: Watts {
    let moment = presentMoment
    let battery = sizing.battery
    let conversion =
      chargePower * (1 - battery.chargeEfficiency)
      + moment.batteryLoad * (1 / battery.dischargeEfficiency - 1)
    return Watts(flows.chainLoss + moment.transformerLoss + conversion)
  }

  /// Power at the meter and the generator.
  public var totalPower: Watts { Watts(presentMoment.meter) }

  /// Speed that a rack's servers have left, 1 unless warm air makes them cut their clocks.
  public func rackSpeed(_ rack: Int) -> Double {
    let isCut = engaged[rack] & (1 << 2) != 0
    return isCut ? spec.room.response.throttledSpeed : 1
  }

  /// Whether a rack's breaker is closed.
  public func isBreakerClosed(_ rack: Int) -> Bool { isBreakerClosed[rack] }

  /// Whether a rack has voltage and is switched on.
  public func isRackRunning(_ rack: Int) -> Bool { isRunning(rack) }

  /// Energy in the UPS battery.
  public var batteryEnergy: Joules {
    var copy = self
    _ = copy.book(to: now)
    return Joules(copy.batteryStored)
  }

  /// Outdoor air.
  public var outdoorAir: SiteConditions { operation.site }
}

extension FacilityModel {
  /// Adjusts the set point by the control rule; the next time is a multiple of its period.
  ///
  /// - Returns: whether the set point has changed.
  mutating func adjustSetPoint() -> Bool {
    guard let period = spec.cooling.control.period else { return false }
    agenda.controlAt = now + period
    let state = presentState
    let running = course.inletTemperatures(state).enumerated()
      .filter { network.flow[$0.offset] > 0 }.map(\.element)
    let wish = spec.cooling.control.adjusted(
      setPoint, inlets: running, returnAir: state[racks.count])
    let range = spec.cooling.supplyRange
    let held = min(max(wish, range.lowerBound), range.upperBound)
    if held == setPoint {
      // Where nothing moves and nothing was changed, the next adjustment changes nothing either.
      if course.trajectory.isAtRest { agenda.controlAt = nil }
      return false
    }
    setPoint = held
    return true
  }

  /// At time zero: lets everything come to rest with the present power, unless the specification
  /// gives the start temperature. Where heat outgrows the cooling there is no rest; a simulated day
  /// of warming is the limit then.
  mutating func settle() {
    guard now == .zero, spec.room.startTemperature == nil else { return }
    var elapsed = 0.0
    while !course.trajectory.isAtRest, elapsed < 86_400 {
      let step = course.trajectory.horizon
      course.trajectory.extend(to: step)
      let state = course.trajectory.state(course.trajectory.weights(at: step))
      elapsed += step
      apply(from: state)
    }
    transitions.removeAll { $0.kind.isStateOfRoom }
    for rack in racks.indices {
      if isAlarmed[rack] { announce(.branchAlarm, rack: rack, begins: true) }
      for rung in ladder.rungs.indices where engaged[rack] & (1 << UInt32(rung)) != 0 {
        if let kind = ladder.rungs[rung].meaning.transition {
          announce(kind, rack: rack, begins: true)
        }
      }
    }
    if isLimited { announce(.coolingLimited, begins: true) }
  }
}
