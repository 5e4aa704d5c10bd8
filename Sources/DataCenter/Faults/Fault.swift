// SPDX-License-Identifier: Apache-2.0
public import Units

/// Something that fails or is disturbed for a time.
public struct Fault: Sendable, Hashable {
  /// What fails.
  public enum Target: Sendable, Hashable {
    /// A host stops at once; with it everything on it.
    case host(Int)
    /// The link of a host is down: the host runs, but nobody reaches it.
    case hostLink(Int)
    /// The switch of a rack is lost: its hosts run, but nobody reaches them.
    case rackSwitch(Int)
    /// One uplink of a rack is down; without a modelled network nothing depends on it.
    case uplink(rack: Int, index: Int)
    /// No telemetry arrives.
    case telemetryGap
    /// Telemetry arrives later by this much.
    case telemetryDelay(SimTime)
    /// The agents' clocks are wrong by this much; positive is ahead.
    case clockSkew(SimTime)
    /// The management server is away: nothing is decided, and what it is told waits at its door. It
    /// comes back with an empty memory.
    case managementRestart
  }
  /// What fails.
  public var target: Target
  /// When.
  public var start: SimTime
  /// When it works again; a host has still to boot then.
  public var end: SimTime

  /// A fault; `start ≤ end`.
  public init(target: Target, start: SimTime, end: SimTime) {
    self.target = target
    self.start = start
    self.end = end
  }
}

/// Names of racks and hosts, for faults that a scenario or a trace names.
struct FloorNames {
  /// Hosts of each rack.
  let hostsPerRack: [Int]
  /// Number of the first host of each rack.
  private let firstHost: [Int]

  init(_ racks: [RackGroupSpec]) {
    hostsPerRack = racks.flatMap { [Int](repeating: $0.hosts, count: $0.count) }
    var first = 0
    firstHost = hostsPerRack.map { count in
      defer { first += count }
      return first
    }
  }

  /// The host with that name, or a sentence about why there is none.
  func host(named name: String) -> Result<Int, UnknownName> {
    let parts = name.dropFirst().split(separator: "h", omittingEmptySubsequences: false)
    if name.first == "r", parts.count == 2, let rack = Int(parts[0]), let number = Int(parts[1]),
      hostsPerRack.indices.contains(rack - 1), (1...hostsPerRack[rack - 1]).contains(number),
      DataCenterSpec.hostName(rack: rack - 1, position: number - 1) == name
    {
      return .success(firstHost[rack - 1] + number - 1)
    }
    let names = names(beside: parts.first.flatMap { Int($0) })
    let near = nearestName(to: name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
    return .failure(UnknownName(message: "no host \"\(name)\"\(near)"))
  }

  /// The hosts of a rack, counted from 1, or of the first one. Not all there are: a floor may have a
  /// hundred million, and a name far from every host of its rack is no slip of the pen.
  private func names(beside rack: Int?) -> [String] {
    let position = rack.flatMap { hostsPerRack.indices.contains($0 - 1) ? $0 - 1 : nil } ?? 0
    guard hostsPerRack.indices.contains(position) else { return [] }
    return (0..<hostsPerRack[position]).map {
      DataCenterSpec.hostName(rack: position, position: $0)
    }
  }

  /// The rack with that number, counted from 1, or a sentence about why there is none.
  func rack(numbered number: Int) -> Result<Int, UnknownName> {
    guard hostsPerRack.indices.contains(number - 1) else {
      return .failure(
        UnknownName(message: "no rack \(number); there are racks 1 … \(hostsPerRack.count)"))
    }
    return .success(number - 1)
  }
}

/// A rack or host that is not there.
struct UnknownName: Error {
  var message: String
}
