// SPDX-License-Identifier: Apache-2.0
public import Units

/// The past of many equally long series: what models are trained on.
///
/// Layout `[series, sample]`, row-major: a series is contiguous, because training reads one series
/// at a time. A missing value is NaN. Series that start later begin with NaN.
public struct TrainingSeries: Sendable {
  /// Number of series; may be followed by none yet (`sampleCount` 0) for a cold start.
  public let seriesCount: Int
  /// Number of samples of every series.
  public let sampleCount: Int
  /// Length of a step and calendar of the first sample.
  public let calendar: StepCalendar
  /// `seriesCount × sampleCount` values.
  public let values: [Double]
  /// Class (application profile, VM type) of every series; models may share parameters in a class.
  public let classes: [String]

  /// The past of some series; without `classes` all are of the class `"unknown"`.
  ///
  /// - Precondition: all series have the same length, and there is one class a series.
  public init(_ series: [[Double]], calendar: StepCalendar, classes: [String]? = nil) {
    let length = series.first?.count ?? 0
    precondition(series.allSatisfy { $0.count == length }, "series of different lengths")
    precondition(classes.map { $0.count == series.count } ?? true, "one class a series")
    seriesCount = series.count
    sampleCount = length
    self.calendar = calendar
    values = series.flatMap { $0 }
    self.classes = classes ?? [String](repeating: "unknown", count: series.count)
  }

  /// No past at all, for a cold start of `seriesCount` series.
  public init(empty seriesCount: Int, calendar: StepCalendar, classes: [String]? = nil) {
    self.init(
      [[Double]](repeating: [], count: seriesCount), calendar: calendar, classes: classes)
  }

  /// One series.
  public func series(_ index: Int) -> ArraySlice<Double> {
    values[index * sampleCount..<(index + 1) * sampleCount]
  }

  /// The class of every series as a number, classes in alphabetical order, and their number.
  var classIndices: (of: [Int], count: Int) {
    let names = Set(classes).sorted()
    return (classes.map { name in names.firstIndex(of: name) ?? 0 }, max(1, names.count))
  }

  /// Calls `body` with all values of each step in turn, as they were observed.
  func replay(_ body: ([Double]) -> Void) {
    var step = [Double](repeating: .nan, count: seriesCount)
    for sample in 0..<sampleCount {
      for series in 0..<seriesCount { step[series] = values[series * sampleCount + sample] }
      body(step)
    }
  }
}

/// How steps lie in calendar time.
public struct StepCalendar: Sendable, Hashable, Codable {
  /// Length of a step.
  public var interval: SimTime
  /// Seconds since 1970-01-01T00:00:00Z at the start of the first sample; 0 when unknown, so that
  /// a day of steps still starts at phase 0.
  public var startEpochSeconds: Int64

  /// A calendar.
  ///
  /// - Precondition: `interval` is positive.
  public init(interval: SimTime, startEpochSeconds: Int64 = 0) {
    precondition(interval > .zero, "interval \(interval) is not positive")
    self.interval = interval
    self.startEpochSeconds = startEpochSeconds
  }

  /// Steps in a day of 24 h, at least 1.
  public var stepsPerDay: Int { max(1, SimTime.days(1) / interval) }
  /// Steps in a week, at least 1.
  public var stepsPerWeek: Int { max(1, SimTime.days(7) / interval) }

  /// Seconds since midnight UTC at the start of step `step`, in 0 ..< 86 400.
  public func secondsOfDay(step: Int) -> Double {
    let day: Int64 = 86_400_000_000_000
    let start = (startEpochSeconds % 86_400) * 1_000_000_000
    let sinceMidnight = (start + Int64(step) % (day * 7) * (interval.nanoseconds % day)) % day
    return Double((sinceMidnight + day) % day) / 1e9
  }
}
