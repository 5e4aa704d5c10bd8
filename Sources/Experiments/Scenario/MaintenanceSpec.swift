// SPDX-License-Identifier: Apache-2.0
import DataCenter
public import Units

/// A time in which hosts must be empty.
public struct MaintenanceSpec: Sendable, Equatable {
  /// What is away.
  public enum Target: Sendable, Equatable {
    /// All hosts of a rack, by its position from 1.
    case rack(Int)
    /// Some hosts by name.
    case hosts([String])
  }
  /// What is away.
  public var target: Target
  /// When the hosts must be empty.
  public var from: SimTime
  /// When they may be used again.
  public var until: SimTime

  /// Reads one window; racks and hosts that do not exist are problems.
  init(from source: inout some ParameterSource, hosts directory: HostDirectory) {
    let isRack = source.isGiven("rack")
    let isHosts = source.isGiven("hosts")
    let rack = source.integer(
      "rack", default: 1, in: 1...1_000_000, about: "Rack whose hosts are away, counted from 1.")
    let hosts = source.texts(
      "hosts", default: [], about: "Names of the hosts that are away, e.g. r2h07.")
    if isRack == isHosts { source.problem("rack", "give either rack or hosts") }
    if isRack, let problem = directory.problem(rack: rack) { source.problem("rack", problem) }
    if isHosts, let problem = directory.problem(hosts: hosts) { source.problem("hosts", problem) }
    target = isHosts ? .hosts(hosts) : .rack(rack)
    from = source.instant("from", default: nil, about: "When the hosts must be empty.")
    until = source.instant("until", default: nil, about: "When they may be used again.")
    if until <= from { source.problem("until", "must be later than from (\(from))") }
  }
}

/// Which racks and hosts there are, without a list of all of them: a scenario may ask for millions.
struct HostDirectory {
  private let groups: [(racks: Int, hosts: Int)]

  init(_ dataCenter: DataCenterSpec) {
    groups = dataCenter.racks.map { ($0.count, $0.hosts) }
  }

  /// Number of racks.
  private var rackCount: Int { groups.reduce(0) { $0 + $1.racks } }

  /// Hosts of the rack at a position from 0; nil when there is no such rack.
  private func hostCount(ofRack rack: Int) -> Int? {
    var first = 0
    for group in groups {
      if (first..<first + group.racks).contains(rack) { return group.hosts }
      first += group.racks
    }
    return nil
  }

  /// Why there is no rack of that number, counted from 1; nil when there is.
  func problem(rack: Int) -> String? {
    (1...max(1, rackCount)).contains(rack)
      ? nil : "no rack \(rack); there are racks 1 … \(rackCount)"
  }

  /// Why there are not all of these hosts; nil when there are.
  func problem(hosts: [String]) -> String? {
    guard !hosts.isEmpty else { return "name at least one host" }
    let unknown = hosts.filter { !isHost($0) }
    guard let first = unknown.first else { return nil }
    let near = nearestName(to: first, in: names(beside: first))
    let hint = near.map { "did you mean \"\($0)\"?" } ?? "hosts are called r1h01, r1h02, …"
    return "no host \(unknown.map(quoted).joined(separator: ", ")); \(hint)"
  }

  private func isHost(_ name: String) -> Bool {
    guard let (rack, position) = parsed(name), let count = hostCount(ofRack: rack) else {
      return false
    }
    return (0..<count).contains(position)
      && name == DataCenterSpec.hostName(rack: rack, position: position)
  }

  /// The hosts of the rack that a name speaks of, or of the first one.
  private func names(beside name: String) -> [String] {
    var rack = parsed(name)?.rack ?? 0
    if hostCount(ofRack: rack) == nil { rack = 0 }
    return (0..<(hostCount(ofRack: rack) ?? 0)).map {
      DataCenterSpec.hostName(rack: rack, position: $0)
    }
  }

  /// Rack and position from 0 in `r2h07`.
  private func parsed(_ name: String) -> (rack: Int, position: Int)? {
    guard name.hasPrefix("r") else { return nil }
    let numbers = name.dropFirst().split(separator: "h", omittingEmptySubsequences: false)
    guard numbers.count == 2, let rack = Int(numbers[0]), let position = Int(numbers[1]),
      (1...Int(Int32.max)).contains(rack), (1...Int(Int32.max)).contains(position)
    else { return nil }
    return (rack - 1, position - 1)
  }
}
