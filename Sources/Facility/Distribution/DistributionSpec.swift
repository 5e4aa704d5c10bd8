// SPDX-License-Identifier: Apache-2.0
public import Units

/// The power chain from the meter to the rack, and what happens when the mains fail.
public struct DistributionSpec: Sendable, Hashable {
  /// A time without mains.
  public struct Outage: Sendable, Hashable {
    /// When the mains fail.
    public var start: SimTime
    /// When they return.
    public var end: SimTime
    /// Whether the cooling plant keeps running (a brown-out that only the servers' supply cannot
    /// bear); otherwise compressors stop and fans run on.
    public var keepsCooling: Bool

    /// An outage; `start < end`.
    public init(start: SimTime, end: SimTime, keepsCooling: Bool = false) {
      self.start = start
      self.end = end
      self.keepsCooling = keepsCooling
    }
  }

  /// A time in which every rack's servers together, or every server, may not draw more than a limit.
  public struct PowerCap: Sendable, Hashable {
    /// When it begins.
    public var start: SimTime
    /// When it ends.
    public var end: SimTime
    /// The limit of each rack's servers, or of each server.
    public var power: Watts

    /// A cap; `start < end`.
    public init(start: SimTime, end: SimTime, power: Watts) {
      self.start = start
      self.end = end
      self.power = power
    }
  }

  /// Spare modules in PDUs and UPS.
  public var redundancy: Redundancy
  /// Losses of a rack PDU.
  public var pdu: RelativeLosses
  /// Losses of the UPS.
  public var ups: RelativeLosses
  /// UPS modules that the load needs.
  public var upsModules: Int
  /// Whether the UPS stands in the cooled room; else its heat leaves by itself.
  public var upsHeatsRoom: Bool
  /// Losses of the transformer.
  public var transformer: RelativeLosses
  /// Rating of a rack's branch; zero: 1.25 times the rack's highest power (the 80 % rule).
  public var branchRating: Watts
  /// Time constant of the branch breaker.
  public var breakerTime: SimTime
  /// Multiple of the rating at which a breaker trips at once.
  public var breakerMagnetic: Double
  /// Share of the branch rating that raises an alarm.
  public var alarmShare: Double
  /// Time for which the UPS carries the racks at their highest power.
  public var batteryTime: SimTime
  /// One-way efficiency of the battery, in each direction.
  public var batteryEfficiency: Double
  /// Time in which an empty battery is charged.
  public var rechargeTime: SimTime
  /// Whether there is a generator.
  public var hasGenerator: Bool
  /// Time from the outage until the generator carries the load.
  public var generatorStart: SimTime
  /// Times in which racks have a power budget; where they overlap the lowest counts.
  public var rackCaps: [PowerCap]
  /// Times in which servers have a power limit each; where they overlap the lowest counts.
  public var serverCaps: [PowerCap]
  /// Times without mains; those that overlap or touch are one, in which the cooling runs on only if
  /// it does in all of them.
  public var outages: [Outage]

  /// The lowest of the limits that hold at a moment; nil: none does.
  static func lowest(of caps: [PowerCap], at time: SimTime) -> Watts? {
    caps.filter { $0.start <= time && time < $0.end }.map(\.power).min()
  }

  /// ``outages`` in order of time, the overlapping ones joined.
  var distinctOutages: [Outage] {
    var result: [Outage] = []
    for outage in outages.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      if let last = result.last, outage.start <= last.end {
        result[result.count - 1].end = max(last.end, outage.end)
        result[result.count - 1].keepsCooling = last.keepsCooling && outage.keepsCooling
      } else {
        result.append(outage)
      }
    }
    return result
  }

  /// Reads the section `distribution`.
  ///
  /// Defaults: PDU 3 % loss at full load (Pelley et al., WEED 2009); UPS 4 % with a part of it
  /// independent of the load as there, but not their 9–10 %: double-conversion units of the 2020s
  /// reach 96 %; transformer 1.5 %.
  public init<Source: ParameterSource>(from source: inout Source) {
    let names = Redundancy.allCases.map(\.rawValue)
    let redundancyName = source.choice(
      "redundancy", default: Redundancy.nPlusOne.rawValue, of: names,
      about: "spare modules of the UPS; 2n also doubles the rack feeds")
    redundancy = Redundancy(rawValue: redundancyName) ?? .nPlusOne
    pdu = source.section("pdu", about: "rack power distribution unit") {
      RelativeLosses(
        from: &$0, default: RelativeLosses(idle: 0.01, proportional: 0, square: 0.02))
    }
    (ups, upsModules, upsHeatsRoom) = source.section(
      "ups", about: "uninterruptible power supply"
    ) { section in
      let losses = RelativeLosses(
        from: &section, default: RelativeLosses(idle: 0.01, proportional: 0.03, square: 0))
      let modules = section.integer(
        "modules", default: 2, in: 1...1000, about: "modules that the load needs")
      let heats = section.flag(
        "heatsRoom", default: false, about: "whether its losses warm the cooled room")
      return (losses, modules, heats)
    }
    transformer = source.section("transformer", about: "transformer behind the meter") {
      RelativeLosses(
        from: &$0, default: RelativeLosses(idle: 0.003, proportional: 0, square: 0.012))
    }
    (branchRating, breakerTime, breakerMagnetic, alarmShare) = source.section(
      "breaker", about: "branch breaker of each rack", readBreaker)
    (batteryTime, batteryEfficiency, rechargeTime) = source.section(
      "battery", about: "battery of the UPS", readBattery)
    (hasGenerator, generatorStart) = source.section("generator", about: "standby generator") {
      let installed = $0.flag("installed", default: true, about: "whether there is one")
      let start = $0.time(
        "startTime", default: .seconds(30), about: "from the outage until it carries the load")
      return (installed, start)
    }
    rackCaps = source.list("rackCaps", about: "times in which racks have a power budget") {
      PowerCap(from: &$0, about: "budget of each rack's servers")
    }
    serverCaps = source.list("serverCaps", about: "times in which servers have a power limit") {
      PowerCap(from: &$0, about: "limit of each server")
    }
    outages = source.list("outages", about: "times without mains") { item in
      let start = item.instant("from", default: nil, about: "when the mains fail")
      let duration = item.time(
        "duration", default: .minutes(10), in: .seconds(1) ... .days(3650),
        about: "until they return")
      let keeps = item.flag(
        "keepsCooling", default: false, about: "whether the cooling plant keeps running")
      return Outage(start: start, end: start + duration, keepsCooling: keeps)
    }
  }
}

extension DistributionSpec.PowerCap {
  fileprivate init(from item: inout some ParameterSource, about: String) {
    start = item.instant("from", default: .zero, about: "when it begins to hold")
    let duration = item.time(
      "duration", default: .hours(1), in: .seconds(1) ... .days(3650), about: "how long it holds")
    end = start + duration
    power = Watts(item.quantity("power", .power, default: nil, in: 1...1e7, about: about))
  }
}

private func readBreaker(_ source: inout some ParameterSource) -> (
  rating: Watts, time: SimTime, magnetic: Double, alarm: Double
) {
  let rating = source.quantity(
    "rating", .power, default: 0, in: 0...1e7,
    about: "what a rack's branch carries for ever; 0 W: 1.25 times the rack's highest power")
  let time = source.time(
    "timeConstant", default: .seconds(400), in: .seconds(1) ... .hours(10),
    about: "thermal time constant; 400 s trips after 115 s at twice the rating")
  let magnetic = source.number(
    "magneticTrip", default: 8, in: 1.5...100, about: "multiple of the rating that trips at once")
  let alarm = source.fraction(
    "alarm", default: 0.8, in: 0.01...10, about: "share of the rating that raises an alarm")
  return (Watts(rating), time, magnetic, alarm)
}

private func readBattery(_ source: inout some ParameterSource) -> (
  time: SimTime, efficiency: Double, recharge: SimTime
) {
  let time = source.time(
    "time", default: .minutes(5), about: "how long it carries the racks at their highest power")
  let efficiency = source.fraction(
    "efficiency", default: 0.95, in: 0.1...1, about: "one-way efficiency, in each direction")
  let recharge = source.time(
    "rechargeTime", default: .hours(4), in: .seconds(60) ... .days(30),
    about: "time in which an empty battery is charged")
  return (time, efficiency, recharge)
}
