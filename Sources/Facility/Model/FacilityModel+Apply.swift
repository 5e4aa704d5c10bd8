// SPDX-License-Identifier: Apache-2.0
import Units

// From what was set and what has happened to the equations that hold until the next event.
extension FacilityModel {
  /// Works out everything that holds from ``now`` on, with the room in `state`.
  ///
  /// Inlets may jump when air flows or the set point do, and servers' fans react to that, which
  /// moves air again: a few rounds, bounded by the ladder's rungs.
  mutating func apply(from state: [Double], movingSegmentUp: Bool? = nil) {
    var move = movingSegmentUp
    for round in 0...ladder.rungs.count {
      updatePower()
      updateFans()
      updateOperation(movingSegmentUp: move, room: state[racks.count])
      move = nil
      course = ThermalCourse(
        network: network, law: law, rackHeat: flows.rackTotal, roomHeat: flows.roomHeat,
        outdoor: spec.room.temperatureBehindWalls(
          outdoor: operation.site.dryBulb.value, rackCount: racks.count),
        start: state)
      if round == ladder.rungs.count { break }
      if mixedRoomMustChange(state) { continue }
      if !updateRungs(state) { break }
    }
    announceLimit()
    updateTimeAccounts()
    agenda.isSearched = false
    if agenda.controlAt == nil, let period = spec.cooling.control.period {
      agenda.controlAt = now - now % period + period
    }
  }

  /// The law of the present segment, or of a room that is held.
  private var law: SupplyLaw { isHeld ? .held : segments.segments[segment].law }

  private mutating func updatePower() {
    var rackIt = itPower
    var hasSwitch = isPowered
    var hasFeed = isPowered
    var warmAir = 0.0
    for rack in rackIt.indices {
      hasFeed[rack] = isLive(rack)
      hasSwitch[rack] = isRunning(rack)
      if !hasFeed[rack] { rackIt[rack] = 0 }
      guard hasSwitch[rack] else { continue }
      let extra = spec.room.response.extraPower(
        step: ladder.fanStep(engaged[rack]), power: itPower[rack],
        peak: racks[rack].peakPower.value)
      rackIt[rack] += extra
      warmAir += extra
    }
    flows = PowerFlows(
      rackIt: rackIt, itWarmAir: warmAir, hasSwitch: hasSwitch, hasFeed: hasFeed,
      isLive: source != .none,
      sizing: sizing, spec: spec)
    watchBranches()
  }

  /// Alarms of the branches, and breakers whose magnetic release acts at once.
  private mutating func watchBranches() {
    for rack in racks.indices {
      let load = flows.rackTotal[rack]
      let breaker = sizing.breakers[rack]
      let alarms = load > spec.distribution.alarmShare * breaker.rating.value
      if alarms != isAlarmed[rack] {
        isAlarmed[rack] = alarms
        announce(.branchAlarm, rack: rack, begins: alarms)
      }
    }
  }

  private mutating func updateFans() {
    var speeds = [Double](repeating: 0, count: racks.count)
    let idle = spec.room.idleFanSpeed
    for rack in speeds.indices where isRunning(rack) {
      let peak = racks[rack].peakPower.value
      let load = peak > 0 ? min(itPower[rack] / peak, 1) : 1
      let step = spec.room.response.fanSpeed(step: ladder.fanStep(engaged[rack]))
      speeds[rack] = (idle + (1 - idle) * load) * step
    }
    _ = network.setFanSpeeds(speeds)
  }

  private mutating func updateOperation(movingSegmentUp: Bool?, room: Double) {
    let cooling = spec.cooling
    let site = inputs.weather.value(at: now, clock: weatherClock)
    let hasAir = source != .none
    let moving = hasAir ? max(0, cooling.units - failedFanlessUnits) : 0
    let working = max(0, moving - failedUnits)
    let flow = Double(moving) * sizing.unitFlow
    let delivered = network.neededFlow > 0 ? min(1, flow / network.neededFlow) : 0
    let stream = delivered * network.neededFlow
    let share = flow > 0 && stream > 0 ? (cooling.hasVariableFans ? stream / flow : 1) : 0
    operation = CoolingOperation(
      machine: workingMachine, site: site, source: coldSource(hasAir: hasAir),
      fanPower: Double(moving) * sizing.unitFan.power(at: share).value, outdoorAir: nil,
      recharge: 0)
    if hasAir, let economiser = cooling.airEconomiser {
      operation.outdoorAir = economiser.usableAir(site)?.value
    }
    if operation.source == .machine, coldStored < coldCapacity {
      operation.recharge = coldCapacity / Self.rechargeSeconds
    }
    let old = segments
    segments = makeSegments(stream: stream, delivered: delivered, working: working, share: share)
    if let up = movingSegmentUp, old.segments == segments.segments {
      moveSegment(up: up)
    } else if old.segments != segments.segments || !isHeld {
      isHeld = false
      segment = segments.index(at: room)
    }
  }

  /// An empty store of cold is filled in four hours.
  private static var rechargeSeconds: Double { 4 * 3600 }

  private var workingMachine: CoolingMachine {
    guard case .chilledWater(var system) = sizing.machine, failedChillers > 0 else {
      return sizing.machine
    }
    system.count = max(0, system.count - failedChillers)
    return .chilledWater(system)
  }

  private func coldSource(hasAir: Bool) -> CoolingOperation.ColdSource {
    guard hasAir else { return .none }
    var stands = areMachinesStopped
    if case .chilledWater(let system) = sizing.machine, failedChillers >= system.count {
      stands = true
    }
    if !stands { return .machine }
    return coldStored > 0 ? .storage : .none
  }

  private func makeSegments(stream: Double, delivered: Double, working: Int, share: Double)
    -> CoolingSegments
  {
    let fanHeat = operation.fanPower
    var coil: (conductance: Double, water: Double)?
    if case .chilledWater(let system) = operation.machine {
      // Pelley et al., WEED 2009: Q = E·ṁ·cp·f^0.7·(T_hot − T_water), at most all of the stream.
      let conductance =
        system.coilEffectiveness * Double(working) * sizing.unitFlow * Elementary.pow(share, 0.7)
      coil = (min(conductance, stream), system.chilledWater.value)
    } else if case .mixed = spec.cooling.distribution {
      // No more than the units' whole air flow, cooled down to the set point.
      coil = (Double(working) * sizing.unitFlow, setPoint)
    }
    let machines: Double
    switch operation.source {
    case .machine:
      let gross = operation.machine.capacity(units: working, site: operation.site)
      machines = max(0, gross - operation.recharge)
    case .storage: machines = working > 0 ? 1e15 : 0
    case .none: machines = 0
    }
    let capacity = CoolingCapacity(
      machines: machines, coil: machines > 0 ? coil : nil,
      air: operation.outdoorAir.map { (stream, $0) })
    switch spec.cooling.distribution {
    case .ducted:
      guard stream > 0 else { return .none }
      return CoolingSegments(
        ducted: setPoint, flow: stream, delivered: delivered, fanHeat: fanHeat,
        capacity: capacity)
    case .mixed(let room):
      return CoolingSegments(mixed: room.value, fanHeat: fanHeat, capacity: capacity)
    }
  }
}
