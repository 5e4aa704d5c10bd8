// SPDX-License-Identifier: Apache-2.0
public import Units

/// What goes wrong: faults listed, read from a file and drawn at random, and how VMs come back.
///
/// Random faults follow the calendar, not use: a host fails at the same times under every policy.
public struct FaultSpec: Sendable {
  /// Faults at known times.
  public var listed: [Fault]
  /// File with further ones, see ``FaultTraceReader``; empty for none.
  public var tracePath: String
  /// Random failures of hosts.
  public var hosts: RandomFailures
  /// Random losses of rack switches.
  public var rackSwitches: RandomFailures
  /// Part of all tries to migrate that fail just before the switch to the target.
  public var migrationFailures: Double
  /// Part of all steps of shadows that never end by themselves.
  public var stuckShadowSteps: Double
  /// After this time a step that does not end counts as failed.
  public var stuckAfter: SimTime
  /// From a trip (breaker, hot air) to its reset by hand.
  public var tripReset: SimTime
  /// How VMs come back after the loss of their host.
  public var restart: RestartSpec

  /// Reads the section; `racks` tells which racks and hosts there are.
  public init<Source: ParameterSource>(from source: inout Source, racks: [RackGroupSpec]) {
    let names = FloorNames(racks)
    listed = source.list("events", about: "Faults at known times.") {
      Self.readEvent(from: &$0, names)
    }.flatMap { $0 }
    tracePath = source.path(
      "trace", default: "",
      about: "File with faults: columns startSeconds, kind, target, durationSeconds.")
    hosts = source.section("hosts", about: "Random failures of hosts.") {
      RandomFailures(from: &$0, repair: .hours(4))
    }
    rackSwitches = source.section("rackSwitches", about: "Random losses of rack switches.") {
      RandomFailures(from: &$0, repair: .minutes(30))
    }
    migrationFailures = source.fraction(
      "migrationFailures", default: 0,
      about: "Part of all tries to migrate that fail just before the switch to the target.")
    stuckShadowSteps = source.fraction(
      "stuckShadowSteps", default: 0,
      about: "Part of all steps of shadows that never end by themselves.")
    stuckAfter = source.time(
      "stuckAfter", default: .minutes(10), in: .seconds(1) ... .days(1),
      about: "After this time a step that does not end counts as failed.")
    tripReset = source.time(
      "tripReset", default: .minutes(30), in: .seconds(1) ... .days(365),
      about: "From a trip (breaker, hot air) to its reset by hand.")
    restart = source.section("restart", about: "How VMs come back after the loss of a host.") {
      RestartSpec(from: &$0)
    }
  }

  private static func readEvent<Source: ParameterSource>(
    from source: inout Source, _ names: FloorNames
  ) -> [Fault] {
    let targets = source.alternative(
      "what", default: nil, of: targets(names), about: "What fails.")
    let start = source.instant("at", default: nil, about: "When it fails.")
    let duration = source.time(
      "duration", default: .minutes(30), in: .milliseconds(1) ... .days(3650),
      about: "How long; a host has still to boot afterwards.")
    return targets.map { Fault(target: $0, start: start, end: start + duration) }
  }

  private static func targets<Source: ParameterSource>(
    _ names: FloorNames
  ) -> [Alternative<Source, [Fault.Target]>] {
    [
      Alternative("hostCrash", about: "Hosts stop at once, with all that runs on them.") {
        readHosts(from: &$0, names).map { .host($0) }
      },
      Alternative("hostLink", about: "Links of hosts are down; the hosts run on, unreachable.") {
        readHosts(from: &$0, names).map { .hostLink($0) }
      },
      Alternative("rackSwitch", about: "A rack's switch is lost; its hosts run on, unreachable.") {
        readRack(from: &$0, names).map { .rackSwitch($0) }
      },
      Alternative("uplink", about: "One uplink of a rack is down.") { source in
        let racks = readRack(from: &source, names)
        let number = source.integer(
          "number", default: 1, in: 1...64, about: "Number of the uplink, counted from 1.")
        return racks.map { .uplink(rack: $0, index: number - 1) }
      },
      Alternative("telemetryGap", about: "No telemetry arrives.") { _ in [.telemetryGap] },
      Alternative("telemetryDelay", about: "Telemetry arrives late.") { source in
        let by = source.time(
          "by", default: .minutes(1), in: .milliseconds(1) ... .days(1),
          about: "How much later it arrives.")
        return [.telemetryDelay(by)]
      },
      Alternative("clockSkew", about: "The clocks of the agents are wrong.") { source in
        let seconds = source.quantity(
          "by", .time, default: 60, in: -86_400...86_400,
          about: "How much they are ahead; negative is behind.")
        return [.clockSkew(.seconds(seconds))]
      },
      Alternative(
        "managementRestart",
        about: "The policy's process ends and starts anew; messages to it wait meanwhile."
      ) { _ in [.managementRestart] },
    ]
  }

  private static func readHosts<Source: ParameterSource>(
    from source: inout Source, _ names: FloorNames
  ) -> [Int] {
    let wanted = source.texts("hosts", default: [], about: "Names of the hosts, such as r1h03.")
    if wanted.isEmpty { source.problem("hosts", "name at least one host") }
    return wanted.compactMap { name in
      switch names.host(named: name) {
      case .success(let host): return host
      case .failure(let unknown):
        source.problem("hosts", unknown.message)
        return nil
      }
    }
  }

  private static func readRack<Source: ParameterSource>(
    from source: inout Source, _ names: FloorNames
  ) -> [Int] {
    let number = source.integer(
      "rack", default: 1, in: 1...100_000, about: "The rack, counted from 1.")
    switch names.rack(numbered: number) {
    case .success(let rack): return [rack]
    case .failure(let unknown):
      source.problem("rack", unknown.message)
      return []
    }
  }
}

/// Failures of many like parts: times between them are Weibull, repairs log-normal.
public struct RandomFailures: Sendable, Hashable {
  /// Scale of the time between a repair and the next failure; nil for no failures.
  public var scale: SimTime?
  /// Shape of that time: 1 is memoryless, below 1 failures come in bursts (Schroeder & Gibson,
  /// DSN 2006, find 0.7 to 0.8).
  public var shape: Double
  /// Median of the repair time.
  public var repair: SimTime
  /// Standard deviation of its logarithm.
  public var repairSigma: Double

  init(from source: inout some ParameterSource, repair median: SimTime) {
    let scale = source.time(
      "scale", default: .zero, in: .zero ... .days(36_500),
      about: "Scale of the Weibull time between failures; 0 s for no failures.")
    self.scale = scale > .zero ? scale : nil
    shape = source.number(
      "shape", default: 1, in: 0.1...10,
      about: "Shape of that time; 1 is memoryless (Schroeder & Gibson, DSN 2006: 0.7-0.8).")
    repair = source.time(
      "repair", default: median, in: .seconds(1) ... .days(365),
      about: "Median repair time (log-normal).")
    repairSigma = source.number(
      "repairSigma", default: 0.8, in: 0...5,
      about: "Standard deviation of the repair time's logarithm.")
  }
}

/// How VMs come back after the loss of their host.
public struct RestartSpec: Sendable, Hashable {
  /// Where a VM comes back.
  public enum Policy: String, Sendable, CaseIterable {
    /// On any host with room (high availability).
    case anyHost
    /// On its own host, once that has been repaired.
    case sameHost
    /// Not at all.
    case never
  }
  /// Where a VM comes back.
  public var policy: Policy
  /// From the loss of the host to the first try: detection and fencing.
  public var delay: SimTime
  /// Pause before another try when no host has room.
  public var retryInterval: SimTime
  /// Median time of a VM's boot (log-normal).
  public var bootTime: SimTime
  /// Standard deviation of its logarithm.
  public var bootSigma: Double

  init(from source: inout some ParameterSource) {
    let name = source.choice(
      "policy", default: Policy.anyHost.rawValue, of: Policy.allCases.map(\.rawValue),
      about: "Where VMs of a lost host come back: on any host, on the repaired one, or never.")
    policy = Policy(rawValue: name) ?? .anyHost
    delay = source.time(
      "delay", default: .seconds(60), in: .zero ... .days(1),
      about: "From the loss to the first try: detection and fencing (Proxmox HA: 60 s).")
    retryInterval = source.time(
      "retryInterval", default: .seconds(60), in: .seconds(1) ... .days(1),
      about: "Pause before another try when no host has room.")
    bootTime = source.time(
      "bootTime", default: .seconds(60), in: .milliseconds(1) ... .hours(10),
      about: "Median boot time of a VM (log-normal).")
    bootSigma = source.number(
      "bootSigma", default: 0.3, in: 0...3,
      about: "Standard deviation of the boot time's logarithm.")
  }
}
