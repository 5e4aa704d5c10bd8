// SPDX-License-Identifier: Apache-2.0
import ControlPlane
public import HDF5
public import Units

/// Reads a run file: what `foreshadow show` and `foreshadow explain` print.
///
/// Every call reads what it is asked for and no more, so large files open at once.
public struct RunFileReader {
  /// Where the file is.
  public let path: String
  /// The calendar time of `SimTime.zero`, as in ``RunFileLayout/epoch``.
  public let epoch: String
  private let root: Group

  /// Opens a finished run file.
  ///
  /// - Throws: when there is no such file, when it is not a run file, or when a later version
  ///   of Foreshadow wrote it in a way that this version would misread.
  public init(path: String) throws(HDF5Error) {
    self.path = path
    root = try File.open(path).root
    func refuse(_ reason: String) -> HDF5Error {
      HDF5Error(operation: "read the run file", path: path, reason: reason)
    }
    guard try root.attributes.contains("schemaVersion"),
      case .integers(let versions) = try root.attributes.value("schemaVersion"),
      let version = versions.first
    else { throw refuse("it is HDF5, but not a run file of Foreshadow (no schemaVersion)") }
    guard version <= runFileSchemaVersion else {
      throw refuse("its layout is version \(version); this program reads \(runFileSchemaVersion)")
    }
    let units = try root.group("hosts").dataset("time").attributes.text("units") ?? ""
    let prefix = "seconds since "
    guard units.hasPrefix(prefix) else { throw refuse("its time has the units \"\(units)\"") }
    epoch = String(units.dropFirst(prefix.count))
  }

  /// Where the run came from.
  public func provenance() throws(HDF5Error) -> RunProvenance {
    let group = try root.group("provenance")
    func text(_ name: String) throws(HDF5Error) -> String {
      try group.dataset(name).readTexts().first ?? ""
    }
    return RunProvenance(
      scenario: try text("scenario"), resolvedScenario: try text("resolvedScenario"),
      scenarioDigest: try text("scenarioDigest"), policy: try text("policy"),
      seed: try group.dataset("seed").read(as: UInt64.self).first ?? 0,
      version: try text("version"), command: try text("command"))
  }

  /// The figures of the summary, in the order in which they were written.
  public func summary() throws(HDF5Error) -> [RunMetric] {
    let group = try root.group("summary")
    var metrics: [RunMetric] = []
    for name in try group.datasetNames(in: .creation) {
      let dataset = try group.dataset(name)
      metrics.append(
        RunMetric(
          name: name, units: try dataset.attributes.text("units") ?? "",
          longName: try dataset.attributes.text("long_name") ?? "",
          value: try dataset.read(as: Double.self).first ?? .nan))
    }
    return metrics
  }

  /// Names of all hosts.
  public func hostNames() throws(HDF5Error) -> [String] {
    try root.group("hosts").dataset("host").readTexts()
  }

  /// Names of all racks.
  public func rackNames() throws(HDF5Error) -> [String] {
    try root.group("racks").dataset("rack").readTexts()
  }

  /// Names of the VMs whose series are in the file; empty when none are.
  public func vmNames() throws(HDF5Error) -> [String] {
    guard try root.contains("vms") else { return [] }
    return try root.group("vms").dataset("vm").readTexts()
  }

  /// Ends of the recording intervals.
  public func times() throws(HDF5Error) -> [SimTime] {
    try times(in: try root.group("hosts"), "time")
  }

  /// A kind of thing that has series, named as its group.
  public enum Subject: String, Sendable, CaseIterable {
    case hosts, racks, vms
  }

  /// Names of the variables that `subject` has, in the order in which they were written; empty
  /// when the file has no such group.
  public func variables(of subject: Subject) throws(HDF5Error) -> [String] {
    guard try root.contains(subject.rawValue) else { return [] }
    let group = try root.group(subject.rawValue)
    var names: [String] = []
    for name in try group.datasetNames(in: .creation)
    where try group.dataset(name).shape().count == 2 { names.append(name) }
    return names
  }

  /// All values of a variable, `[time, name]` row-major.
  ///
  /// - Throws: when there is no such variable.
  public func values(of variable: String, _ subject: Subject) throws(HDF5Error) -> [Float] {
    try root.group(subject.rawValue).dataset(variable).read(as: Float.self)
  }

  /// The values of a variable for the one thing at `position`, one a time.
  ///
  /// - Throws: when there is no such variable or position.
  public func values(of variable: String, _ subject: Subject, at position: Int) throws(HDF5Error)
    -> [Float]
  {
    let dataset = try root.group(subject.rawValue).dataset(variable)
    let rows = try dataset.shape().first ?? 0
    return try dataset.read(as: Float.self, [0..<rows, position..<(position + 1)])
  }

  // MARK: Logs

  /// One forecast for one VM that was kept.
  public struct Forecast: Sendable, Hashable {
    /// When it was made.
    public var issuedAt: SimTime
    /// How far ahead it looks, in seconds.
    public var horizonSeconds: Double
    /// Expected load in cores.
    public var mean: Float
    /// Lower end of the central 90 % interval in cores.
    public var lower: Float
    /// Upper end of the central 90 % interval in cores.
    public var upper: Float
    /// The load that came, in cores; NaN when it is not known.
    public var actual: Float
  }

  /// The forecasts for the VM at `position` of ``vmNames()``, by issue time and horizon; those
  /// that were not made are left out. Empty when the file has none.
  public func forecasts(vmAt position: Int) throws(HDF5Error) -> [Forecast] {
    guard try root.contains("forecasts") else { return [] }
    let group = try root.group("forecasts")
    let issues = try times(in: group, "issue")
    let horizons = try group.dataset("horizon").read(as: Double.self)
    let box = [0..<issues.count, 0..<horizons.count, position..<(position + 1)]
    var columns: [[Float]] = []
    for variable in forecastVariables {
      columns.append(try group.dataset(variable.name).read(as: Float.self, box))
    }
    return (0..<(issues.count * horizons.count)).compactMap { index in
      guard !columns[0][index].isNaN else { return nil }
      return Forecast(
        issuedAt: issues[index / horizons.count],
        horizonSeconds: horizons[index % horizons.count], mean: columns[0][index],
        lower: columns[1][index], upper: columns[2][index], actual: columns[3][index])
    }
  }

  /// The event log, oldest first.
  public func events() throws(HDF5Error) -> [RunEvent] {
    let group = try root.group("events")
    let times = try times(in: group, "time")
    func texts(_ name: String) throws(HDF5Error) -> [String] {
      try checked(group.dataset(name).readTexts(), times.count, name)
    }
    func numbers(_ name: String) throws(HDF5Error) -> [Double] {
      try checked(group.dataset(name).read(as: Double.self), times.count, name)
    }
    func optional(_ name: String) throws(HDF5Error) -> [Int?] {
      let numbers = try checked(group.dataset(name).read(as: Int64.self), times.count, name)
      return numbers.map { $0 < 0 ? nil : Int($0) }
    }
    let (kinds, vms, hosts) = (try texts("kind"), try texts("vm"), try texts("host"))
    let (shadows, commands) = (try optional("shadow"), try optional("commandId"))
    let (values, details) = (try numbers("value"), try texts("detail"))
    let forecast = try numbers("forecastCores")
    let upper = try numbers("upperCores")
    let probability = try numbers("overloadProbability")
    let horizon = try numbers("horizonSeconds")
    let lead = try numbers("leadTimeSeconds")
    let gain = try numbers("expectedGainCoreSeconds")
    return times.indices.map { row in
      RunEvent(
        time: times[row], kind: kinds[row], vm: vms[row], host: hosts[row], shadow: shadows[row],
        commandID: commands[row], value: values[row], detail: details[row],
        rationale: .init(
          forecastCores: forecast[row], upperCores: upper[row],
          overloadProbability: probability[row], horizonSeconds: horizon[row],
          leadTimeSeconds: lead[row], expectedGainCoreSeconds: gain[row]))
    }
  }

  /// A column, if it is as long as the log is.
  private func checked<Element>(_ column: [Element], _ count: Int, _ name: String)
    throws(HDF5Error) -> [Element]
  {
    guard column.count == count else {
      throw HDF5Error(
        operation: "read the event log", path: path,
        reason: "\(name) has \(column.count) rows, time has \(count)")
    }
    return column
  }

  /// The times in a dataset of seconds.
  private func times(in group: Group, _ name: String) throws(HDF5Error) -> [SimTime] {
    let seconds = try group.dataset(name).read(as: Double.self)
    guard seconds.allSatisfy({ abs($0) < maximumSeconds }) else {
      throw HDF5Error(
        operation: "read the times", path: "\(path):\(group.path)/\(name)",
        reason: "one is not within ±\(maximumSeconds) s")
    }
    return seconds.map { .seconds($0) }
  }
}

/// What ``SimTime`` can hold, in seconds.
private let maximumSeconds = 9.2e9
