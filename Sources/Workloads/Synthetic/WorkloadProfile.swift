// SPDX-License-Identifier: Apache-2.0
public import Units

/// How the load of one kind of application behaves over time: the parameters of the generator.
///
/// A VM's load is a quantile function of a latent process that is standard normal in the long run
/// and over the VMs of the profile (a Gaussian copula):
///
///     load(t) = Q(z(t)),   z = √w · level + √(1 − w) · (√d · daily + √s · slow + √f · fast + √n · noise)
///
/// where *level* is constant for the VM between level shifts, *daily* repeats every day, *slow* and
/// *fast* are first-order autoregressive, *noise* is white, all of unit variance, and the four
/// shares d + s + f + n = 1. During a burst z is drawn afresh. So the distribution of load (Q) and
/// its memory (the shares and times) are set apart from each other, and a profile that imitates a
/// trace keeps the trace's distribution whatever its dynamics are. Jobs and flash crowds, which
/// the imitating profiles don't use, act on the load itself.
public struct WorkloadProfile: Sendable {
  /// The name in scenario files.
  public var name: String
  /// One sentence: which application it stands for.
  public var about: String
  /// Where its numbers come from.
  public var source: String
  /// Short form of the name, with which the names of its VMs begin.
  public var prefix: String

  /// Load in percent of the VM's size as a function of the latent z.
  public var quantiles: LatentQuantiles
  /// Largest load in percent of the VM's size.
  public var ceilingPercent = 100.0

  /// Share of the VMs that are calm; the others are restless.
  public var calmShare = 0.0
  /// w of a calm VM: how much of the variance of z is the VM's level.
  public var calmLevelShare = 1.0
  /// w of a restless VM.
  public var restlessLevelShare = 0.5
  /// How often per day a VM's level is drawn anew.
  public var levelShiftsPerDay = 0.0

  /// What the movement about the level is made of.
  public var dynamics = Dynamics()
  /// The same for VMs while their level is among the highest ``heavyShare`` of all levels.
  public var heavyDynamics = Dynamics()
  /// Share of heavy VMs; 0 for none.
  public var heavyShare = 0.0
  /// Shape and phase of the daily cycle.
  public var daily = DailyCycle.individual(harmonics: [1])
  /// Time in which the slow part forgets (its autocorrelation falls to 1/e).
  public var slowTime = SimTime.hours(12)
  /// Time in which the fast part forgets.
  public var fastTime = SimTime.minutes(15)

  /// On Saturday and Sunday z is lower by this much …
  public var weekendDrop = 0.0
  /// … and the daily cycle is scaled by this.
  public var weekendDaily = 1.0

  /// How often per day a burst begins in a VM.
  public var burstsPerDay = 0.0
  /// Mean length of a burst.
  public var burstLength = SimTime.minutes(5)
  /// Mean of z in a burst; 0 with a deviation of 1 keeps the distribution of load.
  public var burstMean = 0.0
  /// Standard deviation of z over bursts.
  public var burstDeviation = 1.0

  /// A job that runs every night; nil for none.
  public var job: NightlyJob?
  /// Rare crowds that hit many VMs of the profile at once; nil for none.
  public var flashCrowd: FlashCrowd?

  /// A profile with nothing but a level and noise.
  public init(
    name: String, prefix: String, about: String, source: String, quantiles: LatentQuantiles
  ) {
    self.name = name
    self.prefix = prefix
    self.about = about
    self.source = source
    self.quantiles = quantiles
  }
}

/// Shares of the parts of the latent process in its variance about the VM's level.
public struct Dynamics: Sendable {
  /// d: daily cycle.
  public var daily = 0.0
  /// s: slow autoregressive part.
  public var slow = 0.0
  /// f: fast autoregressive part.
  public var fast = 0.0
  /// n: white noise, the rest.
  public var noise: Double { max(0, 1 - daily - slow - fast) }

  /// Shares, together at most 1.
  public init(daily: Double = 0, slow: Double = 0, fast: Double = 0) {
    self.daily = daily
    self.slow = slow
    self.fast = fast
  }
}

/// The quantile function of load over the latent standard normal z.
public enum LatentQuantiles: Sendable {
  /// Load in percent at z = −4, −3.875, … 4 (65 ascending values), straight lines between, constant
  /// outside.
  case table([Double])
  /// median · exp(sigma · z) percent: log-normal.
  case logNormal(median: Double, sigma: Double)

  /// z of the first entry of a table.
  static let firstZ = -4.0
  /// Distance of the entries of a table.
  static let stepZ = 0.125
  /// Entries of a table.
  static let tableCount = 65
}

/// The daily part of the latent process, of unit variance over a day.
public enum DailyCycle: Sendable {
  /// Every VM has a shape of its own: harmonics of the day with normal random coefficients whose
  /// variances have these weights (first: 24 h, second: 12 h, …).
  case individual(harmonics: [Double])
  /// All VMs have the same shape, exp(sharpness · cos(2π(t − peak) / 24 h)) brought to mean 0 and
  /// variance 1: near 0 a cosine, at 3 a peak of some four hours. It peaks at `peakHour` (UTC),
  /// shifted for each VM by a normal time of deviation `spreadHours`.
  case common(peakHour: Double, spreadHours: Double, sharpness: Double)
}

/// A job that a VM runs once a night.
public struct NightlyJob: Sendable {
  /// Mean hour (UTC) at which it starts.
  public var startHour: Double
  /// Standard deviation of the start over VMs, hours.
  public var startSpreadHours: Double
  /// Standard deviation of a VM's start from night to night.
  public var nightlyJitter: SimTime
  /// Median duration over VMs.
  public var medianDuration: SimTime
  /// σ of the logarithm of the duration over VMs.
  public var durationSigma: Double
  /// σ of the logarithm of a VM's duration from night to night.
  public var nightlySigma: Double
  /// Chance that the job runs on a given night.
  public var runProbability: Double
  /// Load while it runs, in percent of the VM's size: normal over VMs with this mean …
  public var loadPercent: Double
  /// … and this standard deviation.
  public var loadDeviation: Double
}

/// A crowd that arrives within minutes and leaves slowly.
public struct FlashCrowd: Sendable {
  /// How often per day one comes to the application (all VMs of the profile see the same ones).
  public var perDay: Double
  /// Chance that a VM serves the crowd's target.
  public var participation: Double
  /// Load at the peak is multiplied by this (median; log-normal over crowds with σ = 0.3).
  public var peakFactor: Double
  /// Time from the beginning to the peak, rising straight.
  public var rise: SimTime
  /// Time in which the excess falls to 1/e after the peak.
  public var decay: SimTime
}
