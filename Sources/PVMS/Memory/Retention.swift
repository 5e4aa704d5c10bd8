// SPDX-License-Identifier: Apache-2.0
public import Units

/// How long samples are kept: as they are at first, then as means over a longer span, then not at
/// all.
public struct Retention: Sendable, Hashable {
  /// Age up to which single samples are kept.
  public var full: SimTime
  /// Span of the means that older ones are replaced by.
  public var span: SimTime
  /// Age up to which those are kept.
  public var means: SimTime

  /// A retention; the defaults keep four weeks of samples and a year of hourly means.
  public init(full: SimTime = .days(28), span: SimTime = .hours(1), means: SimTime = .days(366)) {
    precondition(span > .zero && full >= span, "means must be shorter than what they replace")
    self.full = full
    self.span = span
    self.means = means
  }

  /// Single samples that begin before this are to be replaced, when the newest begins at `now`;
  /// always a whole number of spans, so that no mean lacks a part of its samples.
  public func fullLimit(at now: SimTime) -> SimTime {
    SimTime(nanoseconds: max(0, (now - full).nanoseconds) / span.nanoseconds * span.nanoseconds)
  }

  /// Means that begin before this are to be forgotten.
  public func meansLimit(at now: SimTime) -> SimTime { now - means }

  /// Means over spans that begin at multiples of ``span``, of samples oldest first. Each sample
  /// counts for its length; a VM without any value in a span has none.
  public func means(of samples: [UsageSample]) -> [UsageSample] {
    var result: [UsageSample] = []
    var first = 0
    while first < samples.count {
      let start = bucket(samples[first].start)
      let last = samples[first...].firstIndex { bucket($0.start) != start } ?? samples.count
      let part = samples[first..<last]
      result.append(
        UsageSample(
          start: start, span: span, cpuCores: mean(part, \.cpuCores),
          memoryBytes: mean(part, \.memoryBytes),
          networkBytesPerSecond: mean(part, \.networkBytesPerSecond),
          diskBytesPerSecond: mean(part, \.diskBytesPerSecond)))
      first = last
    }
    return result
  }

  private func bucket(_ time: SimTime) -> SimTime {
    SimTime(nanoseconds: time.nanoseconds / span.nanoseconds * span.nanoseconds)
  }

  private func mean(
    _ samples: ArraySlice<UsageSample>, _ values: KeyPath<UsageSample, [Double]>
  ) -> [Double] {
    let count = samples.map { $0[keyPath: values].count }.max() ?? 0
    var sums = [Double](repeating: 0, count: count)
    var seconds = sums
    for sample in samples {
      let weight = sample.span.seconds
      for (vm, value) in sample[keyPath: values].enumerated() where value.isFinite {
        sums[vm] += value * weight
        seconds[vm] += weight
      }
    }
    return zip(sums, seconds).map { $1 > 0 ? $0 / $1 : .nan }
  }
}
