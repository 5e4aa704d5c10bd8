// SPDX-License-Identifier: Apache-2.0

/// What the units can take out of the room against the temperature of its air, as straight pieces.
package struct CoolingCapacity: Sendable {
  /// `intercept + slope·T_r` watts from `from` °C on.
  struct Piece: Sendable, Hashable {
    var from: Double
    var intercept: Double
    var slope: Double
  }

  /// The pieces, ascending; the first begins at −∞.
  let pieces: [Piece]

  /// The capacity of coils and machines, with outdoor air where it is used.
  ///
  /// - Parameters:
  ///   - machines: heat in W that the machines take.
  ///   - coil: conductance (W/K) of the coils and temperature of their water; nil: no such limit.
  ///   - air: heat-capacity rate (W/K) and temperature of outdoor air that is led in.
  package init(
    machines: Double, coil: (conductance: Double, water: Double)?,
    air: (flow: Double, temperature: Double)?
  ) {
    var result: [Piece] = []
    if let coil, coil.conductance > 0 {
      result.append(Piece(from: -.infinity, intercept: 0, slope: 0))
      result.append(
        Piece(
          from: coil.water, intercept: -coil.conductance * coil.water, slope: coil.conductance))
      result.append(
        Piece(from: coil.water + machines / coil.conductance, intercept: machines, slope: 0))
    } else {
      result.append(Piece(from: -.infinity, intercept: machines, slope: 0))
    }
    if let air {
      // Above the outdoor temperature the machines see outdoor air, and the rest is free.
      let atBoundary = Self.value(result, at: air.temperature)
      result.removeAll { $0.from >= air.temperature }
      result.append(
        Piece(
          from: air.temperature, intercept: atBoundary - air.flow * air.temperature,
          slope: air.flow))
    }
    pieces = result
  }

  /// The capacity in W when the room is at `room` °C.
  package func value(at room: Double) -> Double { Self.value(pieces, at: room) }

  private static func value(_ pieces: [Piece], at room: Double) -> Double {
    let piece = pieces.last { $0.from <= room } ?? pieces[0]
    return piece.intercept + piece.slope * room
  }
}

/// Which ``SupplyLaw`` holds at which temperature of the room.
///
/// The units take `max(−fan, min(E·(T_r − T_set), capacity(T_r) − fan))` watts net out of the room:
/// what the set point asks for, at most what they can, and at least nothing, while the heat of
/// their own fans goes into the air they move. That is piecewise linear in `T_r`; here are its
/// pieces, so that the state can be advanced exactly through each and the change-over is an event.
package struct CoolingSegments: Sendable, Codable {
  /// From `from` °C on, `law` holds.
  package struct Segment: Sendable, Hashable, Codable {
    /// Lower end in °C.
    package var from: Double
    /// The law.
    package var law: SupplyLaw
  }

  /// The segments, ascending; the first begins at −∞.
  package let segments: [Segment]

  /// Segments for cold air led to the racks.
  ///
  /// - Parameters:
  ///   - setPoint: supply temperature asked for in °C.
  ///   - flow: `E`, heat-capacity rate of the delivered air in W/K, positive.
  ///   - delivered: share of the racks' need that `E` is.
  ///   - fanHeat: W.
  ///   - capacity: what coils and machines can take.
  package init(
    ducted setPoint: Double, flow: Double, delivered: Double, fanHeat: Double,
    capacity: CoolingCapacity
  ) {
    func law(_ intercept: Double, _ slope: Double) -> SupplyLaw {
      .ducted(
        offset: -intercept / flow, slope: max(0, 1 - slope / flow), delivered: delivered)
    }
    let held = SupplyLaw.ducted(offset: setPoint, slope: 0, delivered: delivered)
    let off = law(-fanHeat, 0)
    let start = setPoint - fanHeat / flow
    var result = [Segment(from: -.infinity, law: off)]
    for (index, piece) in capacity.pieces.enumerated() {
      let end = index + 1 < capacity.pieces.count ? capacity.pieces[index + 1].from : .infinity
      let low = max(piece.from, start)
      guard low < end else { continue }
      let net = piece.intercept - fanHeat
      let limited = law(net, piece.slope)
      // Where the need E·(T − set) meets the capacity.
      let meeting =
        piece.slope == flow ? .infinity : (net + flow * setPoint) / (flow - piece.slope)
      for (from, to) in [(low, min(max(meeting, low), end)), (min(max(meeting, low), end), end)]
      where from < to {
        let probe = to.isInfinite ? from + 1 : 0.5 * (from + to)
        let isShort = flow * (probe - setPoint) > net + piece.slope * probe
        result.append(Segment(from: from, law: isShort ? limited : held))
      }
    }
    segments = result
  }

  /// Segments for cold air mixed into the room, kept at `setPoint`; at it the law is `held`.
  package init(mixed setPoint: Double, fanHeat: Double, capacity: CoolingCapacity) {
    var result = [Segment(from: -.infinity, law: .mixed(offset: -fanHeat, slope: 0))]
    for (index, piece) in capacity.pieces.enumerated() {
      let end = index + 1 < capacity.pieces.count ? capacity.pieces[index + 1].from : .infinity
      guard end > setPoint else { continue }
      result.append(
        Segment(
          from: max(piece.from, setPoint),
          law: .mixed(offset: piece.intercept - fanHeat, slope: piece.slope)))
    }
    segments = result
  }

  /// Units that neither cool nor move air.
  package static let none = CoolingSegments(
    segments: [Segment(from: -.infinity, law: .ducted(offset: 0, slope: 1, delivered: 0))])

  private init(segments: [Segment]) { self.segments = segments }

  /// Index of the segment that holds at `room` °C.
  package func index(at room: Double) -> Int {
    segments.lastIndex { $0.from <= room } ?? 0
  }
}
