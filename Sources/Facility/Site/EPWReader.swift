// SPDX-License-Identifier: Apache-2.0
import Units

/// Reads EnergyPlus weather files (EPW): a typical year of 8 760 hours at one place.
///
/// Eight header lines, of which `LOCATION` gives the place and its standard time, then rows of 35
/// fields: year, month, day, hour 1…24, minute, flags, dry bulb °C, dew point °C, relative humidity
/// %, pressure Pa, … (EnergyPlus "Auxiliary Programs"). Hour `h` is the hour that ends at `h` o'clock
/// local standard time, so its values hold from `h − 1` on. Months may come from different years.
public enum EPWReader {
  /// Weather of a typical year.
  public struct Weather: Sendable {
    /// Place as the file names it.
    public var place: String
    /// Hours of its standard time ahead of UTC.
    public var utcOffsetHours: Double
    /// Hourly air, from 1 January 0:00 local standard time.
    public var series: StepSeries<SiteConditions>
  }

  private static let headerLines = 8
  private static let hoursOfYear = 8760

  /// Reads the text of a file.
  ///
  /// - Throws: ``FacilityFileError`` naming line and field; missing values (99.9, 999, 999 999 by
  ///   the format) are errors too: weather must be complete.
  public static func read(_ text: String, file: String) throws(FacilityFileError) -> Weather {
    var lines = LineReader(text)
    guard let first = lines.next() else {
      throw FacilityFileError(file: file, line: 0, message: "the file is empty")
    }
    let (place, offset) = try location(first, file: file)
    for _ in 1..<headerLines { _ = lines.next() }
    var hours: [SiteConditions] = []
    hours.reserveCapacity(hoursOfYear)
    while let line = lines.next() {
      if line.isEmpty { continue }
      hours.append(
        try row(line, expectedHour: hours.count % 24 + 1, file: file, line: lines.number))
    }
    guard hours.count == hoursOfYear || hours.count == hoursOfYear + 24 else {
      throw FacilityFileError(
        file: file, line: lines.number,
        message: "expected \(hoursOfYear) hours (a year), found \(hours.count)")
    }
    let year = Array(hours.prefix(hoursOfYear))
    let series = StepSeries(
      offsets: (0..<hoursOfYear).map { Int64($0) * 3600 }, values: year,
      period: Int64(hoursOfYear) * 3600, startEpochSeconds: nil)
    return Weather(place: place, utcOffsetHours: offset, series: series)
  }

  private static func location(_ line: Substring, file: String) throws(FacilityFileError) -> (
    place: String, utcOffsetHours: Double
  ) {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.first == "LOCATION", fields.count >= 10 else {
      throw FacilityFileError(
        file: file, line: 1, message: "expected a LOCATION line of 10 fields")
    }
    guard let offset = Double(fields[8].filter { $0 != " " }), (-14...14).contains(offset) else {
      throw FacilityFileError(
        file: file, line: 1, field: "time zone",
        message: "expected hours from UTC, found \"\(fields[8])\"")
    }
    return (String(fields[1]), offset)
  }

  private static func row(
    _ line: Substring, expectedHour: Int, file: String, line number: Int
  ) throws(FacilityFileError) -> SiteConditions {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count >= 10 else {
      throw FacilityFileError(
        file: file, line: number, message: "expected 35 fields, found \(fields.count)")
    }
    func value(_ index: Int, _ name: String, _ range: ClosedRange<Double>)
      throws(FacilityFileError) -> Double
    {
      guard let value = Double(fields[index].filter { $0 != " " }), range.contains(value) else {
        throw FacilityFileError(
          file: file, line: number, field: name,
          message: "expected \(range.lowerBound) to \(range.upperBound), "
            + "found \"\(fields[index])\"")
      }
      return value
    }
    let hour = try value(3, "hour", 1...24)
    guard hour == Double(expectedHour) else {
      throw FacilityFileError(
        file: file, line: number, field: "hour",
        message: "expected hour \(expectedHour), found \(fields[3])")
    }
    let dryBulb = try value(6, "dry bulb", -70...70)
    let dewPoint = try value(7, "dew point", -90...70)
    let humidity = try value(8, "relative humidity", 0...110)
    let pressure = try value(9, "pressure", 31_000...120_000)
    var air = SiteConditions(
      dryBulb: Celsius(dryBulb), relativeHumidity: humidity / 100, pressurePascals: pressure)
    // The file's own dew point is rounded less than its humidity.
    air.dewPoint = Celsius(min(dewPoint, air.wetBulb.value))
    return air
  }
}
