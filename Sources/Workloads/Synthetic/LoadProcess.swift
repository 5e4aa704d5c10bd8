// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Units

/// The instants at which load is generated, with what the calendar says of each.
struct SampleCalendar {
  let interval: SimTime
  let sampleCount: Int
  let startEpochSeconds: Int64
  /// Whether a sample lies on a Saturday or Sunday (UTC).
  let isWeekend: [Bool]
  /// After how many samples the time of day repeats; the whole length when it doesn't.
  let period: Int

  init(interval: SimTime, sampleCount: Int, startEpochSeconds: Int64) {
    self.interval = interval
    self.sampleCount = sampleCount
    self.startEpochSeconds = startEpochSeconds
    let step = interval.seconds
    isWeekend = (0..<sampleCount).map { sample in
      let day = Int((Double(startEpochSeconds) + Double(sample) * step) / 86_400)
      return (day + 3) % 7 >= 5  // 1970-01-01 was a Thursday
    }
    let repeats = SimTime.days(1) % interval == .zero
    period = max(1, min(sampleCount, repeats ? .days(1) / interval : sampleCount))
  }

  /// Time of day of the middle of a sample, in hours.
  func hour(_ sample: Int) -> Double {
    let seconds = Double(startEpochSeconds % 86_400) + (Double(sample) + 0.5) * interval.seconds
    return (seconds / 3600).truncatingRemainder(dividingBy: 24)
  }

  /// A length of time in samples.
  func samples(_ time: SimTime) -> Double { time.seconds / interval.seconds }

  /// Samples of a day.
  var samplesPerDay: Double { 86_400 / interval.seconds }
}

/// The latent process and quantile function of one profile, ready to run for many VMs.
struct LoadProcess {
  private let profile: WorkloadProfile
  private let calendar: SampleCalendar
  private let table: [Float]
  private let slow: Autoregression
  private let fast: Autoregression
  /// Levels from here on are heavy.
  private let heavyLevel: Double

  /// x ← φ·x + √(1 − φ²)·ε keeps unit variance; φ = exp(−interval / time).
  private struct Autoregression {
    let carry: Double
    let renewal: Double

    init(time: SimTime, interval: SimTime) {
      carry = exp(-interval.seconds / max(time.seconds, 1e-9))
      renewal = (1 - carry * carry).squareRoot()
    }
  }

  /// Factors of the parts in z.
  private struct Weights {
    let level: Double
    let daily: Double
    let slow: Double
    let fast: Double
    let noise: Double

    init(levelShare: Double, _ dynamics: Dynamics) {
      level = levelShare.squareRoot()
      let rest = 1 - levelShare
      daily = (rest * dynamics.daily).squareRoot()
      slow = (rest * dynamics.slow).squareRoot()
      fast = (rest * dynamics.fast).squareRoot()
      noise = (rest * dynamics.noise).squareRoot()
    }
  }

  init(_ profile: WorkloadProfile, _ calendar: SampleCalendar) {
    self.profile = profile
    self.calendar = calendar
    slow = Autoregression(time: profile.slowTime, interval: calendar.interval)
    fast = Autoregression(time: profile.fastTime, interval: calendar.interval)
    heavyLevel = profile.heavyShare > 0 ? normalQuantile(1 - profile.heavyShare) : .infinity
    if case .table(let values) = profile.quantiles {
      precondition(values.count == LatentQuantiles.tableCount, profile.name)
      table = values.map { Float($0) }
    } else {
      table = []
    }
  }

  /// Where a VM stands among the VMs of its profile.
  struct Place {
    /// Quantile of its level, in (0, 1).
    var level: Double
    /// Quantile of its temper, in (0, 1): below ``WorkloadProfile/calmShare`` it is calm.
    var temper: Double
  }

  /// Writes a VM's load in percent of its size into `column`.
  ///
  /// Draws are made in the order of time, so a longer run begins with the shorter one.
  func run(_ column: inout [Float], place: Place, stream: inout RandomStream) {
    let isCalm = place.temper < profile.calmShare
    let levelShare = isCalm ? profile.calmLevelShare : profile.restlessLevelShare
    let usual = Weights(levelShare: levelShare, profile.dynamics)
    let heavy = Weights(levelShare: levelShare, profile.heavyDynamics)
    var level = normalQuantile(place.level)
    var weights = level > heavyLevel ? heavy : usual
    let daily = usual.daily + heavy.daily > 0 ? dailyTable(&stream) : [0]
    let hasSlow = usual.slow + heavy.slow > 0
    let hasFast = usual.fast + heavy.fast > 0
    var slowState = hasSlow ? stream.normal() : 0
    var fastState = hasFast ? stream.normal() : 0
    var shifts = Arrivals(perSample: profile.levelShiftsPerDay / calendar.samplesPerDay, &stream)
    var bursts = Bursts(profile, calendar, &stream)
    var phase = 0

    for sample in 0..<calendar.sampleCount {
      if shifts.next <= Double(sample) {
        level = stream.normal()
        weights = level > heavyLevel ? heavy : usual
        shifts.advance(past: sample, &stream)
      }
      if hasSlow { slowState = slow.carry * slowState + slow.renewal * stream.normal() }
      if hasFast { fastState = fast.carry * fastState + fast.renewal * stream.normal() }
      var z = weights.level * level + weights.slow * slowState + weights.fast * fastState
      if weights.noise > 0 { z += weights.noise * stream.normal() }
      var cycle = weights.daily * daily[phase]
      if calendar.isWeekend[sample] {
        cycle *= profile.weekendDaily
        z -= profile.weekendDrop
      }
      z += cycle
      if bursts.arrivals.next <= Double(sample) { bursts.begin(at: sample, &stream) }
      column[sample] = load(sample < bursts.end ? bursts.z : z)
      phase += 1
      if phase == daily.count { phase = 0 }
    }
  }

  /// Poisson arrivals in units of samples.
  private struct Arrivals {
    let meanGap: Double
    var next: Double

    init(perSample: Double, _ stream: inout RandomStream) {
      meanGap = perSample > 0 ? 1 / perSample : .infinity
      next = perSample > 0 ? stream.exponential(mean: meanGap) : .infinity
    }

    mutating func advance(past sample: Int, _ stream: inout RandomStream) {
      while next <= Double(sample) { next += stream.exponential(mean: meanGap) }
    }
  }

  /// Bursts: Poisson beginnings, a fresh z each; one that begins in another replaces it.
  private struct Bursts {
    var arrivals: Arrivals
    /// First sample after the present burst.
    var end = 0
    /// Latent value during the present burst.
    var z = 0.0
    private let mean: Double
    private let deviation: Double
    /// Rounding an exponential length of this mean up to whole samples gives the profile's mean
    /// length (a geometric distribution); 0 when that is one sample or less.
    private let lengthScale: Double

    init(_ profile: WorkloadProfile, _ calendar: SampleCalendar, _ stream: inout RandomStream) {
      arrivals = Arrivals(perSample: profile.burstsPerDay / calendar.samplesPerDay, &stream)
      mean = profile.burstMean
      deviation = profile.burstDeviation
      let length = calendar.samples(profile.burstLength)
      lengthScale = length > 1 ? -1 / log(1 - 1 / length) : 0
    }

    mutating func begin(at sample: Int, _ stream: inout RandomStream) {
      z = stream.normal(mean: mean, standardDeviation: deviation)
      let length = lengthScale > 0 ? stream.exponential(mean: lengthScale).rounded(.up) : 1
      end = sample + max(1, Int(min(length, 1e9)))
      arrivals.advance(past: sample, &stream)
    }
  }

  @inline(__always)
  private func load(_ z: Double) -> Float {
    var percent: Float
    switch profile.quantiles {
    case .logNormal(let median, let sigma): percent = Float(median * exp(sigma * z))
    case .table:
      let position = (z - LatentQuantiles.firstZ) / LatentQuantiles.stepZ
      let inside = min(max(position, 0), Double(LatentQuantiles.tableCount - 1))
      let index = min(Int(inside), LatentQuantiles.tableCount - 2)
      let fraction = Float(inside - Double(index))
      percent = table[index] + (table[index + 1] - table[index]) * fraction
    }
    percent = min(percent, Float(profile.ceilingPercent))
    return percent
  }

  /// The daily cycle of one VM, for one period of the calendar.
  private func dailyTable(_ stream: inout RandomStream) -> [Double] {
    let hours = (0..<calendar.period).map { calendar.hour($0) }
    switch profile.daily {
    case .individual(let weights):
      var values = [Double](repeating: 0, count: hours.count)
      let total = weights.reduce(0, +)
      for (index, weight) in weights.enumerated() {
        let scale = (weight / total).squareRoot()
        let (a, b) = (scale * stream.normal(), scale * stream.normal())
        let frequency = 2 * Double.pi / 24 * Double(index + 1)
        for (position, hour) in hours.enumerated() {
          values[position] += a * cos(frequency * hour) + b * sin(frequency * hour)
        }
      }
      return values
    case .common(let peakHour, let spreadHours, let sharpness):
      let peak = peakHour + spreadHours * stream.normal()
      func shape(_ hour: Double) -> Double {
        exp(sharpness * (cos(2 * .pi / 24 * (hour - peak)) - 1))
      }
      // Mean and variance over a day, by the trapezoid rule (exact for periodic functions).
      let day = (0..<288).map { shape(Double($0) / 12) }
      let mean = day.reduce(0, +) / Double(day.count)
      let square = day.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(day.count)
      return hours.map { (shape($0) - mean) / square.squareRoot() }
    }
  }
}
