// SPDX-License-Identifier: Apache-2.0
import Units

// Which law of the cooling holds, and the rungs on which racks stand.
extension FacilityModel {
  /// Temperatures within this many kelvins of a border count as on it: a law that changes there is
  /// continuous, so being late by this much changes heat flows by parts in 1e9.
  static var border: Double { 1e-9 }

  /// Moves to the next segment after a crossing.
  mutating func moveSegment(up: Bool) {
    if isHeld {
      // The room was held; heat has outgrown the capacity, or ceased.
      isHeld = false
      segment = heldBorder + (up ? 0 : -1)
      return
    }
    segment = min(max(segment + (up ? 1 : -1), 0), segments.segments.count - 1)
  }

  /// First segment above a held room's temperature.
  var heldBorder: Int {
    guard case .mixed(let room) = spec.cooling.distribution else { return 0 }
    return segments.segments.firstIndex { $0.from >= room.value } ?? 0
  }

  /// Heat flows into a held room (W) between which the cooling can hold it.
  var heldRange: ClosedRange<Double> {
    guard case .mixed(let room) = spec.cooling.distribution else { return 0...0 }
    guard case .mixed(let offset, let slope) = segments.segments[heldBorder].law else {
      return 0...0
    }
    let low = -operation.fanPower - flows.roomHeat
    return low...max(low, offset + slope * room.value - flows.roomHeat)
  }

  /// Whether a mixed room is on the temperature to be held and the cooling can hold it there, or can
  /// do so no longer; switches over and returns true when that has changed.
  mutating func mixedRoomMustChange(_ state: [Double]) -> Bool {
    guard case .mixed(let room) = spec.cooling.distribution else { return false }
    let isOnBorder = abs(state[racks.count] - room.value) <= 2 * Self.border
    let inflow = course.roomHeatFlow(state)
    let canHold = isOnBorder && heldRange.contains(inflow)
    if canHold == isHeld { return false }
    isHeld = canHold
    if !canHold { segment = heldBorder + (inflow < heldRange.lowerBound ? -1 : 0) }
    return true
  }

  /// Announces that the cooling falls short of its set point, or no longer does.
  mutating func announceLimit() {
    let limited: Bool
    switch spec.cooling.distribution {
    case .ducted:
      // Segment 0 is "off"; a law with a held set point has slope 0 and the set point's offset.
      if case .ducted(let offset, let slope, let delivered) = segments.segments[segment].law {
        let holds = slope == 0 && offset == setPoint
        limited =
          network.neededFlow > 0 && (delivered < 1 || !holds && segment > 0)
          || segments.segments.count == 1 && network.neededFlow > 0
      } else {
        limited = false
      }
    case .mixed: limited = !isHeld && segment >= heldBorder && heldBorder > 0
    }
    guard limited != isLimited else { return }
    isLimited = limited
    announce(.coolingLimited, begins: limited)
  }

  /// Puts racks on the rungs that the inlets of `state` have reached or left by a jump.
  ///
  /// - Returns: whether that changes fans, and with them the equations.
  mutating func updateRungs(_ state: [Double]) -> Bool {
    let inlets = course.inletTemperatures(state)
    var changesPhysics = false
    for rack in inlets.indices {
      let runs = network.flow[rack] > 0
      while let rung = ladder.nextUp(engaged[rack]), runs, inlets[rack] >= ladder.rungs[rung].up {
        if toggle(rung, of: rack) { changesPhysics = true }
      }
      while let rung = ladder.nextDown(engaged[rack]),
        !runs || inlets[rack] < ladder.rungs[rung].down
      {
        if toggle(rung, of: rack) { changesPhysics = true }
      }
    }
    return changesPhysics
  }

  /// Puts a rack on a rung or takes it off.
  ///
  /// - Returns: whether that changes fans.
  mutating func toggle(_ rung: Int, of rack: Int) -> Bool {
    let bit = UInt32(1) << UInt32(rung)
    let begins = engaged[rack] & bit == 0
    engaged[rack] ^= bit
    let meaning = ladder.rungs[rung].meaning
    if meaning == .recommended {
      book(begins, rack, \.aboveRecommendedSince, \.inletAboveRecommendedSeconds)
    } else if meaning == .allowable {
      book(begins, rack, \.aboveAllowableSince, \.inletAboveAllowableSeconds)
    }
    guard let kind = meaning.transition else { return true }
    announce(kind, rack: rack, begins: begins)
    return false
  }

  /// Opens or closes a time account of a rack.
  private mutating func book(
    _ begins: Bool, _ rack: Int, _ since: WritableKeyPath<FacilityModel, [SimTime?]>,
    _ total: WritableKeyPath<FacilityAccounting, [Double]>
  ) {
    if begins {
      self[keyPath: since][rack] = now
    } else if let start = self[keyPath: since][rack] {
      books[keyPath: total][rack] += (now - start).seconds
      self[keyPath: since][rack] = nil
    }
  }

  /// Opens and closes the accounts of racks that are off.
  mutating func updateTimeAccounts() {
    for rack in racks.indices where isRunning(rack) == (offSince[rack] != nil) {
      book(!isRunning(rack), rack, \.offSince, \.rackOffSeconds)
    }
  }
}
