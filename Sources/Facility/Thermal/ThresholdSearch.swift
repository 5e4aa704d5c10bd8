// SPDX-License-Identifier: Apache-2.0

/// A quantity of the room that is watched for crossing a threshold.
package enum ThermalProbe: Sendable, Hashable {
  /// Inlet temperature of a rack.
  case inlet(Int)
  /// Temperature of the room node.
  case room
  /// Heat that the room node receives from the racks and the walls, in W.
  case roomHeatFlow
}

/// Everything that is needed to read probes while one ``ThermalTrajectory`` lasts.
package struct ThermalCourse: Sendable, Codable {
  /// The air paths.
  package let network: AirNetwork
  /// What the cooling does.
  package let law: SupplyLaw
  /// Heat in each rack in W.
  package let rackHeat: [Double]
  /// Heat given off in the room in W.
  package let roomHeat: Double
  /// Outdoor temperature in °C.
  package let outdoor: Double
  /// The temperatures.
  package var trajectory: ThermalTrajectory

  /// The course from the state `start` under constant heat and one law.
  package init(
    network: AirNetwork, law: SupplyLaw, rackHeat: [Double], roomHeat: Double, outdoor: Double,
    start: [Double]
  ) {
    self.network = network
    self.law = law
    self.rackHeat = rackHeat
    self.roomHeat = roomHeat
    self.outdoor = outdoor
    trajectory = ThermalTrajectory(
      dynamics: ThermalDynamics(
        network: network, law: law, rackHeat: rackHeat, roomHeat: roomHeat, outdoor: outdoor),
      start: start)
  }

  /// Index of the room in a state.
  package var roomNode: Int { network.rackCount }
  /// Index of the plenum in a state.
  package var plenumNode: Int { network.rackCount + 1 }

  /// Temperature of the air that the units deliver when the room is at `room`, in °C.
  package func supplyTemperature(room: Double) -> Double {
    switch law {
    case .ducted(let offset, let slope, _): offset + slope * room
    case .mixed, .held: room
    }
  }

  /// Heat that the cooling takes out of the room when its air is at `room`, in W.
  ///
  /// `heatFlow` is what the room node receives from racks and walls (used when it is held).
  package func heatRemoved(room: Double, heatFlow: Double) -> Double {
    switch law {
    case .ducted(let offset, let slope, let delivered):
      delivered * network.neededFlow * ((1 - slope) * room - offset)
    case .mixed(let offset, let slope): offset + slope * room
    case .held: heatFlow + roomHeat
    }
  }

  /// Inlet temperature of every rack for the state `x`, in °C.
  ///
  /// A rack without air flow breathes what stands in front of it.
  package func inletTemperatures(_ x: [Double]) -> [Double] {
    let feed = x[law.isDucted ? plenumNode : roomNode]
    var inlets = [Double](repeating: 0, count: network.rackCount)
    network.presentRecirculation.accumulate(x, into: &inlets)
    for j in inlets.indices {
      let flow = network.flow[j]
      inlets[j] = flow > 0 ? (inlets[j] + network.supplyFlow[j] * feed) / flow : feed
    }
    return inlets
  }

  /// Heat that the room node receives from the racks and the walls in the state `x`, in W.
  package func roomHeatFlow(_ x: [Double]) -> Double {
    let room = x[roomNode]
    var sum = network.envelopeConductance * (outdoor - room)
    for i in 0..<network.rackCount {
      sum += (network.returnFlow[i] + network.caseConductance) * (x[i] - room)
    }
    return sum
  }

  /// Value, slope (per s) and bounds of the curvature (per s²) of a probe.
  package func read(_ probe: ThermalProbe, _ weights: SeriesWeights) -> ProbeReading {
    switch probe {
    case .room:
      return ProbeReading(
        value: trajectory.temperature(roomNode, weights),
        slope: trajectory.speed(roomNode, weights), curvature: trajectory.accelerationBounds)
    case .inlet(let j): return readInlet(j, weights)
    case .roomHeatFlow: return readRoomHeatFlow(weights)
    }
  }

  /// A rack's inlet from its own balance: `K·T_in = C·T' − P + K·T + G·(T − T_r)`.
  private func readInlet(_ j: Int, _ weights: SeriesWeights) -> ProbeReading {
    let flow = network.flow[j]
    precondition(flow > 0, "a rack without air flow has no inlet to watch")
    let own = trajectory.temperature(j, weights)
    let speed = trajectory.speed(j, weights)
    let g = network.caseConductance
    let capacity = network.rackHeatCapacity[j]
    var value = capacity * speed - rackHeat[j]
    var slope = capacity * trajectory.acceleration(j, weights)
    if g > 0 {
      value += g * (own - trajectory.temperature(roomNode, weights))
      slope += g * (speed - trajectory.speed(roomNode, weights))
    }
    return ProbeReading(
      value: own + value / flow, slope: speed + slope / flow,
      curvature: trajectory.accelerationBounds)
  }

  private func readRoomHeatFlow(_ weights: SeriesWeights) -> ProbeReading {
    let room = trajectory.temperature(roomNode, weights)
    let roomSpeed = trajectory.speed(roomNode, weights)
    let wall = network.envelopeConductance
    var value = wall * (outdoor - room)
    var slope = -wall * roomSpeed
    var total = wall
    for i in 0..<network.rackCount {
      let conductance = network.returnFlow[i] + network.caseConductance
      value += conductance * (trajectory.temperature(i, weights) - room)
      slope += conductance * (trajectory.speed(i, weights) - roomSpeed)
      total += conductance
    }
    let bounds = trajectory.accelerationBounds
    let widest = total * (bounds.upperBound - bounds.lowerBound)
    return ProbeReading(value: value, slope: slope, curvature: -widest...widest)
  }
}

/// A probe at one moment.
package struct ProbeReading: Sendable {
  /// The value.
  package var value: Double
  /// Its first derivative by time, per s.
  package var slope: Double
  /// What its second derivative stays within from here on, per s².
  package var curvature: ClosedRange<Double>
}

/// What a search for a crossing found.
package enum CrossingSearch: Sendable, Hashable {
  /// No crossing before the end of the search.
  case none
  /// A crossing, in seconds of the course.
  case crossing(Double)
  /// No crossing up to this time; what follows has to be searched anew from there.
  case clearUntil(Double)
}

extension ThermalCourse {
  /// The first time after `begin` at which `probe` reaches `threshold` from below (`rising`) or
  /// above.
  ///
  /// Each step goes as far as the slope and the bound of the curvature rule a crossing out
  /// (`y + y'·h + ½·y''_max·h²` stays short of the threshold), so no crossing is ever jumped over,
  /// and near one the steps converge as Newton's do. A probe at or beyond the threshold crosses
  /// at once.
  ///
  /// - Precondition: the trajectory was extended to `end`.
  package func firstCrossing(
    of probe: ThermalProbe, at threshold: Double, rising: Bool, from begin: Double, to end: Double
  ) -> CrossingSearch {
    if trajectory.isAtRest {
      let value = read(probe, trajectory.weights(at: 0)).value
      return (rising ? value >= threshold : value <= threshold) ? .crossing(begin) : .none
    }
    var time = begin
    for _ in 0..<Self.searchLimit {
      let reading = read(probe, trajectory.weights(at: time))
      let gap = rising ? threshold - reading.value : reading.value - threshold
      let slope = rising ? reading.slope : -reading.slope
      let bend = rising ? reading.curvature.upperBound : -reading.curvature.lowerBound
      if gap <= 0 { return .crossing(time) }
      let reach = slope + (slope * slope + 2 * bend * gap).squareRoot()
      guard reach > 0 else { return .none }
      let step = 2 * gap / reach
      if step < Self.timeResolution { return .crossing(time) }
      time += step
      if time > end { return .none }
    }
    return .clearUntil(time)
  }

  /// Half a nanosecond: event times are whole ones.
  private static var timeResolution: Double { 0.5e-9 }
  /// Near a crossing each step doubles the digits; only a graze needs more than about ten.
  private static var searchLimit: Int { 200 }
}
