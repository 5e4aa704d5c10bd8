// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Units

extension NightlyJob {
  /// Puts the job's load over the rest of a VM's load, in percent. `stream` is the VM's own.
  func apply(
    to column: inout [Float], ceilingPercent: Double, _ calendar: SampleCalendar,
    stream: inout RandomStream
  ) {
    let usualHour = startHour + startSpreadHours * stream.normal()
    let usualSeconds = stream.logNormal(
      median: medianDuration.seconds, sigma: durationSigma)
    let drawn = stream.normal(mean: loadPercent, standardDeviation: loadDeviation)
    let load = min(max(0, drawn), ceilingPercent)
    let step = calendar.interval.seconds
    let firstDay = Double(calendar.startEpochSeconds - calendar.startEpochSeconds % 86_400)
    let nights = Int(Double(calendar.sampleCount) * step / 86_400) + 2
    // The night before the first day may reach into it.
    for night in -1..<nights {
      let runs = stream.bernoulli(runProbability)
      let jitter = stream.normal(standardDeviation: nightlyJitter.seconds)
      let length = usualSeconds * stream.logNormal(median: 1, sigma: nightlySigma)
      guard runs else { continue }
      let midnight = firstDay + Double(night) * 86_400 - Double(calendar.startEpochSeconds)
      let start = (midnight + usualHour * 3600 + jitter) / step
      let end = start + length / step
      let first = Int(max(0, start.rounded(.down)))
      let last = min(column.count, Int(max(0, end.rounded(.up))))
      guard first < last else { continue }
      for sample in first..<last {
        // A sample is a mean: one that the job covers in part gets that part of its load.
        let covered = min(end, Double(sample + 1)) - max(start, Double(sample))
        let part = Float(min(max(covered, 0), 1))
        column[sample] = (1 - part) * column[sample] + part * max(Float(load), column[sample])
      }
    }
  }
}

/// The crowds that came to one application during a run; the same for all its VMs.
struct FlashCrowdTimeline {
  /// Load is multiplied by this, per sample; 1 without a crowd.
  let factors: [Float]

  init(_ crowd: FlashCrowd, _ calendar: SampleCalendar, stream: inout RandomStream) {
    var factors = [Float](repeating: 1, count: calendar.sampleCount)
    let rise = max(calendar.samples(crowd.rise), 1e-9)
    let decay = max(calendar.samples(crowd.decay), 1e-9)
    var start = 0.0
    while crowd.perDay > 0 {
      start += stream.exponential(mean: calendar.samplesPerDay / crowd.perDay)
      guard start < Double(calendar.sampleCount) else { break }
      let peak = max(1, stream.logNormal(median: crowd.peakFactor, sigma: 0.3))
      for sample in Int(start)..<calendar.sampleCount {
        let age = max(0, Double(sample) + 0.5 - start)
        let shape = age < rise ? age / rise : exp(-(age - rise) / decay)
        if age > rise, (peak - 1) * shape < 0.01 { break }
        factors[sample] = max(factors[sample], Float(1 + (peak - 1) * shape))
      }
    }
    self.factors = factors
  }

  func apply(to column: inout [Float], ceilingPercent: Double) {
    for sample in column.indices where factors[sample] > 1 {
      column[sample] = min(column[sample] * factors[sample], Float(ceilingPercent))
    }
  }
}
