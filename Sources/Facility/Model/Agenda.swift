// SPDX-License-Identifier: Apache-2.0
import StateArchive
public import Units

/// What can happen in the facility by itself.
enum FacilityEvent: Sendable, Hashable, Codable {
  /// The next entry of the schedule of outages and failures.
  case scheduled
  /// The outdoor air changes.
  case weather
  /// The generator carries the load.
  case generatorStarts
  /// The cooling machines run again after a loss of power.
  case machinesRestart
  /// The battery is empty.
  case batteryEmpty
  /// The battery is full.
  case batteryFull
  /// The store of cold is empty.
  case coldEmpty
  /// The store of cold is full.
  case coldFull
  /// A breaker trips.
  case breaker(Int)
  /// The room enters the next warmer or cooler segment of the cooling's law.
  case segment(up: Bool)
  /// A rack's inlet reaches or leaves a rung of the ladder.
  case rung(rack: Int)
  /// The set point is adjusted.
  case control
  /// Nothing but the end of the present series.
  case continues
}

/// When the facility's own events happen.
struct Agenda: Sendable {
  /// Begins and ends of what the specification schedules.
  enum Scheduled: Sendable, Hashable {
    case outageBegins(DistributionSpec.Outage)
    case outageEnds
    case failureBegins(CoolingSpec.Failure)
    case failureEnds(CoolingSpec.Failure)
    case capChanges
  }

  /// The schedule in order of time; ends come before begins at the same time.
  let schedule: [(time: SimTime, entry: Scheduled)]
  /// Next entry of the schedule.
  var position = 0
  /// When the generator takes over.
  var generatorAt: SimTime?
  /// When the machines cool again.
  var restartAt: SimTime?
  /// When the set point is adjusted next; nil while it has nothing to react to.
  var controlAt: SimTime?
  /// Units that the plant reported as failed.
  var reportedFailedUnits = 0

  /// Whether the times below were worked out for the present course.
  var isSearched = false
  /// When each rack reaches or leaves a rung, and which.
  var rungAt: [SimTime]
  var rungIndex: [Int]
  /// When the room changes segment.
  var segmentAt: SimTime?
  var segmentUp = false
  /// Timers of breakers, batteries and stores.
  var timers: [(time: SimTime, event: FacilityEvent)] = []
  /// When the series has to be begun anew.
  var continuesAt: SimTime?

  init(spec: FacilitySpec, rackCount: Int) {
    var schedule: [(time: SimTime, entry: Scheduled)] = []
    for outage in spec.distribution.distinctOutages {
      schedule.append((outage.start, .outageBegins(outage)))
      schedule.append((outage.end, .outageEnds))
    }
    for failure in spec.cooling.failures {
      schedule.append((failure.start, .failureBegins(failure)))
      schedule.append((failure.end, .failureEnds(failure)))
    }
    for cap in spec.distribution.rackCaps + spec.distribution.serverCaps {
      schedule.append((cap.start, .capChanges))
      schedule.append((cap.end, .capChanges))
    }
    func rank(_ entry: Scheduled) -> Int {
      switch entry {
      case .outageEnds, .failureEnds: 0
      case .outageBegins, .failureBegins, .capChanges: 1
      }
    }
    let order = schedule.indices.sorted {
      let (a, b) = (schedule[$0], schedule[$1])
      return (a.time, rank(a.entry), $0) < (b.time, rank(b.entry), $1)
    }
    self.schedule = order.map { schedule[$0] }
    rungAt = [SimTime](repeating: .distantFuture, count: rackCount)
    rungIndex = [Int](repeating: 0, count: rackCount)
  }
}

extension FacilityModel {
  /// When the facility needs to be advanced next, if nothing is set before; nil: never.
  ///
  /// Something may have happened then (``takeTransitions()``), or only its course goes on. Advancing
  /// later is just as right, but what happened is then learnt later too.
  public mutating func nextTransition() -> SimTime? { nextEvent()?.time }

  /// Advances to `time`; all own events up to and at `time` happen.
  ///
  /// - Precondition: `time` is not before ``now``.
  public mutating func advance(to time: SimTime) {
    precondition(time >= now, "the facility can't go back in time")
    while let next = nextEvent(), next.time <= time {
      now = max(next.time, now)
      handle(next.event)
    }
    now = time
  }

  /// The earliest event; those at the same time in the order of this list.
  mutating func nextEvent() -> (time: SimTime, event: FacilityEvent)? {
    if !agenda.isSearched { search() }
    var best: (time: SimTime, event: FacilityEvent)?
    func offer(_ time: SimTime?, _ event: FacilityEvent) {
      if let time, time < best?.time ?? .distantFuture { best = (time, event) }
    }
    if agenda.position < agenda.schedule.count {
      offer(agenda.schedule[agenda.position].time, .scheduled)
    }
    offer(inputs.weather.nextChange(after: base, clock: weatherClock), .weather)
    offer(agenda.generatorAt, .generatorStarts)
    offer(agenda.restartAt, .machinesRestart)
    for timer in agenda.timers { offer(timer.time, timer.event) }
    offer(agenda.segmentAt, .segment(up: agenda.segmentUp))
    for (rack, time) in agenda.rungAt.enumerated() { offer(time, .rung(rack: rack)) }
    offer(agenda.controlAt, .control)
    offer(agenda.continuesAt, .continues)
    return best
  }

  private mutating func handle(_ event: FacilityEvent) {
    if case .rung(let rack) = event, !toggle(agenda.rungIndex[rack], of: rack) {
      searchRungs(of: rack, after: now)
      return
    }
    if event == .control, !adjustSetPoint() { return }
    let state = book(to: now)
    var movesUp: Bool?
    switch event {
    case .rung, .control, .weather, .continues: break
    case .scheduled:
      let entry = agenda.schedule[agenda.position].entry
      agenda.position += 1
      happen(entry)
    case .generatorStarts: startGenerator()
    case .machinesRestart: restartMachines()
    case .batteryEmpty:
      batteryStored = 0
      losePower()
    case .batteryFull: batteryStored = sizing.battery.capacity.value
    case .coldEmpty: coldStored = 0
    case .coldFull: coldStored = coldCapacity
    case .breaker(let rack): trip(rack)
    case .segment(let up): movesUp = up
    }
    apply(from: state, movingSegmentUp: movesUp)
  }
}

extension Agenda: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&position)
    try archive.state(&generatorAt)
    try archive.state(&restartAt)
    try archive.state(&controlAt)
    try archive.state(&reportedFailedUnits)
    try archive.state(&isSearched)
    try archive.state(&rungAt)
    try archive.state(&rungIndex)
    try archive.state(&segmentAt)
    try archive.state(&segmentUp)
    timers = try archive.pairs(timers.map { ($0.time, $0.event) }).map { ($0, $1) }
    try archive.state(&continuesAt)
  }
}
