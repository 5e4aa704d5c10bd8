// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Experiments
import Foundation
import HDF5
import Testing
import Units

/// A small run file with something in every variable.
struct SampleRun {
  static let layout = RunFileLayout(
    epoch: "2011-03-03T00:00:00", vmNames: ["web-0", "web-1", "datenbank-ä"], recordedVMs: [0, 2],
    hostNames: ["r0h0", "r0h1"], rackNames: ["r0"], hostStateNames: ["off", "booting", "on"],
    forecastHorizons: [1, 12], sampleInterval: .seconds(300))

  static let provenance = RunProvenance(
    scenario: "version: 1\nname: beispiel-ä\n", resolvedScenario: "version: 1\nseed: 7\n",
    scenarioDigest: "sha256:00ff", policy: "pvms", seed: .max, version: "0.1.0",
    command: "foreshadow run beispiel.yaml")

  static let metrics = [
    RunMetric(
      name: "degradedVmSeconds", units: "s", longName: "time degraded", value: 114.5),
    RunMetric(name: "energyItJoules", units: "J", longName: "IT energy", value: 3.6e9),
    RunMetric(name: "anUndefinedFigure", units: "1", longName: "undefined here", value: .nan),
  ]

  static func row(_ index: Int) -> RunSample {
    var sample = RunSample(time: .seconds(300 * (index + 1)), hosts: 2, racks: 1, vms: 3)
    let step = Double(index)
    sample.hostUsedCores = [step, step + 0.5]
    sample.hostPowerWatts = [100 + step, 200 + step]
    sample.hostState = [index % 3, 2]
    sample.rackPowerWatts = [300 + 2 * step]
    sample.rackInletCelsius = [20 + step / 8]
    sample.rackAboveRecommendedSeconds = [10 * step]
    sample.rackAboveAllowableSeconds = [step]
    sample.vmOfferedCores = [step, step + 10, step + 20]
    sample.vmServedCores = [step / 2, step + 10, step + 20]
    sample.vmCapacityCores = [2, 4, 8]
    sample.vmShadowShare = [0, 0.5, 0.25]
    sample.vmDegradedSeconds = [300, 0, 150]
    return sample
  }

  static let events = [
    RunEvent(
      time: .seconds(60), kind: "shadowOrdered", vm: "web-0", host: "r0h1", shadow: 0,
      commandID: 3, value: 0.25, detail: "upper bound over capacity",
      rationale: .init(forecastCores: 1.5, upperCores: 2.25, overloadProbability: 0.5)),
    RunEvent(time: SimTime(nanoseconds: 61_500_000_001), kind: "hostOn", host: "r0h0"),
  ]

  static func forecasts(_ issue: Int) -> (records: [ForecastRecord], actual: [[Double]]) {
    let at = SimTime.seconds(300 * issue)
    let level = Double(issue)
    func record(_ horizon: Int) -> ForecastRecord {
      ForecastRecord(
        issuedAt: at, targetStart: at + .seconds(300 * (horizon - 1)), horizon: horizon,
        meanCores: [level, -1, level + 2], lowerCores: [level - 1, -1, level + 1],
        upperCores: [level + 1, -1, level + Double(horizon)])
    }
    // The hourly forecast is made only every other time; horizon 5 is not kept.
    let records = issue.isMultiple(of: 2) ? [record(1), record(5), record(12)] : [record(1)]
    return (records, records.map { [level + 0.25, -1, $0.horizon == 12 ? .nan : level + 0.5] })
  }

  static func write(_ path: String, rows: Int = 6) throws {
    let writer = try RunFileWriter(path: path, layout: layout, provenance: provenance)
    for index in 0..<rows {
      let forecasts = forecasts(index)
      try writer.append(forecasts: forecasts.records, actualCores: forecasts.actual)
      try writer.append(row(index))
      if index == 0 { try writer.append(events: events) }
    }
    try writer.finish(summary: metrics)
  }
}

@Suite("Run files")
struct RunFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func cleaned(_ body: () throws -> Void) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try body()
  }

  @Test("what was written comes back")
  func roundTrip() throws {
    try cleaned {
      try SampleRun.write(path("a.h5"))
      let run = try RunFileReader(path: path("a.h5"))
      #expect(run.epoch == "2011-03-03T00:00:00")
      #expect(try run.provenance() == SampleRun.provenance)
      let summary = try run.summary()
      #expect(summary.dropLast() == SampleRun.metrics.dropLast())
      #expect(summary.last?.name == "anUndefinedFigure" && summary.last?.value.isNaN == true)
      #expect(try run.times() == (1...6).map { .seconds(300 * $0) })
      #expect(try run.hostNames() == ["r0h0", "r0h1"])
      #expect(try run.rackNames() == ["r0"])
      #expect(try run.vmNames() == ["web-0", "datenbank-ä"])
    }
  }

  @Test("series hold the values of the rows, for the recorded VMs only")
  func series() throws {
    try cleaned {
      try SampleRun.write(path("a.h5"))
      let run = try RunFileReader(path: path("a.h5"))
      #expect(try run.variables(of: .hosts) == ["usedCores", "powerWatts", "state"])
      #expect(
        try run.variables(of: .racks) == [
          "powerWatts", "inletCelsius", "aboveRecommendedSeconds", "aboveAllowableSeconds",
        ])
      #expect(
        try run.variables(of: .vms) == [
          "offeredCores", "servedCores", "capacityCores", "shadowShare", "degradedSeconds",
        ])
      #expect(try run.values(of: "state", .hosts) == [0, 2, 1, 2, 2, 2, 0, 2, 1, 2, 2, 2])
      #expect(try run.values(of: "powerWatts", .racks) == [300, 302, 304, 306, 308, 310])
      #expect(
        try run.values(of: "aboveRecommendedSeconds", .racks) == [0, 10, 20, 30, 40, 50])
      #expect(try run.values(of: "aboveAllowableSeconds", .racks) == [0, 1, 2, 3, 4, 5])
      #expect(try run.values(of: "offeredCores", .vms, at: 1) == [20, 21, 22, 23, 24, 25])
      #expect(try run.values(of: "degradedSeconds", .vms).prefix(2) == [300, 150])
      #expect(throws: HDF5Error.self) { try run.values(of: "offeredCores", .vms, at: 2) }
      #expect(throws: HDF5Error.self) { try run.values(of: "offeredCores", .vms, at: -1) }
    }
  }

  @Test("events keep their fields, to the nanosecond")
  func events() throws {
    try cleaned {
      try SampleRun.write(path("a.h5"))
      let events = try RunFileReader(path: path("a.h5")).events()
      try #require(events.count == 2)
      let expected = SampleRun.events
      #expect(events.map(\.time) == expected.map(\.time))
      #expect(events.map(\.kind) == ["shadowOrdered", "hostOn"])
      #expect(events.map(\.vm) == ["web-0", ""] && events.map(\.host) == ["r0h1", "r0h0"])
      #expect(events.map(\.shadow) == [0, nil] && events.map(\.commandID) == [3, nil])
      #expect(events.map(\.detail) == expected.map(\.detail))
      #expect(events[0].value == 0.25 && events[1].value.isNaN)
      #expect(events[0].rationale.upperCores == 2.25)
      #expect(events[0].rationale.overloadProbability == 0.5)
      #expect(events[0].rationale.horizonSeconds.isNaN && events[1].rationale.upperCores.isNaN)
    }
  }

  @Test("forecasts stand by issue time and horizon; those not made are left out")
  func forecasts() throws {
    try cleaned {
      try SampleRun.write(path("a.h5"))
      let run = try RunFileReader(path: path("a.h5"))
      let forecasts = try run.forecasts(vmAt: 1)
      #expect(forecasts.count == 9)
      #expect(forecasts.map(\.horizonSeconds).prefix(3) == [300, 3600, 300])
      #expect(forecasts[2].issuedAt == .seconds(300) && forecasts[3].issuedAt == .seconds(600))
      #expect(forecasts[0].mean == 2 && forecasts[0].lower == 1 && forecasts[0].upper == 1)
      #expect(forecasts[0].actual == 0.5)
      #expect(forecasts[1].upper == 12 && forecasts[1].actual.isNaN)
    }
  }

  @Test("no recorded VMs: no series and no forecasts of VMs")
  func withoutVMs() throws {
    try cleaned {
      var layout = SampleRun.layout
      layout.recordedVMs = []
      let writer = try RunFileWriter(
        path: path("a.h5"), layout: layout, provenance: SampleRun.provenance)
      try writer.append(SampleRun.row(0))
      let forecasts = SampleRun.forecasts(0)
      try writer.append(forecasts: forecasts.records, actualCores: forecasts.actual)
      try writer.finish(summary: [])
      let run = try RunFileReader(path: path("a.h5"))
      #expect(try run.vmNames() == [] && run.variables(of: .vms) == [])
      #expect(try run.forecasts(vmAt: 0) == [] && run.summary() == [])
      #expect(try run.values(of: "powerWatts", .hosts) == [100, 200])
    }
  }

  @Test("a rerun gives the same bytes, from many threads at once too")
  func sameBytes() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try SampleRun.write(path("first.h5"), rows: 700)
    // Time stamps, were there any, have a resolution of one second.
    try await Task.sleep(for: .milliseconds(1100))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<4 {
        group.addTask { try SampleRun.write(path("\(index).h5"), rows: 700) }
      }
      try await group.waitForAll()
    }
    let first = try Data(contentsOf: folder.appending(path: "first.h5"))
    for index in 0..<4 {
      #expect(try Data(contentsOf: folder.appending(path: "\(index).h5")) == first)
    }
  }

  /// Writes the file that Tests/Python opens with h5py and xarray; `scripts/test` says where.
  @Test(
    "the sample for other readers is written",
    .enabled(if: ProcessInfo.processInfo.environment["FORESHADOW_SAMPLE_RUN"] != nil))
  func sampleForPython() throws {
    let path = try #require(ProcessInfo.processInfo.environment["FORESHADOW_SAMPLE_RUN"])
    try SampleRun.write(path)
    #expect(try RunFileReader(path: path).times().count == 6)
  }

  @Test("an unfinished run leaves no file that looks complete")
  func unfinished() throws {
    try cleaned {
      let writer = try RunFileWriter(
        path: path("a.h5"), layout: SampleRun.layout, provenance: SampleRun.provenance)
      try writer.append(SampleRun.row(0))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.h5.partial"])
      writer.discard()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
  }

  @Test("files that are not run files are refused with the reason")
  func refusals() throws {
    try cleaned {
      let foreign = try File.create(path("foreign.h5"))
      try foreign.root.write("x", 1.0)
      try foreign.finish()
      let later = try File.create(path("later.h5"))
      try later.root.attributes.set("schemaVersion", Int64(999))
      try later.finish()
      let foreignError = try #require(throws: HDF5Error.self) {
        try RunFileReader(path: path("foreign.h5"))
      }
      #expect(foreignError.description.contains("not a run file"))
      let laterError = try #require(throws: HDF5Error.self) {
        try RunFileReader(path: path("later.h5"))
      }
      #expect(laterError.description.contains("999"))
    }
  }
}
