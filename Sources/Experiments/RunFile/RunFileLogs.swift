// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import HDF5
import Units

/// Writes `/events`: one row an event, one variable a column.
struct EventWriter {
  private let number: Appender<Int64>
  private let time: Appender<Double>
  private let kind: TextAppender
  private let vm: TextAppender
  private let host: TextAppender
  private let shadow: Appender<Int64>
  private let commandID: Appender<Int64>
  private let detail: TextAppender
  private let columns: [(values: (RunEvent) -> [Double], appender: Appender<Double>)]

  /// What stands in a number column where the event has none.
  static let absent: Int64 = -1

  init(root: Group, epoch: String) throws(HDF5Error) {
    let group = try root.createGroup("events")
    number = try group.makeAppender("event", of: Int64.self)
    try number.dataset.makeScale()
    try describe(number.dataset, units: "1", longName: "number of the event")
    time = try group.makeAppender("time", of: Double.self)
    try describeTime(time.dataset, epoch, "when it happened")
    kind = try Self.texts("kind", "what happened", in: group)
    vm = try Self.texts("vm", "name of the VM concerned", in: group)
    host = try Self.texts("host", "name of the host concerned", in: group)
    shadow = try Self.numbers("shadow", "number of the shadow, -1: none", in: group)
    commandID = try Self.numbers("commandId", "number of the command, -1: none", in: group)
    detail = try Self.texts("detail", "reason in words", in: group)
    var columns: [(values: (RunEvent) -> [Double], appender: Appender<Double>)] = []
    for variable in eventVariables() {
      let appender = try group.makeAppender(variable.name, of: Double.self, fill: .nan)
      try describe(appender.dataset, units: variable.units, longName: variable.longName)
      columns.append((variable.values, appender))
    }
    self.columns = columns
    let axis = number.dataset
    for dataset in [time.dataset, kind.dataset, vm.dataset, host.dataset] {
      try dataset.attach(axis, axis: 0)
    }
    for dataset in [shadow.dataset, commandID.dataset, detail.dataset] {
      try dataset.attach(axis, axis: 0)
    }
    for column in columns { try column.appender.dataset.attach(axis, axis: 0) }
  }

  private static func texts(_ name: String, _ longName: String, in group: Group)
    throws(HDF5Error) -> TextAppender
  {
    let appender = try group.makeTextAppender(name)
    try appender.dataset.attributes.set("long_name", longName)
    return appender
  }

  private static func numbers(_ name: String, _ longName: String, in group: Group)
    throws(HDF5Error) -> Appender<Int64>
  {
    let appender = try group.makeAppender(name, of: Int64.self)
    try appender.dataset.attributes.set("long_name", longName)
    return appender
  }

  func append(_ event: RunEvent) throws(HDF5Error) {
    try number.append(Int64(number.rowCount))
    try time.append(event.time.seconds)
    try kind.append(event.kind)
    try vm.append(event.vm)
    try host.append(event.host)
    try shadow.append(event.shadow.map { Int64($0) } ?? Self.absent)
    try commandID.append(event.commandID.map { Int64($0) } ?? Self.absent)
    try detail.append(event.detail)
    for column in columns { try column.appender.append(column.values(event)) }
  }

  func flush() throws(HDF5Error) {
    try number.flush()
    try time.flush()
    for texts in [kind, vm, host, detail] { try texts.flush() }
    try shadow.flush()
    try commandID.flush()
    for column in columns { try column.appender.flush() }
  }
}

/// Writes `/forecasts`: `[issue, horizon, vm]`, one row an issue time.
struct ForecastWriter {
  private let issue: Appender<Double>
  private let variables: [Appender<Float>]
  private let horizons: [Int]
  private let positions: [Int]

  init(root: Group, vmScale: Dataset, layout: RunFileLayout) throws(HDF5Error) {
    horizons = layout.forecastHorizons
    positions = layout.recordedVMs
    let group = try root.createGroup("forecasts")
    issue = try group.makeAppender("issue", of: Double.self)
    try describeTime(issue.dataset, layout.epoch, "when the forecast was made")
    try issue.dataset.makeScale()
    let step = layout.sampleInterval.seconds
    let horizon = try group.write("horizon", horizons.map { Double($0) * step })
    // "s", not "seconds": readers take the long form for a length of time and change its type.
    try describe(horizon, units: "s", longName: "how far ahead, in whole sample intervals")
    try horizon.makeScale()
    try group.link("vm", to: vmScale)
    var variables: [Appender<Float>] = []
    for variable in forecastVariables {
      let appender = try group.makeAppender(
        variable.name, of: Float.self, rowShape: [horizons.count, positions.count], fill: .nan)
      try appender.dataset.attach(issue.dataset, axis: 0)
      try appender.dataset.attach(horizon, axis: 1)
      try appender.dataset.attach(vmScale, axis: 2)
      try describe(appender.dataset, units: "1", longName: variable.longName)
      variables.append(appender)
    }
    self.variables = variables
  }

  func append(_ records: [ForecastRecord], _ actualCores: [[Double]]) throws(HDF5Error) {
    var start = 0
    while start < records.count {
      var end = start + 1
      while end < records.count, records[end].issuedAt == records[start].issuedAt { end += 1 }
      try appendRow(records[start..<end], actualCores[start..<end])
      start = end
    }
  }

  /// Writes the forecasts of one issue time.
  private func appendRow(_ records: ArraySlice<ForecastRecord>, _ actual: ArraySlice<[Double]>)
    throws(HDF5Error)
  {
    guard let first = records.first else { return }
    let width = positions.count
    var rows = [[Float]](
      repeating: [Float](repeating: .nan, count: horizons.count * width), count: variables.count)
    for (record, actual) in zip(records, actual) {
      guard let place = horizons.firstIndex(of: record.horizon) else { continue }
      // In the order of `forecastVariables`.
      let sources = [record.meanCores, record.lowerCores, record.upperCores, actual]
      for (variable, source) in sources.enumerated() {
        for (column, position) in positions.enumerated() {
          rows[variable][place * width + column] = Float(source[position])
        }
      }
    }
    try issue.append(first.issuedAt.seconds)
    for (appender, row) in zip(variables, rows) { try appender.append(row) }
  }

  func flush() throws(HDF5Error) {
    try issue.flush()
    for appender in variables { try appender.flush() }
  }
}
