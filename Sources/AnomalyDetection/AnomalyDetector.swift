// SPDX-License-Identifier: Apache-2.0
public import Units

/// What a detector thinks of one sample.
public struct AnomalyScore: Sendable, Equatable {
  /// 0 (seen before) … 1; 0.5 is where alarms begin.
  public var score: Double
  /// Whether to alarm somebody.
  public var isAlarm: Bool
  /// What is unusual; nil when nothing is.
  public var reason: AnomalyReason?

  /// A judgement.
  public init(score: Double, isAlarm: Bool, reason: AnomalyReason? = nil) {
    self.score = score
    self.isAlarm = isAlarm
    self.reason = reason
  }
}

/// Finds what is new in one metric, sample by sample, and says why.
///
/// Five observations are made of every sample: its level, the error of a smoothed one-step
/// forecast (if it leaves the 99 % interval), its deviation from the earlier days at this time of
/// day, the mean of the last samples, and their shape. Each is compared with all such observations
/// so far: its *novelty* is the distance `d` to the nearest of them, relative to the range of the
/// metric, `d / (d + range)`. With weights that make up for the smaller spread of means and
/// shapes, the average of the five is the novelty of the sample, weakened while there is little
/// evidence by `n / (n + day)` (a first value is always new). The score is
/// `novelty / (novelty + threshold)`, and 0 in the refractory period after a higher novelty.
///
/// Causal: a score depends on samples up to its own only. Scale-free: `a·x + b` has the same
/// scores. Deterministic. A copy is a checkpoint, and so is the encoded state.
///
/// Memory is bounded, whatever the history: about 25 kB a metric with the default parameters and
/// five-minute samples, of which 8 kB are the days and 6 kB the shapes. Time is
/// O(``AnomalyDetectorSpec/memorySize`` × ``AnomalyDetectorSpec/windowSamples``) a sample.
public struct AnomalyDetector: Sendable, Equatable, Codable {
  /// What the detector was told.
  public let spec: AnomalyDetectorSpec
  /// Distance of the samples.
  public let interval: SimTime
  /// Samples seen, without the missing ones.
  public private(set) var sampleCount = 0

  private var scale: ValueScale
  private var levels: ValueCover
  private var forecast: SmoothedForecast
  private var forecastErrors: ValueCover
  /// nil when a day does not have at least two samples.
  private var season: SeasonProfile?
  private var seasonDeviations: ValueCover
  private var window: RecentWindow
  private var means: ValueCover
  private var shapes: ShapeCover
  /// How far a shape has been from those before it at most.
  private var farthestShape: Double?
  private var refractory: RefractoryPeriod

  /// Days are divided into this many slots at most.
  private static let mostSlots = 288
  /// Values beyond are taken for this, so that sums and differences stay finite.
  private static let largestMagnitude = 1e30
  /// Weights of level, forecast, season, mean and shape. Means of 12 independent values spread by
  /// a factor of √12 ≈ 3 less than the values.
  private static let weights: [Double] = [1, 1, 1, 3, 3]

  /// A detector that has seen nothing.
  ///
  /// - Precondition: the interval is positive.
  public init(spec: AnomalyDetectorSpec = AnomalyDetectorSpec(), interval: SimTime) {
    precondition(interval > .zero, "an interval of \(interval)")
    self.spec = spec
    self.interval = interval
    let cover = ValueCover(capacity: spec.memorySize)
    scale = ValueScale(period: max(2, spec.rangeMemory / interval))
    levels = cover
    forecast = SmoothedForecast(smoothing: spec.smoothing)
    forecastErrors = cover
    let slots = min(Self.mostSlots, SimTime.days(1) / interval)
    season = slots >= 2 ? SeasonProfile(days: spec.seasonDays, slots: slots) : nil
    seasonDeviations = cover
    window = RecentWindow(length: spec.windowSamples)
    means = cover
    shapes = ShapeCover(capacity: spec.memorySize, length: spec.windowSamples)
    refractory = RefractoryPeriod(length: spec.refractorySamples)
  }

  /// Takes the next sample and judges it.
  ///
  /// - Parameters:
  ///   - value: the sample; NaN means missing, which scores 0 and changes no memory. Magnitudes
  ///     beyond 1e30 count as 1e30.
  ///   - time: when it was taken, counted from any midnight; only the time of day is used.
  /// - Returns: the score, and the reason where something is new.
  public mutating func observe(_ value: Double, at time: SimTime) -> AnomalyScore {
    guard !value.isNaN else {
      window.breakOff()
      return AnomalyScore(score: 0, isAlarm: false, reason: nil)
    }
    let value = min(max(value, -Self.largestMagnitude), Self.largestMagnitude)
    var total = 0.0
    var found: [Observation] = []
    func add(_ observation: Observation?, _ weight: Double) {
      guard let observation, observation.novelty > 0 else { return }
      total += weight * observation.novelty
      found.append(observation)
    }
    add(observeLevel(value), Self.weights[0])
    add(observeForecast(value), Self.weights[1])
    add(observeSeason(value, at: time), Self.weights[2])
    window.insert(value)
    add(observeMean(), Self.weights[3])
    add(observeShape(), Self.weights[4])
    let evidence = Double(sampleCount) / Double(sampleCount + Self.mostSlots)
    sampleCount += 1
    let novelty = refractory.passing(evidence * total / Double(Self.weights.count))
    let score = novelty / (novelty + spec.threshold)
    return AnomalyScore(
      score: score, isAlarm: score >= 0.5 && history >= spec.warmUp, reason: Self.plainest(found))
  }

  /// The first reason, from level to shape, that is at least half as novel as the newest one: a
  /// spike is new in every respect, and its level says it best.
  private static func plainest(_ found: [Observation]) -> AnomalyReason? {
    let most = found.map(\.novelty).max() ?? 0
    return found.first { $0.novelty >= 0.5 * most }?.reason
  }

  /// What one way of looking at a sample found.
  private struct Observation {
    var novelty: Double
    var reason: AnomalyReason
  }

  /// The time that the samples before the present one cover.
  private var history: SimTime { interval * max(0, sampleCount - 1) }

  private func relative(_ distance: Double) -> Double {
    distance > 0 ? distance / (distance + scale.typical) : 0
  }

  private mutating func observeLevel(_ value: Double) -> Observation? {
    let nearest = levels.nearest(to: value)
    scale.insert(value, novelty: nearest?.distance ?? 0)
    levels.insert(value)
    return nearest.map {
      Observation(
        novelty: relative($0.distance),
        reason: .level(value: value, nearest: $0.value, history: interval * sampleCount))
    }
  }

  private mutating func observeForecast(_ value: Double) -> Observation? {
    let (mean, upper, lower) = (forecast.mean, forecast.upper, forecast.lower)
    guard let error = forecast.observe(value), let mean else { return nil }
    let nearest = forecastErrors.nearest(to: error)
    forecastErrors.insert(error)
    guard let nearest, error > upper || error < lower else { return nil }
    return Observation(
      novelty: relative(nearest.distance),
      reason: .forecast(
        value: value, mean: mean, bound: mean + (error > upper ? upper : lower),
        runLength: forecast.runLength))
  }

  private mutating func observeSeason(_ value: Double, at time: SimTime) -> Observation? {
    guard let slots = season?.slots else { return nil }
    let day = SimTime.days(1).nanoseconds
    let sinceMidnight = (time.nanoseconds % day + day) % day
    let slot = min(slots - 1, Int(sinceMidnight / (day / Int64(slots))))
    let deviation = season?.deviation(of: value, slot: slot)
    season?.insert(value, slot: slot)
    guard let deviation else { return nil }
    let nearest = seasonDeviations.nearest(to: deviation)
    seasonDeviations.insert(deviation)
    return nearest.map {
      Observation(
        novelty: relative($0.distance),
        reason: .season(deviation: deviation, days: spec.seasonDays))
    }
  }

  private mutating func observeMean() -> Observation? {
    guard let mean = window.mean else { return nil }
    let nearest = means.nearest(to: mean)
    means.insert(mean)
    return nearest.map {
      Observation(
        novelty: relative($0.distance),
        reason: .mean(
          value: mean, nearest: $0.value, window: interval * spec.windowSamples,
          history: interval * sampleCount))
    }
  }

  /// A shape is compared with those that ended before it began. No two are alike, so only the
  /// part of the distance that is more than ever before is new.
  private mutating func observeShape() -> Observation? {
    guard let shape = window.shape, let earlier = window.earlierShape else { return nil }
    shapes.insert(earlier)
    guard
      let distance = shapes.distance(to: shape, beyond: farthestShape.map(Float.init) ?? -1)
        .map(Double.init)
    else { return nil }
    defer { farthestShape = max(farthestShape ?? 0, distance) }
    guard let farthestShape, distance > farthestShape else { return nil }
    return Observation(
      novelty: relative(distance - farthestShape),
      reason: .shape(
        distance: distance, farthest: farthestShape, window: interval * spec.windowSamples,
        history: interval * sampleCount))
  }
}
