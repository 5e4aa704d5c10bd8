// SPDX-License-Identifier: Apache-2.0
import Units

extension WorkloadProfile {
  /// The profiles: three applications and a steady one by design, three that imitate a trace.
  ///
  /// A new profile is one value and one entry here.
  public static let all: [WorkloadProfile] = [
    webDiurnal, batchNightly, bursty, steady, planetLabLike, azureLike, bitbrainsLike,
  ]

  /// The profile of a name; nil when there is none.
  public static func named(_ name: String) -> WorkloadProfile? { all.first { $0.name == name } }

  /// A web application: one high and regular peak every afternoon, lower at weekends.
  ///
  /// What a forecast can use: the hour of the peak is the same every day, and it lies above the 95th
  /// percentile of the week. What it can't: crowds, and a noise of about 10 %.
  static let webDiurnal = {
    var profile = WorkloadProfile(
      name: "web-diurnal", prefix: "web",
      about: "web application with a regular daily peak, calmer weekends and rare flash crowds",
      source: "by design; level spread as in the Azure V1 fit, peak-to-trough about 5",
      quantiles: .logNormal(median: 18, sigma: 0.75))
    profile.ceilingPercent = 200
    profile.restlessLevelShare = 0.45
    profile.levelShiftsPerDay = 0.02
    profile.daily = .common(peakHour: 14, spreadHours: 1.5, sharpness: 3)
    profile.dynamics = Dynamics(daily: 0.97, slow: 0.015, fast: 0.01)
    profile.slowTime = .hours(4)
    profile.fastTime = .minutes(20)
    profile.weekendDrop = 0.15
    profile.weekendDaily = 0.6
    profile.flashCrowd = FlashCrowd(
      perDay: 0.1, participation: 0.5, peakFactor: 2.5, rise: .minutes(15), decay: .hours(1))
    return profile
  }()

  /// Nightly processing: nearly idle by day, near its size for an hour or two each night.
  static let batchNightly = {
    var profile = WorkloadProfile(
      name: "batch-nightly", prefix: "batch",
      about: "nightly job of one to two hours at high load, nearly idle otherwise",
      source: "by design; idle load as the Bitbrains median (1.6 %) to p75",
      quantiles: .logNormal(median: 5, sigma: 0.5))
    profile.restlessLevelShare = 0.7
    profile.dynamics = Dynamics(slow: 0.6)
    profile.slowTime = .hours(6)
    profile.job = NightlyJob(
      startHour: 1.5, startSpreadHours: 1.5, nightlyJitter: .minutes(8),
      medianDuration: .minutes(90), durationSigma: 0.35, nightlySigma: 0.12,
      runProbability: 0.97, loadPercent: 75, loadDeviation: 12)
    return profile
  }()

  /// Bursts that nothing in the VM's past announces.
  static let bursty = {
    var profile = WorkloadProfile(
      name: "bursty", prefix: "bursty",
      about: "low load with unpredictable bursts of some twenty minutes, two a day",
      source: "by design; burst rate as in Azure V1 (1.9 rises by 20 points a VM-day)",
      quantiles: .logNormal(median: 12, sigma: 0.5))
    profile.restlessLevelShare = 0.6
    profile.dynamics = Dynamics(slow: 0.5, fast: 0.3)
    profile.slowTime = .hours(3)
    profile.fastTime = .minutes(15)
    profile.burstsPerDay = 2
    profile.burstLength = .minutes(20)
    profile.burstMean = 3.6
    profile.burstDeviation = 0.5
    return profile
  }()

  /// Load that hardly moves: what needs no policy at all.
  static let steady = {
    var profile = WorkloadProfile(
      name: "steady", prefix: "steady",
      about: "constant load with slow drift and little noise",
      source: "by design",
      quantiles: .logNormal(median: 35, sigma: 0.3))
    profile.restlessLevelShare = 0.95
    profile.levelShiftsPerDay = 0.02
    profile.dynamics = Dynamics(slow: 0.7, fast: 0.2)
    profile.slowTime = .hours(24)
    profile.fastTime = .minutes(30)
    return profile
  }()
}
