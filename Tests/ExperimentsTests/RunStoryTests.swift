// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Experiments
import Foundation
import Testing
import Units

@Suite("The story of a VM")
struct RunStoryTests {
  private static let events = [
    RunEvent(
      time: .minutes(4), kind: "decision", vm: "web-0", shadow: 3, commandID: 7,
      detail: "resume shadow 3",
      rationale: .init(
        forecastCores: 1.5, upperCores: 2.254, overloadProbability: 0.31, horizonSeconds: 300,
        leadTimeSeconds: 9, expectedGainCoreSeconds: 42)),
    RunEvent(
      time: .minutes(4), kind: "shadowResuming", vm: "web-0", host: "r0h1", shadow: 3,
      commandID: 7),
    RunEvent(time: .minutes(4), kind: "hostOn", host: "r0h0"),
    RunEvent(
      time: .seconds(249), kind: "trafficShifted", vm: "web-0", shadow: 3, value: 0.5),
    RunEvent(time: .minutes(5), kind: "overloadBegins", vm: "web-0", value: 2.3),
    RunEvent(time: .minutes(50), kind: "overloadEnds", vm: "web-0"),
  ]

  private func story(vm: String, at time: SimTime, window: SimTime = .minutes(15)) throws
    -> RunStory
  {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "story-\(UUID().uuidString).h5").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let writer = try RunFileWriter(
      path: path, layout: SampleRun.layout, provenance: SampleRun.provenance)
    let forecasts = SampleRun.forecasts(1)
    try writer.append(forecasts: forecasts.records, actualCores: forecasts.actual)
    try writer.append(events: Self.events)
    try writer.append(SampleRun.row(0))
    try writer.finish(summary: [])
    return try RunStory(RunFileReader(path: path), vm: vm, at: time, window: window)
  }

  @Test("tells forecasts, decisions with their inputs, and what came of them, in order")
  func whole() throws {
    #expect(
      try story(vm: "web-0", at: .minutes(5)).lines == [
        "web-0 at 00:05:00, policy pvms, seed 18446744073709551615",
        """
        00:04:00  decided to resume shadow 3: overload within 5 min 31 % likely, expected load \
        1.5 cores, upper bound 2.25 cores, lead time 9 s, expected gain 42 core-seconds
        """,
        "00:04:00  shadow resuming (shadow 3) on r0h1",
        "00:04:09  traffic share of shadow 3 is 50 %",
        "00:05:00  forecast 5 min ahead: 1 cores, 90 % between 0 and 2; 1.25 cores came",
        "00:05:00  load exceeds the primary's capacity",
      ])
  }

  @Test("begins with the last decision before the window")
  func before() throws {
    let lines = try story(vm: "web-0", at: .minutes(50), window: .minutes(5)).lines
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("before that, at 00:04:00: decided to resume shadow 3: overload"))
    #expect(lines[2] == "00:50:00  load is within the primary's capacity again")
  }

  @Test("says when there is nothing to tell, and names the nearest VM to one that is not there")
  func nothing() throws {
    let quiet = try story(vm: "datenbank-ä", at: .hours(3))
    #expect(quiet.lines.last == "no event of datenbank-ä within 00:15:00 of that time")
    let error = #expect(throws: RunStory.Problem.self) {
      try story(vm: "web-9", at: .minutes(5))
    }
    #expect(error?.description.contains("did you mean \"web-0\"") == true)
  }
}
