// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import HDF5
import Units

/// Writes a run's HDF5 file while the run goes on.
///
/// The file is netCDF-4: named axes with coordinates, units, CF time. It stands as
/// `PATH.partial` until ``finish(summary:)`` and is deleted without it. Each group that has a time
/// axis shows the one list of times under the name `time` (hard links); there is none in the root
/// group, since xarray's trees hand root coordinates down to every group, and the event log, whose
/// `time` is a column, would be multiplied by them.
///
/// Use a writer from one thread at a time; any number of writers may work at once.
public final class RunFileWriter {
  private let file: File
  private let layout: RunFileLayout
  private let time: Appender<Double>
  private let hosts: SeriesWriter
  private let hostState: Appender<Int8>
  private let racks: SeriesWriter
  private let vms: SeriesWriter?
  private let forecasts: ForecastWriter?
  private let events: EventWriter

  /// Begins the file that will stand at `path`, and writes what is known before the run.
  ///
  /// - Precondition: there is at least one host and one rack; at most 127 host states.
  /// - Throws: when the file cannot be written.
  public init(path: String, layout: RunFileLayout, provenance: RunProvenance) throws(HDF5Error) {
    self.layout = layout
    file = try File.create(path)
    let root = file.root
    try root.attributes.set("Conventions", "CF-1.12")
    try root.attributes.set("title", "Foreshadow run, policy \(provenance.policy)")
    try root.attributes.set("source", "Foreshadow \(provenance.version)")
    try root.attributes.set("schemaVersion", runFileSchemaVersion)
    try Self.write(provenance, in: root)

    let hostGroup = try root.createGroup("hosts")
    time = try hostGroup.makeAppender("time", of: Double.self)
    try describeTime(time.dataset, layout.epoch, "end of the recording interval")
    try time.dataset.makeScale()
    let hostScale = try makeNameScale("host", layout.hostNames, in: hostGroup)
    hosts = try SeriesWriter(
      group: hostGroup, time: time.dataset, names: hostScale, count: layout.hostNames.count,
      variables: hostVariables())
    hostState = try Self.makeHostState(hostGroup, time.dataset, hostScale, layout)

    let rackGroup = try root.createGroup("racks")
    try rackGroup.link("time", to: time.dataset)
    racks = try SeriesWriter(
      group: rackGroup, time: time.dataset,
      names: try makeNameScale("rack", layout.rackNames, in: rackGroup),
      count: layout.rackNames.count, variables: rackVariables())

    if layout.recordedVMs.isEmpty {
      vms = nil
      forecasts = nil
    } else {
      let group = try root.createGroup("vms")
      try group.link("time", to: time.dataset)
      let scale = try makeNameScale("vm", layout.recordedVMs.map { layout.vmNames[$0] }, in: group)
      vms = try SeriesWriter(
        group: group, time: time.dataset, names: scale, count: layout.recordedVMs.count,
        variables: vmVariables())
      forecasts =
        layout.forecastHorizons.isEmpty
        ? nil : try ForecastWriter(root: root, vmScale: scale, layout: layout)
    }
    events = try EventWriter(root: root, epoch: layout.epoch)
  }

  /// Adds one row to every series.
  ///
  /// - Precondition: arrays have one element a host, rack or VM of the layout; times grow.
  /// - Throws: when the file cannot be written.
  public func append(_ sample: RunSample) throws(HDF5Error) {
    try time.append(sample.time.seconds)
    try hosts.append(sample)
    try hostState.append(sample.hostState.map { Int8($0) })
    try racks.append(sample)
    try vms?.append(sample, only: layout.recordedVMs)
  }

  /// Adds lines to the event log, oldest first.
  ///
  /// - Throws: when the file cannot be written.
  public func append(events lines: [RunEvent]) throws(HDF5Error) {
    for line in lines { try events.append(line) }
  }

  /// Adds forecasts with the load that came, which a simulation knows beforehand.
  ///
  /// Records of one issue time must come together. Horizons that the layout does not list are
  /// left out; those that it lists and nobody forecast stay NaN.
  ///
  /// - Precondition: both have one element a VM of the inventory; `actualCores` has one list a
  ///   record, with NaN where the load is not known.
  /// - Throws: when the file cannot be written.
  public func append(forecasts records: [ForecastRecord], actualCores: [[Double]])
    throws(HDF5Error)
  {
    precondition(records.count == actualCores.count, "one list of actual loads a forecast")
    try forecasts?.append(records, actualCores)
  }

  /// Writes the summary, closes the file and gives it its name.
  ///
  /// - Throws: when the file cannot be written; it is deleted then.
  public func finish(summary: [RunMetric]) throws(HDF5Error) {
    let group = try file.root.createGroup("summary")
    for metric in summary {
      let dataset = try group.write(metric.name, metric.value)
      try describe(dataset, units: metric.units, longName: metric.longName)
    }
    try time.flush()
    try hosts.flush()
    try hostState.flush()
    try racks.flush()
    try vms?.flush()
    try forecasts?.flush()
    try events.flush()
    try file.finish()
  }

  /// Closes and deletes the unfinished file.
  public func discard() { file.discard() }

  private static func write(_ provenance: RunProvenance, in root: Group) throws(HDF5Error) {
    let group = try root.createGroup("provenance")
    try group.write("scenario", provenance.scenario)
    try group.write("resolvedScenario", provenance.resolvedScenario)
    try group.write("scenarioDigest", provenance.scenarioDigest)
    try group.write("policy", provenance.policy)
    try group.write("seed", provenance.seed)
    try group.write("version", provenance.version)
    try group.write("command", provenance.command)
  }

  private static func makeHostState(
    _ group: Group, _ time: Dataset, _ names: Dataset, _ layout: RunFileLayout
  ) throws(HDF5Error) -> Appender<Int8> {
    let appender = try group.makeAppender(
      "state", of: Int8.self, rowShape: [layout.hostNames.count])
    try appender.dataset.attach(time, axis: 0)
    try appender.dataset.attach(names, axis: 1)
    let attributes = appender.dataset.attributes
    try attributes.set("long_name", "state of the host")
    try attributes.set("flag_values", layout.hostStateNames.indices.map { Int8($0) })
    try attributes.set("flag_meanings", layout.hostStateNames.joined(separator: " "))
    try attributes.set("cell_methods", "time: point")
    return appender
  }
}

/// Sets the attributes that every variable has.
func describe(_ dataset: Dataset, units: String, longName: String) throws(HDF5Error) {
  try dataset.attributes.set("units", units)
  try dataset.attributes.set("long_name", longName)
}

/// Sets the attributes by which readers know a time.
func describeTime(_ dataset: Dataset, _ epoch: String, _ longName: String) throws(HDF5Error) {
  try describe(dataset, units: "seconds since \(epoch)", longName: longName)
  try dataset.attributes.set("standard_name", "time")
  try dataset.attributes.set("calendar", "proleptic_gregorian")
}

/// Writes names as the coordinates of an axis.
private func makeNameScale(_ name: String, _ names: [String], in group: Group) throws(HDF5Error)
  -> Dataset
{
  let scale = try group.write(name, names)
  try scale.attributes.set("long_name", "name of the \(name)")
  try scale.makeScale()
  return scale
}

/// Writes the variables of one group of series, `[time, name]`.
private struct SeriesWriter {
  private let columns: [(values: (RunSample) -> [Double], appender: Appender<Float>)]
  private let count: Int

  init(
    group: Group, time: Dataset, names: Dataset, count: Int, variables: [RunVariable<RunSample>]
  ) throws(HDF5Error) {
    self.count = count
    var columns: [(values: (RunSample) -> [Double], appender: Appender<Float>)] = []
    for variable in variables {
      let appender = try group.makeAppender(
        variable.name, of: Float.self, rowShape: [count], fill: .nan)
      try appender.dataset.attach(time, axis: 0)
      try appender.dataset.attach(names, axis: 1)
      try describe(appender.dataset, units: variable.units, longName: variable.longName)
      try appender.dataset.attributes.set("cell_methods", variable.cellMethods)
      columns.append((variable.values, appender))
    }
    self.columns = columns
  }

  func append(_ sample: RunSample, only positions: [Int]? = nil) throws(HDF5Error) {
    for column in columns {
      let values = column.values(sample)
      if let positions {
        try column.appender.append(positions.map { Float(values[$0]) })
      } else {
        precondition(values.count == count, "\(values.count) values for \(count) columns")
        try column.appender.append(values.map { Float($0) })
      }
    }
  }

  func flush() throws(HDF5Error) {
    for column in columns { try column.appender.flush() }
  }
}
