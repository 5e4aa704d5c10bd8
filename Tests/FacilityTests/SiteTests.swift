// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

@Suite("Weather, carbon and prices")
struct SiteTests {
  @Test(
    "moments are read with their zone",
    arguments: [
      ("1970-01-01T00:00:00Z", 0 as Int64), ("2024-02-29T12:00:00Z", 1_709_208_000),
      ("2023-12-31T23:00:00Z", 1_704_063_600), ("2022-01-01 00:00:00+00:00", 1_640_995_200),
      ("2024-01-01T00:00:00+01:00", 1_704_063_600), ("2024-07-01T00:00-07:00", 1_719_817_200),
      ("1969-12-31T23:59:59Z", -1),
    ])
  func moments(text: String, seconds: Int64) {
    #expect(CivilTime.epochSeconds(text) == seconds)
  }

  @Test(
    "a time without a zone, or no time at all, is refused",
    arguments: [
      "2024-03-31T02:30:00", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
      "2024-01-01T24:00:00Z", "2024-01-01", "", "yesterday", "2024-01-01T00:00:00ZZ",
      "2024-01-01T00:00:00+1:00",
    ])
  func refusedMoments(text: String) {
    #expect(CivilTime.epochSeconds(text) == nil)
  }

  @Test("dates go there and back over four centuries")
  func dates() {
    for days in stride(from: Int64(-150_000), through: 150_000, by: 37) {
      let date = CivilTime.date(days: days)
      #expect(CivilTime.days(year: date.year, month: date.month, day: date.day) == days)
    }
    // 29 February counts as the 28th in a year that has none.
    let leapDay = CivilTime.days(year: 2024, month: 2, day: 29) * 86_400
    #expect(CivilTime.secondOfCommonYear(leapDay) == 58 * 86_400)
    #expect(CivilTime.secondOfCommonYear(leapDay + 86_400) == 59 * 86_400)
  }

  @Test("a series holds its values, changes on time and begins again")
  func series() {
    let series = StepSeries(
      offsets: [0, 900, 3600], values: [1, 2, 3], period: 7200, startEpochSeconds: 10_000)
    let clock = series.clock(startingAt: 10_600)
    #expect(clock == 600)
    #expect(series.value(at: .zero, clock: clock) == 1)
    #expect(series.nextChange(after: .zero, clock: clock) == .seconds(300))
    #expect(series.value(at: .seconds(299), clock: clock) == 1)
    #expect(series.value(at: .seconds(300), clock: clock) == 2)
    #expect(series.nextChange(after: .seconds(300), clock: clock) == .seconds(3000))
    #expect(series.nextChange(after: .seconds(3000.5), clock: clock) == .seconds(6600))
    #expect(series.value(at: .seconds(6600), clock: clock) == 1)
    #expect(StepSeries(constant: 5).nextChange(after: .hours(9), clock: 0) == nil)
  }

  @Test("a run outside a year's series starts at the same day and time of it")
  func otherYear() {
    let begin = CivilTime.days(year: 2024, month: 1, day: 1) * 86_400
    let series = StepSeries(
      offsets: (0..<8784).map { Int64($0) * 3600 }, values: Array(0..<8784), period: 8784 * 3600,
      startEpochSeconds: begin)
    let run = CivilTime.days(year: 2011, month: 3, day: 3) * 86_400 + 5 * 3600
    #expect(series.clock(startingAt: run) == (31 + 28 + 2) * 86_400 + 5 * 3600)
    #expect(series.clock(startingAt: nil) == 0)
    let inside = CivilTime.days(year: 2024, month: 3, day: 3) * 86_400
    #expect(series.clock(startingAt: inside) == (31 + 29 + 2) * 86_400)
  }

  /// 8 to 20 o'clock at UTC+2 is 6 to 18 UTC.
  @Test("a tariff follows its own clock")
  func tariff() {
    var spec = makeSpec().site
    var source = TestSource(["high": "0.4 /kWh", "low": "0.1 /kWh", "utcOffset": "2"])
    spec.price = .timeOfDay(TimeOfDayTariff(from: &source))
    let price = FacilityInputs(fileless: spec).price
    func at(_ hour: Int) -> Double { price.value(at: .hours(hour), clock: 0) }
    #expect([0, 5, 6, 17, 18, 23, 24 + 7].map(at) == [0.1, 0.1, 0.4, 0.4, 0.1, 0.1, 0.4])
    #expect(price.nextChange(after: .zero, clock: 0) == .hours(6))
  }

  @Test("carbon series of both publishers are read, with their own steps")
  func carbonText() throws {
    let european = try SeriesReader.carbonIntensity(
      "timestamp,carbon_intensity\r\n2023-12-31T23:00:00Z,11.007\r\n2024-01-01T00:00:00Z,11.6\n"
        + "2024-01-01T00:15:00Z,12", file: "fr.csv")
    #expect(european.offsets == [0, 3600, 4500] && european.period == 5400)
    #expect(european.values == [11.007, 11.6, 12])
    let american = try SeriesReader.carbonIntensity(
      "timestamp,WND,avg_CI\n2022-01-01 00:00:00+00:00,3,222.5\n2022-01-01 01:00:00+00:00,3,260\n",
      file: "ca.csv")
    #expect(american.values == [222.5, 260])
    let price = try SeriesReader.price(
      "timestamp,price_per_mwh\n2022-01-01 00:00:00+01:00,-20\n2022-01-01 01:00:00+01:00,100\n",
      file: "p.csv")
    #expect(price.values == [-0.02, 0.1] && price.startEpochSeconds == 1_640_991_600)
  }

  @Test(
    "a series that can't be used says where and why",
    arguments: [
      ("", "x: the file is empty"), ("time,avg_CI\n", "x:1: there is no column \"timestamp\""),
      ("timestamp,ci\n", "x:1: there is no column \"carbon_intensity\" or \"avg_CI\""),
      (
        "timestamp,avg_CI\n2024-01-01T00:00:00,5\n",
        "x:2: timestamp: expected a time with its zone, found \"2024-01-01T00:00:00\""
      ),
      (
        "timestamp,avg_CI\n2024-01-01T00:00:00Z,nan\n",
        "x:2: avg_CI: expected a number from 0.0 to 5000.0, found \"nan\""
      ),
      (
        "timestamp,avg_CI\n2024-01-01T00:00:00Z,1\n2024-01-01T00:00:00Z,1\n",
        "x:3: timestamp: times do not ascend"
      ), ("timestamp,avg_CI\n2024-01-01T00:00:00Z\n", "x:2: expected 2 fields, found 1"),
      ("timestamp,avg_CI\n2024-01-01T00:00:00Z,1\n", "x: expected at least two rows"),
    ])
  func badSeries(text: String, message: String) {
    let error = #expect(throws: FacilityFileError.self) {
      try SeriesReader.carbonIntensity(text, file: "x")
    }
    #expect(error?.description == message)
  }

  @Test(
    "the public carbon files are read to the end",
    .enabled(if: SharedData.exists("data/carbon/EU-PL_2024.csv")),  // skipped: no shared data
    arguments: [
      ("EU-DE_2024", 35_132, 97.781), ("EU-FR_2024", 9713, 11.007), ("EU-PL_2024", 23_321, 417.958),
      ("EU-SE_2024", 8783, 5.911), ("US-CA_2022_hourly", 8757, 222.29592090536002),
      ("US-WA_2022_hourly", 8760, 57.885814636943586),
    ])
  func carbonFiles(name: String, rows: Int, first: Double) throws {
    let text = try SharedData.text("data/carbon/\(name).csv")
    let series = try SeriesReader.carbonIntensity(text, file: name)
    #expect(series.values[0] == first)
    // Hours without a value (three in California) are gaps in which the one before goes on.
    #expect(series.values.count == rows)
    #expect((365 * 86_400...366 * 86_400).contains(series.period))
  }

  @Test(
    "the public weather files are read, and their first and last hours",
    // skipped: no shared data
    .enabled(if: SharedData.exists("data/weather/USA_AZ_Phoenix-Sky.Harbor.epw")),
    arguments: [
      ("USA_AZ_Phoenix-Sky.Harbor", -7.0), ("USA_CA_San.Jose-Mineta", -8),
      ("USA_NY_New.York-Kennedy", -5), ("USA_VA_Leesburg.Exec", -5),
    ])
  func weatherFiles(name: String, offset: Double) throws {
    let weather = try EPWReader.read(try SharedData.text("data/weather/\(name).epw"), file: name)
    #expect(weather.utcOffsetHours == offset)
    #expect(weather.series.values.count == 8760)
    for air in weather.series.values {
      #expect(air.dewPoint <= air.wetBulb && air.wetBulb.value <= air.dryBulb.value + 1e-9)
    }
    let mean = weather.series.values.reduce(0) { $0 + $1.dryBulb.value } / 8760
    #expect((10...26).contains(mean))
  }

  @Test("a weather file that can't be used says where and why")
  func badWeather() {
    let header = "LOCATION,Here,-,-,-,1,2,3,-8.0,5\n" + String(repeating: "x\n", count: 7)
    let row = "2001,1,1,1,0,?,10.0,5.0,70,101325,0"
    func message(_ text: String) -> String? {
      let error = #expect(throws: FacilityFileError.self) { try EPWReader.read(text, file: "w") }
      return error?.description
    }
    #expect(message("") == "w: the file is empty")
    #expect(message("LOCATION,Here\n") == "w:1: expected a LOCATION line of 10 fields")
    #expect(message(header + row) == "w:9: expected 8760 hours (a year), found 1")
    #expect(
      message(header + row.replacing("10.0", with: "99.9"))
        == "w:9: dry bulb: expected -70.0 to 70.0, found \"99.9\"")
    #expect(
      message(header + "2001,1,1,2,0,?,10.0,5.0,70,101325,0")
        == "w:9: hour: expected hour 1, found 2")
    #expect(message(header + "2001,1,1") == "w:9: expected 35 fields, found 3")
  }
}
