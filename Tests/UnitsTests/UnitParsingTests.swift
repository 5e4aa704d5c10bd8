// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

@Suite("Text with units")
struct UnitParsingTests {
  @Test(
    "a number and a unit give the base unit",
    arguments: [
      ("300 s", Dimension.time, 300.0), ("5min", .time, 300), ("1.5 h", .time, 5400),
      ("2 GiB", .data, 2_147_483_648), ("10 Gb/s", .dataRate, 1.25e9), ("18 °C", .temperature, 18),
      ("95 %", .fraction, 0.95), ("0.95", .fraction, 0.95), ("3 kW", .power, 3000),
      ("-5e0 °C", .temperature, -5), ("1 kWh", .energy, 3.6e6), ("2", .cores, 2),
    ])
  func reads(text: String, dimension: Dimension, expected: Double) throws {
    let value = try parseQuantity(text, as: dimension)
    #expect(abs(value - expected) <= 1e-12 * abs(expected))
  }

  @Test(
    "anything else is refused with the reason",
    arguments: [
      ("18", Dimension.temperature, UnitParsingError.missingUnit(.temperature)),
      ("300", .time, .missingUnit(.time)),
      ("3 Gib", .data, .unknownUnit("Gib", .data, nearest: "GiB")),
      ("fast", .dataRate, .notANumber("fast")), ("", .time, .notANumber("")),
      ("1e999 s", .time, .notANumber("1e999 s")), ("nan s", .time, .notANumber("nan s")),
    ])
  func refuses(text: String, dimension: Dimension, error: UnitParsingError) {
    #expect(throws: error) { try parseQuantity(text, as: dimension) }
  }

  @Test("near misses are named, far ones are not")
  func nearest() {
    let keys = ["oversubscription", "hostLink", "fabric"]
    #expect(nearestName(to: "oversubscripton", in: keys) == "oversubscription")
    #expect(nearestName(to: "hostlink", in: keys) == "hostLink")
    #expect(nearestName(to: "cooling", in: keys) == nil)
  }
}

@Suite("SimTime")
struct SimTimeTests {
  @Test(
    "reads like a clock, exact to the nanosecond",
    arguments: [
      (SimTime.seconds(0), "00:00:00"), (.seconds(3_723), "01:02:03"),
      (.days(2) + .hours(1), "2d 01:00:00"), (SimTime(nanoseconds: 1_500_000_000), "00:00:01.5"),
      (SimTime(nanoseconds: 1), "00:00:00.000000001"),
      (SimTime(nanoseconds: -60_000_000_000), "-00:01:00"),
    ])
  func description(time: SimTime, text: String) {
    #expect(time.description == text)
  }

  @Test("rounds up to a grid and stays on it")
  func grid() {
    #expect(SimTime.seconds(301).roundedUp(to: .seconds(300)) == .seconds(600))
    #expect(SimTime.seconds(600).roundedUp(to: .seconds(300)) == .seconds(600))
    #expect(SimTime.seconds(601) / .seconds(300) == 2)
  }
}
