// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// Power and cooling of a data center in time: from the servers' power to heat, temperatures,
/// cooling power, losses, water, carbon and cost.
///
/// A plant drives it: it sets the power of all racks whenever that changes, and advances it. Between
/// two changes everything follows exactly from the state at the last one, so a facility in which
/// nothing changes costs nothing, and asking often changes no result. Events of its own (breakers,
/// inlet temperatures, batteries, weather, control) happen at their exact times inside
/// ``advance(to:)``; the plant learns of those it may have to answer from ``takeTransitions()``, and
/// of when to ask next from ``nextTransition()``.
///
///     var facility = try FacilityModel(spec: spec, racks: racks, inputs: inputs)
///     facility.setRackITPower(watts, at: now)       // all racks at once, after each change
///     if let next = facility.nextTransition() { … } // wake up then, and:
///     facility.advance(to: next)
///     for transition in facility.takeTransitions() { … }
///     facility.accounting.pue
public struct FacilityModel: Sendable {
  /// What the scenario says.
  public let spec: FacilitySpec
  /// The racks.
  public let racks: [FacilityRack]
  /// The time up to which the facility has been advanced.
  public internal(set) var now: SimTime = .zero
  /// Budget of each rack's servers; nil: none. The plant keeps it with ``RackPowerCap``, and is told
  /// of changes by ``FacilityTransition/Kind/powerCap``.
  public internal(set) var rackPowerCap: Watts?
  /// Limit of each server; nil: none. The plant keeps it too.
  public internal(set) var serverPowerCap: Watts?
  /// Supply-air set point.
  public var supplySetPoint: Celsius { Celsius(setPoint) }

  let sizing: FacilitySizing
  let inputs: FacilityInputs
  let weatherClock: Int64
  let carbonClock: Int64
  let priceClock: Int64
  let ladder: InletLadder

  // What the plant and the events have set.
  var itPower: [Double]
  var isPowered: [Bool]
  var isBreakerClosed: [Bool]
  var setPoint: Double
  var source = PowerSource.mains
  var areMachinesStopped = false
  var failedUnits = 0
  var failedFanlessUnits = 0
  var failedChillers = 0

  // States that change between events.
  var batteryStored: Double
  var coldStored: Double
  var breakerWarmth: [Double]
  var engaged: [UInt32]
  var isAlarmed: [Bool]
  var aboveRecommendedSince: [SimTime?]
  var aboveAllowableSince: [SimTime?]
  var offSince: [SimTime?]

  // What holds from `base` until the next event.
  var base: SimTime = .zero
  var network: AirNetwork
  var flows: PowerFlows
  var operation: CoolingOperation
  var segments: CoolingSegments
  var segment = 0
  var isHeld = false
  var isLimited = false
  var isCoolingFailing = false
  var course: ThermalCourse
  var books: FacilityAccounting
  var agenda: Agenda
  var transitions: [FacilityTransition] = []

  /// A facility at time zero without IT load.
  ///
  /// Unless the room's start temperature is given, temperatures are at rest with whatever power is
  /// set at time zero.
  /// - Parameters:
  ///   - spec: what the scenario says.
  ///   - racks: the racks' contents.
  ///   - inputs: the series that `spec.site` names.
  ///   - startEpochSeconds: date of time zero, where the specification gives none.
  /// - Throws: ``FacilityError`` when the specification does not fit the racks.
  public init(
    spec: FacilitySpec, racks: [FacilityRack], inputs: FacilityInputs,
    startEpochSeconds: Int64? = nil
  ) throws(FacilityError) {
    let count = racks.count
    let network = try AirNetwork(
      room: spec.room, racks: racks, rackSwitch: spec.switches.rackSwitch)
    let sizing = FacilitySizing(spec: spec, racks: racks, designFlow: network.designFlow)
    let start = spec.site.startEpochSeconds ?? startEpochSeconds
    let localStart = start.map { $0 + Int64((inputs.weatherOffsetHours * 3600).rounded()) }
    self.spec = spec
    self.racks = racks
    self.inputs = inputs
    self.sizing = sizing
    self.network = network
    weatherClock = inputs.weather.clock(startingAt: localStart)
    carbonClock = inputs.carbonIntensity.clock(startingAt: start)
    priceClock = inputs.price.clock(startingAt: start)
    ladder = InletLadder(room: spec.room)
    itPower = [Double](repeating: 0, count: count)
    isPowered = [Bool](repeating: true, count: count)
    isBreakerClosed = isPowered
    setPoint = spec.cooling.supplyTemperature.value
    batteryStored = sizing.battery.capacity.value
    if case .chilledWater(let system) = sizing.machine {
      coldStored = system.storage.value
    } else {
      coldStored = 0
    }
    breakerWarmth = itPower
    engaged = [UInt32](repeating: 0, count: count)
    isAlarmed = [Bool](repeating: false, count: count)
    aboveRecommendedSince = [SimTime?](repeating: nil, count: count)
    aboveAllowableSince = aboveRecommendedSince
    offSince = aboveRecommendedSince
    flows = PowerFlows(
      rackIt: itPower, hasSwitch: isPowered, hasFeed: isPowered, isLive: true, sizing: sizing,
      spec: spec)
    let air = inputs.weather.value(at: .zero, clock: weatherClock)
    operation = CoolingOperation(
      machine: sizing.machine, site: air, source: .machine, fanPower: 0, outdoorAir: nil,
      recharge: 0)
    segments = .none
    let temperature = spec.room.startTemperature ?? spec.cooling.supplyTemperature
    course = ThermalCourse(
      network: network, law: .ducted(offset: 0, slope: 1, delivered: 0),
      rackHeat: flows.rackTotal, roomHeat: flows.roomHeat,
      outdoor: spec.room.temperatureBehindWalls(outdoor: air.dryBulb.value, rackCount: count),
      start: [Double](repeating: temperature.value, count: count + 2))
    books = FacilityAccounting(rackCount: count)
    agenda = Agenda(spec: spec, rackCount: count)
    apply(from: course.trajectory.start)
    settle()
  }

  /// Sets the power of every rack's servers; call once for each moment at which some change.
  ///
  /// A rack without voltage (breaker open, power lost) keeps drawing nothing, whatever is set.
  /// - Parameters:
  ///   - watts: one value a rack, not negative.
  ///   - time: not before ``now``.
  public mutating func setRackITPower(_ watts: [Double], at time: SimTime) {
    precondition(watts.count == racks.count, "one power a rack")
    precondition(watts.allSatisfy { $0 >= 0 && $0.isFinite }, "power is finite and not negative")
    change(at: time) { model in
      if model.itPower == watts { return false }
      model.itPower = watts
      return true
    }
  }

  /// Sets the power of every rack's servers.
  public mutating func setRackITPower(_ watts: ContiguousArray<Double>, at time: SimTime) {
    setRackITPower(Array(watts), at: time)
  }

  /// Sets the power of one rack's servers.
  public mutating func setRackITPower(_ rack: Int, _ watts: Watts, at time: SimTime) {
    precondition(watts.value >= 0 && watts.value.isFinite, "power is finite and not negative")
    change(at: time) { model in
      if model.itPower[rack] == watts.value { return false }
      model.itPower[rack] = watts.value
      return true
    }
  }

  /// Switches a rack's switch and fans on or off; its servers go on drawing what was set (their
  /// management controllers need power even when they are off).
  public mutating func setRackPowered(_ rack: Int, _ isOn: Bool, at time: SimTime) {
    change(at: time) { model in
      if model.isPowered[rack] == isOn { return false }
      model.isPowered[rack] = isOn
      return true
    }
  }

  /// Closes a rack's breaker after a trip; its servers' power has to be set anew.
  public mutating func closeBreaker(_ rack: Int, at time: SimTime) {
    change(at: time) { model in
      if model.isBreakerClosed[rack] { return false }
      model.isBreakerClosed[rack] = true
      model.announce(.breakerOpen, rack: rack, begins: false)
      return true
    }
  }

  /// Moves the supply-air set point, held within the units' range.
  ///
  /// - Returns: whether the wish was within the range.
  @discardableResult
  public mutating func setSupplyTemperature(_ wish: Celsius, at time: SimTime) -> Bool {
    let range = spec.cooling.supplyRange
    let held = min(max(wish.value, range.lowerBound), range.upperBound)
    change(at: time) { model in
      if model.setPoint == held { return false }
      model.setPoint = held
      return true
    }
    return held == wish.value
  }

  /// Sets how many cooling units don't work, beside the failures of the specification.
  public mutating func setFailedCoolingUnits(_ count: Int, at time: SimTime) {
    let wanted = min(max(count, 0), spec.cooling.units)
    change(at: time) { model in
      if model.agenda.reportedFailedUnits == wanted { return false }
      model.failedFanlessUnits += wanted - model.agenda.reportedFailedUnits
      model.agenda.reportedFailedUnits = wanted
      model.announceCoolingFailure()
      return true
    }
  }

  /// Whether something has happened since ``takeTransitions()`` was last called.
  public var hasTransitions: Bool { !transitions.isEmpty }

  /// What has happened since the last call, in order of time.
  public mutating func takeTransitions() -> [FacilityTransition] {
    defer { transitions.removeAll(keepingCapacity: true) }
    return transitions
  }

  /// Advances to `time`, lets the change happen, and works out what follows from it.
  ///
  /// What is booked up to `time` depends on the derived values only, not on what `apply` sets.
  private mutating func change(at time: SimTime, _ apply: (inout FacilityModel) -> Bool) {
    advance(to: time)
    guard apply(&self) else { return }
    self.apply(from: book(to: now))
    settle()
  }

  /// Notes that something happened now.
  mutating func announce(_ kind: FacilityTransition.Kind, rack: Int? = nil, begins: Bool) {
    transitions.append(FacilityTransition(at: now, kind: kind, rack: rack, begins: begins))
  }
}

extension FacilityModel: Archivable {
  /// Exchanges the state of power, air and cooling.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&now)
    try archive.state(&rackPowerCap)
    try archive.state(&serverPowerCap)
    try archive.state(&itPower)
    try archive.state(&isPowered)
    try archive.state(&isBreakerClosed)
    try archive.state(&setPoint)
    try archive.state(&source)
    try archive.state(&areMachinesStopped)
    try archive.state(&failedUnits)
    try archive.state(&failedFanlessUnits)
    try archive.state(&failedChillers)
    try archive.state(&batteryStored)
    try archive.state(&coldStored)
    try archive.state(&breakerWarmth)
    try archive.state(&engaged)
    try archive.state(&isAlarmed)
    try archive.state(&aboveRecommendedSince)
    try archive.state(&aboveAllowableSince)
    try archive.state(&offSince)
    try archive.state(&base)
    try archive.state(&network)
    try archive.state(&flows)
    try archive.state(&operation)
    try archive.state(&segments)
    try archive.state(&segment)
    try archive.state(&isHeld)
    try archive.state(&isLimited)
    try archive.state(&isCoolingFailing)
    try archive.state(&course)
    try archive.state(&books)
    try agenda.archive(&archive)
    try archive.state(&transitions)
  }
}
