// SPDX-License-Identifier: Apache-2.0
import Units

// When the next event of each kind happens, given the present equations.
extension FacilityModel {
  /// Seconds of the present course as a time, rounded up to whole nanoseconds.
  func time(_ seconds: Double) -> SimTime {
    // Thirty years: later than any run, and far from the end of the clock.
    guard seconds < 1e9 else { return .distantFuture }
    return base + SimTime(nanoseconds: Int64((seconds * 1e9).rounded(.up)))
  }

  /// Works out the times of the agenda for the present course.
  mutating func search() {
    agenda.isSearched = true
    agenda.timers.removeAll(keepingCapacity: true)
    let horizon = course.trajectory.horizon
    course.trajectory.extend(to: horizon)
    agenda.continuesAt = course.trajectory.isAtRest ? nil : max(time(horizon), base + .nanosecond)
    searchSegment(until: horizon)
    for rack in racks.indices { searchRungs(of: rack, after: base) }
    searchBreakers()
    searchStores(until: horizon)
  }

  /// Takes over what a search found.
  private mutating func note(_ found: CrossingSearch) -> SimTime? {
    switch found {
    case .none: return nil
    case .crossing(let seconds): return max(time(seconds), now)
    case .clearUntil(let seconds):
      let again = max(time(seconds), base + .nanosecond)
      agenda.continuesAt = min(agenda.continuesAt ?? again, again)
      return nil
    }
  }

  private mutating func searchSegment(until horizon: Double) {
    agenda.segmentAt = nil
    func offer(_ found: SimTime?, up: Bool) {
      guard let found, found < agenda.segmentAt ?? .distantFuture else { return }
      agenda.segmentAt = found
      agenda.segmentUp = up
    }
    if isHeld {
      let range = heldRange
      let slack = Self.border * max(1, abs(range.upperBound))
      let up = course.firstCrossing(
        of: .roomHeatFlow, at: range.upperBound + slack, rising: true, from: 0, to: horizon)
      offer(note(up), up: true)
      let down = course.firstCrossing(
        of: .roomHeatFlow, at: range.lowerBound - slack, rising: false, from: 0, to: horizon)
      offer(note(down), up: false)
      return
    }
    if segment + 1 < segments.segments.count {
      let border = segments.segments[segment + 1].from + Self.border
      offer(
        note(course.firstCrossing(of: .room, at: border, rising: true, from: 0, to: horizon)),
        up: true)
    }
    if segment > 0 {
      let border = segments.segments[segment].from - Self.border
      offer(
        note(course.firstCrossing(of: .room, at: border, rising: false, from: 0, to: horizon)),
        up: false)
    }
  }

  /// Works out when a rack's inlet reaches or leaves its next rung after `start`.
  mutating func searchRungs(of rack: Int, after start: SimTime) {
    agenda.rungAt[rack] = .distantFuture
    guard network.flow[rack] > 0 else { return }
    let begin = (start - base).seconds
    let horizon = course.trajectory.horizon
    if let rung = ladder.nextUp(engaged[rack]) {
      let found = course.firstCrossing(
        of: .inlet(rack), at: ladder.rungs[rung].up, rising: true, from: begin, to: horizon)
      if let time = note(found) {
        agenda.rungAt[rack] = time
        agenda.rungIndex[rack] = rung
      }
    }
    if let rung = ladder.nextDown(engaged[rack]) {
      let found = course.firstCrossing(
        of: .inlet(rack), at: ladder.rungs[rung].down, rising: false, from: begin, to: horizon)
      if let time = note(found), time < agenda.rungAt[rack] {
        agenda.rungAt[rack] = time
        agenda.rungIndex[rack] = rung
      }
    }
  }

  private mutating func searchBreakers() {
    for rack in racks.indices where isLive(rack) {
      let seconds = sizing.breakers[rack].secondsToTrip(
        from: breakerWarmth[rack], load: Watts(flows.rackTotal[rack]))
      if let seconds { agenda.timers.append((time(seconds), .breaker(rack))) }
    }
  }

  /// Batteries and stores of cold: their rates may change with the heat, so their integrals are
  /// searched, within the horizon.
  private mutating func searchStores(until horizon: Double) {
    let end = course.trajectory.isAtRest ? .infinity : horizon
    if source == .battery {
      let budget = batteryStored * sizing.battery.dischargeEfficiency
      if let seconds = firstTime(until: end, integral: { $0.batteryLoad }, reaches: budget) {
        agenda.timers.append((time(seconds), .batteryEmpty))
      }
    } else if isCharging {
      let seconds = sizing.battery.secondsToFull(stored: Joules(batteryStored))
      agenda.timers.append((time(seconds), .batteryFull))
    }
    if operation.source == .storage {
      if let seconds = firstTime(until: end, integral: { $0.coilLoad }, reaches: coldStored) {
        agenda.timers.append((time(seconds), .coldEmpty))
      }
    } else if operation.recharge > 0 {
      let seconds = (coldCapacity - coldStored) / operation.recharge
      agenda.timers.append((time(seconds), .coldFull))
    }
  }

  /// Whether the battery takes in power.
  var isCharging: Bool {
    (source == .mains || source == .generator) && batteryStored < sizing.battery.capacity.value
  }
}

extension SimTime {
  /// The shortest time there is.
  static var nanosecond: SimTime { SimTime(nanoseconds: 1) }
}
