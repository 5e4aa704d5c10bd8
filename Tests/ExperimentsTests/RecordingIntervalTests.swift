// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Experiments
import Facility
import SimulationKernel
import Testing
import Units

/// Whoever records a run looks at it; looking must not change it.
@Suite("Facility scenarios at any recording interval")
struct RecordingIntervalTests {
  /// All that the facility has told, and inlets hour by hour.
  private struct Course: Equatable {
    var events: [String] = []
    var inletCelsius: [[Double]] = []
    var books: FacilityAccounting?
  }

  private func course(_ name: String, set: [String], interval: SimTime) throws -> Course {
    let file = try ScenarioFile(
      path: "Scenarios/\(name).yaml",
      overrides: try (set + ["duration=16 h", "policies=[none]"]).map {
        try #require(ScenarioOverride($0))
      }, folder: ScenarioFolder(sharedFolder: nil))
    let executor = try ComparisonRunner.executor(
      scenario: file, policy: file.spec.policies[0], seed: UInt64(file.spec.seed))
    var simulator = try executor.start()
    var course = Course()
    var now = SimTime.zero
    while now < executor.duration {
      let nextHour = now - now % .hours(1) + .hours(1)
      now = min(now - now % interval + interval, nextHour)
      simulator.run(until: now)
      _ = simulator.model.readings(at: now)
      course.events += simulator.model.takeLog().map {
        "\($0.time.nanoseconds) \($0.kind) \($0.value.bitPattern) \($0.detail)"
      }
      if now == nextHour { course.inletCelsius.append(simulator.model.facility.rackInletCelsius) }
    }
    simulator.model.close(at: now)
    course.books = simulator.model.facility.accounting
    return course
  }

  /// The bound of 1e-9 is kept with nothing: events and temperatures are equal to the last bit.
  @Test(
    "event times, temperatures and books are equal",
    arguments: [
      ("cooling-failure", []), ("brown-out", ["facility.distribution.battery.time=1 min"]),
      ("chiller-failure", ["facility.cooling.unit.crah.storage=4 kWh"]),
      ("outage", ["facility.distribution.generator.installed=false"]), ("rack-power-cap", []),
    ] as [(String, [String])])
  func recordingInterval(name: String, set: [String]) throws {
    let reference = try course(name, set: set, interval: .hours(1))
    #expect(reference.events.contains { $0.contains("facility") })
    #expect(reference.inletCelsius.count == 16)
    for interval in [SimTime.seconds(61), .minutes(5)] {
      #expect(try course(name, set: set, interval: interval) == reference)
    }
  }
}
